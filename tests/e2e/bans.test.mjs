/** Bans by the API: who is kept out and sent away, what lifts them, and that they outlive a reload and a restart. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Api } from "./lib/api_schema.mjs";
import { container } from "./lib/media.mjs";
import { V1Publisher } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";
import { right } from "./lib/tokens.mjs";
import { HttpViewer, V1Viewer } from "./lib/viewer.mjs";
import { until } from "./lib/wait.mjs";

const film = container("chromium-vp8-opus-camera.webm");
const folder = mkdtempSync(join(tmpdir(), "framewire-bans-"));
after(() => rmSync(folder, { recursive: true }));

const BOSS = { Authorization: "Bearer boss" };
const state = join(folder, "state");
const keys = join(folder, "keys.json");
writeFileSync(
  keys,
  JSON.stringify({
    keys: ["anna", "bert"].map((name) => ({
      ...{ name, key: `${name}-key`, rights: [right("watch", "*"), right("publish", "*")] },
    })),
  }),
);
const flags = [
  ...["--keys", keys, "--publish-key", "boss", "--trust-proxy", "127.0.0.1", "--state-dir", state],
  ...["--ban", "198.51.100.7", "--tcp-watch", "cam=127.0.0.1:0"],
];
/** @param {string} address */
const from = (address) => ({ "X-Forwarded-For": address });

describe("a ban by the API", () => {
  /** @type {Server} */ let server;
  /** @type {Api} */ let api;
  before(async () => {
    server = await Server.start({ flags });
    api = await Api.of(server, { ...BOSS, ...from("203.0.113.1") });
  });
  after(() => server.stop());
  const bans = async () => (await api.ask("GET", "/api/v1/bans")).json.bans;
  /** @param {string} key @param {string} address */
  const status = async (key, address) =>
    (await server.fetch(`/live/none?token=${key}`, { headers: from(address) })).status;

  test("of an address sends away who is there, keeps out who comes, until it is lifted", async () => {
    const headers = from("192.0.2.9");
    const there = await V1Viewer.open(server, "cam?token=anna-key", { headers });
    const other = await V1Viewer.open(server, "cam?token=anna-key", {
      headers: from("192.0.2.10"),
    });
    const wish = { address: "192.0.2.9", reason: "floods" };
    const { status: made, json } = await api.ask("POST", "/api/v1/bans", wish);
    assert.equal(made, 200);
    assert.deepEqual(
      [json.address, json.reason, json.until_ms, json.configured],
      ["192.0.2.9", "floods", null, false],
    );
    assert.equal((await there.untilSaid("error")).code, "banned");
    const { code, reason } = await there.ws.closed();
    assert.deepEqual([code, reason], [1008, "banned"]);
    assert.equal(await status("anna-key", "192.0.2.9"), 403);
    assert.equal(await status("anna-key", "192.0.2.10"), 404);
    assert.deepEqual(await bans(), [
      (await bans()).find((/** @type {any} */ ban) => ban.configured),
      json,
    ]);
    assert.equal((await api.ask("DELETE", `/api/v1/bans/${json.id}`)).status, 204);
    assert.equal(await status("anna-key", "192.0.2.9"), 404);
    await other.ws.sendText({ type: "clock", sent: 1 });
    await other.untilSaid("clock");
    await other.ws.close(1000);
  });

  test("of an identity sends its publisher and its viewers away", async () => {
    const publisher = await V1Publisher.open(server, "berts", film.hello, {
      headers: { Authorization: "Bearer bert-key" },
    });
    await publisher.send(film.chunks[0]);
    const body = new HttpViewer(server, "berts?token=bert-key");
    await body.answered();
    const anna = await V1Viewer.open(server, "berts?token=anna-key");
    const { json } = await api.ask("POST", "/api/v1/bans", { identity: "bert" });
    assert.equal((await publisher.untilSaid("error")).code, "banned");
    await until(() => body.ended, "the body to end");
    assert.equal(await status("bert-key", "192.0.2.11"), 403);
    assert.equal((await anna.untilSaid("waiting")).reason, "publisher-lost");
    await api.ask("DELETE", `/api/v1/bans/${json.id}`);
    await anna.ws.close(1000);
  });

  test("of a name that is nobody's own meets nobody", async () => {
    for (const identity of ["everybody", "a publish key"]) {
      const asker =
        identity === "everybody" ? api : await Api.of(server, { Authorization: "Bearer boss" });
      const { json } = await asker.ask("POST", "/api/v1/bans", { identity });
      assert.equal((await server.fetch("/healthz")).status, 200, "of who shows no key");
      assert.equal((await server.fetch("/")).status, 200);
      assert.notEqual(await status("boss", "192.0.2.12"), 403);
      if (json.id) await api.ask("DELETE", `/api/v1/bans/${json.id}`);
    }
  });

  test("of an IPv6 address is of its /64, and ends when it says", async () => {
    const until_ms = Date.now() + 2_000;
    const { json } = await api.ask("POST", "/api/v1/bans", { address: "2001:db8::5", until_ms });
    assert.equal(json.address, "2001:db8::/64");
    assert.ok(Math.abs(json.until_ms - until_ms) <= 1_000);
    assert.equal(await status("anna-key", "2001:db8::6"), 403);
    await until(async () => (await status("anna-key", "2001:db8::6")) === 404, "its end");
    assert.equal((await bans()).length, 1, "that of --ban");
  });

  test("ends plain TCP connections", async () => {
    const port = await until(
      () => /watch cam on 127\.0\.0\.1:(\d+)/.exec(server.output)?.[1],
      "the port",
    );
    const socket = net.connect(Number(port), "127.0.0.1");
    const ended = new Promise((resolve) => socket.on("close", resolve));
    await until(
      async () =>
        (await api.ask("GET", "/api/v1/sessions?stream=cam")).json.sessions.some(
          (/** @type {any} */ one) => one.transport === "tcp",
        ),
      "it to be there",
    );
    const { json } = await api.ask("POST", "/api/v1/bans", { address: "127.0.0.1" });
    await ended;
    await api.ask("DELETE", `/api/v1/bans/${json.id}`);
  });

  for (const [what, body, pattern] of /** @type {[string, any, RegExp][]} */ ([
    ["of nobody", { reason: "x" }, /either an "address" or an "identity"/],
    ["of both", { address: "192.0.2.1", identity: "x" }, /either/],
    ["of a name as an address", { address: "example.org" }, /IPv4 address/],
    ["of a large network", { address: "192.0.2.0/24" }, /IPv4 address/],
    ["that is over", { identity: "x", until_ms: 1 }, /over already/],
    ["with what is not known", { identity: "x", for_ms: 1 }, /"for_ms"/],
    ["said twice", '{"identity":"x","identity":"y"}', /"identity" is said twice/],
    ["of whoever asks, by address", { address: "203.0.113.1" }, /whoever asks/],
    ["of whoever asks, by name", { identity: "a publish key" }, /whoever asks/],
  ]))
    test(`one ${what} is refused`, async () => {
      const { status: refused, json } = await api.ask("POST", "/api/v1/bans", body);
      assert.equal(refused, 400);
      assert.match(json.error.message, pattern);
    });

  test("one of --ban, and one that is not there, are lifted by nobody", async () => {
    const [configured] = await bans();
    for (const id of [configured.id, 999_999])
      assert.equal((await api.ask("DELETE", `/api/v1/bans/${id}`)).status, 404);
    assert.equal(await status("anna-key", "198.51.100.7"), 403);
  });

  test("takes the right to manage", async () => {
    for (const method of ["GET", "POST"])
      assert.equal((await server.fetch("/api/v1/bans?token=anna-key", { method })).status, 401);
  });
});

