/** From capture to screen, as viewers measure it: by the server's clock, however wrong those of the pages are. */
// @alone: times between two pages
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { kitPage } from "./lib/browsers.mjs";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { container } from "./lib/media.mjs";
import { BarePublisher, V1Publisher } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";
import { publishInPage, WORKER } from "./lib/source_pages.mjs";
import { V1Viewer } from "./lib/viewer.mjs";
import { until } from "./lib/wait.mjs";

/** @type {Server} */ let server;
before(async () => (server = await Server.start()));
after(() => server.stop());

test("publishers and viewers are told the time; who asks wrongly is told so", async () => {
  const publisher = await V1Publisher.open(server, "clocked", {});
  const viewer = await V1Viewer.open(server, "clocked");
  for (const who of [publisher, viewer]) {
    const before = Date.now();
    await who.ws.sendText({ type: "clock", sent: 1795305600123.4 });
    const { sent, server_us } = await who.untilSaid("clock");
    assert.equal(sent, 1795305600123.4);
    assert.ok(server_us / 1000 >= before - 1 && server_us / 1000 <= Date.now() + 1);
    await who.ws.sendText({ type: "clock", sent: "now" });
    assert.equal((await who.untilSaid("error")).code, "bad-text");
  }
});

describe("delay in Chromium", { skip: !chromiumPath() && "no Chromium here" }, () => {
  /** @type {import('./lib/browsers.mjs').Browser} */ let chromium;
  before(async () => {
    chromium = await launchChromium();
  });
  after(() => chromium?.close());

  /** A page whose clock is wrong. @param {number} byMs */
  async function pageWithClock(byMs) {
    const page = await kitPage(chromium, server);
    await page.evaluate(
      `Object.defineProperty(performance, "timeOrigin", { value: performance.timeOrigin + ${byMs} }), 0`,
    );
    return page;
  }

  /** @param {import('./lib/browsers.mjs').TestPage} page @param {string} stream */
  async function delayIn(page, stream) {
    await page.evaluate(async (/** @type {any} */ url) => {
      const { play } = await import(/** @type {any} */ ("/framewire.js"));
      const video = document.body.appendChild(document.createElement("video"));
      Object.assign(window, { player: play(video, url, { muted: true, latency: "lowest" }) });
      return true;
    }, `/watch/${stream}`);
    return until(() => page.evaluate("window.player.stats.delay"), "a delay", { ms: 30_000 });
  }

  for (const [as, source] of [
    ["packets", "canvas"],
    ["pictures", "canvas"],
    ["recording", "MediaStream"],
  ]) {
    test(`${as}: from the capture, with clocks that are hours apart`, {
      timeout: 90_000,
    }, async () => {
      const reports = () => server.metric("framewire_viewer_delay_seconds_count");
      const before = await reports();
      const publisher = await pageWithClock(3 * 3_600_000);
      await publisher.evaluate(publishInPage, [`/publish/${as}`, source, { as }, WORKER]);
      const viewer = await V1Viewer.open(server, as);
      await until(() => viewer.media.some(({ captured }) => captured), "a time of capture");
      const watcher = await pageWithClock(-5 * 3_600_000);
      await delayIn(watcher, as);
      const delay = await until(
        () => watcher.evaluate('player.stats.delay?.from === "capture" && player.stats.delay'),
        "a delay from the capture",
        { ms: 20_000 },
      );
      assert.ok(delay.ms < 20_000, `${delay.ms} ms`);
      const { latencyMs } = await watcher.evaluate("player.stats");
      assert.ok(Number.isFinite(latencyMs));
      await until(async () => (await reports()) > before, "a report", { ms: 20_000, every: 200 });
      const all = await until(async () => (await server.describe(as))?.delay, "the stream's delay");
      assert.ok(all.reports >= 1 && all.median_ms <= all.p95_ms && all.median_ms < 20_000);
      await publisher.close();
      await watcher.close();
    });
  }

  test("of who says no time of capture it is counted from the server", {
    timeout: 60_000,
  }, async () => {
    const publisher = await BarePublisher.open(server, "bare");
    await publisher.sendAll(container("chromium-vp8-opus-camera.webm").chunks);
    const watcher = await pageWithClock(3_600_000);
    const delay = await delayIn(watcher, "bare");
    assert.equal(delay.from, "server");
    assert.ok(delay.ms < 60_000, `${delay.ms} ms`);
    await watcher.close();
  });
});
