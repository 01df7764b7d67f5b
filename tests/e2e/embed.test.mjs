/** The page for frames shows packets by WebCodecs, in a worker: of a page that isolates itself it must be let in. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { kitPage } from "./lib/browsers.mjs";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { Server } from "./lib/server.mjs";
import { publishInPage } from "./lib/source_pages.mjs";
import { until } from "./lib/wait.mjs";

for (const path of ["/embed/cam", "/embed/cam?source", "/watch/cam"]) {
  const skip = !chromiumPath() && "no Chromium here";
  test(`${path}: packets are decoded where they should be`, { skip, timeout: 90_000 }, async () => {
    const server = await Server.start();
    const chromium = await launchChromium();
    try {
      const publisher = await kitPage(chromium, server);
      await publisher.evaluate(publishInPage, ["/publish/cam", "camera", {}]);
      await until(async () => (await server.describe("cam"))?.state === "live", "the stream");
      const page = await chromium.open();
      await page.goto(`${server.origin}${path}`);
      const by = () =>
        /** @type {any} */ (document.querySelector("framewire-player"))?.player?.stats?.way?.by;
      await until(async () => (await page.evaluate(by)) === "webcodecs", "WebCodecs to show it");
      const shown = () =>
        /** @type {any} */ (document.querySelector("framewire-player")).player.stats.framesShown;
      await until(async () => (await page.evaluate(shown)) > 5, "pictures");
      assert.equal(await page.evaluate(by), "webcodecs");
    } finally {
      await chromium.close();
      await server.stop();
    }
  });
}
