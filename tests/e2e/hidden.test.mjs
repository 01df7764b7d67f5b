/**
 * A publisher's tab in the background: it publishes on where that can be, and else says so, to the page and to viewers.
 * A headless Chromium has no background, so the page is put where it has none of its animation frames, and timers that
 * run once a second.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { kitPage } from "./lib/browsers.mjs";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { Server } from "./lib/server.mjs";
import { V1Viewer } from "./lib/viewer.mjs";
import { until } from "./lib/wait.mjs";

/** So many pictures: at the one a second that a hidden tab's own timers would give it takes a minute and a half. */
const PICTURES = 90;
const SOON_MS = 40_000;

/** In a page: `goHidden(true)` is the background. */
const BACKGROUND = `{
  let hidden = false;
  const facts = { hidden: () => hidden, visibilityState: () => (hidden ? "hidden" : "visible") };
  for (const [name, get] of Object.entries(facts)) Object.defineProperty(document, name, { get });
  const [frame, every, once] = [requestAnimationFrame, setInterval, setTimeout];
  const waiting = [];
  window.requestAnimationFrame = (call) =>
    frame((now) => (hidden ? void waiting.push(call) : call(now)));
  window.setInterval = (call, ms) => {
    let at = 0;
    return every(() => {
      if (hidden && performance.now() - at < 1000) return;
      at = performance.now();
      call();
    }, ms);
  };
  window.setTimeout = (call, ms = 0) => once(call, hidden ? Math.max(1000, ms) : ms);
  window.goHidden = (now) => {
    hidden = now;
    document.dispatchEvent(new Event("visibilitychange"));
    if (!hidden) for (const call of waiting.splice(0)) frame(call);
  };
} 0`;

describe("a tab in the background", { skip: !chromiumPath() && "no Chromium here" }, () => {
  /** @type {Server} */ let server;
  /** @type {Awaited<ReturnType<typeof launchChromium>>} */ let chromium;
  before(async () => {
    server = await Server.start();
    chromium = await launchChromium();
  });
  after(async () => {
    await chromium?.close();
    await server.stop();
  });

  /** @param {string} stream @param {string} source @param {object} options */
  async function published(stream, source, options) {
    const page = await kitPage(chromium, server);
    await page.evaluate(BACKGROUND);
    await page.evaluate(publishInPage, [`/publish/${stream}`, source, options]);
    await until(async () => (await server.describe(stream))?.state === "live", "the stream");
    return page;
  }

  /** @param {import('./lib/browsers.mjs').TestPage} page @param {boolean} hidden */
  const hide = (page, hidden) => page.evaluate(`window.goHidden(${hidden}), true`);

  for (const [source, options] of /** @type {[string, object][]} */ ([
    ["camera", {}],
    ["camera", { as: "recording" }],
    ["a canvas that a worker has painted", {}],
    ["a canvas that a worker has painted", { as: "pictures" }],
    ["an OffscreenCanvas", {}],
  ])) {
    test(`${source}, ${JSON.stringify(options)}: publishes on`, { timeout: 120_000 }, async () => {
      const stream = `on/${source.replaceAll(/\W/g, "-")}-${Object.values(options)}`;
      const page = await published(stream, source, options);
      const viewer = await V1Viewer.open(server, stream);
      await until(() => viewer.media.length > 5, "media", { ms: SOON_MS });
      await hide(page, true);
      const [count, beganAt] = [viewer.media.length, performance.now()];
      await until(() => viewer.media.length > count + PICTURES, `${PICTURES} pictures`, {
        ms: SOON_MS,
      });
      const rate = (viewer.media.length - count) / ((performance.now() - beganAt) / 1000);
      console.log(
        `figure: ${source} ${JSON.stringify(options)} hidden: ${rate.toFixed(1)} parts/s`,
      );
      assert.deepEqual(await page.evaluate("window.told"), []);
      assert.deepEqual(
        viewer.said.filter(({ type }) => type === "still"),
        [],
      );
      viewer.ws.cut();
      await page.close();
    });
  }

  for (const as of ["packets", "pictures", "recording"]) {
    test(`${as}: a canvas that is painted in animation frames says that it stands still`, {
      timeout: 120_000,
    }, async () => {
      const stream = `still/${as}`;
      const page = await published(stream, "a canvas in animation frames", { as });
      const viewer = await V1Viewer.open(server, stream);
      await until(() => viewer.media.length > 5, "media", { ms: SOON_MS });
      const watcher = await kitPage(chromium, server);
      await watcher.evaluate(watchInPage, `/watch/${stream}`);
      await hide(page, true);
      assert.equal((await viewer.untilSaid("still", 1, SOON_MS)).still, true);
      assert.deepEqual(await page.evaluate("window.told"), ["hidden"]);
      await until(() => watcher.evaluate("window.player.still"), "the player to know");
      const late = await V1Viewer.open(server, stream);
      assert.equal((await late.untilSaid("still", 1, SOON_MS)).still, true);
      late.ws.cut();
      await hide(page, false);
      await until(() => viewer.said.at(-1)?.still === false, "that it moves", { ms: SOON_MS });
      await until(
        async () => !(await watcher.evaluate("window.player.still")),
        "the player to know",
      );
      assert.deepEqual(await watcher.evaluate("window.stills"), [true, false]);
      viewer.ws.cut();
      for (const each of [page, watcher]) await each.close();
    });
  }
});

/** In a page with the kit. @param {[string, string, any]} wish */
async function publishInPage([url, source, options]) {
  const { kit } = /** @type {any} */ (window);
  const { publish } = await import(/** @type {any} */ ("/framewire.js"));
  const size = { width: 320, height: 180 };
  const canvas = Object.assign(document.createElement("canvas"), size);
  let n = 0;
  const paint = () => kit.paint(canvas.getContext("2d", { alpha: false }), ++n & 0xffff);
  const inWorker = (/** @type {string} */ code) =>
    new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
  const sources = /** @type {Record<string, () => any>} */ ({
    camera: () => navigator.mediaDevices.getUserMedia({ video: { ...size, frameRate: 30 } }),
    "a canvas that a worker has painted": () => {
      inWorker("setInterval(() => postMessage(0), 33)").onmessage = paint;
      return canvas;
    },
    "an OffscreenCanvas": () => {
      const offscreen = new OffscreenCanvas(320, 180);
      const context = offscreen.getContext("2d", { alpha: false });
      const ticks = inWorker("setInterval(() => postMessage(0), 33)");
      ticks.onmessage = () => kit.paint(context, ++n & 0xffff);
      return offscreen;
    },
    "a canvas in animation frames": () => {
      const frame = () => {
        paint();
        requestAnimationFrame(frame);
      };
      frame();
      return canvas;
    },
  });
  const publication = publish(await sources[source](), url, options);
  /** @type {string[]} */ const told = [];
  publication.on("warning", (/** @type {any} */ { code }) => told.push(code));
  Object.assign(window, { publication, told });
  return true;
}

/** In a page. @param {string} url */
async function watchInPage(url) {
  const { play } = await import(/** @type {any} */ ("/framewire.js"));
  const video = document.body.appendChild(document.createElement("video"));
  const player = play(video, url, { muted: true });
  /** @type {boolean[]} */ const stills = [];
  player.on("still", (/** @type {boolean} */ still) => stills.push(still));
  Object.assign(window, { player, stills });
  return true;
}
