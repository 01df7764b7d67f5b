/** Tokens at the server: what they open, what refuses them, by both ways of carrying one. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { container } from "./lib/media.mjs";
import { HttpPublisher, V1Publisher } from "./lib/publisher.mjs";
import { RawWs } from "./lib/raw_ws.mjs";
import { Server } from "./lib/server.mjs";
import {
  claims,
  EXPECTED,
  forge,
  KeyFile,
  newcomer,
  newKey,
  nowS,
  right,
  sign,
} from "./lib/tokens.mjs";
import { HttpViewer, V1Viewer } from "./lib/viewer.mjs";
import { until } from "./lib/wait.mjs";

const file = new KeyFile();
/** @type {Record<string, import('./lib/tokens.mjs').IssuerKey>} */ const keys = {};
before(async () => {
  for (const alg of ["HS256", "RS256", "PS256", "ES256", "EdDSA"]) keys[alg] = await newKey(alg);
  file.write(Object.values(keys));
});
after(() => file.remove());

const flags = () => ["--jwks", file.path, ...EXPECTED];
/** @param {Server} server @param {string} path @param {string} token @param {'parameter' | 'header'} way @param {RequestInit} [init] */
function ask(server, path, token, way, init = {}) {
  const headers = { ...newcomer(), ...(way === "header" && { Authorization: `Bearer ${token}` }) };
  const to = way === "parameter" ? `${path}?token=${encodeURIComponent(token)}` : path;
  return server.fetch(to, { ...init, headers });
}
const WAYS = /** @type {('parameter' | 'header')[]} */ (["parameter", "header"]);

