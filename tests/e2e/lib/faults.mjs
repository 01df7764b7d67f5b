/**
 * A server whose calls into the kernel and the allocator fail as a test says (tests/faults/faults.c):
 * the shim reads a control file, which is written here while the server runs.
 */
import { execFileSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Server } from "./server.mjs";

/** As `enum kind` of the shim has them. */
const KINDS = [
  "alloc",
  "accept",
  "send",
  "uring",
  "write",
  "sync",
  "spawn",
  "open",
  "epoll-add",
  "rename",
  "truncate",
  "socketpair",
  "thread",
  "clock",
  "pidfd",
];
const SLOT_BYTES = 64;
export const FOR_EVER = 2 ** 50;
export const errno = constants.errno;

const BUILD = fileURLToPath(new URL("../../../build/release", import.meta.url));

/** The shim's file; built when it is missing. */
function shim() {
  const file = process.env.FRAMEWIRE_FAULTS_SHIM ?? `${BUILD}/tests/faults/libframewire_faults.so`;
  if (!existsSync(file))
    execFileSync("cmake", ["--build", BUILD, "--target", "framewire_faults"], { stdio: "ignore" });
  return file;
}

/** @typedef {{from?: number, count?: number, error?: number}} Rule calls from..from+count-1 since the arming fail with `error` */

export class Faults {
  #dir = mkdtempSync(join(tmpdir(), "framewire-faults-"));
  #fd = openSync(join(this.#dir, "control"), "w+");

  constructor() {
    writeSync(this.#fd, Buffer.alloc(KINDS.length * SLOT_BYTES));
    /** @type {Record<string, string>} */
    this.env = { LD_PRELOAD: shim(), FRAMEWIRE_FAULTS: join(this.#dir, "control") };
  }

  /** @param {string} kind */
  #at(kind) {
    const index = KINDS.indexOf(kind);
    if (index < 0) throw new Error(`no kind of fault is called ${kind}`);
    return index * SLOT_BYTES;
  }

  /** @param {string} kind @param {Rule} [rule] all of its calls, with EIO */
  arm(kind, { from = 0, count = FOR_EVER, error = errno.EIO } = {}) {
    const slot = new BigInt64Array([0, from, from + count, error, 0, 0, 0, 0].map(BigInt));
    writeSync(this.#fd, new Uint8Array(slot.buffer), 0, SLOT_BYTES, this.#at(kind));
    writeSync(this.#fd, Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]), 0, 8, this.#at(kind));
  }

  /** @param {string} kind @returns {{seen: number, failed: number}} */
  disarm(kind) {
    writeSync(this.#fd, Buffer.alloc(8), 0, 8, this.#at(kind));
    return this.counts(kind);
  }

  /** Calls since the arming, and those of them that failed. @param {string} kind */
  counts(kind) {
    const slot = Buffer.alloc(SLOT_BYTES);
    readSync(this.#fd, slot, 0, SLOT_BYTES, this.#at(kind));
    return { seen: Number(slot.readBigInt64LE(32)), failed: Number(slot.readBigInt64LE(40)) };
  }

  close() {
    closeSync(this.#fd);
    rmSync(this.#dir, { recursive: true, force: true });
  }

  /** Runs `use` with a server under the shim; both end after it. @template T
   * @param {import('./server.mjs').StartOptions} options @param {(server: Server, faults: Faults) => Promise<T>} use @returns {Promise<T>} */
  static async with(options, use) {
    const faults = new Faults();
    try {
      return await Server.with({ ...options, env: { ...options.env, ...faults.env } }, (server) =>
        use(server, faults),
      );
    } finally {
      faults.close();
    }
  }
}
