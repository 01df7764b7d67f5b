/** The control API: who is connected, and what an operator may do about it; each answer by its schema. */
import assert from "node:assert/strict";
import net from "node:net";
import { after, before, describe, test } from "node:test";
import { Api } from "./lib/api_schema.mjs";
import { kitPage, publishFrom } from "./lib/browsers.mjs";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { run } from "./lib/decode.mjs";
import { container } from "./lib/media.mjs";
import { HttpPublisher, V1Publisher } from "./lib/publisher.mjs";
import { withFolder } from "./lib/recordings.mjs";
import { Server } from "./lib/server.mjs";
import { BareViewer, HttpViewer, V1Viewer } from "./lib/viewer.mjs";
import { until } from "./lib/wait.mjs";

const MEDIA = container("chromium-vp8-opus-camera.webm");

/** @type {Server} */ let server;
/** @type {Api} */ let api;
before(async () => {
  const flags = ["--loops", "3", "--chat-history", "3", "--linger", "1s"];
  server = await Server.start({ flags });
  api = await Api.of(server);
});
after(() => server.stop());

/** @param {string} stream */
async function publish(stream, hello = {}) {
  const publisher = await V1Publisher.open(server, stream, hello);
  await publisher.sendAll(MEDIA.chunks);
  await publisher.untilAcked();
  return publisher;
}

/** @param {string} query @returns {Promise<any[]>} */
const sessions = async (query) => (await api.ask("GET", `/api/v1/sessions${query}`)).json.sessions;

/** @param {string} query */
const one = (query) => until(async () => (await sessions(query))[0], `a session for ${query}`);

