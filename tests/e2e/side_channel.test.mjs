/** The side channel: what publisher and viewers say reaches everybody, stamped, within its limits. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { kitPage, publishFrom } from "./lib/browsers.mjs";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { container } from "./lib/media.mjs";
import { V1Publisher } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";
import { V1Viewer } from "./lib/viewer.mjs";
import { until } from "./lib/wait.mjs";

/** @type {Server} */ let server;
before(async () => (server = await Server.start({ flags: ["--loops", "3", "--text-rate", "2"] })));
after(() => server.stop());

/** @param {any} who @param {unknown} data */
const heardBy = (who, data) =>
  until(
    () => who.said.find((/** @type {any} */ m) => m.type === "message" && m.data === data),
    `"${data}" to be heard`,
  );

test("over loops, to publisher and viewers of both renditions, with media time", async () => {
  const publisher = await V1Publisher.open(server, "talk", {});
  const viewers = [];
  // Each on the next loop (Server: --loop-fill 0).
  for (const path of ["talk", "talk.webm", "talk", "talk.webm", "talk", "talk.webm"])
    viewers.push(await V1Viewer.open(server, path));
  await publisher.sendAll(container("chromium-vp8-opus-camera.webm").chunks);
  await publisher.untilAcked();
  for (const viewer of viewers) await viewer.untilSaid("stream");
  await viewers[1].ws.sendText({ type: "message", data: "hello", name: "Ann" });
  const all = [publisher, ...viewers];
  const heard = await Promise.all(all.map((who) => heardBy(who, "hello")));
  const { sender } = await viewers[1].untilSaid("sender");
  for (const message of heard) assert.deepEqual(message, heard[0]);
  assert.equal(heard[0].sender, sender);
  assert.equal(heard[0].role, "viewer");
  assert.equal(heard[0].name, "Ann");
  const newest = Math.max(...viewers[0].media.map((part) => part.ptsUs));
  assert.equal(heard[0].pts, newest, "the time of the newest part");
  assert.ok(Math.abs(Date.now() - heard[0].wall_ms) < 60_000);

  await publisher.ws.sendText({ type: "message", data: "welcome" });
  const answers = await Promise.all(all.map((who) => heardBy(who, "welcome")));
  assert.equal(answers[0].role, "publisher");
  assert.equal(answers[0].sender, publisher.ready.sender);

  await publisher.ws.sendText({ type: "mute", sender });
  await Promise.all(viewers.map((viewer) => viewer.untilSaid("muted")));
  await viewers[1].ws.sendText({ type: "message", data: "let me" });
  assert.equal((await viewers[1].untilSaid("warning")).code, "muted");
  await viewers[2].ws.sendText({ type: "message", data: "last" });
  await Promise.all(all.map((who) => heardBy(who, "last")));
  for (const { said } of all) assert.ok(!said.some((m) => m.data === "let me"));
  await publisher.end();
  for (const viewer of viewers) viewer.ws.cut();
});

test("too many and too long are told to the sender, who stays", async () => {
  const publisher = await V1Publisher.open(server, "loud", {});
  const viewer = await V1Viewer.open(server, "loud");
  for (let i = 0; i < 30; i += 1) await viewer.ws.sendText({ type: "message", data: i });
  assert.equal((await viewer.untilSaid("warning")).code, "rate-limited");
  await heardBy(publisher, 3);
  await publisher.ws.sendText({ type: "message", data: "x".repeat(5000) });
  assert.equal((await publisher.untilSaid("warning")).code, "limit-exceeded");
  await publisher.ws.sendText({ type: "message", data: "short" });
  await heardBy(viewer, "short");
  assert.deepEqual([viewer.ws.closedWith, publisher.ws.closedWith], [null, null]);
  await until(
    async () => (await server.metric('framewire_side_texts_total{result="limited"}')) >= 2,
    "the loops to report what they counted",
    { every: 100 },
  );
  await publisher.end();
  viewer.ws.cut();
});

test("without a publisher there is nobody to tell", async () => {
  const viewer = await V1Viewer.open(server, "empty");
  await viewer.untilSaid("waiting");
  await viewer.ws.sendText({ type: "message", data: 1 });
  assert.equal((await viewer.untilSaid("warning")).code, "no-stream");
  viewer.ws.cut();
});

describe("by the SDK", { skip: !chromiumPath() && "no Chromium here" }, () => {
  test("publisher and player talk, and know their own words", { timeout: 60_000 }, async () => {
    const browser = await launchChromium();
    try {
      const [studio, watcher] = [await kitPage(browser, server), await kitPage(browser, server)];
      await publishFrom(studio, "/publish/chat", { source: "canvas", options: { name: "Host" } });
      await watcher.evaluate(`import("/framewire.js").then(({ play }) => {
        const video = document.body.appendChild(document.createElement("video"));
        window.heard = [];
        window.player = play(video, "/watch/chat", { muted: true, name: "Guest" });
        window.player.on("message", (message) => window.heard.push(message));
        window.player.on("mutedsender", (muting) => window.heard.push(muting));
        window.player.on("warning", (warning) => window.heard.push(warning));
      })`);
      await until(
        () => watcher.evaluate("player.stats.framesShown > 5"),
        "the stream to be played",
        { ms: 30_000, every: 100 },
      );
      await studio.evaluate(`window.heard = [];
        kit.publication.on("message", (message) => {
          window.heard.push(message);
          if (message.role === "viewer") kit.publication.mute(message.sender);
        })`);
      await studio.evaluate(`kit.publication.send({ text: "welcome" })`);
      const heard = (/** @type {any} */ page, /** @type {number} */ count) =>
        until(
          async () => {
            const list = await page.evaluate("window.heard");
            return list.length >= count && list;
          },
          `${count} messages`,
          { every: 50 },
        );
      const [welcome] = await heard(watcher, 1);
      assert.deepEqual(
        [welcome.data, welcome.name, welcome.role, welcome.own],
        [{ text: "welcome" }, "Host", "publisher", false],
      );
      const shown = await watcher.evaluate("player.mediaTimeUs");
      assert.ok(Math.abs(welcome.mediaTimeUs - shown) < 10e6, "on the clock of the picture");
      assert.equal((await heard(studio, 1))[0].own, true);
      await watcher.evaluate(`player.send("thanks")`);
      const [, thanks, muted] = await heard(watcher, 3);
      assert.deepEqual([thanks.data, thanks.own, thanks.name], ["thanks", true, "Guest"]);
      assert.deepEqual(muted, { sender: thanks.sender, muted: true });
      await watcher.evaluate(`player.send("hello?")`);
      assert.equal((await heard(watcher, 4))[3].code, "muted");
      await studio.close();
      await watcher.close();
    } finally {
      await browser.close();
    }
  });
});
