/** Keys with names, rights and an end (--keys): what they open, what refuses them, by both ways of carrying one. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { container } from "./lib/media.mjs";
import { BarePublisher, V1Publisher } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";
import { newcomer, nowS, right } from "./lib/tokens.mjs";
import { V1Viewer } from "./lib/viewer.mjs";
import { until, within } from "./lib/wait.mjs";

const film = container("chromium-vp8-opus-camera.webm");
const folder = mkdtempSync(join(tmpdir(), "framewire-keys-"));
after(() => rmSync(folder, { recursive: true }));
/** @param {string} name @param {unknown} value */
function write(name, value) {
  const path = join(folder, name);
  writeFileSync(path, typeof value === "string" ? value : JSON.stringify(value));
  return path;
}

describe("keys with rights (--keys)", () => {
  /** @type {Server} */ let server;
  const file = join(folder, "named.json");
  /** @param {any[]} keys */
  const put = (keys) => write("named.json", { keys });
  before(async () => {
    put([
      {
        name: "anna",
        key: "anna-key",
        rights: [right("watch", "room/*"), right("talk", "room/*")],
      },
      { name: "cam", key: "cam-s3cret", rights: [right("publish", "cam")], expires: nowS() + 4 },
      { name: "old", key: "old-s3cret", rights: [right("watch", "*")], expires: nowS() - 10 },
    ]);
    server = await Server.start({ flags: ["--keys", file, "--trust-proxy", "127.0.0.1"] });
  });
  after(async () => {
    await server.stop();
    assert.ok(!server.stderr.includes("s3cret"));
  });
  /** @param {string} path @param {string} key @param {'parameter' | 'header'} way @param {RequestInit} [init] */
  const ask = (path, key, way, init = {}) =>
    server.fetch(way === "parameter" ? `${path}?token=${key}` : path, {
      ...init,
      headers: { ...newcomer(), ...(way === "header" && { Authorization: `Bearer ${key}` }) },
    });

  const push = { method: "PUT", body: "x" };
  /** @type {[string, string, RequestInit, number, string][]} */
  const rows = [
    ["anna-key", "/live/room/1", {}, 404, "not-found"],
    ["anna-key", "/live/cam", {}, 401, "unauthorized"],
    ["anna-key", "/live/room", {}, 401, "unauthorized"],
    ["anna-key", "/publish/room/1", push, 401, "unauthorized"],
    ["anna-key", "/metrics", {}, 401, "unauthorized"],
    ["cam-s3cret", "/live/cam", {}, 401, "unauthorized"],
    ["cam-s3cret", "/publish/cam2", push, 401, "unauthorized"],
    ["old-s3cret", "/live/cam", {}, 401, "token-expired"],
    ["ANNA-KEY", "/live/room/1", {}, 401, "unauthorized"],
    ["anna-ke", "/live/room/1", {}, 401, "unauthorized"],
    ["anna-keyx", "/live/room/1", {}, 401, "unauthorized"],
    ["anna", "/live/room/1", {}, 401, "unauthorized"],
    ["", "/live/room/1", {}, 401, "unauthorized"],
  ];
  for (const [key, path, init, status, code] of rows)
    for (const way of /** @type {const} */ (["parameter", "header"]))
      test(`"${key}" as ${way} at ${path}: ${status}`, async () => {
        const answer = await ask(path, key, way, init);
        assert.equal(answer.status, status);
        assert.equal((await answer.json()).error.code, code);
      });

  test("ends while it is used; a reload brings others, a broken file none", async () => {
    put([
      { name: "cam", key: "cam-s3cret", rights: [right("publish", "cam")], expires: nowS() + 3 },
      { name: "new", key: "new-key-1", rights: [right("watch", "*")] },
    ]);
    server.child.kill("SIGHUP");
    await until(
      async () => (await ask("/live/cam", "new-key-1", "header")).status === 404,
      "the new key",
    );
    assert.equal((await ask("/live/room/1", "anna-key", "header")).status, 401, "taken out");
    const publisher = await BarePublisher.open(server, "cam", {
      path: "/publish/cam?token=cam-s3cret",
    });
    await publisher.send(film.chunks[0]);
    const { code, reason } = await publisher.ws.closed();
    assert.deepEqual([code, reason], [1008, "token-expired"]);
    write("named.json", '{"keys":[{"name":"x","key":"s3cret-s3cret"}]}');
    server.child.kill("SIGHUP");
    await until(() => /reload: --keys .*key 1 has no rights; all stays/.test(server.stderr), "why");
    assert.equal((await ask("/live/none", "new-key-1", "header")).status, 404);
  });

  test("one that is taken out by a reload ends its connections, and no others", async () => {
    const rights = [right("watch", "*"), right("publish", "hall")];
    const all = ["goes", "stays", "less"].map((name) => ({ name, key: `${name}-key`, rights }));
    const path = write("taken.json", { keys: all });
    const toml = write("taken.toml", `keys = "${path}"\npublish-key = ["one-key", "other-key"]\n`);
    await Server.with({ flags: ["--config", toml] }, async (own) => {
      const by = (/** @type {string} */ key) => ({ headers: { Authorization: `Bearer ${key}` } });
      const publisher = await V1Publisher.open(own, "hall", {}, by("goes-key"));
      await publisher.send(film.chunks[0]);
      const [goes, stays, less] = await Promise.all(
        ["goes", "stays", "less"].map((name) => V1Viewer.open(own, `cam?token=${name}-key`)),
      );
      const static1 = await V1Publisher.open(own, "one", {}, by("one-key"));
      const static2 = await V1Publisher.open(own, "other", {}, by("other-key"));
      write("taken.json", { keys: [all[1], { ...all[2], rights: [right("watch", "room/*")] }] });
      write("taken.toml", `keys = "${path}"\npublish-key = ["other-key"]\n`);
      own.child.kill("SIGHUP");
      for (const peer of [publisher, goes, less, static1]) {
        assert.equal((await peer.untilSaid("error")).code, "key-removed");
        const { code, reason } = await peer.ws.closed();
        assert.deepEqual([code, reason], [1008, "key-removed"]);
      }
      await stays.ws.sendText({ type: "clock", sent: 1 });
      await stays.untilSaid("clock");
      await static2.end();
    });
  });

  test("a reload that takes the right to manage away ends who follows the events", async () => {
    const key = { name: "boss", key: "boss-key" };
    const path = write("boss.json", { keys: [{ ...key, rights: [right("manage", "*")] }] });
    await Server.with({ flags: ["--keys", path] }, async (own) => {
      const headers = { Authorization: "Bearer boss-key" };
      const events = await own.fetch("/api/v1/events", { headers });
      assert.equal(events.status, 200);
      // It follows what is of the whole server: a right on some streams is none to that.
      write("boss.json", { keys: [{ ...key, rights: [right("manage", "room/*")] }] });
      own.child.kill("SIGHUP");
      const ended = events.text().catch(() => "cut off"); // it has no last byte
      await within(ended, "the events to end");
    });
  });

  test("a reload that brings the first keys ends what was open without, and a second one does not", async () => {
    const toml = write("first.toml", "max-lag = 2s\n");
    await Server.with({ flags: ["--config", toml] }, async (own) => {
      const reload = async (/** @type {string} */ text) => {
        const before = own.stderr.length;
        write("first.toml", text);
        own.child.kill("SIGHUP");
        await until(() => /reload: /.test(own.stderr.slice(before)), "the reload");
      };
      const publisher = await V1Publisher.open(own, "hall", {});
      await publisher.send(film.chunks[0]);
      const viewer = await V1Viewer.open(own, "cam");
      const events = await own.fetch("/api/v1/events");
      assert.equal(events.status, 200, "of the machine itself");
      const ended = events.text().catch(() => "cut off");
      await reload("max-lag = 4s\n");
      for (const peer of [publisher, viewer]) {
        await peer.ws.sendText({ type: "clock", sent: 1 });
        await peer.untilSaid("clock");
      }
      const still = await Promise.race([ended, Promise.resolve("it goes on")]);
      assert.equal(still, "it goes on");
      await reload('publish-key = ["first-key"]\n');
      assert.equal((await publisher.untilSaid("error")).code, "unauthorized");
      assert.equal((await publisher.ws.closed()).code, 1008);
      await within(ended, "the events to end");
      await viewer.ws.sendText({ type: "clock", sent: 2 });
      await until(() => viewer.said.some(({ sent }) => sent === 2), "who watches may still");
      await reload('publish-key = ["first-key"]\nwatch-key = ["second-key"]\n');
      assert.equal((await viewer.untilSaid("error")).code, "unauthorized");
      assert.equal((await viewer.ws.closed()).code, 1008);
    });
  });

  test("to be recorded takes the right to it, by each way of asking", async () => {
    const dir = mkdtempSync(join(folder, "films-"));
    const path = write("recorders.json", {
      keys: [
        { name: "plain", key: "plain-key", rights: [right("publish", "*")] },
        {
          name: "full",
          key: "full-key",
          rights: [right("publish", "*"), right("record", "rec/*")],
        },
      ],
    });
    const flags = ["--keys", path, "--publish-key", "static-key", "--record-dir", dir];
    await Server.with({ flags }, async (own) => {
      const hello = (/** @type {string} */ key, /** @type {string} */ stream, more = {}) =>
        V1Publisher.open(own, stream, null, {
          headers: { Authorization: `Bearer ${key}` },
        }).then(async (publisher) => {
          await publisher.ws.sendText({ type: "publish", ...more });
          return publisher;
        });
      for (const [key, stream, good] of /** @type {[string, string, boolean][]} */ ([
        ["plain-key", "rec/a", false],
        ["full-key", "other", false],
        ["full-key", "rec/b", true],
        ["static-key", "rec/c", true],
      ])) {
        const publisher = await hello(key, stream, { record: true });
        if (good) {
          await publisher.untilSaid("ready");
          await publisher.end();
        } else {
          const { code, message } = await publisher.untilSaid("error");
          assert.equal(code, "forbidden");
          assert.match(message, /no right "record"/);
        }
        const init = { method: "POST", body: "x", headers: { Authorization: `Bearer ${key}` } };
        const pushed = await own.fetch(`/publish/${stream}2?format=binary&record=true`, init);
        assert.equal(pushed.status, good ? 200 : 403);
      }
      const plain = await hello("plain-key", "rec/d");
      await plain.untilSaid("ready");
      await plain.end();
    });
  });

  for (const [what, text] of [
    ["that is not there", null],
    ["that is no JSON", "anna"],
    ["without keys", '{"keys":[]}'],
    ["with a short key", '{"keys":[{"name":"a","key":"s3cret","rights":[]}]}'],
  ])
    test(`a file ${what} keeps a server from starting`, async () => {
      const path = join(folder, "broken.json");
      if (text) writeFileSync(path, text);
      const failed = new Server({ flags: ["--keys", path] });
      assert.equal((await failed.ended()).code, 1);
      assert.match(failed.stderr, /framewire: --keys /);
      assert.ok(!failed.stderr.includes("s3cret"));
    });
});
