/** The control API: the side channel of a stream, and who may moderate it; each answer by its schema. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Api } from "./lib/api_schema.mjs";
import { container } from "./lib/media.mjs";
import { V1Publisher } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";
import { claims, EXPECTED, KeyFile, newKey, right, sign } from "./lib/tokens.mjs";
import { V1Viewer } from "./lib/viewer.mjs";
import { until } from "./lib/wait.mjs";

const MEDIA = container("chromium-vp8-opus-camera.webm");
const KEYS = ["--publish-key", "boss", "--watch-key", "eye"];
const BOSS = { Authorization: "Bearer boss" };

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

describe("the side channel", () => {
  test("who joins is given what was said, on any loop, until it is cleared", async () => {
    const publisher = await publish("chat");
    const viewer = await V1Viewer.open(server, "chat");
    await viewer.untilSaid("stream");
    for (const data of ["a", "b", "c", "d"]) {
      await viewer.ws.sendText({ type: "message", data });
      await until(() => publisher.said.find((m) => m.data === data), data);
    }
    const { json } = await api.ask("GET", "/api/v1/chat/chat");
    const said = (/** @type {any[]} */ all) => all.map(({ data }) => data);
    assert.deepEqual(said(json.history), ["b", "c", "d"], "--chat-history 3");
    const joiners = [];
    for (let i = 0; i < 3; i += 1) {
      const joiner = await V1Viewer.open(server, "chat");
      await joiner.untilSaid("message", 3);
      const heard = joiner.said.filter((m) => m.type === "message");
      assert.deepEqual(said(heard), ["b", "c", "d"]);
      assert.ok(heard.every((m) => m.history === true && m.sender === json.history[0].sender));
      joiners.push(joiner);
    }
    assert.equal((await api.ask("DELETE", "/api/v1/chat/chat")).status, 204);
    for (const who of [publisher, viewer, ...joiners]) await who.untilSaid("cleared");
    assert.deepEqual((await api.ask("GET", "/api/v1/chat/chat")).json.history, []);
    const late = await V1Viewer.open(server, "chat");
    await late.untilSaid("stream");
    assert.ok(!late.said.some((m) => m.type === "message"));
    for (const who of [viewer, late, ...joiners]) who.ws.cut();
    await publisher.end();
  });

  test("slow mode, and a sender who may not speak", async () => {
    const publisher = await publish("slow");
    const viewer = await V1Viewer.open(server, "slow");
    await viewer.untilSaid("stream");
    await api.ask("PATCH", "/api/v1/chat/slow", { slow_ms: 3_600_000 });
    assert.equal((await viewer.untilSaid("slow")).interval_ms, 3_600_000);
    for (const data of [1, 2]) await viewer.ws.sendText({ type: "message", data });
    assert.equal((await viewer.untilSaid("warning")).code, "slow-mode");
    await publisher.untilSaid("message");
    await api.ask("PATCH", "/api/v1/chat/slow", { slow_ms: 0 });
    await viewer.untilSaid("slow", 2);
    const { sender } = await viewer.untilSaid("sender");
    const { json } = await api.ask("PATCH", "/api/v1/chat/slow", { mute: [sender] });
    assert.deepEqual([json.muted, json.slow_ms], [[sender], 0]);
    await viewer.ws.sendText({ type: "message", data: 3 });
    assert.equal((await viewer.untilSaid("warning", 2)).code, "muted");
    await api.ask("PATCH", "/api/v1/chat/slow", { unmute: [sender] });
    await viewer.untilSaid("muted", 2);
    await viewer.ws.sendText({ type: "message", data: 4 });
    await until(() => publisher.said.find((m) => m.data === 4), "it to speak again");
    assert.deepEqual(
      publisher.said.filter((m) => m.type === "message").map((m) => m.data),
      [1, 4],
    );
    viewer.ws.cut();
    await publisher.end();
  });

  test("slow mode is not left by coming back", async () => {
    const publisher = await publish("slower");
    const first = await V1Viewer.open(server, "slower");
    await first.untilSaid("stream");
    await api.ask("PATCH", "/api/v1/chat/slower", { slow_ms: 3_600_000 });
    await first.untilSaid("slow");
    await first.ws.sendText({ type: "message", data: 1 });
    await publisher.untilSaid("message");
    await first.ws.close(1000);
    const again = await V1Viewer.open(server, "slower");
    await again.untilSaid("stream");
    await again.ws.sendText({ type: "message", data: 2 });
    assert.equal((await again.untilSaid("warning")).code, "slow-mode");
    again.ws.cut();
    await publisher.end();
  });

  test("--chat-history that is less forgets at once", async () => {
    await Server.with({ flags: ["--chat-history", "3"] }, async (own) => {
      const its = await Api.of(own);
      const publisher = await V1Publisher.open(own, "forget", MEDIA.hello);
      await publisher.sendAll(MEDIA.chunks);
      for (const data of [1, 2, 3]) await publisher.ws.sendText({ type: "message", data });
      const held = async () =>
        (await its.ask("GET", "/api/v1/chat/forget")).json.history.map(
          (/** @type {any} */ { data }) => data,
        );
      await until(async () => (await held()).length === 3, "all of it");
      await its.ask("PATCH", "/api/v1/config", { "chat-history": 1 });
      await until(async () => (await held()).length < 3, "the change");
      assert.deepEqual(await held(), [3]);
      await its.ask("PATCH", "/api/v1/config", { "chat-history": 0 });
      await until(async () => (await held()).length === 0, "nothing to be held");
      await its.ask("PATCH", "/api/v1/config", { "chat-history": 3 });
      assert.deepEqual(await held(), []);
      await publisher.end();
    });
  });

  test("on its own socket who may moderate may mute, slow and clear, and nobody else", async () => {
    await Server.with({ flags: [...KEYS, "--chat-history", "9"] }, async (other) => {
      const publisher = await V1Publisher.open(other, "room", {}, { headers: BOSS });
      const [boss, eye] = [
        await V1Viewer.open(other, "room", { path: "/live/room?token=eye" }),
        await V1Viewer.open(other, "room", { path: "/live/room?token=eye" }),
      ];
      await eye.ws.sendText({ type: "message", data: 1 });
      await publisher.untilSaid("message");
      await eye.ws.sendText({ type: "clear" });
      assert.equal((await eye.untilSaid("warning")).code, "not-allowed");
      for (const broken of [
        { type: "slow" },
        { type: "slow", interval_ms: -1 },
        { type: "mute", sender: 3 },
      ]) {
        const rude = await V1Viewer.open(other, "room", { path: "/live/room?token=eye" });
        await rude.ws.sendText(broken);
        assert.equal((await rude.untilSaid("error")).code, "bad-text");
      }
      for (const viewer of [boss, eye]) viewer.ws.cut();
      await publisher.end();
    });
    // Where nobody needs a key everybody may.
    const publisher = await publish("all");
    const viewer = await V1Viewer.open(server, "all");
    await viewer.untilSaid("stream");
    await viewer.ws.sendText({ type: "slow", interval_ms: 5_000 });
    await publisher.untilSaid("slow");
    await viewer.ws.sendText({ type: "mute", sender: "0-99" });
    await publisher.untilSaid("muted");
    await viewer.ws.sendText({ type: "clear" });
    await publisher.untilSaid("cleared");
    viewer.ws.cut();
    await publisher.end();
  });
});