describe("sessions", () => {
  test("publishers and viewers of all loops, by every way in, with what is known of them", async () => {
    const publisher = await publish("who/there");
    const v1 = await V1Viewer.open(server, "who/there");
    const bare = await BareViewer.open(server, "who/there.webm");
    const http = new HttpViewer(server, "who/there");
    await v1.untilSaid("stream");
    /** @type {any[]} */ let all = [];
    await until(
      async () => {
        all = await sessions("?stream=who/there");
        return all.length === 4 && all.every(({ bytes }) => bytes > 0);
      },
      "four sessions with media",
      { every: 50 },
    );
    const by = (/** @type {string} */ role, /** @type {string} */ transport) =>
      all.find((/** @type {any} */ s) => s.role === role && s.transport === transport);
    assert.equal(
      by("publisher", "framewire.v1").bytes,
      MEDIA.chunks.reduce((n, c) => n + c.length + 32, 0),
    );
    assert.equal(by("publisher", "framewire.v1").sender, publisher.ready.sender);
    assert.equal(by("viewer", "framewire.v1").output, "origin");
    assert.equal(by("viewer", "websocket").output, "webm");
    assert.equal(by("viewer", "http").address, "127.0.0.1");
    assert.equal(by("viewer", "http").identity, "everybody");
    for (const { since_ms } of all) assert.ok(Math.abs(Date.now() - since_ms) < 60_000);
    assert.deepEqual(await sessions("?stream=who"), [], "of another stream");
    assert.equal((await sessions("?stream=who/there&role=publisher")).length, 1);
    await v1.ws.sendText({ type: "report", latency_ms: 1, delay_ms: 250 });
    await v1.ws.sendText({ type: "message", data: "hello" });
    const { sender } = await v1.untilSaid("sender");
    const { id } = by("viewer", "framewire.v1");
    const { json } = await until(async () => {
      const answer = await api.ask("GET", `/api/v1/sessions/${id}`);
      return answer.json.sender && answer;
    }, "the session to have spoken");
    assert.deepEqual([json.delay_ms, json.sender], [250, sender]);
    for (const viewer of [v1, bare]) viewer.ws.cut();
    http.cut();
    await publisher.end();
  });

  test("page by page, each once, in one order; the same again is 304", async () => {
    const publisher = await publish("pages");
    const viewers = [];
    for (let i = 0; i < 11; i += 1) viewers.push(await V1Viewer.open(server, "pages"));
    await until(async () => (await sessions("?stream=pages")).length === 12, "all sessions");
    const whole = (await sessions("?stream=pages&role=viewer")).map(({ id }) => id);
    /** @type {string[]} */ const paged = [];
    let pages = 0;
    for (let cursor = ""; cursor !== null; pages += 1) {
      const query = `?stream=pages&role=viewer&limit=4${cursor && `&cursor=${cursor}`}`;
      const { json } = await api.ask("GET", `/api/v1/sessions${query}`);
      paged.push(...json.sessions.map((/** @type {any} */ s) => s.id));
      cursor = json.next;
    }
    assert.equal(pages, 3);
    assert.deepEqual(paged, whole);
    assert.equal(
      new Set(whole.map((/** @type {string} */ id) => id.split("-")[0])).size,
      3,
      "of three loops",
    );
    const path = "/api/v1/sessions?stream=pages&role=viewer";
    const tag = (await api.ask("GET", path)).headers.get("ETag") ?? "";
    assert.equal((await api.ask("GET", path, undefined, { "If-None-Match": tag })).status, 304);
    viewers.pop()?.ws.cut();
    await until(
      async () => (await api.ask("GET", path, undefined, { "If-None-Match": tag })).status === 200,
      "another list, another tag",
    );
    for (const viewer of viewers) viewer.ws.cut();
    await publisher.end();
  });

  test("a kicked viewer is told so, by each way", async () => {
    const publisher = await publish("kick/viewers");
    const v1 = await V1Viewer.open(server, "kick/viewers");
    const v1Session = await one("?stream=kick/viewers&role=viewer");
    assert.equal((await api.ask("DELETE", `/api/v1/sessions/${v1Session.id}`)).status, 204);
    const { code, message } = await v1.untilSaid("error");
    assert.equal(code, "kicked");
    assert.match(message, /operator/);
    assert.deepEqual(await v1.ws.closed(), { code: 1008, reason: "kicked", clean: true });
    await until(
      async () => (await sessions("?stream=kick/viewers&role=viewer")).length === 0,
      "it to be gone",
    );
    const bare = await BareViewer.open(server, "kick/viewers");
    const { id } = await one("?stream=kick/viewers&role=viewer");
    await api.ask("DELETE", `/api/v1/sessions/${id}`);
    assert.deepEqual(await bare.ended(), { code: 1008, reason: "kicked", clean: true });
    const curl = run("curl", ["-sN", `${server.origin}/live/kick/viewers`]);
    const http = await one("?stream=kick/viewers&role=viewer");
    await api.ask("DELETE", `/api/v1/sessions/${http.id}`);
    assert.ok((await curl).stdout.length > 0, "curl got what there was, and then the end");
    assert.equal((await api.ask("DELETE", `/api/v1/sessions/${http.id}`)).status, 404);
    assert.equal((await api.ask("DELETE", "/api/v1/sessions/99-1")).status, 404);
    await publisher.end();
  });

  test("a kicked publisher is told so, and cannot resume; its stream waits for another", async () => {
    const publisher = await publish("kick/publisher");
    const viewer = await V1Viewer.open(server, "kick/publisher");
    await viewer.untilSaid("stream");
    const { id } = await one("?stream=kick/publisher&role=publisher");
    await api.ask("DELETE", `/api/v1/sessions/${id}`);
    assert.equal((await publisher.untilSaid("error")).code, "kicked");
    assert.deepEqual(await publisher.ws.closed(), { code: 1008, reason: "kicked", clean: true });
    assert.equal((await viewer.untilSaid("waiting")).reason, "publisher-lost");
    publisher.error = null;
    const again = await publisher.resume();
    assert.equal(again.refused?.code, "resume-unknown");
    publisher.ws.cut();
    const next = await publish("kick/publisher");
    await viewer.untilSaid("stream", 2);
    await next.end();
    viewer.ws.cut();
    const body = new HttpPublisher(server, "kick/body");
    body.request.write(MEDIA.chunks[0]);
    const session = await one("?stream=kick/body&role=publisher");
    assert.equal(session.transport, "http");
    await api.ask("DELETE", `/api/v1/sessions/${session.id}`);
    const answer = await body.answer;
    assert.equal(answer.status, 403);
    assert.equal(JSON.parse(answer.body).error.code, "kicked");
  });

  test("plain TCP: seen, and kicked", async () => {
    await Server.with({ flags: ["--tcp-watch", "tcp=127.0.0.1:0"] }, async (other) => {
      const at = await until(
        () => /watch tcp on 127\.0\.0\.1:(\d+)/.exec(other.output),
        "the port",
      );
      const socket = net.connect(Number(at[1]), "127.0.0.1");
      const ended = new Promise((resolve) => socket.on("close", resolve));
      const its = await Api.of(other);
      const [session] = await until(async () => {
        const { json } = await its.ask("GET", "/api/v1/sessions");
        return json.sessions.length > 0 && json.sessions;
      }, "the session");
      assert.deepEqual([session.transport, session.stream, session.role], ["tcp", "tcp", "viewer"]);
      await its.ask("DELETE", `/api/v1/sessions/${session.id}`);
      await ended;
    });
  });
});

