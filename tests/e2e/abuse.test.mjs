/** Who is slowed down, banned, or has limits. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { HookServer } from "./lib/hook_server.mjs";
import { container } from "./lib/media.mjs";
import { HttpPublisher, V1Publisher } from "./lib/publisher.mjs";
import { RawWs } from "./lib/raw_ws.mjs";
import { Server } from "./lib/server.mjs";
import { claims, EXPECTED, KeyFile, newcomer, newKey, nowS, right, sign } from "./lib/tokens.mjs";
import { HttpViewer, V1Viewer } from "./lib/viewer.mjs";
import { sleep, until } from "./lib/wait.mjs";

const film = container("chromium-vp8-opus-camera.webm");
const folder = mkdtempSync(join(tmpdir(), "framewire-abuse-"));
after(() => rmSync(folder, { recursive: true }));
/** @param {string} name @param {unknown} value */
function write(name, value) {
  const path = join(folder, name);
  writeFileSync(path, typeof value === "string" ? value : JSON.stringify(value));
  return path;
}
/** @param {Server} server @param {string} path @param {Record<string, string>} [headers] */
const v1 = (server, path, headers = {}) =>
  RawWs.open({ port: server.port, path, protocol: "framewire.v1", headers });
/** What a v1 peer that is not let in is told. @param {RawWs} ws */
async function refusal(ws) {
  const { code, reason } = await ws.closed();
  return { code, reason, said: JSON.parse(ws.messages[0].data.toString()) };
}

describe("wrong keys", () => {
  /** @type {Server} */ let server;
  const secret = "k".repeat(40);
  before(async () => {
    server = await Server.start({
      flags: [
        ...["--watch-key", "w", "--trust-proxy", "127.0.0.1", "--link-key"],
        ...[write("links.key", secret), "--wrong-keys", "5", "--wrong-keys-window", "4s"],
      ],
    });
  });
  after(() => server.stop());

  /** A query, and whether it comes as a header. @type {[string, (n: number) => string][]} */
  const ways = [
    ["keys", (n) => `token=wrong${n}`],
    ["tokens", (n) => `token=a.b.${n}`],
    ["links", (n) => `expires=${nowS() + 600 + n}&sign=${"A".repeat(43)}`],
  ];
  for (const [what, query] of ways)
    test(`5 wrong ${what} in 4 s: 429 with Retry-After, to a page its JSON and 1013; then all is well`, async () => {
      const headers = newcomer();
      for (let n = 0; n < 5; n += 1)
        assert.equal((await server.fetch(`/live/cam?${query(n)}`, { headers })).status, 401);
      const answer = await server.fetch("/live/cam?token=w", { headers });
      assert.equal(answer.status, 429, "a right one, too");
      const left = Number(answer.headers.get("retry-after"));
      assert.ok(left >= 1 && left <= 4, String(left));
      assert.equal((await answer.json()).error.code, "wrong-keys");
      const { code, reason, said } = await refusal(await v1(server, "/live/cam?token=w", headers));
      assert.deepEqual([code, reason, said.code], [1013, "wrong-keys", "wrong-keys"]);
      assert.ok(said.retry_ms >= 1000 && said.retry_ms <= 4000, String(said.retry_ms));
      assert.equal((await server.fetch("/live/cam?token=w", { headers: newcomer() })).status, 404);
      assert.equal((await server.fetch("/watch/cam", { headers })).status, 200, "who shows none");
      await until(
        async () => (await server.fetch("/live/cam?token=w", { headers })).status === 404,
        "the end of it",
        { every: 200 },
      );
    });

  test("an IPv6 client has a network: its addresses are one", async () => {
    for (let n = 0; n < 5; n += 1)
      await server.fetch(`/live/cam?token=wrong${n}`, {
        headers: { "X-Forwarded-For": `2001:db8:1:2::${n + 1}` },
      });
    const status = async (/** @type {string} */ from) =>
      (await server.fetch("/live/cam?token=w", { headers: { "X-Forwarded-For": from } })).status;
    assert.equal(await status("2001:db8:1:2:ffff::9"), 429);
    assert.equal(await status("2001:db8:1:3::1"), 404);
  });
});

