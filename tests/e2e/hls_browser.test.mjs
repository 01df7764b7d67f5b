/**
 * Chromium plays HLS by hls.js from npm, as it is, in its low-latency mode: moving pictures, and how long
 * after they were painted they are seen.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { kitPage, publishBareFrom } from "./lib/browsers.mjs";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { quantile } from "./lib/proc.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const HLS = fileURLToPath(new URL("../../node_modules/hls.js/dist/hls.js", import.meta.url));
const SECONDS = 6;
const FPS = 25;

/** In the page: plays, and notes what was shown when. @param {string} url */
function playByHlsJs(url) {
  const video = document.createElement("video");
  Object.assign(video, { muted: true, autoplay: true, playsInline: true });
  document.body.append(video);
  const page = /** @type {any} */ (window);
  const canvas = new OffscreenCanvas(640, 360);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (
    canvas.getContext("2d", { willReadFrequently: true })
  );
  page.shown = []; // [number painted into the picture, wall clock]
  page.errors = [];
  const look = () => {
    context.drawImage(video, 0, 0, 640, 360);
    const number = page.kit.readNumber(context.getImageData(0, 0, 640, 360));
    if (number !== null) page.shown.push([number, Date.now()]);
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
  page.hls = new page.Hls({ lowLatencyMode: true });
  page.hls.on(page.Hls.Events.ERROR, (/** @type {any} */ _, /** @type {any} */ data) =>
    page.errors.push(`${data.details}${data.fatal ? " (fatal)" : ""}`),
  );
  page.parts = 0;
  page.hls.on(page.Hls.Events.FRAG_LOADED, (/** @type {any} */ _, /** @type {any} */ data) => {
    if (data.part) ++page.parts;
  });
  page.hls.loadSource(url);
  page.hls.attachMedia(video);
}

describe("hls.js", { skip: !chromiumPath() && "no Chromium here" }, () => {
  /** @type {Server} */ let server;
  /** @type {import('./lib/browsers.mjs').Browser} */ let chromium;
  before(async () => {
    server = await Server.start();
    chromium = await launchChromium();
  });
  after(async () => {
    await chromium?.close();
    await server.stop();
  });

  for (const [source, mimeType] of [
    ["VP8 and Opus", "video/webm;codecs=vp8,opus"],
    ["H.264 and Opus", "video/webm;codecs=h264,opus"],
  ])
    test(`${source} of MediaRecorder`, { timeout: 90_000 }, async (t) => {
      const stream = source.split(" ")[0].replace(".", "");
      const publishing = await kitPage(chromium, server);
      await publishBareFrom(publishing, `${server.wsOrigin}/publish/${stream}`, {
        source: "canvas",
        fps: FPS,
        mimeType,
      });
      // When each number was painted.
      await publishing.evaluate(() => {
        const page = /** @type {any} */ (window);
        page.paintedAt = {};
        setInterval(() => (page.paintedAt[page.kit.source.painted & 0xffff] ??= Date.now()), 4);
      });
      const watching = /** @type {any} */ (await kitPage(chromium, server));
      await watching.page.addScriptTag({ path: HLS });
      await watching.evaluate(playByHlsJs, `${server.origin}/live/${stream}/index.m3u8?wait=20`);
      const seen = () => watching.evaluate("({shown, errors, parts, latency: hls.latency})");
      await until(
        async () => {
          const { shown } = await seen();
          return shown.length && shown.at(-1)[1] - shown[0][1] > SECONDS * 1000;
        },
        "pictures",
        { ms: 60_000, every: 250 },
      ).catch(async (error) => {
        throw new Error(`${error.message}: ${JSON.stringify(await seen())}`);
      });
      const { shown, errors, parts, latency } = await seen();
      const painted = await publishing.evaluate("paintedAt");
      const numbers = new Set(shown.map((/** @type {number[]} */ s) => s[0]));
      const delays = shown
        .slice(-2 * FPS)
        .filter((/** @type {number[]} */ s) => painted[s[0]])
        .map((/** @type {number[]} */ s) => s[1] - painted[s[0]]);
      t.diagnostic(
        `${numbers.size} different pictures in ${SECONDS} s, ${parts} parts, seen ${quantile(delays, 0.5)} ms ` +
          `(median) and ${quantile(delays, 0.95)} ms (p95) after they were painted; hls.js says ` +
          `${Math.round(latency * 1000)} ms; errors: ${errors.join(", ") || "none"}`,
      );
      assert.ok(numbers.size > SECONDS * 5, `${numbers.size} different pictures`);
      assert.ok(delays.length > 10);
      assert.ok(parts > 10, `${parts} parts were loaded`);
      assert.ok(!errors.some((/** @type {string} */ e) => e.includes("fatal")), errors.join());
      await publishing.evaluate("kit.publication.stop()");
      await publishing.close();
      await watching.close();
    });
});
