/** Whatever a page can publish as pictures, published and seen on a canvas: each source by its painted number. */
// @alone: a page that gives way to a slow network
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { kitPage } from "./lib/browsers.mjs";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { Server } from "./lib/server.mjs";
import { publishInPage, seeInPage, WORKER } from "./lib/source_pages.mjs";
import { within } from "./lib/wait.mjs";

describe("published as pictures and seen:", { skip: !chromiumPath() && "no Chromium here" }, () => {
  /** @type {Server} */ let server;
  /** @type {import('./lib/browsers.mjs').Browser} */ let chromium;
  /** @type {import('./lib/browsers.mjs').TestPage} */ let watcher;
  before(async () => {
    server = await Server.start();
    chromium = await launchChromium();
    watcher = await kitPage(chromium, server);
  });
  after(async () => {
    await chromium?.close();
    await server.stop();
  });

  /** @param {string} stream @param {string} source @param {object} options */
  async function published(stream, source, options) {
    const page = await kitPage(chromium, server);
    await page.evaluate(publishInPage, [`/publish/${stream}`, source, options, WORKER]);
    return page;
  }

  /** source, type, painted numbers @type {[string, string, boolean][]} */
  const rows = [
    ["canvas", "image/jpeg", true],
    ["canvas", "png", true],
    ["canvas", "webp", true],
    ["canvas", "rgba", true],
    ["webgl", "image/png", false],
    ["OffscreenCanvas", "image/jpeg", true],
    ["OffscreenCanvas in a worker", "image/png", false],
    ["WebGL in a worker", "image/png", false],
    ["HTMLVideoElement", "image/jpeg", true],
    ["HTMLVideoElement", "rgba", true],
    ["MediaStream", "image/jpeg", true],
    ["MediaStream", "rgba", true],
    ["ReadableStream", "image/jpeg", true],
    ["iterable of canvases", "image/jpeg", true],
    ["iterable of OffscreenCanvases", "image/png", true],
    ["iterable of VideoFrames", "rgba", true],
    ["iterable of ImageBitmaps", "image/webp", true],
    ["iterable of ImageData", "image/jpeg", true],
    ["iterable of Blobs", "image/jpeg", true],
    ["iterable of Blobs", "image/png", true],
    ["iterable that never waits", "image/jpeg", true],
    ["iterable that is not asynchronous", "image/jpeg", true],
    ["frame(ImageBitmap) of null", "image/jpeg", true],
    ["frame(ImageBitmap) of null", "rgba", true],
    ["frame() of a canvas", "rgba", true],
  ];
  for (const [i, [source, type, numbered]] of rows.entries()) {
    test(`${source}, ${type}`, { timeout: 60_000 }, async () => {
      const stream = `seen/${i}`;
      const page = await published(stream, source, { type });
      const wish = [`/watch/${stream}`, numbered];
      const { way, size, seen } = await within(
        watcher.evaluate(seeInPage, wish),
        "the pictures to be seen",
        30_000,
      ).catch(async (error) => {
        const said = await page.evaluate(
          "window.publication?.closed && [publication.state, publication.stats]",
        );
        assert.fail(`${error.message}: ${JSON.stringify(said)} ${page.complaints}`);
      });
      assert.equal(way.by, "canvas");
      // A busy machine counts as a slow network: they may have become smaller, and never of another shape.
      assert.ok(Math.abs(size[0] / size[1] - 16 / 9) < 0.05, `${size}`);
      if (!numbered) for (const colour of seen) assert.match(colour, /,0,0,255$/);
      assert.deepEqual(page.complaints, []);
      await page.close();
    });
  }
});
