/**
 * What publishing costs the page: the longest task of its main thread and its share of a core, while a canvas of
 * 1280x720 is sent 30 times a second, as pictures, beside a MediaRecorder of the same canvas and beside nothing but
 * the painting; in turns. From a trace of all tasks of the thread, by CPU time (`tdur`) and by the clock (`dur`). By
 * hand, on a quiet machine:
 *
 *     node tests/e2e/slow/picture_main_thread.mjs [--rounds 5] [--seconds 10] [--type image/jpeg]
 */
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { launchChromium } from "../lib/chromium.mjs";
import { median } from "../lib/proc.mjs";
import { Server } from "../lib/server.mjs";
import { paintTime, timePage } from "../lib/time_code.mjs";
import { sleep, until } from "../lib/wait.mjs";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "10" },
    type: { type: "string", default: "image/jpeg" },
  },
});
const SECONDS = Number(values.seconds);
const WAYS = /** @type {const} */ (["painting alone", "MediaRecorder", "pictures"]);
const SETTLE_MS = 2_000;

/** In a page: begins to publish. @param {[string, string, string]} wish */
async function publishInPage([way, url, type]) {
  const { publish } = await import(/** @type {any} */ ("/framewire.js"));
  const own = /** @type {any} */ (window);
  if (way === "pictures") own.publication = publish(own.canvas, url, { as: "pictures", type });
  if (way !== "MediaRecorder") return true;
  const socket = new WebSocket(new URL(url, location.href.replace(/^http/, "ws")));
  await new Promise((resolve) => {
    socket.onopen = resolve;
  });
  const recorder = new MediaRecorder(own.canvas.captureStream(30), {
    mimeType: "video/webm;codecs=vp8",
    videoBitsPerSecond: 2_500_000,
  });
  recorder.ondataavailable = ({ data }) => {
    own.sent = (own.sent ?? 0) + data.size;
    socket.send(data);
  };
  recorder.start(100);
  return true;
}

/** In a page: bytes that have gone out. */
function sentInPage() {
  const { publication, sent } = /** @type {any} */ (window);
  return publication?.stats.ackedBytes ?? sent ?? 0;
}

/**
 * All tasks of all main threads while `wait` lasts. The page's is the one that has the most to do.
 *
 * @param {any} browser @param {() => Promise<void>} wait
 */
async function tasksDuring(browser, wait) {
  const cdp = await browser.session();
  /** @type {any[]} */ const events = [];
  cdp.on("Tracing.dataCollected", (/** @type {any} */ { value }) => events.push(...value));
  const complete = new Promise((resolve) => cdp.once("Tracing.tracingComplete", resolve));
  await cdp.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: ["toplevel"], excludedCategories: ["*"] },
  });
  const began = performance.now();
  await wait();
  const wallUs = (performance.now() - began) * 1000;
  await cdp.send("Tracing.end");
  await complete;
  await cdp.detach();
  /** @type {Map<string, {cpuUs: number, longestUs: number, longestClockUs: number, count: number}>} */
  const threads = new Map();
  for (const { name, args, pid, tid } of events) {
    if (name !== "thread_name" || args.name !== "CrRendererMain") continue;
    threads.set(`${pid} ${tid}`, { cpuUs: 0, longestUs: 0, longestClockUs: 0, count: 0 });
  }
  for (const { name, ph, pid, tid, dur = 0, tdur = 0 } of events) {
    const thread = threads.get(`${pid} ${tid}`);
    if (!thread || ph !== "X" || !/RunTask$/.test(name)) continue;
    thread.cpuUs += tdur;
    thread.longestUs = Math.max(thread.longestUs, tdur);
    thread.longestClockUs = Math.max(thread.longestClockUs, dur);
    thread.count += 1;
  }
  const [busiest] = [...threads.values()].sort((a, b) => b.cpuUs - a.cpuUs);
  if (!busiest?.count) throw new Error("the trace has no tasks of a page");
  return { ...busiest, wallUs };
}

/** @param {any} browser @param {Server} server @param {string} way */
async function measure(browser, server, way) {
  const page = await timePage(browser, server);
  await page.evaluate(paintTime, { width: 1280, height: 720 });
  const url = `/publish/main-${Math.random().toString(36).slice(2)}`;
  await page.evaluate(publishInPage, [way, url, values.type]);
  if (way !== "painting alone") {
    await until(async () => (await page.evaluate(sentInPage)) > 0, "data", { ms: 60_000 });
  }
  await sleep(SETTLE_MS);
  const cpuBefore = await page.cpu();
  const sentBefore = await page.evaluate(sentInPage);
  const tasks = await tasksDuring(browser, () => sleep(SECONDS * 1000));
  const seconds = tasks.wallUs / 1e6;
  const all = ((await page.cpu()) - cpuBefore) / seconds;
  const kbps = (((await page.evaluate(sentInPage)) - sentBefore) * 8) / 1000 / seconds;
  const level = await page.evaluate(
    () => /** @type {any} */ (window).publication?.stats.level ?? null,
  );
  await page.close();
  return {
    longestMs: tasks.longestUs / 1000,
    longestClockMs: tasks.longestClockUs / 1000,
    share: tasks.cpuUs / tasks.wallUs,
    all,
    kbps,
    gave: level !== null && level.quality * level.scale * level.rate < 1,
  };
}

const server = await Server.start();
const browser = await launchChromium();
try {
  console.log(`load ${loadavg()[0].toFixed(2)}; ${values.rounds} rounds of ${SECONDS} s in turns`);
  /** @type {Record<string, Awaited<ReturnType<typeof measure>>[]>} */ const seen = {};
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const way of round % 2 ? [...WAYS].reverse() : WAYS) {
      seen[way] ??= [];
      seen[way].push(await measure(browser, server, way));
    }
  }
  for (const way of WAYS) {
    const of = (/** @type {'longestMs' | 'longestClockMs' | 'share' | 'all' | 'kbps'} */ what) =>
      median(seen[way].map((each) => each[what]));
    const most = Math.max(...seen[way].map(({ longestMs }) => longestMs));
    const gave = seen[way].filter((each) => each.gave).length;
    console.log(
      `figure: ${way}: longest task ${of("longestMs").toFixed(1)} ms of CPU (most of all rounds ${most.toFixed(1)}), by the clock ${of("longestClockMs").toFixed(1)} ms; main thread ${(100 * of("share")).toFixed(1)} % of a core, all of the browser ${(100 * of("all")).toFixed(0)} %, ${of("kbps").toFixed(0)} kb/s${gave ? `; something had given way in ${gave} rounds` : ""}`,
    );
  }
  console.log(`load now ${loadavg()[0].toFixed(2)}`);
} finally {
  await browser.close();
  await server.stop();
}
