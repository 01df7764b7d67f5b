/** A stream gets another title while it is live: by the wire, by the SDK, in the studio; seen by viewers, lists, recordings. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { kitPage } from "./lib/browsers.mjs";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { untilPage, untilPlays, untilText } from "./lib/look.mjs";
import { container } from "./lib/media.mjs";
import { goLive } from "./lib/page_states.mjs";
import { V1Publisher } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";
import { V1Viewer } from "./lib/viewer.mjs";
import { until } from "./lib/wait.mjs";

/** @type {Server} */ let server;
const folder = mkdtempSync(join(tmpdir(), "framewire-titles-"));
before(async () => {
  server = await Server.start({ flags: ["--loops", "3", "--record-dir", folder] });
});
after(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** @param {string} stream @param {string} title */
const listed = (stream, title) =>
  until(async () => (await server.describe(stream))?.title === title, `"${title}" in the list`);

test("viewers of all loops and renditions are told, the list and the recording have it", async () => {
  const publisher = await V1Publisher.open(server, "named", { title: "First", record: true });
  const viewers = [];
  for (const path of ["named", "named.webm", "named.mp4", "named"])
    viewers.push(await V1Viewer.open(server, path));
  await publisher.sendAll(container("chromium-vp8-opus-camera.webm").chunks);
  for (const viewer of viewers) await viewer.untilSaid("stream");
  await publisher.ws.sendText({ type: "title", title: "Second" });
  for (const viewer of viewers) assert.equal((await viewer.untilSaid("title")).title, "Second");
  await listed("named", "Second");
  await publisher.ws.sendText({ type: "title", title: "" });
  for (const viewer of viewers) assert.equal((await viewer.untilSaid("title", 2)).title, "");
  for (let n = 0; n < 20; n += 1) await publisher.ws.sendText({ type: "title", title: `Nr. ${n}` });
  assert.equal((await publisher.untilSaid("warning")).code, "rate-limited");
  await until(
    async () => {
      await publisher.ws.sendText({ type: "title", title: "Last" });
      return (await server.describe("named"))?.title === "Last";
    },
    "the last title",
    { every: 200 },
  );
  await publisher.end();
  await until(async () => {
    const { recordings } = await (await server.fetch("/api/v1/recordings?stream=named")).json();
    return recordings[0]?.state === "done" && recordings[0].title === "Last";
  }, "the recording's title");
  for (const viewer of viewers) viewer.ws.cut();
});

/** what, message, before it a publish?, code of the error @type {[string, object, boolean, string][]} */
const wrong = [
  ["too long", { title: "t".repeat(1_025) }, true, "limit-exceeded"],
  ["no text", { title: 7 }, true, "bad-text"],
  ["before the publish", { title: "early" }, false, "protocol"],
];
for (const [what, members, first, code] of wrong) {
  test(`a title that is ${what} is an error`, async () => {
    const publisher = await V1Publisher.open(server, `wrong/${code}`, first ? {} : null);
    await publisher.ws.sendText({ type: "title", ...members });
    assert.equal((await publisher.untilSaid("error")).code, code);
    await publisher.ws.closed();
  });
}

describe("titles in Chromium", { skip: !chromiumPath() && "no Chromium here" }, () => {
  /** @type {import('./lib/browsers.mjs').Browser} */ let chromium;
  before(async () => {
    chromium = await launchChromium();
  });
  after(() => chromium?.close());

  test("setTitle() while live, and over a lost connection; play() tells it", {
    timeout: 60_000,
  }, async () => {
    const page = await kitPage(chromium, server);
    await page.evaluate(`{
      const send = WebSocket.prototype.send;
      WebSocket.prototype.send = function (data) { window.socket = this; return send.call(this, data); };
    } 0`);
    await page.evaluate(async () => {
      const { publish } = await import(/** @type {any} */ ("/framewire.js"));
      const { kit } = /** @type {any} */ (window);
      const source = await kit.canvasStream({ width: 320, height: 180, sound: false });
      Object.assign(window, { publication: publish(source, "/publish/sdk", { title: "One" }) });
      return true;
    });
    await listed("sdk", "One");
    const watcher = await kitPage(chromium, server);
    await watcher.evaluate(async () => {
      const { play } = await import(/** @type {any} */ ("/framewire.js"));
      const video = document.body.appendChild(document.createElement("video"));
      const player = play(video, "/watch/sdk", { muted: true });
      /** @type {string[]} */
      const titles = [];
      player.on("title", (/** @type {string} */ title) => titles.push(title));
      Object.assign(window, { player, titles });
      return true;
    });
    await until(() => watcher.evaluate('window.player.state === "live"'), "the player to be live");
    await page.evaluate('publication.setTitle("Two"), true');
    await until(
      () => watcher.evaluate('window.titles.at(-1) === "Two"'),
      "the title at the viewer",
    );
    await listed("sdk", "Two");
    await page.evaluate('publication.setTitle("Three"), socket.close(4001), true');
    await listed("sdk", "Three");
    assert.equal(await page.evaluate("publication.stats.reconnects"), 1);
    await until(() => watcher.evaluate('window.titles.at(-1) === "Three"'), "the last title");
    const said = await page.evaluate(`(() => {
      try { publication.setTitle("t".repeat(1025)); } catch (error) { return error.code; }
    })()`);
    assert.equal(said, "limit-exceeded");
    assert.equal(await page.evaluate("publication.state"), "live");
    assert.deepEqual(
      page.complaints.filter((text) => !/Trying again/.test(text)),
      [],
    );
    await page.close();
    await watcher.close();
  });

  test("in the studio: by Enter and by leaving the field, and the stream goes on", {
    timeout: 60_000,
  }, async () => {
    const tab = await chromium.open();
    const studio = /** @type {any} */ (tab).page;
    await tab.goto(`${server.origin}/publish/studio`);
    await studio.fill("#title", "Before");
    await goLive(studio);
    const watching = await chromium.open();
    const watch = /** @type {any} */ (watching).page;
    await watching.goto(`${server.origin}/watch/studio`);
    await untilPlays(watch);
    await untilText(watch, "title", /^Before$/);
    await studio.fill("#title", "By Enter");
    await studio.press("#title", "Enter");
    await untilText(watch, "title", /^By Enter$/);
    await studio.fill("#title", "By leaving");
    await studio.focus("#mute");
    await untilText(watch, "title", /^By leaving$/);
    await studio.press("input[name=source][value=canvas]", "Enter");
    await studio.fill("#title", "");
    await studio.press("#title", "Enter");
    await untilPage(watch, "document.getElementById('title').hidden", "no title");
    assert.equal(await studio.textContent("#state"), "Live");
    assert.equal((await server.describe("studio")).epoch, 1, "it was never stopped");
    await studio.click("#go");
    await untilText(studio, "state", /Off air/);
    for (const each of [tab, watching]) {
      assert.deepEqual(each.complaints, []);
      await each.close();
    }
  });
});