describe("bans", () => {
  test("by address, network and name, also of who is connected, by a reload", async () => {
    const keys = write("keys.json", {
      keys: ["anna", "bert"].map((name) => ({
        name,
        key: `${name}-key`,
        rights: [right("watch", "*"), right("publish", "*")],
      })),
    });
    const config = write("fw.toml", 'ban = ["192.0.2.7", "2001:db8::1"]\n');
    const flags = ["--config", config, "--keys", keys, "--trust-proxy", "127.0.0.1"];
    await Server.with({ flags }, async (server) => {
      const status = async (/** @type {string} */ from, path = "/live/cam?token=anna-key") =>
        (await server.fetch(path, { headers: { "X-Forwarded-For": from } })).status;
      for (const from of ["192.0.2.7", "::ffff:192.0.2.7", "2001:db8::1", "2001:db8::2:3"])
        for (const path of ["/live/cam?token=anna-key", "/watch/cam", "/"])
          assert.equal(await status(from, path), 403, `${from} ${path}`);
      assert.equal(await status("192.0.2.8"), 404);
      assert.equal(await status("2001:db8:0:1::1"), 404);
      const told = await refusal(
        await v1(server, "/live/cam?token=anna-key", { "X-Forwarded-For": "192.0.2.7" }),
      );
      assert.deepEqual([told.code, told.reason, told.said.code], [1008, "banned", "banned"]);

      const publisher = await V1Publisher.open(server, "cam", film.hello, {
        path: "/publish/cam?token=bert-key",
      });
      await publisher.send(film.chunks[0]);
      const anna = await V1Viewer.open(server, "cam?token=anna-key");
      const bert = await V1Viewer.open(server, "cam?token=bert-key");
      const body = new HttpViewer(server, "cam?token=anna-key");
      await body.answered();
      writeFileSync(config, 'ban = ["anna", "192.0.2.9"]\n');
      server.child.kill("SIGHUP");
      const { code, reason } = await anna.ws.closed();
      assert.deepEqual([code, reason], [1008, "banned"]);
      assert.equal(anna.said.at(-1).code, "banned");
      await body.ended();
      assert.equal((await server.fetch("/live/cam?token=anna-key")).status, 403);
      assert.equal(
        (await (await server.fetch("/live/x?token=anna-key")).json()).error.code,
        "banned",
      );
      assert.equal(await status("192.0.2.7", "/watch/cam"), 200, "lifted");
      await publisher.send(film.chunks[1]);
      await until(() => bert.parts.length >= 2, "the others see it on");
      await publisher.end();
    });
  });
});

