/**
 * Odd streams that people really send (tests/media/odd), on Chromium's watch page and as posters: pictures that
 * move, upright and not squashed, and which way they came. Those that a browser takes and shows nothing of, in Firefox,
 * too.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { firefoxPath, launchFirefox } from "./lib/firefox.mjs";
import { oddFile } from "./lib/odd.mjs";
import { CASES } from "./lib/odd_cases.mjs";
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
/** What is taken whole while nothing of it is buffered for all tracks. */
const HALF_THERE = ["sound never comes", "sound an hour later than pictures"];

/** @param {import('./lib/browsers.mjs').TestPage} page @param {number} from seconds */
const goesOn = (page, from) =>
  until(
    async () => {
      const now = await page.evaluate(lookInPage);
      assert.notEqual(now.state, "error", now.why);
      return now.time > from + 0.5;
    },
    "it to go on",
    { ms: 20_000, every: 100 },
  );

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
        await goesOn(page, seen.time);
      } finally {
        await page.close();
        await publisher.stop();
      }
    });
});

for (const { name, path, launch } of [
  { name: "Chromium", path: chromiumPath, launch: launchChromium },
  { name: "Firefox", path: firefoxPath, launch: launchFirefox },
])
  test(`MP4 whose sound is not where its pictures are, in ${name}`, {
    skip: !path() && `no ${name} here`,
    timeout: 120_000,
  }, async (t) => {
    const server = await Server.start();
    const browser = await launch();
    try {
      for (const [i, what] of HALF_THERE.entries()) {
        const one = CASES.find((row) => row.name === `mp4 h264 aac, ${what}`);
        assert.ok(one);
        const page = await browser.open();
        const publisher = await publishSlowly(server, `half/${i}`, await one.bytes());
        await page.goto(`${server.origin}/watch/half/${i}`);
        publisher.goOn();
        const { time } = await firstShown(page);
        await goesOn(page, time);
        t.diagnostic(`${what}: ${JSON.stringify((await page.evaluate(lookInPage)).way)}`);
        await page.close();
        await publisher.stop();
      }
    } finally {
      await browser.close();
      await server.stop();
    }
  });
