#!/usr/bin/env node
/**
 * 20 reloads, 10 of them of broken files, and 5 new certificates, under 500 viewers and 3 publishers
 * over TLS: nobody is lost, no byte is lost or comes twice, and new connections are shown the new
 * certificate. Publishers and viewers are of every kind: bare WebSocket, framewire.v1, HTTP.
 *
 *   node tests/e2e/slow/reload_crowd.mjs [--viewers 500] [--rate 10] [--bin build/release/framewire]
 */
import { createHash } from "node:crypto";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { certificatesIn, fingerprint } from "../lib/certificates.mjs";
import { cpuSeconds } from "../lib/proc.mjs";
import { BarePublisher, HttpPublisher, V1Publisher } from "../lib/publisher.mjs";
import { RawWs } from "../lib/raw_ws.mjs";
import { Server } from "../lib/server.mjs";
import { Dice } from "../lib/shuffle.mjs";
import { parsePart } from "../lib/v1.mjs";
import { liveOptions } from "../lib/viewer.mjs";
import { deferred, sleep, until, within } from "../lib/wait.mjs";

const { values: options } = parseArgs({
  options: {
    bin: { type: "string" },
    viewers: { type: "string", default: "500" },
    rate: { type: "string", default: "10" },
  },
});
const VIEWERS = Number(options.viewers);
const CERTIFICATES = 5;
const NEWCOMERS = 20; // that look at each new certificate, so that every loop is asked
const MOST_BYTES = 8000; // of a message; with those of TLS, several records now and then
const KINDS = ["bare", "bare", "bare", "v1", "http"]; // of five viewers
const ENOUGH_MS = 60_000;
process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"; // of this process, whose servers are its own
process.removeAllListeners("warning");

let wrong = 0;
/** @param {boolean} good @param {string} what */
function check(good, what) {
  if (good) return;
  ++wrong;
  console.log(`WRONG: ${what}`);
}

