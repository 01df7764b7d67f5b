/** Server-sent events: what happens, to curl and to EventSource; who comes back gets what it missed. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import net from "node:net";
import { after, before, describe, test } from "node:test";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { container } from "./lib/media.mjs";
import { V1Publisher } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";
import { V1Viewer } from "./lib/viewer.mjs";
import { sleep, until } from "./lib/wait.mjs";

const MEDIA = container("chromium-vp8-opus-camera.webm").chunks;

/** @type {Server} */ let server;
before(async () => {
  server = await Server.start({
    flags: ["--loops", "2", "--event-history", "20", "--linger", "0s"],
  });
});
after(() => server.stop());

/** What curl got: events, parsed. */
class Curl {
  text = "";
  /** @param {Server} of @param {string} query @param {string[]} [more] */
  constructor(of, query, more = []) {
    this.child = spawn("curl", ["-sN", ...more, `${of.origin}/api/v1/events${query}`]);
    this.child.stdout.on("data", (piece) => (this.text += piece));
    this.ended = new Promise((resolve) => this.child.on("close", resolve));
  }
  /** @returns {{id: string, event: string, data: any}[]} */
  get events() {
    return this.text
      .split("\n\n")
      .slice(0, -1)
      .map((block) => Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s))))
      .filter(({ event }) => event)
      .map(({ id, event, data }) => ({ id, event, data: JSON.parse(data) }));
  }
  begun() {
    return until(() => this.text.includes("retry:"), "the answer to begin");
  }
  stop() {
    this.child.kill();
    return this.ended;
  }
}

/** @param {string} stream */
async function live(stream, hello = {}) {
  const publisher = await V1Publisher.open(server, stream, hello);
  await publisher.sendAll(MEDIA);
  await publisher.untilAcked();
  return publisher;
}
/** @param {Curl} curl @param {string} stream @param {string} type */
const untilTold = (curl, stream, type) =>
  until(
    () => curl.events.find(({ event, data }) => event === type && data.stream === stream),
    `${type} of ${stream}`,
    { ms: 30_000 },
  );

test("curl is told what happens, of all streams or some, of all types or some", async () => {
  const all = new Curl(server, "");
  const some = new Curl(server, "?stream=ev/*&types=publish,unpublish");
  for (const curl of [all, some]) await curl.begun();
  const other = await live("elsewhere");
  const publisher = await live("ev/1", { title: 'a "title"\nof two lines' });
  const viewer = await V1Viewer.open(server, "ev/1");
  await untilTold(all, "ev/1", "first-viewer");
  viewer.ws.cut();
  await untilTold(all, "ev/1", "last-viewer");
  await publisher.end();
  await other.end();
  for (const stream of ["ev/1", "elsewhere"]) await untilTold(all, stream, "unpublish");
  await untilTold(some, "ev/1", "unpublish");
  assert.deepEqual(
    all.events.filter(({ data }) => data.stream === "ev/1").map(({ event }) => event),
    ["publish", "first-viewer", "last-viewer", "unpublish"],
  );
  assert.deepEqual(
    some.events.map(({ event, data }) => [event, data.stream]),
    [
      ["publish", "ev/1"],
      ["unpublish", "ev/1"],
    ],
  );
  const [{ id, data }] = some.events;
  assert.equal(data.id, id);
  assert.equal(data.type, "publish");
  assert.equal(data.data.title, 'a "title"\nof two lines');
  assert.ok(Math.abs(Date.now() - data.wall_ms) < 60_000);
  await all.stop();
  await some.stop();
});

test("who comes back gets what it missed, once, and is told when that is not kept", async () => {
  const first = new Curl(server, "?stream=back");
  await first.begun();
  await (await live("back")).end();
  const { id } = await untilTold(first, "back", "publish");
  await untilTold(first, "back", "unpublish");
  await first.stop();
  const second = new Curl(server, "?stream=back", ["-H", `Last-Event-ID: ${id}`]);
  await untilTold(second, "back", "unpublish");
  await (await live("back")).end();
  await until(() => second.events.length >= 3, "the next ones");
  assert.deepEqual(
    second.events.map(({ event }) => event),
    ["unpublish", "publish", "unpublish"],
    "each once, in order, and none from before",
  );
  await second.stop();
  for (let i = 0; i < 12; i += 1) await (await live("noise")).end();
  const third = new Curl(server, `?stream=back&last_event_id=${id}`);
  await until(() => third.events.length > 0, "something");
  assert.equal(third.events[0].event, "lost");
  await third.stop();
});

test("a limit that is reached is told, once in a while", async () => {
  await Server.with({ flags: ["--max-viewers", "1"] }, async (other) => {
    const curl = new Curl(other, "?types=limit");
    await curl.begun();
    const viewers = [];
    for (let i = 0; i < 4; i += 1) viewers.push(await V1Viewer.open(other, "full"));
    const told = await until(() => curl.events[0], "the limit");
    assert.deepEqual([told.data.stream, told.data.data.option], ["full", "max-viewers"]);
    for (const viewer of viewers) viewer.ws.cut();
    await curl.stop();
    assert.ok(curl.events.length <= 2, "on each loop once in 10 s");
  });
});

