/**
 * How long from a canvas to a canvas: pictures of the SDK, beside a bare relay of node's `ws` with pages written by
 * hand, in turns. The time is painted as cells and read back where it is shown. By hand, on a quiet machine:
 *
 *     node tests/e2e/slow/picture_delay.mjs [--rounds 5] [--seconds 4] [--only "JPEG 640"]
 */

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { launchChromium } from "../lib/chromium.mjs";
import { median, quantile } from "../lib/proc.mjs";
import { Server } from "../lib/server.mjs";
import { notePaints, paintTime, timePage } from "../lib/time_code.mjs";
import { sleep, until } from "../lib/wait.mjs";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "4" },
    only: { type: "string", default: "" },
  },
});
const ROUNDS = Number(values.rounds);
const SECONDS = Number(values.seconds);
const BARE = fileURLToPath(new URL("../../bench/ws_broadcast.mjs", import.meta.url));

/** name, type, width, height, what is promised of the two medians @type {[string, string, number, number, (ours: number, bare: number) => boolean, string][]} */
const ROWS = [
  ["JPEG 640x360", "image/jpeg", 640, 360, (a, b) => a <= b + 3, "at most bare + 3 ms"],
  ["JPEG 1280x720", "image/jpeg", 1280, 720, (a, b) => a <= b + 3, "at most bare + 3 ms"],
  ["WebP 640x360", "image/webp", 640, 360, (a, b) => a <= b + 3, "at most bare + 3 ms"],
  ["PNG 640x360", "image/png", 640, 360, (a, b) => a <= b + 3, "at most bare + 3 ms"],
  ["RGBA 320x180", "rgba", 320, 180, (a) => a <= 30, "at most 30 ms"],
];

/** In a page: each second animation frame as a message, by hand. @param {[string, string]} wish */
async function publishByHand([url, type]) {
  const { canvas, onPainted } = /** @type {any} */ (window);
  const socket = new WebSocket(url);
  await new Promise((resolve) => {
    socket.onopen = resolve;
  });
  let n = 0;
  onPainted.push(() => {
    n += 1;
    if (n % 2) return;
    if (type === "rgba") {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      socket.send(data.buffer);
    } else canvas.toBlob((/** @type {Blob} */ blob) => socket.send(blob), type, 0.8);
  });
  return true;
}

/** In a page: shows what comes, by hand. @param {[string, string, number, number]} wish */
async function showByHand([url, type, width, height]) {
  const canvas = document.body.appendChild(document.createElement("canvas"));
  Object.assign(canvas, { width, height });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const socket = new WebSocket(url);
  socket.binaryType = type === "rgba" ? "arraybuffer" : "blob";
  socket.onmessage = async ({ data }) => {
    if (type === "rgba") {
      context.putImageData(new ImageData(new Uint8ClampedArray(data), width, height), 0, 0);
      return;
    }
    const bitmap = await createImageBitmap(data);
    context.drawImage(bitmap, 0, 0);
    bitmap.close();
  };
  return true;
}

/** In a page. @param {[string, string]} wish */
async function publishBySdk([url, type]) {
  const { publish } = await import(/** @type {any} */ ("/framewire.js"));
  const own = /** @type {any} */ (window);
  own.publication = publish(own.canvas, url, { as: "pictures", type, fps: 30 });
  return true;
}

/** In a page. @param {string} url */
async function showBySdk(url) {
  const { play } = await import(/** @type {any} */ ("/framewire.js"));
  const video = document.body.appendChild(document.createElement("video"));
  /** @type {any} */ (window).player = play(video, url, { muted: true });
  return true;
}

/** @param {any} browser @param {Server} server @param {Server} relay @param {typeof ROWS[number]} row @param {"ours" | "bare"} who */
async function measure(browser, server, relay, [, type, width, height], who) {
  const stream = `delay-${Math.random().toString(36).slice(2)}`;
  const publisher = await timePage(browser, server);
  const viewer = await timePage(browser, server);
  await publisher.evaluate(paintTime, { width, height });
  await viewer.evaluate(notePaints, null);
  if (who === "bare") {
    await viewer.evaluate(showByHand, [`${relay.wsOrigin}/live/${stream}`, type, width, height]);
    await publisher.evaluate(publishByHand, [`${relay.wsOrigin}/publish/${stream}`, type]);
  } else {
    await publisher.evaluate(publishBySdk, [`/publish/${stream}`, type]);
    await viewer.evaluate(showBySdk, `/watch/${stream}`);
  }
  const comes = () => /** @type {any} */ (window).delays.length > 10;
  await until(() => viewer.evaluate(comes), "pictures", { ms: 60_000 });
  await sleep(1000);
  await viewer.evaluate(() => /** @type {any} */ (window).delays.splice(0).length);
  await sleep(SECONDS * 1000);
  /** @type {[number, number][]} */
  const delays = await viewer.evaluate(() => /** @type {any} */ (window).delays);
  const level = await publisher.evaluate(
    () => /** @type {any} */ (window).publication?.stats.level ?? null,
  );
  await publisher.close();
  await viewer.close();
  const ms = delays.map(([, delay]) => delay);
  return { median: median(ms), p95: quantile(ms, 0.95), perSecond: ms.length / SECONDS, level };
}

const server = await Server.start();
const relay = await Server.start({ command: [process.execPath, BARE], listen: "" });
const browser = await launchChromium();
let kept = true;
try {
  console.log(
    `load ${(await import("node:os")).loadavg()[0].toFixed(2)}; ${ROUNDS} rounds in turns`,
  );
  for (const row of ROWS.filter(([name]) => name.includes(String(values.only)))) {
    /** @type {Record<"ours" | "bare", any[]>} */ const seen = { ours: [], bare: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      /** @type {("ours" | "bare")[]} */
      const order = round % 2 ? ["ours", "bare"] : ["bare", "ours"];
      for (const who of order) seen[who].push(await measure(browser, server, relay, row, who));
    }
    const middle = (/** @type {any[]} */ all, /** @type {string} */ of) =>
      median(all.map((each) => each[of]));
    const [ours, bare] = [middle(seen.ours, "median"), middle(seen.bare, "median")];
    const more = (/** @type {any[]} */ all) =>
      `p95 ${middle(all, "p95")}, ${middle(all, "perSecond").toFixed(1)}/s`;
    const gave = seen.ours.filter(({ level }) => level.quality * level.scale * level.rate < 1);
    const holds = row[4](ours, bare);
    kept &&= holds;
    console.log(
      `figure: ${row[0]}: ${ours} ms (${more(seen.ours)}), bare relay ${bare} ms (${more(seen.bare)}); ${row[5]}: ${holds ? "holds" : "DOES NOT HOLD"}${gave.length > 0 ? `; something had given way in ${gave.length} rounds` : ""}`,
    );
  }
} finally {
  await browser.close();
  await server.stop();
  await relay.stop();
}
process.exit(kept ? 0 : 1);
