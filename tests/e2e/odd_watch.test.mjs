/**
 * Odd streams that people really send (tests/media/odd), on Chromium's watch page and as posters: pictures that
 * move, upright and not squashed, and which way they came.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { oddFile } from "./lib/odd.mjs";
import { shownOf } from "./lib/odd_run.mjs";
import { firstShown, lookInPage, publishSlowly } from "./lib/odd_watch.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const FILES = [
  "ts-times-back.ts",
  "ts-pts-outlier.ts",
  "ts-wrap-near.ts",
  "ts-aac-promised.ts",
  "ts-cut-front.ts",
  "ts-nine-streams.ts",
  "ts-h264-high10.ts",
  "flv-wrap-2-31-ms.flv",
  "flv-sound-late.flv",
  "flv-h264-mp3-48000.flv",
  "flv-h264-alaw.flv",
  "flv-enhanced-hvc1.flv",
  "flv-enhanced-avc1.flv",
  "flv-previous-size.flv",
  "flv-tag-type-15.flv",
  "mkv-wall-clock.mkv",
  "mkv-h264-bframes.mkv",
  "mkv-h264-pcm.mkv",
  "mp4-rotated.mp4",
];
describe("Chromium's watch page", { skip: !chromiumPath() && "no Chromium here" }, () => {
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

  for (const [i, file] of FILES.entries())
    test(file, { timeout: 90_000 }, async (t) => {
      const bytes = oddFile(file);
      const [width, height] = (await shownOf(bytes)).size;
      const stream = `odd/w${i}`;
      const page = await chromium.open();
      const publisher = await publishSlowly(server, stream, bytes);
      try {
        await page.goto(`${server.origin}/watch/${stream}`);
        publisher.goOn();
        const seen = await firstShown(page);
        assert.equal(seen.state, "live", seen.why);
        const poster = await server.fetch(`/live/${stream}.jpg`);
        assert.equal(poster.status, 200);
        const drawn = (await shownOf(Buffer.from(await poster.arrayBuffer()))).size;
        t.diagnostic(`${seen.way?.rendition || "origin"}, ${seen.way?.by}; ${seen.firstMs} ms`);
        // This FFmpeg may not read enhanced FLV.
        const want = width > 0 ? [width, height] : drawn;
        for (const size of [seen.size, drawn])
          assert.ok(
            Math.abs(size[0] * want[1] - size[1] * want[0]) <= 0.03 * size[0] * want[1],
            `shown as ${size.join("x")}, not as ${want.join("x")}`,
          );
        await until(
          async () => {
            const now = await page.evaluate(lookInPage);
            assert.notEqual(now.state, "error", now.why);
            return now.time > seen.time + 0.5;
          },
          "it to go on",
          { ms: 20_000, every: 100 },
        );
      } finally {
        await page.close();
        await publisher.stop();
      }
    });
});
