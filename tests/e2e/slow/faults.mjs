#!/usr/bin/env node
/**
 * All faults below the server, one by one (tests/faults/faults.c): each of the first 2,000 allocations,
 * every call that may fail with what it may fail with, each step of a recording's life, the codec
 * worker stopped and killed at each message. A case is good when the server lives on and works again,
 * or, for memory, has ended with a sentence and exit code 1. Anything else is printed.
 *
 *   node tests/e2e/slow/faults.mjs [--allocations 2000] [--every 1] [part ...]
 *
 * Parts: start memory none calls recording worker; without one: all.
 */
import { readdirSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { errno, Faults, FOR_EVER } from "../lib/faults.mjs";
import { container } from "../lib/media.mjs";
import { Neighbour } from "../lib/neighbour.mjs";
import { V1Publisher } from "../lib/publisher.mjs";
import { listed, withFolder } from "../lib/recordings.mjs";
import { Server } from "../lib/server.mjs";
import { ALL, duringAndAfter, everything } from "../lib/under_fault.mjs";
import { V1Viewer } from "../lib/viewer.mjs";
import { sleep, until } from "../lib/wait.mjs";

const { values: options, positionals: parts } = parseArgs({
  options: {
    allocations: { type: "string", default: "2000" },
    every: { type: "string", default: "1" },
  },
  allowPositionals: true,
});
const ALLOCATIONS = Number(options.allocations);
const EVERY = Number(options.every);
const AFRESH_EVERY = 50;
let crashes = 0;

/** @typedef {{good: number, told: number, bad: string[]}} Tally */
/** @returns {Tally} */
const tally = () => ({ good: 0, told: 0, bad: [] });

/** @param {string} part @param {Tally} t */
function report(part, t) {
  crashes += t.bad.length;
  console.log(
    `figure: ${part}: ${t.good + t.bad.length} cases, ${t.told} with an error that was told, ${t.bad.length} crashes or losses`,
  );
  for (const line of t.bad.slice(0, 20)) console.log(`WRONG: ${part}: ${line}`);
}

/** The end for want of memory, in order. @param {Server} server */
const inOrder = (server) =>
  server.exit?.code === 1 && /framewire: out of memory/.test(server.stderr);
/** @param {Server} server */
const how = (server) =>
  server.exit
    ? `${JSON.stringify(server.exit)} ${server.stderr.trim().split("\n").slice(-2).join(" | ")}`
    : "it lives";

/** Each allocation of a start fails, and all after it. */
async function start() {
  const t = tally();
  for (let from = 0; from < ALLOCATIONS; from += EVERY) {
    const faults = new Faults();
    faults.arm("alloc", { from, count: FOR_EVER, error: errno.ENOMEM });
    const server = new Server({ env: faults.env });
    await server.ended();
    if (inOrder(server)) {
      ++t.good;
      ++t.told;
    } else t.bad.push(`allocation ${from}: ${how(server)}`);
    faults.close();
  }
  report("memory, at the start", t);
}

/** Each of the first allocations of one that serves fails, that one alone. */
async function memory() {
  const t = tally();
  for (let first = 0; first < ALLOCATIONS; first += AFRESH_EVERY * EVERY) {
    await Faults.with({ flags: ["--loops", "1"] }, async (server, faults) => {
      for (let i = 0; i < AFRESH_EVERY && first + i * EVERY < ALLOCATIONS; ++i) {
        const from = first + i * EVERY;
        faults.arm("alloc", { from, count: 1, error: errno.ENOMEM });
        await everything(server, `one/s${from}`, { derive: false });
        const { failed } = faults.disarm("alloc");
        if (server.exit) t.bad.push(`allocation ${from}: ${how(server)}`);
        else ++t.good;
        t.told += failed;
        await sleep(80); // the reserve is made whole once a second
      }
      const after = await everything(server, `one/after${first}`, { ms: 15_000 });
      if (String(after) !== String(ALL)) t.bad.push(`after ${first}: only ${after} works`);
    }).catch((error) => t.bad.push(String(error).slice(0, 300)));
  }
  report("memory, one allocation", t);
}

/** From some allocation on there is none at all. */
async function none() {
  const t = tally();
  for (let from = 0; from < ALLOCATIONS / 2; from += 5 * EVERY) {
    const faults = new Faults();
    const server = await Server.start({ env: faults.env, flags: ["--loops", "1"] });
    faults.arm("alloc", { from, count: FOR_EVER, error: errno.ENOMEM });
    for (let i = 0; i < 20 && !server.exit; ++i)
      await everything(server, `none${i}`, { derive: false, ms: 500 });
    if (inOrder(server)) {
      ++t.good;
      ++t.told;
    } else t.bad.push(`from allocation ${from}: ${how(server)}`);
    server.child.kill("SIGKILL");
    await server.ended();
    faults.close();
  }
  report("memory, none left", t);
}

/** @type {Record<string, (keyof typeof errno)[]>} */
const CALLS = {
  accept: ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "ECONNABORTED", "EPERM", "EPROTO"],
  "epoll-add": ["ENOSPC", "ENOMEM"],
  send: ["ENOBUFS", "ENOMEM", "EAGAIN", "ECONNRESET", "EPIPE", "ETIMEDOUT"],
  write: ["ENOSPC", "EIO", "EDQUOT", "EINTR"],
  sync: ["EIO", "ENOSPC"],
  spawn: ["EAGAIN", "ENOMEM"],
  open: ["EMFILE", "ENFILE", "ENOSPC", "EACCES", "EROFS"],
  rename: ["ENOSPC", "EIO"],
  truncate: ["EIO"],
  socketpair: ["EMFILE", "ENFILE", "ENOMEM"],
  pidfd: ["EMFILE", "ENOMEM"],
};

