/**
 * Does the delay hold on a bad network? A publisher's page and a viewer's page far away: each packet 80 ms late, by 30 ms
 * more or less, one in a hundred lost, both ways, and 200 kb/s for the first 5 s of each minute. For packets, and for a
 * recording by Media Source Extensions: the delay in the calm end of each minute, what the drop did to it, what was
 * skipped, errors of quota, and the memory of the pages. Needs root and python3. By hand, on a quiet machine:
 *
 *     node tests/e2e/slow/held_network.mjs [--minutes 30] [--as packets] [--latency low] [--sound]
 *
 * What `tc netem` does is done by lib/bad_cable.py. Both pages are behind one cable: each picture goes through it twice.
 */
import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { BadCable } from "../lib/bad_cable.mjs";
import { chromiumPath, launchChromium } from "../lib/chromium.mjs";
import { median, quantile } from "../lib/proc.mjs";
import { Server } from "../lib/server.mjs";
import { makeSound, notePaints, paintTime, readVideo, timePage } from "../lib/time_code.mjs";
import { sleep, until } from "../lib/wait.mjs";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    as: { type: "string", default: "packets,recording" },
    latency: { type: "string", default: "low" },
    sound: { type: "boolean", default: false },
  },
});
const MINUTES = Number(values.minutes);
const SIZE = { width: 640, height: 360 };
const USUAL = { delay_ms: 80, jitter_ms: 30, loss: 0.01, kbps: 0 };
const DROP = { kbps: 200 };
const DROP_MS = 5_000;
const MINUTE_MS = 60_000;
/** The end of a minute, in which its delay is measured. */
const CALM_MS = 20_000;
/** The end beside minute 2. */
const DRIFT_MOST_MS = 50;

/** In a page. @param {[string, string]} wish */
async function publishBySdk([url, as]) {
  const { publish } = await import(/** @type {any} */ ("/framewire.js"));
  const own = /** @type {any} */ (window);
  own.warnings = [];
  own.publication = publish(own.canvas, url, { as, ...(own.sound && { audio: own.sound }) });
  for (const type of ["warning", "error"]) {
    own.publication.on(type, (/** @type {any} */ { code }) => own.warnings.push(code));
  }
  return true;
}

/** In a page: plays, and counts what a SourceBuffer refuses. @param {[string, string, boolean]} wish */
async function showBySdk([url, latency, muted]) {
  const { play } = await import(/** @type {any} */ ("/framewire.js"));
  const own = /** @type {any} */ (window);
  Object.assign(own, { quota: 0, failures: [] });
  const real = SourceBuffer.prototype.appendBuffer;
  SourceBuffer.prototype.appendBuffer = function (/** @type {BufferSource} */ bytes) {
    try {
      real.call(this, bytes);
    } catch (error) {
      if (/** @type {any} */ (error).name === "QuotaExceededError") own.quota += 1;
      throw error;
    }
  };
  const video = document.body.appendChild(document.createElement("video"));
  own.player = play(video, url, {
    muted,
    latency: Number(latency) >= 0 ? Number(latency) : latency,
  });
  for (const type of ["warning", "error"]) {
    own.player.on(type, (/** @type {any} */ { code }) => own.failures.push(code));
  }
  return true;
}

/** In a page: what there was since the last call. */
function seenInPage() {
  const { delays, waits, quota, failures, player } = /** @type {any} */ (window);
  const { stats, state } = player;
  return { delays: delays.splice(0), waits: waits(), quota, failures, stats, state };
}

/** In a page. */
function publisherNow() {
  const { publication, warnings } = /** @type {any} */ (window);
  return { stats: publication.stats, state: publication.state, warnings };
}

/** Memory of the browser's pages, all together: what they share is counted once. @param {any} cdp @returns {Promise<number>} bytes */
async function pagesBytes(cdp) {
  const { processInfo } = await cdp.send("SystemInfo.getProcessInfo");
  let bytes = 0;
  for (const { id, type } of processInfo) {
    if (type !== "renderer") continue;
    const memory = readFileSync(`/proc/${id}/smaps_rollup`, "latin1");
    bytes += 1024 * Number(/^Pss:\s+(\d+) kB/m.exec(memory)?.[1] ?? 0);
  }
  return bytes;
}

/** The end of the last two seconds that were late for the most part. @param {[number, number][]} delays @param {number} most in milliseconds */
function lastLate(delays, most) {
  /** @type {Map<number, number[]>} */ const spans = new Map();
  for (const [at, ms] of delays) {
    const span = Math.floor(at / 2000);
    spans.set(span, [...(spans.get(span) ?? []), ms]);
  }
  const late = [...spans].filter(([, all]) => median(all) > most).map(([span]) => span);
  return late.length > 0 ? (Math.max(...late) + 1) * 2000 : null;
}

