/** Chromium publishes its camera, its microphone and canvases; Chromium and Firefox watch live. */
// @alone: pictures at their times
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { kitPage, publishBareFrom, stopPublishing } from "./lib/browsers.mjs";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { decodeErrors } from "./lib/decode.mjs";
import { firefoxPath, launchFirefox } from "./lib/firefox.mjs";
import { checkPictures, frameTimes, playWell } from "./lib/playback.mjs";
import { Server } from "./lib/server.mjs";
import { BareViewer } from "./lib/viewer.mjs";
import { layoutOf, videoBlocks } from "./lib/webm.mjs";

const skip = !chromiumPath() ? "no Chromium here" : !firefoxPath() ? "no Firefox here" : false;

describe("Chromium publishes", { skip }, () => {
  /** @type {Server} */ let server;
  /** @type {import('./lib/browsers.mjs').Browser} */ let chromium;
  /** @type {import('./lib/browsers.mjs').Browser} */ let firefox;
  before(async () => {
    server = await Server.start();
    [chromium, firefox] = await Promise.all([launchChromium(), launchFirefox()]);
  });
  after(async () => {
    await Promise.all([chromium?.close(), firefox?.close()]);
    await server.stop();
  });

  for (const codec of ["vp8", "vp9"]) {
    for (const who of ["chromium", "firefox"]) {
      test(`camera and microphone as WebM ${codec}+opus, watched in ${who}`, {
        timeout: 120_000,
      }, async () => {
        const stream = `c/${codec}-${who}`;
        const watcher = who === "chromium" ? chromium : firefox;
        const source = { source: "camera", only: codec };
        const { mime, bytes, facts } = await playWell({
          server,
          stream,
          publisher: chromium,
          watchers: [watcher],
          source,
        });
        assert.match(mime, new RegExp(`^video/webm.*${codec},opus`));
        await checkPictures(facts[0], bytes, await frameTimes(bytes, false));
      });
    }
  }

  test("camera and microphone as MP4 vp9+opus, watched in Chromium", {
    timeout: 120_000,
  }, async () => {
    const source = { source: "camera", only: "vp9", options: { format: "mp4" } };
    const { mime, bytes, facts } = await playWell({
      server,
      stream: "c/mp4",
      publisher: chromium,
      watchers: [chromium],
      source,
      mp4: true,
    });
    assert.match(mime, /^video\/mp4.*vp9,opus/);
    await checkPictures(facts[0], bytes, await frameTimes(bytes, true));
  });

  for (const who of ["chromium", "firefox"]) {
    test(`a canvas with sound, watched in ${who}`, { timeout: 120_000 }, async () => {
      const watcher = who === "chromium" ? chromium : firefox;
      await playWell(
        {
          server,
          stream: `c/canvas-${who}`,
          publisher: chromium,
          watchers: [watcher],
          source: { source: "canvas" },
          numbered: true,
        },
        { numbered: true },
      );
    });

    test(`a canvas resized twice, watched in ${who}`, { timeout: 120_000 }, async () => {
      const watcher = who === "chromium" ? chromium : firefox;
      const { facts } = await playWell(
        {
          server,
          stream: `c/resize-${who}`,
          publisher: chromium,
          watchers: [watcher],
          source: { source: "canvas" },
          numbered: true,
          seconds: 9,
          meanwhile: async (page) => {
            await page.evaluate(`setTimeout(() => Object.assign(kit.source.canvas, { width: 320, height: 320 }), 2500);
            setTimeout(() => Object.assign(kit.source.canvas, { width: 640, height: 180 }), 5000); true`);
          },
        },
        { numbered: true },
      );
      assert.deepEqual(facts[0].sizes, ["640x360", "320x320", "640x180"]);
    });
  }

  test("without the SDK: new WebSocket and send(blob)", { timeout: 60_000 }, async () => {
    const viewer = await BareViewer.open(server, "c/bare");
    const page = await kitPage(chromium, server);
    await publishBareFrom(page, `${server.wsOrigin}/publish/c/bare`, {
      source: "camera",
      mimeType: "video/webm;codecs=vp8,opus",
    });
    await viewer.untilBytes(100_000, 30_000);
    await stopPublishing(page);
    assert.equal((await viewer.ended()).code, 1000);
    assert.equal(await decodeErrors(viewer.bytes), "");
    assert.ok(videoBlocks(layoutOf(viewer.bytes)).length > 20);
    await page.close();
  });
});
