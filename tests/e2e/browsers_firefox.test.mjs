/** Firefox publishes its camera, its microphone and a canvas as WebM; Chromium and another Firefox watch live. */
// @alone: pictures at their times
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { firefoxPath, launchFirefox } from "./lib/firefox.mjs";
import { checkPictures, frameTimes, playWell } from "./lib/playback.mjs";
import { Server } from "./lib/server.mjs";

/** Firefox's fake camera changes every pixel of every frame: small, for machines without a GPU. */
const CAMERA = { source: "camera", width: 320, height: 180, frameRate: 20 };

const skip = !chromiumPath() ? "no Chromium here" : !firefoxPath() ? "no Firefox here" : false;

describe("Firefox publishes", { skip }, () => {
  /** @type {Server} */ let server;
  /** @type {import('./lib/browsers.mjs').Browser} */ let publisher;
  before(async () => {
    server = await Server.start();
    publisher = await launchFirefox();
  });
  after(async () => {
    await publisher?.close();
    await server.stop();
  });

  for (const [who, launch] of /** @type {const} */ ([
    ["chromium", launchChromium],
    ["firefox", launchFirefox],
  ])) {
    test(`camera and microphone, watched in ${who}`, { timeout: 120_000 }, async () => {
      const watcher = await launch();
      try {
        const { mime, bytes, facts } = await playWell({
          server,
          stream: `f/camera-${who}`,
          publisher,
          watchers: [watcher],
          source: CAMERA,
        });
        assert.match(mime, /^video\/webm/);
        await checkPictures(facts[0], bytes, await frameTimes(bytes, false));
      } finally {
        await watcher.close();
      }
    });

    test(`a canvas with sound, watched in ${who}`, { timeout: 120_000 }, async () => {
      const watcher = await launch();
      try {
        await playWell(
          {
            server,
            stream: `f/canvas-${who}`,
            publisher,
            watchers: [watcher],
            source: { source: "canvas" },
            numbered: true,
          },
          { numbered: true },
        );
      } finally {
        await watcher.close();
      }
    });
  }
});
