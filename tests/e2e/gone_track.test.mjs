/**
 * A live stream whose sound stops while its pictures go on, or the other way round, and comes back: what is there goes
 * on, on the watch page of Chromium and Firefox, whichever container it is published in, and for who reads `.mp4`.
 * ALL=1 tries all of them: 7 minutes.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { decodeErrors } from "./lib/decode.mjs";
import { firefoxPath, launchFirefox } from "./lib/firefox.mjs";
import { GONE, goneTrack } from "./lib/gone_track.mjs";
import { shownTimes } from "./lib/odd.mjs";
import { BarePublisher, sendInTime } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";
import { openSoundCard } from "./lib/sound_card.mjs";
import { HttpViewer } from "./lib/viewer.mjs";
import { until } from "./lib/wait.mjs";

/** @typedef {import('./lib/odd_clock.mjs').Kind} Kind */

/** What is looked at has to be of the time in which a track is gone, in seconds of the stream. */
const SURELY_GONE = GONE.from + 2;
/** For so long Chromium by itself plays on without pictures. */
const PLAYS_ON = 3.5;

/** In the page: what has been shown, and whether anything is heard. @returns {any} */
function lookInPage() {
  const { player, video } = /** @type {any} */ (document.getElementById("player"));
  if (!player) return null; // a driver may come before the page's modules
  const page = /** @type {any} */ (window);
  page.shown ??= [0, 0, 0];
  const quality = video.getVideoPlaybackQuality();
  // A new source begins its counts anew.
  const now = [quality.totalVideoFrames, video.currentTime];
  page.before ??= now;
  for (const [i, value] of now.entries())
    page.shown[i] += Math.min(1e9, Math.max(0, value - page.before[i]));
  page.before = now;
  if (!page.analyser && video.readyState > 2) {
    video.muted = false;
    const context = new AudioContext();
    page.analyser = context.createAnalyser();
    context.createMediaElementSource(video).connect(page.analyser);
    page.analyser.connect(context.destination);
  }
  const samples = new Float32Array(1024);
  page.analyser?.getFloatTimeDomainData(samples);
  return {
    state: player.state,
    why: player.reason,
    way: player.stats.way,
    jumps: player.stats.jumps,
    pictures: page.shown[0],
    played: page.shown[1],
    loud: Math.max(...samples.map(Math.abs)),
  };
}

/** @param {Server} server @param {string} stream @param {{chunks: Buffer[], atMs: number[]}} media */
async function publish(server, stream, media) {
  const publisher = await BarePublisher.open(server, stream);
  let [at, stopped] = [0, false];
  const sent = sendInTime(
    (chunk) => {
      at = media.atMs[media.chunks.indexOf(chunk)] / 1000;
      return publisher.send(chunk);
    },
    media,
    { stopped: () => stopped },
  );
  const end = async (early = false) => {
    stopped = early;
    await sent;
    await publisher.end();
  };
  return { end, at: () => at };
}

/** Which are tried: one as published, one made by the server, of each. */
const BROWSERS = [
  {
    name: "Chromium",
    path: chromiumPath,
    launch: launchChromium,
    hears: true,
    rows: ["ts audio", "flv audio", "webm audio", "flv video", "webm video"],
  },
  {
    name: "Firefox",
    path: firefoxPath,
    launch: launchFirefox,
    hears: false,
    rows: ["flv audio", "mp4 audio", "webm video"],
  },
];
const ALL = ["ts", "flv", "mp4", "mkv", "webm"].flatMap((one) => [`${one} audio`, `${one} video`]);

for (const { name, path, launch, hears, rows } of BROWSERS)
  describe(`${name}'s watch page`, { skip: !path() && `no ${name} here` }, () => {
    /** @type {Server} */ let server;
    /** @type {import('./lib/browsers.mjs').Browser} */ let browser;
    /** @type {() => void} */ let closeCard;
    before(async () => {
      closeCard = await openSoundCard();
      server = await Server.start();
      browser = await launch();
    });
    after(async () => {
      await browser?.close();
      await server.stop();
      closeCard();
    });

    for (const row of process.env.ALL ? ALL : rows)
      test(`${row} gone`, { timeout: 120_000 }, async (t) => {
        const [container, gone] = /** @type {[string, Kind]} */ (row.split(" "));
        const media = await goneTrack(container, gone);
        const stream = `gone/${container}-${gone}`;
        const { end, at } = await publish(server, stream, media);
        const page = await browser.open();
        const look = () => page.evaluate(lookInPage);
        await page.goto(`${server.origin}/watch/${stream}`);
        await until(async () => (await look())?.pictures > 0, "pictures", { every: 50 });
        await until(() => at() >= SURELY_GONE, "the track to be gone");
        const before = await look();
        /** @param {any} now */
        const goesOn = (now) =>
          now.played - before.played > (gone === "audio" ? 1.5 : PLAYS_ON) &&
          (gone === "audio" ? now.pictures - before.pictures > 10 : !hears || now.loud > 0.01);
        const during = await until(
          async () => {
            const now = await look();
            return now && goesOn(now) ? now : null;
          },
          "what is there to go on",
          { every: 50 },
        );
        assert.ok(during.jumps <= before.jumps, "what had been heard came again");
        assert.ok(at() < GONE.to, "it went on only when the other one had come back");
        t.diagnostic(`${during.way.rendition || "as published"}: ${during.why}`);
        await until(() => at() >= GONE.to, "it to come back");
        const since = await look();
        await until(
          async () => {
            const now = await look();
            return now && now.pictures - since.pictures > 10 && (!hears || now.loud > 0.01);
          },
          "both of them",
          { every: 50 },
        );
        await page.close();
        await end(true);
      });
  });

describe("who reads .mp4", () => {
  /** @type {Server} */ let server;
  before(async () => {
    server = await Server.start();
  });
  after(() => server.stop());

  for (const row of ["ts audio", "flv video"])
    test(`decodes it to its end: ${row} gone`, { timeout: 60_000 }, async () => {
      const [container, gone] = /** @type {[string, Kind]} */ (row.split(" "));
      const media = await goneTrack(container, gone);
      const stream = `read/${container}-${gone}`;
      const viewer = new HttpViewer(server, `${stream}.mp4?wait=15`);
      const { end } = await publish(server, stream, media);
      await end();
      await viewer.ended(30_000);
      // As one file: FFmpeg takes the first header for all.
      assert.equal(await decodeErrors(viewer.bytes), "");
      const sounds = await shownTimes(viewer.bytes, "a");
      const steps = sounds.slice(1).map((time, i) => time - sounds[i]);
      assert.ok(Math.max(...steps) < 100, `a hole of ${Math.max(...steps)} ms in the sound`);
    });
});