describe("by token", () => {
  test("moderate is for the chat of its streams, manage for all of theirs", async () => {
    const file = new KeyFile();
    const key = await newKey("ES256");
    file.write([key]);
    await Server.with({ flags: ["--jwks", file.path, ...EXPECTED] }, async (other) => {
      const bearer = async (/** @type {any[]} */ rights) => ({
        Authorization: `Bearer ${await sign(key, claims(rights))}`,
      });
      const host = await bearer([right("publish", "*")]);
      const streams = [];
      for (const stream of ["room/1", "hall"])
        streams.push(await V1Publisher.open(other, stream, {}, { headers: host }));
      const its = await Api.of(other);
      const ask = async (
        /** @type {any[]} */ rights,
        /** @type {string} */ method,
        /** @type {string} */ path,
        /** @type {any} */ body = undefined,
      ) => (await its.ask(method, path, body, await bearer(rights))).status;
      for (const action of ["moderate", "manage"]) {
        const rights = [right(action, "room/*")];
        const slow = { slow_ms: 1_000 };
        assert.equal(await ask(rights, "PATCH", "/api/v1/chat/room/1", slow), 200, action);
        assert.equal(await ask(rights, "PATCH", "/api/v1/chat/hall", slow), 401, action);
        const named = await ask(rights, "PATCH", "/api/v1/streams/room/1", { title: action });
        assert.equal(named, action === "manage" ? 200 : 401);
        for (const path of ["sessions", "config", "restreams"])
          assert.equal(await ask(rights, "GET", `/api/v1/${path}`), 401, "of all streams");
      }
      const all = [right("manage", "*")];
      for (const path of ["sessions", "config", "restreams"])
        assert.equal(await ask(all, "GET", `/api/v1/${path}`), 200);
      const viewer = await V1Viewer.open(other, "room/1", {
        headers: await bearer([right("watch", "room/1"), right("moderate", "room/1")]),
      });
      await viewer.untilSaid("viewers"); // what is said before it has joined it need not be told
      await viewer.ws.sendText({ type: "slow", interval_ms: 0 });
      const slow = () => viewer.said.findLast(({ type }) => type === "slow");
      await until(() => slow()?.interval_ms === 0, "slow mode to end");
      const { json } = await its.ask("GET", "/api/v1/sessions", undefined, await bearer(all));
      assert.deepEqual(
        new Set(json.sessions.map((/** @type {any} */ s) => s.identity)),
        new Set(["s3cret-anna"]),
      );
      viewer.ws.cut();
      for (const publisher of streams) await publisher.end();
    });
    file.remove();
  });
});
