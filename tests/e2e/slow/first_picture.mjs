/**
 * How soon a viewer sees something who comes for the first time, and who comes again, from far away: /watch/NAME in
 * Chromium with its network emulation, the page as it is handed out beside the same of readable modules (`?source`), in
 * turns. Counted up to the first picture: requests, bytes, milliseconds since the address was entered. By hand, on a
 * quiet machine:
 *
 *     node tests/e2e/slow/first_picture.mjs [--rounds 5] [--latency 150]
 *
 * The emulation delays what the page itself asks for, and its sockets; what its workers ask for it lets through.
 */
import { parseArgs } from "node:util";
import { launchChromium } from "../lib/chromium.mjs";
import { median } from "../lib/proc.mjs";
import { Server } from "../lib/server.mjs";
import { sleep } from "../lib/wait.mjs";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    latency: { type: "string", default: "150" },
  },
});
const ROUNDS = Number(values.rounds);
const LATENCY_MS = Number(values.latency);
/** In milliseconds, at a latency of 150 ms. */
const FIRST_MOST = 1_200;
const AGAIN_MOST = 700;

/** @typedef {{ms: number, requests: number, bytes: number}} Visit */

/** In a page: one that goes on. @param {[string, string]} wish */
async function publishCanvas([url, media]) {
  const { publish } = await import(/** @type {any} */ ("/framewire.js"));
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  setInterval(() => {
    context.fillStyle = `hsl(${(performance.now() / 10) % 360} 80% 50%)`;
    context.fillRect(0, 0, 640, 360);
  }, 33);
  const publication = publish(canvas, url, { as: media });
  await new Promise((resolve) => {
    publication.on("state", (/** @type {string} */ state) => state === "live" && resolve(null));
  });
}

/**
 * In a page, before it is there: notes when the first picture was shown, by the video element or on the canvas that
 * stands in front of it for packets, which is there from its first picture on.
 */
function noteFirstPicture() {
  const noted = /** @type {any} */ (window);
  const note = () => {
    noted.firstPictureMs ??= performance.now();
  };
  let seen = false;
  const look = () => {
    const shadow = document.querySelector("framewire-player")?.shadowRoot;
    const video = shadow?.querySelector("video");
    if (video && !seen) video.requestVideoFrameCallback(note);
    seen ||= Boolean(video);
    if (shadow?.querySelector("canvas")) note();
    else if (!noted.firstPictureMs) requestAnimationFrame(look);
  };
  look();
}

/** @param {import("playwright-core").BrowserContext} context @param {string} url @returns {Promise<Visit>} */
async function visit(context, url) {
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send("Network.enable");
  await devtools.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: LATENCY_MS,
    downloadThroughput: -1,
    uploadThroughput: -1,
  });
  const seen = { ms: 0, requests: 0, bytes: 0 };
  let counts = true;
  devtools.on("Network.requestWillBeSent", () => {
    if (counts) seen.requests += 1;
  });
  devtools.on("Network.requestServedFromCache", () => {
    if (counts) seen.requests -= 1;
  });
  devtools.on("Network.responseReceived", ({ response }) => {
    if (counts && response.fromDiskCache) seen.requests -= 1;
  });
  devtools.on("Network.loadingFinished", ({ encodedDataLength }) => {
    if (counts) seen.bytes += encodedDataLength;
  });
  await page.addInitScript(noteFirstPicture);
  await page.goto(url);
  await page.waitForFunction("window.firstPictureMs", undefined, { timeout: 30_000, polling: 20 });
  counts = false;
  seen.ms = Number(await page.evaluate("window.firstPictureMs"));
  await sleep(500); // what is still under way gets into the cache
  await page.close();
  return seen;
}

const server = await Server.start();
const publisher = await launchChromium();
const viewer = await launchChromium();
let held = true;
try {
  for (const media of ["packets", "recording"]) {
    const page = await publisher.open();
    await page.goto(`${server.origin}/healthz`);
    await page.evaluate(publishCanvas, [`/publish/${media}`, media]);
    /** @type {Record<string, Visit[]>} */
    const visits = { first: [], again: [], "?source first": [], "?source again": [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const query of ["", "?source"]) {
        const blank = /** @type {any} */ (await viewer.open());
        const url = `${server.origin}/watch/${media}${query}`;
        for (const when of ["first", "again"]) {
          visits[`${query} ${when}`.trim()].push(await visit(blank.page.context(), url));
        }
        await blank.close();
      }
    }
    for (const [what, all] of Object.entries(visits)) {
      const of = (/** @type {keyof Visit} */ key) => Math.round(median(all.map((one) => one[key])));
      const most = { first: FIRST_MOST, again: AGAIN_MOST }[what] ?? Infinity;
      const fits = of("ms") <= most;
      if (!fits) held = false;
      const line =
        most === Infinity ? "" : `, at most ${most}: ${fits ? "holds" : "DOES NOT HOLD"}`;
      console.log(
        `${media}, ${what}: ${of("ms")} ms${line}; ${of("requests")} requests, ${of("bytes")} bytes`,
      );
    }
    await page.close();
  }
} finally {
  await viewer.close();
  await publisher.close();
  await server.stop();
}
process.exitCode = held ? 0 : 1;
