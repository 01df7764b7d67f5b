/**
 * The studio's test card sent as pictures, and what a viewer can do with the player of pictures: full screen, picture
 * in picture, captureStream().
 */
// @alone: pictures at their times
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { Server } from "./lib/server.mjs";

/** The line of the canvas on which the disc moves, as a string; "" = there is none yet. */
const SHOWN = `(() => {
  const { canvas } = document.getElementById("player").player ?? {};
  if (!canvas) return "";
  const { data } = canvas.getContext("2d").getImageData(0, Math.floor(canvas.height * 0.31), canvas.width, 1);
  return data.join();
})()`;

describe("the studio's test card as pictures", {
  skip: !chromiumPath() && "no Chromium here",
}, () => {
  /** @type {Server} */ let server;
  /** @type {import('./lib/browsers.mjs').Browser} */ let browser;
  before(async () => {
    server = await Server.start();
    browser = await launchChromium();
  });
  after(async () => {
    await browser?.close();
    await server.stop();
  });

  /** @param {string} name @param {string} type @param {boolean} tone @returns {Promise<{studio: any, watcher: any, page: any, tab: any}>} */
  async function onAir(name, type, tone) {
    const studio = await browser.open();
    const tab = /** @type {any} */ (studio).page;
    await studio.goto(`${server.origin}/publish/${name}`);
    await tab.check("input[name=source][value=canvas]", { force: true });
    await tab.selectOption("#sendas", type);
    await tab.setChecked("input[name=tone]", tone);
    await tab.click("#go");
    const watcher = await browser.open();
    await watcher.goto(`${server.origin}/watch/${name}`);
    const { page } = /** @type {any} */ (watcher);
    await page.waitForFunction(`${SHOWN} !== ""`, undefined, { timeout: 30_000 });
    return { studio, watcher, page, tab };
  }

  for (const type of ["jpeg", "webp", "png"]) {
    test(`sent as ${type}, it moves on the watch page`, { timeout: 90_000 }, async () => {
      const { studio, watcher, page, tab } = await onAir(`card/${type}`, `image/${type}`, false);
      await page.evaluate(`window.before = ${SHOWN}`);
      await page.waitForFunction(`${SHOWN} !== window.before`);
      assert.equal((await server.describe(`card/${type}`)).format, type);
      assert.match(await tab.innerText("#format"), /pictures/);
      await tab.click("#go");
      await page.waitForFunction('/Ended/.test(document.getElementById("state").textContent)');
      for (const each of [studio, watcher]) {
        assert.deepEqual(each.complaints, []);
        await each.close();
      }
    });
  }

  test("full screen, picture in picture, captureStream()", { timeout: 120_000 }, async () => {
    const { studio, watcher, page } = await onAir("card/large", "image/jpeg", true);
    await page.bringToFront();
    await page.focus("framewire-player");
    for (const [key, state] of [
      ["f", "document.fullscreenElement?.localName === 'framewire-player'"],
      ["p", "document.pictureInPictureElement !== null"],
    ]) {
      await page.keyboard.press(key);
      await page.waitForFunction(state, undefined, { timeout: 10_000 });
      // What the element itself shows, which is what the small window does.
      const moves = await page.evaluate(`new Promise((resolve) => {
        const { video } = document.getElementById("player");
        let seen = 0;
        const look = () => (++seen > 5 ? resolve(true) : video.requestVideoFrameCallback(look));
        video.requestVideoFrameCallback(look);
      })`);
      assert.ok(moves);
      await page.evaluate(`window.before = ${SHOWN}`);
      await page.waitForFunction(`${SHOWN} !== window.before`);
      await page.keyboard.press(key);
      await page.waitForFunction(`!(${state})`, undefined, { timeout: 10_000 });
    }
    const caught = await page.evaluate(async () => {
      const { player } = /** @type {any} */ (document.getElementById("player"));
      const stream = player.captureStream();
      const video = Object.assign(document.createElement("video"), { muted: true });
      video.srcObject = stream;
      await video.play();
      const canvas = new OffscreenCanvas(64, 36);
      const context = /** @type {any} */ (canvas.getContext("2d", { willReadFrequently: true }));
      const seen = new Set();
      while (seen.size < 3) {
        await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
        context.drawImage(video, 0, 0, 64, 36);
        seen.add(context.getImageData(0, 0, 64, 36).data.join());
      }
      const kinds = stream.getTracks().map((/** @type {MediaStreamTrack} */ { kind }) => kind);
      return { kinds: kinds.sort(), width: video.videoWidth };
    });
    assert.deepEqual(caught, { kinds: ["audio", "video"], width: caught.width });
    assert.ok(caught.width > 0);
    await Promise.all([studio.close(), watcher.close()]);
  });
});
