#!/usr/bin/env node
/**
 * Hours in small: viewers that come and go, some that stop reading, HLS and .mp4 beside them, and
 * nothing may be lost, grow or slow down. By default 30 minutes:
 *
 *   node tests/e2e/slow/soak.mjs [--minutes 30] [--bin build/release/framewire]
 *
 * The load is `framewire bench`: one publisher at 30 messages/s, 200 viewers, 5 % of them stalled, 20
 * a second replaced; in ten rounds, whose delays make the first and the last fifth. Beside it one
 * publisher stays from begin to end, with a viewer over each of WebSocket, HTTP, .mp4 and HLS.
 * Exit code 1: something was lost, or memory or descriptors have grown. Delays are told, not judged.
 */
import { execFile, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { parseArgs, promisify } from "node:util";
import { LiveSource } from "../lib/live_source.mjs";
import { rssBytes } from "../lib/proc.mjs";
import { binary, Server } from "../lib/server.mjs";
import { BareViewer } from "../lib/viewer.mjs";
import { sleep, until } from "../lib/wait.mjs";

const { values: options } = parseArgs({
  options: { minutes: { type: "string", default: "30" }, bin: { type: "string" } },
});
const minutes = Number(options.minutes);
const ROUNDS = 10;
const MIB = 2 ** 20;
const MOST_GROWN = 8 * MIB;
const FIRST_LOOK_MINUTES = 5;
/** What is counted of one that watches all the time. @type {Record<string, number>} */
const seen = { frames: 0, lost: 0, mp4: 0, playlists: 0, segments: 0 };

const server = await Server.start({ binary: options.bin, flags: ["--log-level", "warn"] });
const descriptors = () => readdirSync(`/proc/${server.pid}/fd`).length;

/** @param {Server} of */
async function steady(of) {
  const viewer = await BareViewer.open(of, "steady");
  viewer.ws.keep = false;
  const source = await LiveSource.start(of, "steady", { messagesPerSecond: 30, bytes: 6000 });
  let header = true;
  viewer.ws.on("message", ({ data }) => {
    if (header) {
      header = false;
      return;
    }
    if (data.readUInt32BE(data.length - 4) !== seen.frames) ++seen.lost;
    seen.frames = data.readUInt32BE(data.length - 4) + 1;
  });
  return { source, viewer };
}

/** Made and published by ffmpeg, as H.264. @param {Server} of */
function film(of) {
  const picture = ["-re", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30"];
  const coding = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "30"];
  const target = ["-f", "mpegts", "-method", "PUT", `${of.origin}/publish/film`];
  return spawn("ffmpeg", ["-v", "error", ...picture, ...coding, ...target], {
    stdio: ["ignore", "ignore", "inherit"],
  });
}

let running = true;
/** @param {Server} of */
async function watchMp4(of) {
  const answer = await of.fetch("/live/film.mp4?wait=30");
  for await (const piece of /** @type {any} */ (answer.body)) {
    seen.mp4 += piece.length;
    if (!running) return;
  }
}

/** As a player without LL-HLS does: the playlist, and each segment that is new. @param {Server} of */
async function watchHls(of) {
  const base = "/live/film/";
  let newest = "";
  while (running) {
    const index = await of.fetch(`${base}index.m3u8?wait=20`);
    const lines = (await index.text()).split("\n").filter((line) => line && !line.startsWith("#"));
    const media = lines.filter((line) => line.includes(".m3u8"))[0];
    const list = media
      ? await (await of.fetch(new URL(media, `${of.origin}${base}`).pathname)).text()
      : "";
    const segment = list
      .split("\n")
      .filter((line) => line && !line.startsWith("#"))
      .at(-1);
    ++seen.playlists;
    if (segment && segment !== newest) {
      newest = segment;
      const url = new URL(segment, new URL(media, `${of.origin}${base}`));
      const bytes = await (await of.fetch(url.pathname + url.search)).arrayBuffer();
      if (bytes.byteLength > 0) ++seen.segments;
    }
    await sleep(1000);
  }
}

/** @returns {Promise<any>} */
async function round() {
  const words = ["bench", "--url", server.wsOrigin, "--server-pid", `${server.pid}`];
  words.push("--viewers", "200", "--rate", "30", "--churn", "20", "--stalled", "5%");
  words.push("--seconds", String(Math.max(2, Math.round((minutes * 60) / ROUNDS))), "--json", "-");
  const { stdout } = await promisify(execFile)(options.bin ?? binary(), words, {
    maxBuffer: 1 << 24,
  });
  return JSON.parse(stdout);
}

const { source, viewer } = await steady(server);
const camera = film(server);
const watching = [watchMp4(server), watchHls(server)].map((each) =>
  each.catch((error) => {
    if (running) console.log(`WRONG: a watcher of film ended: ${error}`);
  }),
);
await until(() => seen.mp4 > 0 && seen.segments > 0, "the film to be watched", { ms: 60_000 });

const start = Date.now();
/** @type {[number, number][]} minutes since the start, bytes */ const memory = [];
const sampling = setInterval(
  () => memory.push([(Date.now() - start) / 60_000, rssBytes(server.pid)]),
  1000,
);
const delays = [];
const counted = [];
let lost = 0;
let messages = 0;
for (let i = 0; i < ROUNDS; ++i) {
  const result = await round();
  lost += result.messages.lost + result.messages.out_of_order + result.messages.broken;
  messages += result.messages.received;
  delays.push(result.delay);
  await sleep(3000); // those of the round have gone
  counted.push(descriptors());
}
clearInterval(sampling);
const rssEnd = rssBytes(server.pid);
const published = source.frames;
await until(() => seen.frames >= published, "the steady viewer to have all", { ms: 30_000 });
running = false;
camera.kill("SIGTERM");
await Promise.all(watching);
await source.stop();
await viewer.ended();

const p99 = (/** @type {any[]} */ of) => of.reduce((sum, d) => sum + d.p99_ms, 0) / of.length;
const first = p99(delays.slice(0, ROUNDS / 5));
const last = p99(delays.slice(-ROUNDS / 5));
// The first look is at minute 5, or, in a short run, in its middle.
const lookAt = Math.min(FIRST_LOOK_MINUTES, (Date.now() - start) / 120_000);
const rssFirst = (memory.find(([at]) => at >= lookAt) ?? memory.at(-1) ?? [0, rssEnd])[1];
const mib = (/** @type {number} */ bytes) => `${(bytes / MIB).toFixed(1)} MiB`;
console.log(
  `figure: ${minutes} minutes: ${messages} messages at 200 viewers, 20 a second replaced, 5 % stalled: lost ${lost}`,
);
console.log(
  `figure: beside them ${seen.frames} frames of one publisher, lost ${seen.lost}; .mp4 ${mib(seen.mp4)}, ${seen.playlists} playlists, ${seen.segments} segments of HLS`,
);
console.log(
  `figure: RSS ${mib(rssFirst)} at minute ${lookAt.toFixed(1)}, ${mib(rssEnd)} at the end (${mib(rssEnd - rssFirst)} more)`,
);
console.log(
  `figure: p99 delay ${first.toFixed(2)} ms in the first fifth, ${last.toFixed(2)} ms in the last (${(last / first).toFixed(2)})`,
);
console.log(
  `figure: descriptors ${counted[0]} after the first round, ${counted.at(-1)} after the last`,
);
await server.stop();
const grown = minutes > FIRST_LOOK_MINUTES && rssEnd - rssFirst > MOST_GROWN;
const leaked = /** @type {number} */ (counted.at(-1)) > counted[0] + 2;
process.exit(lost > 0 || seen.lost > 0 || grown || leaked ? 1 : 0);
