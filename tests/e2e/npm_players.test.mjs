/**
 * Players from npm, as they are, in Chromium: mpegts.js by .flv and .ts, hls.js by HLS, jsmpeg by .mpeg1, of
 * a camera and a microphone that a page publishes with MediaRecorder and a WebSocket (VP8 and Opus).
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { Server } from "./lib/server.mjs";

/** @param {string} path in node_modules */
const npm = (path) => fileURLToPath(new URL(`../../node_modules/${path}`, import.meta.url));
const MPEGTS = npm("mpegts.js/dist/mpegts.js");
const HLS = npm("hls.js/dist/hls.js");
const JSMPEG = npm("@cycjimmy/jsmpeg-player/dist/jsmpeg-player.umd.js");
const PICTURES = 5; // different ones, at different times
const GENEROUS = { timeout: 150_000 }; // for a machine that has other things to do

/** In the page: what docs/sdk.md tells a page without the SDK to do. @param {string} url */
async function publishCamera(url) {
  const camera = await navigator.mediaDevices.getUserMedia({
    video: { width: 640, height: 360 },
    audio: true,
  });
  const socket = new WebSocket(url);
  const mimeType = "video/webm;codecs=vp8,opus";
  // @ts-expect-error: newer than the types
  const recorder = new MediaRecorder(camera, { mimeType, videoKeyFrameIntervalDuration: 1000 });
  recorder.ondataavailable = ({ data }) => socket.send(data);
  socket.onopen = () => recorder.start(100);
}

/** In the page: waits until `wanted` different pictures were seen in a <video> or a <canvas>. @param {number} wanted */
async function differentPictures(wanted) {
  const small = new OffscreenCanvas(32, 18);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (
    small.getContext("2d", { willReadFrequently: true })
  );
  /** @type {Set<string>} */ const seen = new Set();
  /** @type {Set<number>} */ const colours = new Set();
  while (seen.size < wanted) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const shown = /** @type {HTMLVideoElement & HTMLCanvasElement} */ (
      document.querySelector("video, canvas")
    );
    if (!shown || !(shown.videoWidth || shown.width)) continue;
    context.drawImage(shown, 0, 0, 32, 18);
    const { data } = context.getImageData(0, 0, 32, 18);
    for (let i = 0; i < data.length; i += 4) colours.add(data[i] >> 4);
    seen.add(data.join());
  }
  const shown = /** @type {any} */ (document.querySelector("video, canvas"));
  const page = /** @type {any} */ (window);
  return {
    width: shown.videoWidth ?? shown.width,
    height: shown.videoHeight ?? shown.height,
    shades: colours.size,
    time: shown.currentTime ?? 0,
    sound: shown.webkitAudioDecodedByteCount ?? 0,
    heard: page.jsmpeg?.audio?.decodedTime ?? 0,
    parts: page.parts,
    fatal: page.fatal,
  };
}

describe("unmodified from npm, of a webcam", {
  skip: !chromiumPath() && "no Chromium here",
}, () => {
  /** @type {Server} */ let server;
  /** @type {import('./lib/browsers.mjs').Browser} */ let chromium;
  /** @type {any} */ let studio;
  before(async () => {
    server = await Server.start();
    chromium = await launchChromium();
    studio = await chromium.open();
    await studio.goto(`${server.origin}/healthz`);
    await studio.evaluate(publishCamera, `${server.wsOrigin}/publish/webcam`);
  });
  after(async () => {
    await chromium?.close();
    await server.stop();
  });

  /** @param {string} body @param {string} script @param {(argument: any) => void} start @param {any} argument */
  async function plays(body, script, start, argument) {
    const page = /** @type {any} */ (await chromium.open());
    await page.goto(`${server.origin}/healthz`);
    await page.evaluate((/** @type {string} */ html) => {
      document.body.innerHTML = html;
    }, body);
    await page.page.addScriptTag({ path: script });
    await page.evaluate(start, argument);
    const facts = await page.evaluate(differentPictures, PICTURES);
    assert.equal(facts.width, 640);
    assert.equal(facts.height, 360);
    assert.ok(facts.shades > 3, "one colour all over");
    // Chromium may ask for a favicon, in vain.
    const complaints = page.complaints.filter((/** @type {string} */ c) => !/404/.test(c));
    assert.deepEqual(complaints, []);
    await page.close();
    return facts;
  }

  for (const [extension, type] of [
    ["flv", "flv"],
    ["ts", "mpegts"],
  ])
    test(`mpegts.js plays .${extension}`, GENEROUS, async () => {
      const { time, sound } = await plays(
        "<video muted autoplay playsinline></video>",
        MPEGTS,
        ([url, kind]) => {
          const { mpegts } = /** @type {any} */ (window);
          const player = mpegts.createPlayer({ type: kind, isLive: true, url });
          player.attachMediaElement(document.querySelector("video"));
          player.load();
          player.play();
        },
        [`${server.wsOrigin}/live/webcam.${extension}`, type],
      );
      assert.ok(time > 0);
      assert.ok(sound > 0, "no sound was decoded");
    });

  test("hls.js plays HLS by its parts, in its low-latency mode", GENEROUS, async () => {
    const { sound, parts, fatal } = await plays(
      "<video muted autoplay playsinline></video>",
      HLS,
      (url) => {
        const page = /** @type {any} */ (window);
        const hls = new page.Hls({ lowLatencyMode: true });
        Object.assign(page, { parts: 0, fatal: "" });
        hls.on(page.Hls.Events.FRAG_LOADED, (/** @type {any} */ _, /** @type {any} */ data) => {
          if (data.part) page.parts += 1;
        });
        hls.on(page.Hls.Events.ERROR, (/** @type {any} */ _, /** @type {any} */ data) => {
          if (data.fatal) page.fatal += data.details;
        });
        hls.loadSource(url);
        hls.attachMedia(document.querySelector("video"));
      },
      `${server.origin}/live/webcam/index.m3u8?wait=20`,
    );
    assert.equal(fatal, "");
    assert.ok(parts > 0, "no part was loaded");
    assert.ok(sound > 0, "no sound was decoded");
  });

  test("jsmpeg plays .mpeg1", GENEROUS, async () => {
    const { heard } = await plays(
      "<canvas></canvas>",
      JSMPEG,
      (url) => {
        const { JSMpeg } = /** @type {any} */ (window);
        const canvas = document.querySelector("canvas");
        Object.assign(window, {
          jsmpeg: new JSMpeg.Player(url, { canvas, preserveDrawingBuffer: true }),
        });
      },
      `${server.wsOrigin}/live/webcam.mpeg1`,
    );
    assert.ok(heard > 0, "no sound was decoded");
  });

  test("one encoder of H.264 served all three of them", () => {
    assert.equal(server.output.split("webcam.h264: vp8 is encoded as h264").length - 1, 1);
  });
});
