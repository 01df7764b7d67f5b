/**
 * A publisher page is left alone while the server is restarted under it: how soon it is live again, and
 * whether the page grows. Usage: publisher_soak.mjs [--minutes 30] [--restarts 3]
 */
import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import { launchChromium } from "../lib/chromium.mjs";
import { median, rssBytes } from "../lib/proc.mjs";
import { Server } from "../lib/server.mjs";
import { BareViewer } from "../lib/viewer.mjs";
import { sleep, until } from "../lib/wait.mjs";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    restarts: { type: "string", default: "3" },
  },
});
const totalMs = Number(values.minutes) * 60_000;
const restarts = Number(values.restarts);
const SAMPLE_MS = Math.min(15_000, totalMs / 60);
/** The promise. */
const BACK_WITHIN_MS = 3_000;
/** Flat: the last quarter's median over the second quarter's (the first warms up), in bytes. */
const HEAP_GROWTH_MOST = 3 << 20;
const RSS_GROWTH_MOST = 30 << 20;

let server = await Server.start();
const { port } = server;
const browser = await launchChromium();
const studio = await browser.open();
/** @type {import('playwright-core').Page} */
const page = /** @type {any} */ (studio).page;
await page.goto(`${server.origin}/healthz`);
await page.evaluate(`(async () => {
  const { publish } = await import("/framewire.js");
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
  const context = canvas.getContext("2d", { alpha: false });
  let count = 0;
  setInterval(() => {
    context.fillStyle = "hsl(" + (count++ % 360) + " 70% 50%)";
    context.fillRect(0, 0, 640, 360);
    context.fillStyle = "#fff";
    context.fillText(String(count), 40 + (count % 500), 180);
  }, 40);
  const stream = canvas.captureStream(25);
  const microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
  stream.addTrack(microphone.getAudioTracks()[0]);
  window.publication = publish(stream, "/publish/soak");
  window.told = [];
  for (const type of ["warning", "bitrate", "error"])
    publication.on(type, (detail) => told.push([type, detail.code ?? detail]));
})()`);

const cdp = await page.context().newCDPSession(page);
await cdp.send("Performance.enable");
const whole = await /** @type {import('playwright-core').Browser} */ (
  page.context().browser()
).newBrowserCDPSession();

/** What the page's own process holds. */
async function memory() {
  await cdp.send("HeapProfiler.collectGarbage");
  const { metrics } = await cdp.send("Performance.getMetrics");
  const { processInfo } = await whole.send("SystemInfo.getProcessInfo");
  const renderers = processInfo
    .filter(({ type }) => type === "renderer")
    .map(({ id }) => rssBytes(id));
  return {
    heap: metrics.find(({ name }) => name === "JSHeapUsedSize")?.value ?? Number.NaN,
    rss: Math.max(...renderers),
  };
}

const isLive = async () => {
  const stream = await server.describe("soak").catch(() => null);
  return stream?.state === "live" && stream.received_bytes > 0;
};

/** How long this process itself stood still lately, in ms: what was measured meanwhile says nothing. */
let stoodStillMs = 0;
const BEAT_MS = 100;
let beat = performance.now();
setInterval(() => {
  const now = performance.now();
  stoodStillMs = Math.max(stoodStillMs, now - beat - BEAT_MS);
  beat = now;
}, BEAT_MS).unref();

/** @returns {Promise<number | null>} ms until it was live again; null: the machine stood still meanwhile */
async function restart(/** @type {number} */ number) {
  // Once it is asked to go, once it dies.
  if (number % 2 === 0) server.child.kill("SIGKILL");
  else server.child.kill("SIGTERM");
  await server.exited;
  await sleep(1_000);
  server = await Server.start({ listen: `127.0.0.1:${port}` });
  const up = performance.now();
  stoodStillMs = 0;
  await until(isLive, "the publisher to come back", { ms: 300_000, every: 20 });
  const backMs = Math.round(performance.now() - up);
  if (stoodStillMs > 1_000) {
    console.log(
      `figure: restart ${number}: the machine stood still for ${Math.round(stoodStillMs)} ms, again`,
    );
    return null;
  }
  const viewer = await BareViewer.open(server, "soak");
  await viewer.untilBytes(50_000, 300_000);
  viewer.ws.cut();
  console.log(`figure: restart ${number}: live again ${backMs} ms after the server was up`);
  return backMs;
}

await until(isLive, "the page to be live", { ms: 20_000 });
const start = performance.now();
/** @type {{heap: number, rss: number}[]} */ const samples = [];
/** @type {number[]} */ const back = [];
while (performance.now() - start < totalMs) {
  if (performance.now() - start > ((back.length + 1) * totalMs) / (restarts + 1)) {
    const backMs = await restart(back.length + 1);
    if (backMs === null) continue;
    back.push(backMs);
  }
  samples.push(await memory());
  await sleep(SAMPLE_MS);
}
const stats = await page.evaluate("publication.stats");
const told = await page.evaluate("told");
const stillLive = await isLive();
await page.evaluate("publication.stop()");
await browser.close();
await server.stop();

const quarter = Math.floor(samples.length / 4);
const MiB = 1 << 20;
const early = samples.slice(quarter, 2 * quarter);
const late = samples.slice(-quarter);
/** @param {'heap' | 'rss'} what */
const compare = (what) => {
  const [from, to] = [early, late].map((part) => median(part.map((sample) => sample[what])));
  const text = `${(from / MiB).toFixed(1)} -> ${(to / MiB).toFixed(1)} MiB`;
  return { growth: to - from, text };
};
const [heap, rss] = [compare("heap"), compare("rss")];
console.log(
  `figure: ${values.minutes} minutes, ${back.length} restarts, back within ${Math.max(...back)} ms`,
);
console.log(
  `figure: page heap after collection ${heap.text}, page process ${rss.text} (second quarter, last)`,
);
console.log(`figure: ${JSON.stringify({ ...stats, told })}`);
assert.ok(stillLive, "live at the end");
assert.equal(back.length, restarts);
assert.ok(Math.max(...back) <= BACK_WITHIN_MS, `back after ${Math.max(...back)} ms`);
assert.ok(heap.growth < HEAP_GROWTH_MOST, `the heap grew: ${heap.text}`);
assert.ok(rss.growth < RSS_GROWTH_MOST, `the page's process grew: ${rss.text}`);