/** Every call, once, three times, and for as long as it is tried. */
async function calls() {
  const t = tally();
  for (const [kind, errors] of Object.entries(CALLS)) {
    for (const error of errors) {
      for (const count of [1, 3, FOR_EVER]) {
        if (error === "EINTR" && count === FOR_EVER) continue; // no kernel does that
        const name = `${kind} ${error} ${count === FOR_EVER ? "for ever" : `x ${count}`}`;
        await withFolder((dir) =>
          Faults.with(
            { flags: ["--loops", "2", "--record", "all", "--record-dir", dir, "--linger", "0s"] },
            async (server, faults) => {
              const rule = { error: errno[error], count };
              const facts = await duringAndAfter(server, faults, kind, rule, "r");
              if (server.exit) t.bad.push(`${name}: ${how(server)}`);
              else if (String(facts.after) !== String(ALL))
                t.bad.push(`${name}: after it only ${facts.after} works`);
              else ++t.good;
              if (/ (warning|error) /.test(facts.log)) ++t.told;
            },
          ),
        ).catch((error_) => t.bad.push(`${name}: ${String(error_).slice(0, 300)}`));
      }
    }
  }
  report("calls", t);
}

/** The disk fails in each step of a recording's life, from its first open() on. */
async function recording() {
  const t = tally();
  const film = container("chromium-vp8-opus-camera.webm").chunks;
  for (const kind of ["open", "write", "sync", "rename", "spawn"]) {
    for (let from = 0; from < 8; ++from) {
      const name = `${kind}, from the ${from}th on`;
      await withFolder(async (dir) => {
        const flags = ["--record", "all", "--record-dir", dir];
        await Faults.with({ flags }, async (server, faults) => {
          faults.arm(kind, { from, error: kind === "spawn" ? errno.EAGAIN : errno.ENOSPC });
          const publisher = await V1Publisher.open(server, "full", {});
          for (const chunk of film) {
            await publisher.send(chunk);
            await sleep(30);
          }
          await publisher.untilAcked();
          await publisher.end();
          await sleep(500);
          const { failed } = faults.disarm(kind);
          const next = await V1Publisher.open(server, "next", {});
          await next.sendAll(film);
          await next.end();
          await until(
            async () => (await listed(server, "next")).some((one) => one.state === "done"),
            "the next one to be recorded",
            { ms: 30_000 },
          );
          const told = / (warning|error) recording/.test(server.stderr);
          if (failed > 0 && !told) t.bad.push(`${name}: ${failed} calls failed, nothing was said`);
          else ++t.good;
          if (told) ++t.told;
        });
      }).catch((error) => t.bad.push(`${name}: ${String(error).slice(0, 300)}`));
    }
  }
  report("a recording's life", t);
}

/** @param {Server} server @returns {number[]} its codec workers */
const workers = (server) =>
  readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0");
        return words[1] === "codec-worker" && words[2] === `${server.pid}`;
      } catch {
        return false;
      }
    })
    .map(Number);

/** The worker is stopped, and killed, at each message of a stream that it derives from. */
async function worker() {
  for (const signal of /** @type {NodeJS.Signals[]} */ (["SIGKILL", "SIGSTOP"])) {
    const t = tally();
    await Server.with({ flags: ["--loops", "1"] }, async (server) => {
      const neighbour = await Neighbour.start(server);
      const film = container("chromium-avc1-opus-camera-kf1000.mp4").chunks;
      const viewer = await V1Viewer.open(server, "film.mp4");
      const publisher = await V1Publisher.open(server, "film", {});
      for (const [n, chunk] of film.entries()) {
        await publisher.send(chunk);
        await until(() => workers(server).length > 0, "a worker", { ms: 15_000 });
        for (const pid of workers(server)) process.kill(pid, signal);
        if (signal === "SIGSTOP") {
          await sleep(100);
          for (const pid of workers(server)) process.kill(pid, "SIGCONT");
        }
        if (server.exit) t.bad.push(`message ${n}: ${how(server)}`);
        else ++t.good;
      }
      const had = viewer.media.length;
      for (let round = 0; round < 50 && viewer.media.length <= had; ++round) {
        await publisher.sendAll(film);
        await sleep(200);
      }
      if (viewer.media.length <= had) t.bad.push(`${signal}: its viewer gets nothing any more`);
      await publisher.end();
      await neighbour.finish();
    }).catch((error) => t.bad.push(String(error).slice(0, 300)));
    t.told = signal === "SIGKILL" ? t.good : 0;
    report(`the codec worker, ${signal}`, t);
  }
}

/** @type {Record<string, () => Promise<void>>} */
const PARTS = { start, memory, none, calls, recording, worker };
for (const [name, part] of Object.entries(PARTS))
  if (parts.length === 0 || parts.includes(name)) await part();
console.log(`figure: crashes and losses: ${crashes}`);
process.exit(crashes ? 1 : 0);
