#!/usr/bin/env node
/**
 * How long does one who is new wait while thousands are being answered slowly? 1,500 HTTP viewers,
 * 1,500 half-sent heads and 500 held playlists at once, from many addresses of this machine; then a
 * new WebSocket viewer, a new HTTP viewer and /healthz, 20 times each, one after the other. Wanted:
 * under 200 ms each, on one loop and on two.
 *
 *   node tests/e2e/slow/crowd.mjs [--bin build/release/framewire] [--viewers 20000]
 *
 * And so many HTTP viewers of one server, each counted and reached; what one of them costs is told.
 */
import { execFileSync } from "node:child_process";
import net from "node:net";
import { parseArgs } from "node:util";
import { LiveSource } from "../lib/live_source.mjs";
import { quantile, rssBytes } from "../lib/proc.mjs";
import { requestText } from "../lib/raw_http.mjs";
import { Server } from "../lib/server.mjs";
import { BareViewer, HttpViewer } from "../lib/viewer.mjs";
import { sleep, until } from "../lib/wait.mjs";

const { values: options } = parseArgs({
  options: { bin: { type: "string" }, viewers: { type: "string", default: "20000" } },
});
const WANTED_MS = 200;
const TIMES = 20;
const AT_ONCE = 100;
let wrong = 0;

/** Sockets that have each written `text`, from 100 addresses. @param {Server} server @param {number} count @param {string} text @param {(bytes: number) => void} [got] */
async function crowd(server, count, text, got = () => {}) {
  /** @type {net.Socket[]} */ const sockets = [];
  for (let i = 0; i < count; ++i) {
    const localAddress = `127.0.1.${1 + (i % 100)}`;
    const socket = net.connect({ port: server.port, host: "127.0.0.1", localAddress });
    socket.on("error", () => {}).on("data", (data) => got(data.length));
    socket.write(text);
    sockets.push(socket);
    if (i % AT_ONCE === AT_ONCE - 1)
      await new Promise((resolve) => socket.once("connect", resolve));
  }
  return sockets;
}

/** @param {() => Promise<any>} act */
async function timed(act) {
  const start = performance.now();
  await act();
  return performance.now() - start;
}

/** @param {string} loops */
async function beside(loops) {
  const flags = ["--loops", loops, "--handshake-timeout", "60s", "--log-level", "error"];
  await Server.with({ binary: options.bin, flags }, async (server) => {
    const source = await LiveSource.start(server, "busy", { messagesPerSecond: 5, bytes: 200 });
    const viewers = async () => (await server.describe("busy"))?.viewers;
    const all = [
      await crowd(server, 1500, requestText("/live/busy")),
      await crowd(server, 1500, "GET /live/busy HTTP/1.1\r\nHost: x\r\nX-Half: "),
      await crowd(server, 500, requestText("/live/none/index.m3u8?wait=60")),
    ].flat();
    await until(async () => (await viewers()) === 1500, "1,500 viewers", { ms: 60_000 });
    /** @type {Record<string, number[]>} */ const ms = { ws: [], http: [], healthz: [] };
    for (let i = 0; i < TIMES; ++i) {
      ms.ws.push(
        await timed(async () => {
          const viewer = await BareViewer.open(server, "busy");
          await viewer.untilBytes(1);
          viewer.ws.cut();
        }),
      );
      ms.http.push(
        await timed(async () => {
          const viewer = await new HttpViewer(server, "busy").answered();
          await until(() => viewer.bytes.length > 0, "its first bytes");
          viewer.end.catch(() => {});
          viewer.cut();
        }),
      );
      ms.healthz.push(await timed(async () => (await server.fetch("/healthz")).text()));
      await sleep(50);
    }
    const told = Object.entries(ms).map(([what, of]) => {
      const [median, most] = [quantile(of, 0.5), Math.max(...of)];
      if (most > WANTED_MS) ++wrong;
      return `${what} ${median.toFixed(1)} (at most ${most.toFixed(1)})`;
    });
    console.log(
      `figure: ${loops} loop(s), ms to the first byte, median of ${TIMES}: ${told.join("; ")}`,
    );
    for (const socket of all) socket.destroy();
    await source.stop();
  });
}

/** @param {number} wanted */
async function many(wanted) {
  // A descriptor for each at both ends.
  const limit = Number(
    execFileSync("bash", ["-c", "ulimit -n $(ulimit -Hn); ulimit -n"]).toString(),
  );
  const count = Math.min(wanted, limit - 300);
  if (count < wanted)
    console.log(`figure: ulimit -Hn is ${limit}: ${count} viewers, not ${wanted}`);
  const flags = ["--max-viewers", String(count + 10), "--loops", "2", "--log-level", "error"];
  await Server.with({ binary: options.bin, flags }, async (server) => {
    const source = await LiveSource.start(server, "wide", { messagesPerSecond: 1, bytes: 1000 });
    const before = rssBytes(server.pid);
    let bytes = 0;
    const took = performance.now();
    const sockets = await crowd(server, count, requestText("/live/wide"), (n) => (bytes += n));
    const viewers = async () => (await server.describe("wide"))?.viewers;
    await until(async () => (await viewers()) === count, `${count} viewers`, { ms: 120_000 });
    const seconds = (performance.now() - took) / 1000;
    const had = bytes;
    await until(() => bytes >= had + count * 1000, "all to get a frame", { ms: 60_000 });
    const each = (rssBytes(server.pid) - before) / count;
    console.log(
      `figure: ${count} HTTP viewers: all counted after ${seconds.toFixed(1)} s, all get each frame; ${(each / 1024).toFixed(2)} KiB of memory each (RSS)`,
    );
    for (const socket of sockets) socket.destroy();
    await until(async () => (await viewers()) === 0, "none to be left", { ms: 120_000 });
    await source.stop();
  });
}

for (const loops of ["1", "2"]) await beside(loops);
await many(Number(options.viewers));
process.exit(wrong ? 1 : 0);