const mb = (/** @type {number} */ bytes) => (bytes / 1e6).toFixed(1);

/** @param {BadCable} cable @param {any} browser @param {any} server @param {string} as */
async function hold(cable, browser, server, as) {
  const name = `held-${as}`;
  const publisher = await timePage(browser, server);
  const viewer = await timePage(browser, server);
  await publisher.evaluate(paintTime, SIZE);
  if (values.sound) await publisher.evaluate(makeSound);
  await viewer.evaluate(notePaints);
  await publisher.evaluate(publishBySdk, [`/publish/${name}`, as]);
  await viewer.evaluate(showBySdk, [`/watch/${name}`, String(values.latency), !values.sound]);
  await viewer.evaluate(readVideo, SIZE);
  const comes = () => /** @type {any} */ (window).delays.length > 10;
  await until(() => viewer.evaluate(comes), `pictures of ${as}`, { ms: 60_000 });
  console.log(
    `${as} | calm ms | p95 | most in the minute | back after s | skipped | waits | quota | kb/s wished | heap of pages MB | all pages MB | server MB`,
  );
  /** @type {number[]} */ const calms = [];
  /** @type {number[]} */ const heaps = [];
  /** @type {any} */ let seen = null;
  for (let minute = 1; minute <= MINUTES; minute += 1) {
    const began = Date.now();
    await viewer.evaluate(seenInPage);
    cable.set(DROP);
    await sleep(DROP_MS);
    cable.set(USUAL);
    await sleep(MINUTE_MS - CALM_MS - (Date.now() - began));
    /** @type {[number, number][]} */ const before = (await viewer.evaluate(seenInPage)).delays;
    await sleep(MINUTE_MS - (Date.now() - began));
    seen = await viewer.evaluate(seenInPage);
    /** @type {number[]} */ const calm = seen.delays.map(
      (/** @type {[number, number]} */ [, ms]) => ms,
    );
    const most = Math.max(...before.map(([, ms]) => ms), ...calm);
    const usual = median(calm);
    const back = lastLate(before, usual + 2 * DRIFT_MOST_MS) ?? began;
    const heap = [await publisher.heldBytes(), await viewer.heldBytes()];
    const { stats } = await publisher.evaluate(publisherNow);
    calms.push(usual);
    heaps.push(heap[0] + heap[1]);
    console.log(
      [
        minute,
        usual,
        quantile(calm, 0.95),
        most,
        ((back - began) / 1000).toFixed(1),
        seen.stats.skipped,
        seen.waits,
        seen.quota,
        Math.round(stats.videoBitsPerSecond / 1000),
        heap.map(mb).join("+"),
        mb(await pagesBytes(viewer.cdp)),
        mb(server.rssBytes),
      ].join(" | "),
    );
  }
  const told = await publisher.evaluate(publisherNow);
  await publisher.close();
  await viewer.close();
  const base = Math.min(1, MINUTES - 1); // of minute 2
  const drift = calms[MINUTES - 1] - calms[base];
  const holds = Math.abs(drift) <= DRIFT_MOST_MS && seen.quota === 0;
  console.log(
    `figure: ${as} by ${seen.stats.way.by}: ${calms[base]} ms in minute ${base + 1}, ${calms[MINUTES - 1]} ms in minute ${MINUTES} (at most ${DRIFT_MOST_MS} apart), ${seen.quota} errors of quota, ${seen.stats.skipped} skipped, heap of both pages ${mb(heaps[base])} and ${mb(heaps[MINUTES - 1])} MB, ${seen.stats.reconnects} reconnects, publisher ${told.state} ${[...new Set(told.warnings)].join()}, player ${seen.state} ${[...new Set(seen.failures)].join()}: ${holds ? "holds" : "DOES NOT HOLD"}`,
  );
  return holds;
}

const cable = await BadCable.open();
/** @type {Server | null} */ let server = null;
/** @type {Awaited<ReturnType<typeof launchChromium>> | null} */ let browser = null;
let kept = true;
try {
  const own = await Server.start({ listen: `${cable.here}:0`, flags: ["--open"] });
  server = own;
  const origin = `http://${cable.here}:${own.port}`;
  // WebCodecs are for secure pages.
  browser = await launchChromium(
    [`--unsafely-treat-insecure-origin-as-secure=${origin}`],
    cable.over(String(chromiumPath())),
  );
  const there = Object.create(own, { origin: { value: origin } });
  console.log(
    `load ${loadavg()[0].toFixed(2)}; ${MINUTES} minutes each, latency ${values.latency}`,
  );
  for (const as of String(values.as).split(",")) {
    cable.set(USUAL);
    kept = (await hold(cable, browser, there, as)) && kept;
  }
  console.log(`load now ${loadavg()[0].toFixed(2)}`);
} finally {
  await browser?.close();
  await server?.stop();
  cable.close();
}
process.exitCode = kept ? 0 : 1;
