/**
 * Calls under the server that fail (tests/faults/faults.c): it says so, whoever needed them is told,
 * nobody else notices, and once they work again it is as before. All cases: tools/prove faults.
 */
// @alone: allocations that fail, a thousand starts of the server
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { errno, Faults, FOR_EVER } from "./lib/faults.mjs";
import { Neighbour } from "./lib/neighbour.mjs";
import { RawHttp, requestText } from "./lib/raw_http.mjs";
import { listed } from "./lib/recordings.mjs";
import { Server } from "./lib/server.mjs";
import { ALL, duringAndAfter, everything } from "./lib/under_fault.mjs";
import { sleep, until } from "./lib/wait.mjs";

/** kind of call, error, what the log must say @type {[string, keyof typeof errno, RegExp][]} */
const ROWS = [
  ["accept", "EMFILE", /no new connection can be accepted: Too many open files/],
  ["accept", "ENOBUFS", /no new connection can be accepted: No buffer space/],
  ["accept", "ENOMEM", /no new connection can be accepted: Cannot allocate/],
  ["accept", "ECONNABORTED", /no new connection can be accepted: Software caused/],
  ["epoll-add", "ENOSPC", /turned away: its socket can't be watched: No space/],
  ["write", "ENOSPC", /disk-full: writing/],
  ["sync", "EIO", /noting .*: Input\/output error/],
  ["open", "EMFILE", /disk-error: making .*: Too many open files/],
  ["rename", "EIO", /noting .*: Input\/output error/],
  ["spawn", "EAGAIN", /start of codec-worker: Resource temporarily unavailable/],
  ["socketpair", "EMFILE", /Too many open files/],
  ["pidfd", "EMFILE", /pidfd_open: Too many open files/],
];

describe("calls that fail, beside a good stream", () => {
  /** @type {Faults} */ let faults;
  /** @type {Server} */ let server;
  /** @type {Neighbour} */ let neighbour;
  const dir = mkdtempSync(join(tmpdir(), "framewire-rec-"));
  before(async () => {
    faults = new Faults();
    const flags = ["--loops", "2", "--record", "rec/*", "--record-dir", dir, "--linger", "0s"];
    server = await Server.start({ env: faults.env, flags });
    neighbour = await Neighbour.start(server);
  });
  after(async () => {
    await neighbour.finish();
    await server.stop();
    rmSync(dir, { recursive: true });
    faults.close();
  });

  for (const [n, [kind, error, said]] of ROWS.entries()) {
    test(`${kind}: ${error}`, { timeout: 60_000 }, async () => {
      const facts = await duringAndAfter(
        server,
        faults,
        kind,
        { error: errno[error] },
        `rec/r${n}`,
      );
      assert.equal(server.exit, null, server.output.slice(-500));
      assert.ok(facts.failed > 0, "it was tried");
      assert.match(facts.log, said);
      assert.deepEqual(facts.after, ALL);
      console.log(
        `figure: ${kind} ${error}: ${facts.failed} calls failed in ${facts.seconds.toFixed(1)} s, ${facts.cpuSeconds.toFixed(2)} s of CPU`,
      );
    });
  }

  test("no descriptor is left", { timeout: 60_000 }, async () => {
    const count = readdirSync(`/proc/${server.pid}/fd`).length;
    const limit = (/** @type {number | string} */ to) =>
      execFileSync("prlimit", ["--pid", `${server.pid}`, `--nofile=${to}:`]);
    const soft = execFileSync("prlimit", ["--pid", `${server.pid}`, "--nofile", "-o", "SOFT"]);
    limit(count + 3);
    await everything(server, "rec/none");
    assert.equal(server.exit, null, server.output.slice(-500));
    limit(soft.toString().trim().split(/\s+/)[1]);
    await sleep(1100);
    assert.deepEqual(await everything(server, "rec/again", { ms: 15_000 }), ALL);
  });

  for (const [name, step] of /** @type {[string, number][]} */ ([
    ["an hour back", -3600],
    ["a day on", 86_400],
  ])) {
    test(`the clock is set ${name}`, { timeout: 60_000 }, async () => {
      const facts = await duringAndAfter(
        server,
        faults,
        "clock",
        { error: step },
        `rec/clock${step}`,
        15_000,
      );
      assert.deepEqual([facts.during, facts.after], [ALL, ALL]);
      /** @param {string} when */
      const recorded = async (when) =>
        (await listed(server)).some(
          (film) => film.stream.startsWith(`rec/clock${step}/${when}`) && film.state === "done",
        );
      await until(() => recorded("during"), "what came meanwhile to be recorded");
      await until(() => recorded("after"), "what came after it to be recorded");
    });
  }

  test("what was recorded before and after is listed", async () => {
    const films = await listed(server);
    assert.ok(films.some((film) => film.stream.startsWith("rec/again")));
  });
});

describe("what is sent", () => {
  for (const error of /** @type {(keyof typeof errno)[]} */ (["ENOBUFS", "ENOMEM", "ETIMEDOUT"])) {
    test(`${error}: those connections end, and that is said`, { timeout: 60_000 }, async () => {
      await Faults.with({}, async (server, faults) => {
        const facts = await duringAndAfter(server, faults, "send", { error: errno[error] }, "s");
        assert.match(facts.log, /ended: nothing can be sent/);
        assert.deepEqual(facts.after, ALL);
      });
    });
  }
  test("EAGAIN a hundred times: nothing is lost", { timeout: 60_000 }, async () => {
    await Faults.with({}, async (server, faults) => {
      const rule = { error: errno.EAGAIN, count: 100 };
      const facts = await duringAndAfter(server, faults, "send", rule, "s", 15_000);
      assert.deepEqual([facts.during, facts.after], [ALL, ALL]);
    });
  });
});

/** What must be said by one that ends for want of memory: a sentence, and no signal. @param {Server} server */
function endedInOrder(server) {
  assert.deepEqual(server.exit, { code: 1, signal: null }, server.output.slice(-500));
  assert.match(server.stderr, /framewire: out of memory/);
}

/** @param {Server} server */
async function healthOverTls(server) {
  const http = new RawHttp({ port: server.port, tls: true });
  http.write(requestText("/healthz"));
  const answers = await http.until(1, 5000).catch(() => []);
  http.socket.destroy();
  return answers[0]?.status;
}

// Of the reserve each failure takes a sixteenth; it is made whole once a second.
const AGAIN_WHOLE_MS = 80;

describe("memory", () => {
  test("none at the start: a sentence, exit code 1", { timeout: 60_000 }, async () => {
    for (const from of [0, 300, 1100, 1999]) {
      const faults = new Faults();
      faults.arm("alloc", { from, count: FOR_EVER, error: errno.ENOMEM });
      const server = new Server({ env: faults.env });
      await server.ended();
      endedInOrder(server);
      faults.close();
    }
  });

  test("one allocation fails: the reserve bears it", { timeout: 120_000 }, async () => {
    await Faults.with({ flags: ["--loops", "1"] }, async (server, faults) => {
      for (let from = 0; from < 2000; from += 90) {
        faults.arm("alloc", { from, count: 1, error: errno.ENOMEM });
        await everything(server, `one/s${from}`, { derive: false });
        assert.equal(server.exit, null, `allocation ${from}: ${server.output.slice(-500)}`);
        await sleep(AGAIN_WHOLE_MS);
      }
      faults.disarm("alloc");
      assert.deepEqual(await everything(server, "one/after"), ALL);
    });
  });

  test("one fails within TLS: the reserve bears it", { timeout: 120_000 }, async () => {
    await Faults.with({ flags: ["--loops", "1", "--tls-self-signed"] }, async (server, faults) => {
      for (let from = 0; from < 600; from += 25) {
        faults.arm("alloc", { from, count: 1, error: errno.ENOMEM });
        await healthOverTls(server);
        assert.equal(server.exit, null, `allocation ${from}: ${server.output.slice(-500)}`);
        await sleep(AGAIN_WHOLE_MS);
      }
      faults.disarm("alloc");
      assert.equal(await healthOverTls(server), 200);
    });
  });

  test("none is left: a sentence, exit code 1, never a crash", { timeout: 120_000 }, async () => {
    for (const from of [0, 40, 200, 700]) {
      const faults = new Faults();
      const server = await Server.start({ env: faults.env, flags: ["--loops", "1"] });
      faults.arm("alloc", { from, count: FOR_EVER, error: errno.ENOMEM });
      await everything(server, "none", { derive: false });
      await server.ended();
      endedInOrder(server);
      faults.close();
    }
  });
});
