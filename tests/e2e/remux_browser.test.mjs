/**
 * Chromium plays what it cannot play as published: the SDK by way of /live/NAME.mp4, and mpegts.js from
 * npm, as it is, by way of /live/NAME.flv and .ts.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { made } from "./lib/derived.mjs";
import { container } from "./lib/media.mjs";
import { BarePublisher, sendInTime } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";

const MPEGTS = fileURLToPath(
  new URL("../../node_modules/mpegts.js/dist/mpegts.js", import.meta.url),
);
const PACE_MS = 130; // of 5,000 bytes, so that five seconds of media take about as long

/** @param {string} name */
function paced(name) {
  if (name.startsWith("chromium")) return container(name);
  const media = made(name);
  return { ...media, atMs: media.chunks.map((_, i) => i * PACE_MS) };
}

/** In the page: plays until three different pictures of three different times were seen. */
async function threePictures() {
  const video = /** @type {HTMLVideoElement} */ (document.querySelector("video"));
  const canvas = new OffscreenCanvas(16, 9);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  /** @type {Map<string, number>} */ const seen = new Map();
  while (seen.size < 3) {
    await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
    context.drawImage(video, 0, 0, 16, 9);
    seen.set(context.getImageData(0, 0, 16, 9).data.join(), video.currentTime);
  }
  return { width: video.videoWidth, times: [...seen.values()] };
}

describe("Chromium plays", { skip: !chromiumPath() && "no Chromium here" }, () => {
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

  /** @param {string} stream @param {string} name @param {(page: any) => Promise<void>} watch */
  async function plays(stream, name, watch) {
    const page = /** @type {any} */ (await chromium.open());
    await page.goto(`${server.origin}/healthz`);
    await page.evaluate(() => {
      document.body.innerHTML = "<video muted autoplay playsinline></video>";
    });
    await watch(page.page);
    const publisher = await BarePublisher.open(server, stream);
    let done = false;
    const sending = sendInTime((chunk) => publisher.send(chunk), paced(name), {
      stopped: () => done,
    });
    const { width, times } = await page.evaluate(threePictures);
    done = true;
    await sending;
    await publisher.end();
    assert.ok(width > 0);
    assert.ok(times[2] > times[0], times.join(" "));
    await page.close();
  }

  for (const name of ["chromium-h264-opus-camera.webm", "avc1-aac.ts", "avc1-aac.flv"])
    test(`${name} with the SDK`, { timeout: 60_000 }, async () => {
      const stream = `sdk/${name.replaceAll(".", "-")}`;
      await plays(stream, name, (page) =>
        page.evaluate(async (/** @type {string} */ to) => {
          const { play } = await import(`${location.origin}/framewire.js`);
          play(document.querySelector("video"), to);
        }, `/watch/${stream}`),
      );
    });

  for (const [name, type] of [
    ["avc1-aac.ts", "flv"],
    ["avc1-aac.flv", "mpegts"],
    ["chromium-h264-opus-camera.webm", "mpegts"],
  ])
    test(`${name} with mpegts.js as ${type}`, { timeout: 60_000 }, async () => {
      const stream = `npm/${name.replaceAll(".", "-")}-${type}`;
      const extension = type === "flv" ? "flv" : "ts";
      await plays(stream, name, async (page) => {
        await page.addScriptTag({ path: MPEGTS });
        await page.evaluate(
          (/** @type {string[]} */ [url, kind]) => {
            const { mpegts } = /** @type {any} */ (window);
            const player = mpegts.createPlayer({ type: kind, isLive: true, url });
            player.attachMediaElement(document.querySelector("video"));
            player.load();
            player.play();
          },
          [`${server.wsOrigin}/live/${stream}.${extension}`, type],
        );
      });
    });
});
