/** Long groups of packets: a keyframe is made when somebody has use for one, and not before. */
// @alone: a page whose pictures are counted by their times
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { kitPage } from "./lib/browsers.mjs";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { readPackets, wholePackets } from "./lib/packets.mjs";
import { Server } from "./lib/server.mjs";
import { publishInPage, WORKER } from "./lib/source_pages.mjs";
import { HttpViewer, V1Viewer } from "./lib/viewer.mjs";
import { until } from "./lib/wait.mjs";

/** A group of the SDK's, in microseconds, where the server asks for keyframes. */
const LONG_US = 10_000_000;

describe("keyframes of packets:", { skip: !chromiumPath() && "no Chromium here" }, () => {
  /** @type {Server} */ let server;
  /** @type {import('./lib/browsers.mjs').Browser} */ let chromium;
  before(async () => {
    server = await Server.start({ flags: ["--codec-idle", "1s", "--max-lag", "20s"] });
    chromium = await launchChromium();
  });
  after(async () => {
    await chromium?.close();
    await server.stop();
  });

  /** A canvas as packets, and one who has watched from the beginning. @param {string} stream */
  async function published(stream) {
    const origin = new HttpViewer(server, `${stream}?wait=30`);
    const page = await kitPage(chromium, server);
    const wish = { as: "packets", codec: "vp8" };
    await page.evaluate(publishInPage, [`/publish/${stream}`, "canvas", wish, WORKER]);
    const read = () => readPackets(wholePackets(origin.bytes)).packets;
    return {
      page,
      keys: () => read().filter(({ key }) => key),
      /** @param {number} us of the stream's time */
      reaches: (us) =>
        until(() => (read().at(-1)?.pts ?? 0) >= us, `${us} µs of pictures`, {
          ms: 60_000,
          every: 100,
        }),
    };
  }

  test("nobody joins, and groups are long; who joins has one begun, and so has who asks", {
    timeout: 90_000,
  }, async () => {
    const { page, keys, reaches } = await published("keyframes/join");
    await reaches(5_000_000);
    assert.equal(keys().length, 1);
    const viewer = await V1Viewer.open(server, "keyframes/join");
    await until(() => keys().length === 2, "a keyframe for who joined", { ms: 20_000 });
    assert.ok(keys()[1].pts < LONG_US, "which was not due yet");
    await until(() => viewer.media.filter((part) => part.groupStart).length === 2, "both groups");
    assert.ok(viewer.media[0].groupStart && viewer.media[0].leadIn, "it joins at once, as ever");

    await reaches(keys()[1].pts + 3_000_000);
    assert.equal(keys().length, 2);
    viewer.ws.sendText(JSON.stringify({ type: "keyframe" }));
    await until(() => keys().length === 3, "a keyframe for who asked", { ms: 20_000 });
    assert.ok(keys()[2].pts - keys()[1].pts < LONG_US);

    await reaches(keys()[2].pts + LONG_US + 1_000_000);
    const apart = keys().map(({ pts }, i) => pts - (keys()[i - 1]?.pts ?? 0));
    assert.equal(keys().length, 4);
    assert.ok(apart[3] >= LONG_US, `${apart[3]} µs`);
    viewer.checkOrder();
    assert.deepEqual(page.complaints, []);
    await page.close();
  });

  for (const [what, path] of [
    ["another format", "keyframes/film.mp4?wait=30"],
    ["HLS", "keyframes/hls/media.m3u8?wait=30"],
  ]) {
    test(`while ${what} is made of it, groups are short`, { timeout: 90_000 }, async () => {
      const { page, keys, reaches } = await published(path.replace(/^(keyframes.\w+).*$/, "$1"));
      const film = new AbortController();
      const asks = setInterval(() => {
        if (/m3u8/.test(path)) server.fetch(`/live/${path}`).catch(() => {});
      }, 1_000);
      const answer = server.fetch(`/live/${path}`, { signal: film.signal });
      await reaches(9_000_000);
      assert.equal((await answer).status, 200);
      assert.ok(keys().length >= 3, `${keys().length} keyframes`);
      clearInterval(asks);
      film.abort();
      await page.close();
    });
  }
});