describe("streams", () => {
  test("another title: told to all, shown in the API", async () => {
    const publisher = await publish("named", { title: "one" });
    const viewer = await V1Viewer.open(server, "named");
    await viewer.untilSaid("stream");
    const { json } = await api.ask("PATCH", "/api/v1/streams/named", { title: "two ☃" });
    assert.deepEqual(json, { stream: "named", title: "two ☃" });
    for (const who of [publisher, viewer])
      assert.equal((await who.untilSaid("title")).title, "two ☃");
    await until(
      async () => (await api.ask("GET", "/api/v1/streams/named")).json.title === "two ☃",
      "the title",
    );
    await publisher.end();
    viewer.ws.cut();
  });

  test("ended by an operator: the publisher is told, and cannot resume; viewers get the end", async () => {
    const publisher = await publish("over");
    const viewer = await V1Viewer.open(server, "over");
    await viewer.untilSaid("stream");
    assert.equal((await api.ask("DELETE", "/api/v1/streams/over")).status, 204);
    assert.equal((await publisher.untilSaid("error")).code, "stream-ended");
    assert.deepEqual(await publisher.ws.closed(), {
      code: 1008,
      reason: "stream-ended",
      clean: true,
    });
    assert.equal((await viewer.untilSaid("end")).reason, "ended");
    await until(
      async () => (await api.ask("GET", "/api/v1/streams/over")).status === 404,
      "no stream",
    );
    publisher.error = null;
    assert.equal((await publisher.resume()).refused?.code, "resume-unknown");
    publisher.ws.cut();
    viewer.ws.cut();
    const body = new HttpPublisher(server, "over");
    body.request.write(MEDIA.chunks[0]);
    await until(
      async () => (await api.ask("DELETE", "/api/v1/streams/over")).status === 204,
      "it to be there",
    );
    const answer = await body.answer;
    assert.equal(answer.status, 409);
    assert.equal(JSON.parse(answer.body).error.code, "stream-ended");
  });

  test("recordings begin and end while the stream runs", async () => {
    await withFolder(async (dir) => {
      await Server.with({ flags: ["--record-dir", dir] }, async (other) => {
        const its = await Api.of(other);
        const publisher = await V1Publisher.open(other, "taped", {});
        await publisher.sendAll(MEDIA.chunks);
        const { json } = await its.ask("POST", "/api/v1/streams/taped/record", { record: true });
        assert.deepEqual(json, { stream: "taped", record: true });
        await publisher.untilSaid("recording");
        await its.ask("POST", "/api/v1/streams/taped/record", { record: false });
        const list = await until(
          async () => {
            const { json: all } = await its.ask("GET", "/api/v1/recordings");
            return all.recordings[0]?.state === "done" && all.recordings;
          },
          "the recording",
          { ms: 30_000, every: 100 },
        );
        assert.equal((await its.ask("DELETE", `/api/v1/recordings/${list[0].id}`)).status, 204);
        await publisher.end();
      });
    });
  });
});

describe("by the SDK", { skip: !chromiumPath() && "no Chromium here" }, () => {
  test("who is kicked is told so, and does not come back", { timeout: 90_000 }, async () => {
    const browser = await launchChromium();
    try {
      const [studio, watcher] = [await kitPage(browser, server), await kitPage(browser, server)];
      await publishFrom(studio, "/publish/sdk", { source: "canvas" });
      await watcher.evaluate(`import("/framewire.js").then(({ play }) => {
        const video = document.body.appendChild(document.createElement("video"));
        window.player = play(video, "/watch/sdk", { muted: true });
        window.player.on("error", (error) => { window.failed = [error.code, error.message, error.closeCode]; });
      })`);
      const viewer = await one("?stream=sdk&role=viewer");
      await api.ask("DELETE", `/api/v1/sessions/${viewer.id}`);
      const failed = await until(() => watcher.evaluate("window.failed"), "the player's error", {
        every: 50,
      });
      assert.deepEqual([failed[0], failed[2]], ["kicked", 1008]);
      assert.match(failed[1], /operator/);
      await studio.evaluate(
        `kit.publication.on("error", (error) => { window.failed = error.code; })`,
      );
      const publisher = await one("?stream=sdk&role=publisher");
      await api.ask("DELETE", `/api/v1/sessions/${publisher.id}`);
      assert.equal(
        await until(() => studio.evaluate("window.failed"), "the publication's error"),
        "kicked",
      );
      await until(async () => (await sessions("?stream=sdk")).length === 0, "both to be gone");
      await until(
        async () => (await api.ask("GET", "/api/v1/streams/sdk")).status === 404,
        "the stream to end, as nobody comes back",
        { ms: 20_000, every: 100 },
      );
      assert.equal(await watcher.evaluate("player.state"), "error");
    } finally {
      await browser.close();
    }
  });
});
