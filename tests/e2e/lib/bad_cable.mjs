/**
 * A second machine behind a bad network: a namespace at the other end of bad_cable.py, where packets are late, lost
 * and slow as one says, both ways. Needs root and python3.
 */
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "./wait.mjs";

const CABLE = fileURLToPath(new URL("bad_cable.py", import.meta.url));

/** @typedef {{delay_ms?: number, jitter_ms?: number, loss?: number, kbps?: number}} Manners `kbps`: 0 = as fast as it can */

/** @param {string} text */
const ip = (text) => execFileSync("ip", text.split(" "), { stdio: ["ignore", "pipe", "pipe"] });

export class BadCable {
  #name = `fwbad${process.pid % 1_000_000}`;
  #net = `10.214.${process.pid % 250}`;
  #folder = mkdtempSync(join(tmpdir(), "framewire-bad-cable-"));
  #closed = false;
  /** @type {import('node:child_process').ChildProcess} */ #cable;
  /** The address at this end, which servers listen on. */
  here = `${this.#net}.1`;

  static async open() {
    const cable = new BadCable();
    try {
      await cable.#connect();
    } catch (error) {
      cable.close();
      throw error;
    }
    return cable;
  }

  constructor() {
    const [near, far] = this.#ends;
    this.#cable = spawn("python3", [CABLE, near, far], { stdio: ["pipe", "pipe", "inherit"] });
    process.on("exit", () => this.close());
  }

  get #ends() {
    return [`${this.#name}a`, `${this.#name}b`];
  }

  async #connect() {
    const [near, far] = this.#ends;
    const child = this.#cable;
    let said = "";
    child.stdout?.on("data", (chunk) => (said += chunk));
    const ready = () => said.includes("ready") || child.exitCode !== null;
    await until(ready, "the cable");
    ip(`netns add ${this.#name}`);
    ip(`address add ${this.here} peer ${this.#net}.2 dev ${near}`);
    ip(`link set ${near} up`);
    ip(`link set ${far} netns ${this.#name}`);
    ip(`-n ${this.#name} address add ${this.#net}.2 peer ${this.here} dev ${far}`);
    ip(`-n ${this.#name} link set ${far} up`);
    ip(`-n ${this.#name} link set lo up`);
  }

  /** From now on. @param {Manners} manners what is not said stays as it is */
  set(manners) {
    this.#cable.stdin?.write(`${JSON.stringify(manners)}\n`);
  }

  /** A file that runs another one over there. @param {string} file @returns {string} */
  over(file) {
    const script = join(this.#folder, "run");
    writeFileSync(script, `#!/bin/sh\nexec ip netns exec ${this.#name} '${file}' "$@"\n`);
    chmodSync(script, 0o755);
    return script;
  }

  close() {
    if (this.#closed) return;
    this.#closed = true;
    this.#cable.kill("SIGKILL");
    rmSync(this.#folder, { recursive: true, force: true });
    try {
      ip(`netns delete ${this.#name}`);
    } catch {
      // There is none yet.
    }
  }
}