test("bans outlive a reload, and a restart where there is a folder for them", async () => {
  const until_ms = Date.now() + 3_600_000;
  const killed = await Server.start({ flags });
  const of = await Api.of(killed, BOSS);
  await of.ask("POST", "/api/v1/bans", { address: "192.0.2.1", until_ms, reason: "r" });
  await of.ask("POST", "/api/v1/bans", { identity: "anna" });
  const { json: lifted } = await of.ask("POST", "/api/v1/bans", { identity: "lifted" });
  await of.ask("DELETE", `/api/v1/bans/${lifted.id}`);
  killed.child.kill("SIGHUP");
  await until(() => /reload: /.test(killed.stderr), "the reload");
  assert.equal((await of.ask("GET", "/api/v1/bans")).json.bans.length, 3);
  killed.child.kill("SIGKILL");
  await killed.exited;
  assert.match(readFileSync(join(state, "bans"), "utf8"), /192\.0\.2\.1/);
  await Server.with({ flags }, async (server) => {
    const api = await Api.of(server, BOSS);
    const { json } = await api.ask("GET", "/api/v1/bans");
    const own = json.bans.filter((/** @type {any} */ ban) => !ban.configured);
    assert.deepEqual(
      own.map((/** @type {any} */ ban) => [ban.address ?? ban.identity, ban.reason]),
      [
        ["192.0.2.1", "r"],
        ["anna", ""],
      ],
    );
    assert.ok(Math.abs(own[0].until_ms - until_ms) <= 1_000);
    assert.equal((await server.fetch("/live/none?token=anna-key")).status, 403);
    assert.equal((await server.fetch("/live/none?token=bert-key")).status, 404);
  });
});
