#!/usr/bin/env node
/**
 * How soon the watch page shows the first picture of odd inputs (tests/media/odd/generate.mjs) that are on already, in
 * Chromium and Firefox. By hand, on a quiet machine:
 *
 *     node tests/e2e/slow/odd_first_picture.mjs [words of inputs' names]
 *
 * What is encoded first has to be decoded from its last keyframe on, and is named.
 */
import { launchChromium } from "../lib/chromium.mjs";
import { launchFirefox } from "../lib/firefox.mjs";
import { CASES } from "../lib/odd_cases.mjs";
import { firstShown, lookInPage, publishSlowly } from "../lib/odd_watch.mjs";
import { Server } from "../lib/server.mjs";
import { until } from "../lib/wait.mjs";

const MOST_MS = 1500;
const OWN_SECONDS = 4; // of most inputs
const SOME = [
  "webm vp8 opus",
  "webm vp9 vorbis",
  "webm av1 opus",
  "mkv h264 aac",
  "mkv h264b opus",
  "mkv hevc vorbis",
  "mkv mpeg2 eac3",
  "mp4 h264 aac",
  "mp4 hevc mp3",
  "mp4 av1 flac",
  "ts h264 aac",
  "ts h264b mp3",
  "ts mpeg2 eac3",
  "flv h264 aac",
  "flv h264 speex",
  "ts h264b aac, wraps",
  "ts h264 aac, begins again from 0",
  "mkv h264 aac, by the wall clock",
  "flv h264 aac, sound never comes",
  "ts h264 aac, sound comes late",
  "mp4 h264 aac, turned by 90",
  "ts sar aac, oblong pixels",
  "ts interlaced aac",
  "ts ten aac",
  "webm vp9alpha opus",
  "mp4 h264b aac, as CMAF",
  "flv h264b aac, configurations again and again",
];

const words = process.argv.slice(2);
const cases = CASES.filter(({ name, kind, codec, refused }) =>
  words.length
    ? codec && !refused && words.every((word) => `${kind}: ${name}`.includes(word))
    : SOME.includes(name),
);
const server = await Server.start();
/** @type {string[]} */ const slow = [];
let tried = 0;
for (const launch of [launchChromium, launchFirefox]) {
  const browser = await launch();
  for (const [i, one] of cases.entries()) {
    const stream = `first/${browser.name}-${i}`;
    const page = await browser.open();
    const publisher = await publishSlowly(server, stream, await one.bytes(), OWN_SECONDS);
    try {
      await page.goto(`${server.origin}/watch/${stream}`);
      publisher.goOn();
      await firstShown(page);
      const painted = async () => {
        const now = await page.evaluate(lookInPage);
        return now && (now.state === "error" || now.firstMs > 0) ? now : null;
      };
      const seen = await until(painted, "a picture that is painted", { ms: 30_000, every: 50 });
      const told = `${browser.name}: ${one.name}: ${seen.state === "error" ? seen.why : `${Math.round(seen.firstMs)} ms`} (${seen.way?.rendition || "origin"}, ${seen.way?.by})`;
      console.log(told);
      if (seen.state === "error" || !(seen.firstMs <= MOST_MS)) slow.push(told);
    } catch (error) {
      slow.push(`${browser.name}: ${one.name}: ${/** @type {Error} */ (error).message}`);
    }
    ++tried;
    await page.close();
    await publisher.stop();
  }
  await browser.close();
}
await server.stop();
console.log(`\n${tried - slow.length} of ${tried} within ${MOST_MS} ms`);
for (const line of slow) console.log(`  ${line}`);
process.exitCode = slow.length ? 1 : 0;