test("who may not manage, what is no filter, and too many are refused", async () => {
  for (const [query, pattern] of /** @type {[string, RegExp][]} */ ([
    ["?types=birth", /"types": there are server-start, publish/],
    ["?stream=a b", /"stream"/],
    ["?last_event_id=x", /Last-Event-ID/],
  ])) {
    const answer = await server.fetch(`/api/v1/events${query}`);
    assert.equal(answer.status, 400);
    assert.match((await answer.json()).error.message, pattern);
  }
  const flags = ["--publish-key", "boss", "--watch-key", "eye", "--max-event-streams", "1"];
  await Server.with({ flags }, async (other) => {
    for (const token of ["", "?token=eye"])
      assert.equal((await other.fetch(`/api/v1/events${token}`)).status, 401);
    const curl = new Curl(other, "?token=boss");
    await curl.begun();
    assert.equal((await other.fetch("/api/v1/events?token=boss")).status, 503);
    await curl.stop();
    await until(async () => {
      const again = new Curl(other, "?token=boss");
      await until(() => again.text || again.child.exitCode !== null, "an answer");
      const good = again.text.includes("retry:");
      await again.stop();
      return good;
    }, "its place to be free");
  });
});

test("one that takes nothing is cut, and costs a bounded amount", async () => {
  await Server.with({ flags: ["--event-history", "5"] }, async (other) => {
    const slow = spawn("curl", ["-sN", "--limit-rate", "1", `${other.origin}/api/v1/events`]);
    const ended = new Promise((resolve) => slow.on("close", resolve));
    const before = other.rssBytes;
    const title = "x".repeat(1000);
    const publisher = await V1Publisher.open(other, "busy", { title });
    for (let i = 0; i < 50; i += 1) {
      const again = await V1Publisher.open(other, `busy${i}`, { title });
      await again.end();
    }
    assert.ok(other.rssBytes - before < 64 << 20);
    await publisher.end();
    slow.kill();
    await ended;
  });
});

test("a history that is longer than what may wait is given whole, as it is taken", async () => {
  const flags = ["--event-history", "1200", "--linger", "0s", "--send-buffer", "16KiB"];
  await Server.with({ flags }, async (other) => {
    const title = "x".repeat(1000);
    for (let i = 0; i < 599; i += 1)
      await other.fetch(`/publish/s${i}?format=binary&title=${title}`, {
        method: "POST",
        body: "x",
      });
    const socket = net.connect(other.port, "127.0.0.1");
    let text = "";
    let closed = false;
    socket.on("close", () => (closed = true)).on("error", () => {});
    const asked = "GET /api/v1/events?last_event_id=0 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    socket.write(asked);
    await sleep(500); // what its kernel takes meanwhile is far less
    socket.on("data", (piece) => (text += piece));
    await until(() => closed || text.split("\nevent: ").length - 1 >= 1199, "all that is kept");
    assert.ok(!closed && text.length > 700_000, `${text.length}`);
    await other.fetch("/publish/last?format=binary", { method: "POST", body: "x" });
    await until(() => /"unpublish","stream":"last"|"stream":"last"/.test(text), "what comes then");
    socket.destroy();
  });
});

describe("EventSource", { skip: !chromiumPath() && "no Chromium here" }, () => {
  test("is cut off, comes back by itself, and gets what it missed", {
    timeout: 60_000,
  }, async () => {
    /** Everything goes through here, and is cut here. @type {Set<net.Socket>} */
    const sockets = new Set();
    const between = net.createServer((client) => {
      const there = net.connect(server.port, "127.0.0.1");
      for (const [from, to] of [
        [client, there],
        [there, client],
      ]) {
        sockets.add(from);
        from.pipe(to);
        from.on("error", () => {});
        from.on("close", () => to.destroy());
      }
    });
    await new Promise((resolve) => between.listen(0, "127.0.0.1", () => resolve(null)));
    const { port } = /** @type {net.AddressInfo} */ (between.address());
    const browser = await launchChromium();
    try {
      const page = await browser.open();
      await page.goto(`http://127.0.0.1:${port}/healthz`);
      await page.evaluate(`window.told = []; window.opened = 0;
        window.events = new EventSource("/api/v1/events?stream=seen");
        events.onopen = () => { window.opened += 1; };
        for (const type of ["publish", "unpublish"])
          events.addEventListener(type, (event) => told.push([type, event.lastEventId]));`);
      await until(() => page.evaluate("window.opened === 1"), "it to open");
      await (await live("seen")).end();
      await until(() => page.evaluate("told.length === 2"), "the events");
      for (const socket of sockets) socket.destroy();
      await (await live("seen")).end();
      await until(() => page.evaluate("told.length === 4"), "what it missed", {
        ms: 30_000,
        every: 50,
      });
      const told = await page.evaluate("told");
      assert.equal(await page.evaluate("window.opened"), 2);
      assert.deepEqual(
        told.map((/** @type {string[]} */ [type]) => type),
        ["publish", "unpublish", "publish", "unpublish"],
      );
      const ids = told.map((/** @type {string[]} */ [, id]) => Number(id));
      assert.deepEqual(
        ids,
        [...ids].sort((x, y) => x - y),
      );
      assert.equal(new Set(ids).size, 4, "each once");
    } finally {
      await browser.close();
      between.close();
      for (const socket of sockets) socket.destroy();
    }
  });
});