/** All bytes of one side, in a few words that two sides can be compared by. */
class Tally {
  #hash = createHash("sha256");
  bytes = 0;
  longestMs = 0;
  #last = 0;
  /** @param {Uint8Array} data */
  add(data) {
    const now = performance.now();
    if (this.#last) this.longestMs = Math.max(this.longestMs, now - this.#last);
    this.#last = now;
    this.bytes += data.length;
    this.#hash.update(data);
  }
  end() {
    this.digest = this.#hash.digest("hex");
  }
}

/** @typedef {{stream: string, kind: string, tally: Tally, gone: string, ended: Promise<any>}} Watcher */

/** @param {Server} server @param {string} stream @param {string} kind @returns {Promise<Watcher>} */
async function watch(server, stream, kind) {
  const ended = deferred();
  const watcher = { stream, kind, tally: new Tally(), gone: "", ended: ended.promise };
  const end = (/** @type {string} */ how) => {
    watcher.gone ||= how;
    ended.resolve();
  };
  if (kind === "http") {
    const url = `${server.origin}/live/${stream}?wait=60`;
    const request = https.get(url, { agent: false });
    request.on("error", (error) => end(`error: ${error.message}`));
    request.on("response", (answer) => {
      answer.on("data", (data) => watcher.tally.add(data)).on("error", () => {});
      answer.on("close", () => end(`${answer.statusCode} ${answer.complete ? "whole" : "cut"}`));
    });
    return watcher;
  }
  const protocol = kind === "v1" ? "framewire.v1" : undefined;
  const ws = await RawWs.open(liveOptions(server, stream, { protocol }));
  ws.keep = false;
  ws.on("message", ({ binary, data }) => {
    if (binary) return watcher.tally.add(protocol ? parsePart(data).payload : data);
    // Its socket would stay, for the stream's next epoch.
    const text = JSON.parse(data.toString());
    if (text.type !== "end") return;
    end(text.reason);
    ws.cut();
  });
  ws.on("closed", ({ code }) => end(`${code}`));
  return watcher;
}
const GOOD_END = /^(1000|ended|200 whole)$/;

/** Publishes bytes at random until it is told to stop. @param {Server} server @param {string} stream @param {number} seed */
async function publish(server, stream, seed) {
  const token = { token: "first" };
  const publisher =
    seed === 0
      ? await V1Publisher.open(server, stream, { format: "binary" }, token)
      : seed === 1
        ? await BarePublisher.open(server, stream, token)
        : new HttpPublisher(server, stream, {
            method: "PUT",
            headers: { Authorization: "Bearer first" },
          });
  const dice = new Dice(seed + 1);
  const source = { stream, publisher, tally: new Tally(), messages: 0, running: true };
  const start = performance.now();
  const done = (async () => {
    while (source.running) {
      const message = Buffer.alloc(1 + dice.int(MOST_BYTES));
      for (let at = 0; at < message.length; ++at) message[at] = dice.int(256);
      if (source.messages === 0) message[0] = 0; // no format begins so
      source.tally.add(message);
      await publisher.send(message);
      const due = start + (++source.messages * 1000) / Number(options.rate);
      if (due > performance.now()) await sleep(due - performance.now());
    }
    return publisher.end();
  })();
  return Object.assign(source, { done });
}

const folder = mkdtempSync(join(tmpdir(), "framewire-reload-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const file = (/** @type {string} */ name) => join(folder, name);
const pairs = certificatesIn(folder, CERTIFICATES + 1);
writeFileSync(file("noise.pem"), Buffer.from([0x30, 0x82, 0xff, 0xff]));

/** @param {number} n */
const good = (n) =>
  [
    `publish-key = ["first", "key-${n}"]`,
    'max-lag = "60s"',
    `max-viewers = ${10_000 + n}`,
    `tls-cert = "${file("cert.pem")}"`,
    `tls-key = "${file("key.pem")}"`,
    "",
  ].join("\n");
/** What is wrong with a file, and what the log must say of it. @type {[string, RegExp][]} */
const BROKEN = [
  [`${good(0)}max-lag = soon\n`, /fw\.toml:6/],
  [`no-such-option = 1\n${good(0)}`, /fw\.toml:1.*no-such-option/],
  [`${good(0)}publish-key = [\n`, /fw\.toml:[67].*publish-key/],
  [`${good(0)}linger = 1\n`, /fw\.toml:6.*linger/],
  [`${good(0)}log-level = "loud"\n`, /fw\.toml:6.*log-level/],
  [`${good(0)}restream = ["all=ftp://example.org/"]\n`, /fw\.toml:6.*restream/],
  [good(0).replace("cert.pem", "none.pem"), /none\.pem/],
  [good(0).replace("key.pem", "noise.pem"), /noise\.pem/],
  ["\0\xff\xfe\n", /fw\.toml:1/],
  [`${good(0)}max-viewers = -1\n`, /fw\.toml:6.*max-viewers/],
];

/** @param {{cert: string, key: string}} pair in place of the one that is shown, the key first */
async function replaceCertificate(pair) {
  renameSync(pair.key, file("key.pem"));
  await sleep(1500); // it is looked at while the two do not fit
  renameSync(pair.cert, file("cert.pem"));
}

/** @param {Server} server */
async function crowd(server) {
  const logged = (/** @type {RegExp} */ what, count = 1) =>
    until(
      () => (server.stderr.match(new RegExp(what, "g")) ?? []).length >= count,
      `${count} times ${what} in the log:\n${server.stderr.slice(-2000)}`,
      { ms: ENOUGH_MS },
    );
  const streams = ["reload/v1", "reload/bare", "reload/http"];
  /** @type {Watcher[]} */ const watchers = [];
  while (watchers.length < VIEWERS)
    watchers.push(
      ...(await Promise.all(
        Array.from({ length: Math.min(20, VIEWERS - watchers.length) }, (_, i) => {
          const number = watchers.length + i;
          const kind = KINDS[Math.floor(number / streams.length) % KINDS.length];
          return watch(server, streams[number % streams.length], kind);
        }),
      )),
    );
  const there = async () => {
    const count = ["ws", "http"].map((mode) => server.metric(`framewire_viewers{mode="${mode}"}`));
    return (await Promise.all(count)).reduce((sum, n) => sum + (n || 0), 0);
  };
  await until(async () => (await there()) === VIEWERS, `${VIEWERS} viewers`, { ms: ENOUGH_MS });
  const sources = await Promise.all(streams.map((stream, n) => publish(server, stream, n)));
  await until(() => watchers.every(({ tally }) => tally.bytes > 0), "all to get something", {
    ms: ENOUGH_MS,
  });
  const [began, cpu] = [performance.now(), cpuSeconds(server.pid)];

  let shown = await fingerprint(server);
  const shownMs = [];
  /** @type {Watcher[]} */ const newcomers = [];
  for (let n = 1; n <= 2 * BROKEN.length; ++n) {
    const [text, said] = n % 2 ? BROKEN[(n - 1) / 2] : [good(n), / changed/];
    const from = server.stderr.length;
    writeFileSync(file("fw.toml"), text, "latin1");
    server.child.kill("SIGHUP");
    const line = await until(
      () => /reload: .*\n/.exec(server.stderr.slice(from))?.[0],
      `a word about reload ${n}`,
      { ms: ENOUGH_MS },
    );
    check(said.test(line), `reload ${n} said ${line.trim()}, not ${said}`);
    check(/all stays as it was/.test(line) === (n % 2 === 1), `reload ${n} said ${line.trim()}`);
    // The keys are those of the last good file; few wrong ones are tried, for many would be held up.
    const newest = n - (n % 2);
    for (const number of n % 2 ? [newest] : [newest, newest - 2]) {
      const path = `/publish/reload/x${n}?token=key-${number}`;
      await until(
        async () => {
          const { status } = await server.fetch(path, { method: "POST", body: "x" });
          return (status !== 401) === (number === newest);
        },
        `key-${number} to be ${number === newest ? "taken" : "refused"} after reload ${n}`,
        { every: 200 }, // the line is in the log before each loop has the new keys
      );
    }
    if (n % 4 === 0) {
      await replaceCertificate(pairs[n / 4]);
      const start = performance.now();
      await logged(/was replaced: new connections/, n / 4);
      const seen = await until(
        async () => {
          const all = await Promise.all(
            Array.from({ length: NEWCOMERS }, () => fingerprint(server)),
          );
          return all.every((one) => one !== shown && one === all[0]) ? all[0] : "";
        },
        `all of ${NEWCOMERS} newcomers to be shown certificate ${n / 4}`,
        { ms: ENOUGH_MS },
      );
      shownMs.push(performance.now() - start);
      check(seen === pairs[n / 4].fingerprint, `certificate ${n / 4} is another one`);
      shown = seen;
    }
    const newcomer = await watch(server, streams[n % streams.length], KINDS[n % KINDS.length]);
    await until(() => newcomer.tally.bytes > 0, `the newcomer after reload ${n} to get something`);
    check((await there()) >= VIEWERS, `after reload ${n} there are ${await there()} viewers`);
    check(!watchers.some(({ gone }) => gone), `after reload ${n} somebody is gone`);
    newcomers.push(newcomer);
  }
  const seconds = (performance.now() - began) / 1000;
  const used = cpuSeconds(server.pid) - cpu;

  for (const source of sources) source.running = false;
  await Promise.all(sources.map(({ done }) => done));
  const all = [...watchers, ...newcomers];
  await within(Promise.all(all.map(({ ended }) => ended)), "all viewers' end", ENOUGH_MS).catch(
    ({ message }) => check(false, message),
  );
  for (const { kind, gone } of newcomers)
    check(GOOD_END.test(gone), `a newcomer (${kind}) ended with ${gone}`);
  let longestMs = 0;
  for (const { tally } of [...sources, ...watchers]) tally.end();
  for (const { stream, kind, tally, gone } of watchers) {
    const sent = sources.find((source) => source.stream === stream)?.tally;
    check(GOOD_END.test(gone), `a viewer (${kind} of ${stream}) ended with ${gone}`);
    check(
      tally.digest === sent?.digest,
      `a viewer (${kind} of ${stream}) has ${tally.bytes} bytes, published were ${sent?.bytes}, or others`,
    );
    longestMs = Math.max(longestMs, tally.longestMs);
  }
  const total = watchers.reduce((sum, { tally }) => sum + tally.bytes, 0);
  const whole = watchers.filter(
    ({ stream, tally }) => sources.find((s) => s.stream === stream)?.tally.digest === tally.digest,
  ).length;
  console.log(
    `figure: ${VIEWERS} viewers, ${sources.length} publishers, ${2 * BROKEN.length} reloads (${BROKEN.length} of broken files), ${CERTIFICATES} certificates in ${seconds.toFixed(0)} s: ${whole} of ${VIEWERS} viewers have every byte once (SHA-256), ${sources.map(({ messages }) => messages).join(" + ")} messages, ${(total / 1e6).toFixed(0)} MB`,
  );
  console.log(
    `figure: a certificate was shown to all of ${NEWCOMERS} newcomers ${shownMs.map((ms) => ms.toFixed(0)).join(", ")} ms after its file came`,
  );
  console.log(
    `figure: the longest time without a byte, of a viewer ${longestMs.toFixed(0)} ms, of a publisher ${Math.max(...sources.map(({ tally }) => tally.longestMs)).toFixed(0)} ms; the server used ${((100 * used) / seconds).toFixed(0)} % of a core`,
  );
}

renameSync(pairs[0].key, file("key.pem"));
renameSync(pairs[0].cert, file("cert.pem"));
writeFileSync(file("fw.toml"), good(0));
const flags = ["--config", file("fw.toml"), "--loops", "2"];
await Server.with({ binary: options.bin, flags }, crowd);
console.log(wrong ? `FAILED: ${wrong} things are wrong` : "nobody lost, no byte lost or twice");
process.exit(wrong ? 1 : 0);