describe("limits of an identity", () => {
  const jwks = new KeyFile();
  /** @type {HookServer} */ let hook;
  /** @type {Server} */ let server;
  /** @type {Record<string, string>} how each of them shows its limits: a query */ const shows = {};
  const limits = { streams: 1, viewers: 2 };
  const rights = [right("publish", "*"), right("watch", "*")];
  before(async () => {
    const issuer = await newKey("ES256");
    jwks.write([issuer]);
    hook = await HookServer.start(({ token }) => ({
      body: { name: "of the hook", rights, limits: token === "slow" ? { kbps: 400 } : limits },
    }));
    const keys = write("limits.json", {
      keys: [{ name: "of the file", key: "file-key", rights, limits }],
    });
    server = await Server.start({
      flags: ["--jwks", jwks.path, ...EXPECTED, "--auth-url", hook.url, "--keys", keys],
    });
    shows.token = await sign(
      issuer,
      claims(rights, { sub: "of the token", framewire_limits: limits }),
    );
    shows.file = "file-key";
    shows.hook = "anything";
    shows.wrong = await sign(issuer, claims(rights, { framewire_limits: { films: 1 } }));
  });
  after(async () => {
    await server.stop();
    hook.stop();
    jwks.remove();
  });

  for (const who of ["token", "file", "hook"])
    test(`one stream and two viewers, said by the ${who}`, async () => {
      const key = shows[who];
      const publisher = await V1Publisher.open(server, `of-${who}`, film.hello, {
        path: `/publish/of-${who}?token=${key}`,
      });
      await publisher.send(film.chunks[0]);
      const second = await refusal(await v1(server, `/publish/other-${who}?token=${key}`));
      assert.deepEqual([second.code, second.reason], [1008, "over-quota"]);
      assert.match(second.said.message, /publishes as many streams/);
      const pushed = await server.fetch(`/publish/other-${who}?token=${key}`, {
        ...{ method: "POST", body: "x" },
      });
      assert.equal(pushed.status, 403);
      const viewer = await V1Viewer.open(server, `of-${who}?token=${key}`);
      const body = new HttpViewer(server, `of-${who}?token=${key}`);
      await body.answered();
      assert.equal(
        (await refusal(await v1(server, `/live/of-${who}?token=${key}`))).reason,
        "over-quota",
      );
      body.cut();
      await until(async () => {
        const ws = await v1(server, `/live/of-${who}?token=${key}`);
        await sleep(50);
        const alive = !ws.messages.some(({ data }) => data.toString().includes("over-quota"));
        await ws.close(1000).catch(() => {});
        return alive;
      }, "its place to be free");
      await viewer.ws.close(1000);
      await publisher.end();
      await until(async () => {
        const answer = await server.fetch(`/publish/again-${who}?token=${key}`, {
          ...{ method: "POST", body: "x" },
        });
        return answer.status === 200;
      }, "its stream to be free");
    });

  test("a poster and HEAD are no viewers", async () => {
    const viewers = await Promise.all(
      [0, 1].map(() => V1Viewer.open(server, "none?token=anything")),
    );
    for (const method of ["GET", "HEAD"])
      for (const path of ["/live/none.jpg", "/live/none"]) {
        const answer = await server.fetch(`${path}?token=anything`, { method });
        const refused = method === "GET" && path === "/live/none";
        assert.equal(answer.status, refused ? 403 : 404, `${method} ${path}`);
      }
    for (const viewer of viewers) await viewer.ws.close(1000);
  });

  test("a page that went without a word makes room for the one that comes; one that is there does not", async () => {
    const there = await V1Viewer.open(server, "page?token=anything");
    const gone = await RawWs.open({
      ...{ port: server.port, protocol: "framewire.v1", path: "/live/page?token=anything" },
    });
    gone.socket.removeAllListeners("data");
    gone.socket.pause(); // as a machine that sleeps: its kernel answers, and nobody else
    const asked = Date.now();
    await until(
      async () => {
        const ws = await v1(server, "/live/page?token=anything");
        await sleep(200);
        const refused = ws.messages.some(({ data }) => data.toString().includes("over-quota"));
        if (!refused) await ws.close(1000);
        return !refused;
      },
      "the place of the one that has gone",
      { every: 500 },
    );
    assert.ok(Date.now() - asked < 15_000, "long before it would be missed");
    await there.ws.sendText({ type: "clock", sent: 1 });
    await there.untilSaid("clock");
    gone.cut();
    await there.ws.close(1000);
  });

  test("who is read from more slowly is not taken for silent", async () => {
    const path = write("slow.json", {
      keys: [{ name: "slow", key: "slow-key", rights, limits: { kbps: 80 } }],
    });
    const flags = ["--keys", path, "--ping-interval", "1s"];
    await Server.with({ flags }, async (own) => {
      const publisher = await V1Publisher.open(
        own,
        "cam",
        { format: "binary" },
        {
          path: "/publish/cam?token=slow-key",
        },
      );
      await publisher.send(Buffer.alloc(70_000)); // 10,000 a second, and 20,000 at once
      await publisher.send(Buffer.alloc(1_000));
      await publisher.untilAcked();
      assert.ok(!/silent for too long/.test(own.stderr));
      await publisher.end();
    });
  });

  test("a token whose limits are not understood is refused", async () => {
    const answer = await server.fetch(`/live/cam?token=${shows.wrong}`);
    assert.match((await answer.json()).error.message, /^token-rights: the token's limits /);
  });

  test("a bitrate: who sends faster is read more slowly, and nothing is lost", async () => {
    const size = 250_000; // 400 kbit/s: 50,000 bytes a second, and two seconds' at once
    const publisher = new HttpPublisher(server, "slow", {
      ...{ method: "PUT", query: "?token=slow&format=binary" },
    });
    const sockets = await V1Viewer.open(server, "slow?token=slow");
    const from = performance.now();
    for (let at = 0; at < size; at += 10_000)
      await publisher.send(Buffer.alloc(10_000, at / 10_000));
    const answer = await publisher.end();
    const seconds = (performance.now() - from) / 1000;
    assert.equal(JSON.parse(answer.body).received_bytes, size);
    assert.ok(seconds > 1, `${seconds} s: it was held back`);
    await sockets.ws.closed().catch(() => {});
  });
});