describe("a server with --jwks", () => {
  /** @type {Server} */ let server;
  before(async () => {
    const own = ["--trust-proxy", "127.0.0.1", "--publish-key", "static", "--log-level", "debug"];
    server = await Server.start({ flags: [...flags(), ...own] });
  });
  after(() => server.stop());

  for (const alg of ["HS256", "RS256", "PS256", "ES256", "EdDSA"])
    for (const way of WAYS)
      test(`${alg} as ${way}: opens what it names, and nothing else`, async () => {
        const token = await sign(
          keys[alg],
          claims([right("watch", "cam*"), { action: "metrics" }]),
        );
        assert.equal((await ask(server, "/api/v1/streams", token, way)).status, 200);
        assert.equal(
          (await ask(server, "/live/cam", token, way)).status,
          404,
          "let in: none is live",
        );
        assert.equal((await ask(server, "/live/camera/2.mp4", token, way)).status, 404);
        for (const [path, init] of /** @type {[string, RequestInit][]} */ ([
          ["/live/other", {}],
          ["/live/other/index.m3u8", {}],
          ["/publish/cam", { method: "PUT", body: "x" }],
          ["/api/v1/streams/cam/record", { method: "POST", body: "" }],
          ["/api/v1/recordings", {}],
          ["/api/v1/recordings/a.webm", { method: "DELETE" }],
        ])) {
          const answer = await ask(server, path, token, way, init);
          assert.equal(answer.status, 401, path);
          const { error } = await answer.json();
          assert.equal(error.code, "unauthorized");
          assert.match(error.message, /is good, but gives no right "/);
        }
      });

  const good = claims([right("watch", "*"), right("publish", "*")]);
  const json = (/** @type {unknown} */ value) => JSON.stringify(value);
  const pem = "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n";
  /** What is wrong, how it is called, and how it is made; `header: false`: a header's value may have blanks around it.
   * @type {[string, string, () => any, {header?: boolean}?][]} */
  const attacks = [
    ["header of another algorithm", "algorithm", () => swap(0, { alg: "RS256", kid: "es256" })],
    ["changed header", "signature", () => swap(0, { alg: "ES256", kid: "es256", typ: "x" })],
    ["changed payload", "signature", () => swap(1, { ...good, sub: "root" })],
    ["changed signature", "signature", () => swap(2, Buffer.alloc(64, 7))],
    ["another's signature", "signature", () => swap(2, Buffer.alloc(0))],
    ...["none", "None", "NONE", "nOnE"].map(
      (alg) => /** @type {any} */ ([alg, "algorithm", () => forge({ alg, kid: "es256" }, good)]),
    ),
    ["no algorithm", "algorithm", () => forge({ kid: "hs256" }, good, "k")],
    [
      "HS256 under an RSA key's name",
      "algorithm",
      () => forge({ alg: "HS256", kid: "rs256" }, good, pem),
    ],
    [
      "HS256 with a JWK as secret",
      "algorithm",
      () => forge({ alg: "HS256", kid: "es256" }, good, json(keys.ES256.jwk)),
    ],
    [
      "HS256 with an RSA JWK as secret",
      "algorithm",
      () => forge({ alg: "HS256", kid: "rs256" }, good, json(keys.RS256.jwk)),
    ],
    ["an empty secret", "signature", () => forge({ alg: "HS256", kid: "hs256" }, good)],
    ["another secret", "signature", () => forge({ alg: "HS256", kid: "hs256" }, good, "guess")],
    [
      "an algorithm that is not taken",
      "algorithm",
      () => forge({ alg: "HS512", kid: "hs256" }, good, "k"),
    ],
    ["an unknown key", "key-unknown", () => forge({ alg: "HS256", kid: "other" }, good, "k")],
    [
      "a path as key",
      "key-unknown",
      () => forge({ alg: "HS256", kid: "../../etc/passwd" }, good, "k"),
    ],
    ["no key named", "key-unknown", () => forge({ alg: "HS256" }, good, "k")],
    [
      "its own key",
      "signature",
      () => forge({ alg: "HS256", kid: "hs256", jwk: { kty: "oct", k: "aw" } }, good, "k"),
    ],
    [
      "an unknown crit",
      "critical",
      () => forge({ alg: "HS256", kid: "hs256", crit: ["x"], x: 1 }, good, "k"),
    ],
    ["an empty crit", "critical", () => forge({ alg: "HS256", kid: "hs256", crit: [] }, good, "k")],
    [
      "a member twice",
      "malformed",
      () => forge('{"alg":"HS256","alg":"none","kid":"hs256"}', good, "k"),
    ],
    [
      "nested arrays",
      "malformed",
      () => forge(`{"alg":"HS256","x":${"[".repeat(40)}${"]".repeat(40)}}`, good, "k"),
    ],
    ["no JSON", "malformed", () => forge("hello", good, "k")],
    ["an array", "malformed", () => forge("[]", good, "k")],
    ["two parts and a dot", "malformed", () => "a.b."],
    ["four parts", "malformed", async () => `${await sign(keys.ES256, good)}.x`],
    ["five parts (JWE)", "malformed", () => "a.b.c.d.e"],
    ["padded base64", "malformed", async () => `${await sign(keys.ES256, good)}==`],
    [
      "a leading blank",
      "malformed",
      async () => ` ${await sign(keys.ES256, good)}`,
      { header: false },
    ],
    [
      "a trailing line end",
      "malformed",
      async () => `${await sign(keys.ES256, good)}\n`,
      { header: false },
    ],
    ["ES256 of 65 bytes", "signature", () => swap(2, Buffer.alloc(65, 1))],
    ["ES256 as DER", "signature", () => swap(2, Buffer.from("3006020101020101", "hex"))],
    [
      "over 8 KiB",
      "too-long",
      () => forge({ alg: "HS256", kid: "hs256" }, { ...good, x: "y".repeat(7000) }, "k"),
    ],
    ["expired", "expired", () => sign(keys.ES256, { ...good, exp: nowS() - 61 })],
    ["without an end", "no-expiry", () => sign(keys.ES256, { ...good, exp: undefined })],
    ["an end in words", "malformed", () => forgeGood({ ...good, exp: "tomorrow" })],
    ["not valid yet", "not-yet", () => sign(keys.ES256, { ...good, nbf: nowS() + 120 })],
    ["issued in the future", "not-yet", () => sign(keys.ES256, { ...good, iat: nowS() + 120 })],
    ["another issuer", "issuer", () => sign(keys.ES256, { ...good, iss: "https://evil.example" })],
    ["no issuer", "issuer", () => sign(keys.ES256, { ...good, iss: undefined })],
    ["another audience", "audience", () => sign(keys.ES256, { ...good, aud: "other" })],
    ["no audience", "audience", () => sign(keys.ES256, { ...good, aud: undefined })],
    ["no rights", "rights", () => sign(keys.ES256, { ...good, framewire: undefined })],
    ["an empty list of rights", "rights", () => sign(keys.ES256, { ...good, framewire: [] })],
    [
      "an unknown action",
      "rights",
      () => sign(keys.ES256, { ...good, framewire: [right("fly", "*")] }),
    ],
    [
      "a right with more in it",
      "rights",
      () => sign(keys.ES256, { ...good, framewire: [{ ...right("watch", "*"), only: "monday" }] }),
    ],
  ];
  /** One part of a good token, replaced. @param {number} index @param {unknown} by */
  async function swap(index, by) {
    const parts = (await sign(keys.ES256, good)).split(".");
    const bytes = Buffer.isBuffer(by) ? by : Buffer.from(JSON.stringify(by));
    parts[index] = bytes.toString("base64url");
    return parts.join(".");
  }
  const forgeGood = (/** @type {unknown} */ payload) =>
    forge({ alg: "HS256", kid: "hs256" }, payload, keys.HS256.key);

  for (const [name, fault, make, { header = true } = {}] of attacks)
    for (const way of WAYS.filter((one) => header || one === "parameter"))
      test(`${name}, as ${way}: token-${fault}`, async () => {
        const token = await make();
        const before = server.stderr.length;
        const answer = await ask(server, "/live/cam", token, way);
        const { error } = await answer.json();
        if (fault === "too-long" && answer.status === 413) {
          assert.equal(error.code, "limit-exceeded", "with its line the head is over --max-head");
          return;
        }
        assert.equal(answer.status, 401);
        assert.equal(error.code, fault === "expired" ? "token-expired" : "unauthorized");
        assert.match(error.message, new RegExp(`^token-${fault}: `));
        assert.match(answer.headers.get("www-authenticate") ?? "", /^Bearer/);
        await until(
          () => server.stderr.slice(before).includes(`token-${fault}`),
          "a line in the log",
        );
        const log = server.stderr + JSON.stringify(error);
        for (const piece of token.split(".").filter((/** @type {string} */ one) => one.length > 12))
          assert.ok(!log.includes(piece.slice(0, 12)), "nothing of the token is told");
        assert.ok(!log.includes("s3cret"), "nor what it says");
      });

  test("a good one between blanks is one, in a header", async () => {
    const token = await sign(keys.ES256, good);
    assert.equal((await ask(server, "/live/cam", `  ${token} `, "header")).status, 404);
  });

  test("two of them are refused, however they come", async () => {
    const token = await sign(keys.ES256, good);
    const headers = { ...newcomer(), Authorization: `Bearer ${token}` };
    for (const answer of [
      await server.fetch(`/live/cam?token=${token}&token=${token}`, { headers: newcomer() }),
      await server.fetch(`/live/cam?token=${token}`, { headers }),
    ]) {
      assert.equal(answer.status, 400);
      assert.match((await answer.json()).error.message, /a key is given twice/);
    }
  });

  test("a framewire.v1 peer is told the name, a bare one gets 401", async () => {
    const token = await sign(keys.ES256, claims([right("watch", "*")], { aud: "other" }));
    const path = `/live/cam?token=${token}`;
    const v1 = await RawWs.open({
      port: server.port,
      path,
      protocol: "framewire.v1",
      headers: newcomer(),
    });
    const closed = await v1.closed();
    assert.deepEqual([closed.code, closed.reason], [1008, "unauthorized"]);
    const said = JSON.parse(v1.messages[0].data.toString());
    assert.equal(said.code, "unauthorized");
    assert.match(said.message, /^token-audience: /);
    const bare = await RawWs.request({ port: server.port, path, headers: newcomer() });
    assert.equal(bare.head.status, 401);
  });

  test("media goes through: by WebSocket and PUT, to WebSocket, HTTP and HLS", async () => {
    const film = container("chromium-vp8-opus-finished.webm");
    const mine = await sign(keys.EdDSA, claims([right("publish", "room/*")]));
    const theirs = await sign(keys.RS256, claims([right("watch", "room/*")]));
    const byWs = await V1Publisher.open(server, "room/a", film.hello, { token: mine });
    const byPut = new HttpPublisher(server, "room/b", { method: "PUT", query: `?token=${mine}` });
    const viewer = await V1Viewer.open(server, `room/a?token=${theirs}`);
    const body = new HttpViewer(server, "room/b?wait=15", { Authorization: `Bearer ${theirs}` });
    for (const chunk of film.chunks.slice(0, 8)) {
      await byWs.send(chunk);
      await byPut.send(chunk);
    }
    await until(() => viewer.media.length > 0, "media by WebSocket");
    await body.answered();
    await until(() => body.bytes.length > 0, "media by HTTP");
    for (const [token, status] of /** @type {[string, number][]} */ ([
      [mine, 401],
      [theirs, 200],
    ])) {
      const list = await server.fetch(`/live/room/a/index.m3u8?wait=15&token=${token}`, {
        headers: newcomer(),
      });
      assert.equal(list.status, status);
      if (status === 200) assert.match(await list.text(), new RegExp(`token=${token}`));
      else await list.body?.cancel();
    }
    body.cut();
    byPut.cut();
    await byWs.end();
  });

  test("static keys go on beside them; without either nothing is open", async () => {
    const tried = (/** @type {string} */ query, /** @type {RequestInit} */ init) =>
      server.fetch(query, { ...init, headers: newcomer() }).then((answer) => answer.status);
    const push = { method: "POST", body: "no media" };
    assert.equal(await tried("/publish/cam?token=static", push), 200);
    assert.equal(await tried("/publish/cam", push), 401);
    assert.equal(await tried("/live/cam", {}), 401);
    assert.equal(await tried("/api/v1/streams", {}), 401);
    assert.equal(await tried("/watch/cam", {}), 200);
    assert.equal(await tried("/healthz", {}), 200);
  });

  test("20 wrong ones, and that address waits", async () => {
    const headers = newcomer();
    const token = await sign(keys.ES256, good);
    for (let n = 0; n < 20; n += 1)
      assert.equal((await server.fetch(`/live/cam?token=a.b.${n}`, { headers })).status, 401);
    const answer = await server.fetch(`/live/cam?token=${token}`, { headers });
    assert.equal(answer.status, 429, "a right one, too");
    const left = Number(answer.headers.get("retry-after"));
    assert.ok(left >= 1 && left <= 10, String(left));
    assert.equal(
      (await server.fetch(`/live/cam?token=${token}`, { headers: newcomer() })).status,
      404,
    );
  });
});

test("--open-watch: tokens for publishing, nobody needs one to watch", async () => {
  await Server.with({ flags: [...flags(), "--open-watch"] }, async (server) => {
    assert.equal((await server.fetch("/live/cam")).status, 404);
    assert.equal((await server.fetch("/live/cam?token=a.b.c")).status, 404);
    assert.equal((await server.fetch("/publish/cam", { method: "POST", body: "x" })).status, 401);
  });
});
