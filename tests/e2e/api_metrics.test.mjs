/** What an operator sees: /api/v1, /metrics, /healthz, the pages and their headers, keys. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { get } from "node:http";
import { after, before, describe, test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { LiveSource } from "./lib/live_source.mjs";
import { container } from "./lib/media.mjs";
import { BarePublisher, publishOptions, V1Publisher } from "./lib/publisher.mjs";
import { RawWs } from "./lib/raw_ws.mjs";
import { Server } from "./lib/server.mjs";
import { BareViewer, liveOptions, V1Viewer } from "./lib/viewer.mjs";
import { until } from "./lib/wait.mjs";

/** @type {Server} */ let server;
before(async () => (server = await Server.start()));
after(() => server.stop());

/** @param {Server} s @returns {Promise<Map<string, number>>} every sample by its full name */
async function metricsOf(s) {
  const text = await (await s.fetch("/metrics")).text();
  const lines = text.split("\n").filter((line) => line && !line.startsWith("#"));
  return new Map(
    lines.map((line) => [
      line.slice(0, line.lastIndexOf(" ")),
      Number(line.slice(line.lastIndexOf(" ") + 1)),
    ]),
  );
}

/** The sum of all samples of one name. @param {Map<string, number>} metrics @param {string} name */
function total(metrics, name) {
  return [...metrics]
    .filter(([key]) => key === name || key.startsWith(`${name}{`))
    .reduce((sum, [, value]) => sum + value, 0);
}

test("/healthz says ok", async () => {
  const answer = await server.fetch("/healthz");
  assert.equal(answer.status, 200);
  assert.equal((await answer.text()).trim(), "ok");
});

test("/api/v1/streams lists a live stream, with its facts, until it ends", async () => {
  const publisher = await V1Publisher.open(server, "api/cam", { title: "A title" });
  await publisher.sendAll(container("chromium-vp8-opus-camera.webm").chunks.slice(0, 20));
  const viewer = await V1Viewer.open(server, "api/cam");
  await viewer.untilSaid("stream");
  const one = await until(async () => {
    const s = await server.describe("api/cam");
    return s?.viewers === 1 && s;
  }, "the viewer to be counted");
  assert.equal(one.name, "api/cam");
  assert.equal(one.state, "live");
  assert.equal(one.title, "A title");
  assert.equal(one.format, "webm");
  assert.match(one.mime, /^video\/webm; ?codecs="?(vp8, ?opus|opus, ?vp8)"?$/);
  const { streams } = await (await server.fetch("/api/v1/streams")).json();
  assert.ok(
    streams.some((/** @type {any} */ s) => s.name === "api/cam"),
    JSON.stringify(streams),
  );
  await publisher.end();
  await viewer.untilSaid("end");
  await viewer.ws.close();
  await until(
    async () => (await server.describe("api/cam"))?.state !== "live",
    "the stream to be gone",
  );
});

test("viewers are counted to publisher and viewers", async () => {
  const publisher = await V1Publisher.open(server, "api/count", {});
  await publisher.sendAll(container("chromium-vp8-opus-camera.webm").chunks.slice(0, 5));
  const viewers = await Promise.all([
    V1Viewer.open(server, "api/count"),
    V1Viewer.open(server, "api/count"),
  ]);
  await until(
    () => publisher.said.some((m) => m.type === "viewers" && m.count === 2),
    "the publisher to be told 2 viewers",
  );
  await until(
    () => viewers[0].said.some((m) => m.type === "viewers" && m.count === 2),
    "a viewer to be told 2 viewers",
  );
  await viewers[1].ws.close();
  await until(
    () => publisher.said.some((m, i) => m.type === "viewers" && m.count === 1 && i > 0),
    "the publisher to be told 1 viewer",
  );
  await publisher.end();
});

test("/metrics is Prometheus text whose counters count", async () => {
  const answer = await server.fetch("/metrics");
  assert.equal(answer.status, 200);
  assert.match(String(answer.headers.get("content-type")), /^text\/plain/);
  const before = await metricsOf(server);
  assert.ok(
    [...before.keys()].some((name) => name.startsWith("framewire_")),
    "a framewire_ metric",
  );
  await RawWs.request({ port: server.port, path: "/live/x", origin: "https://evil.example" });
  const viewer = await BareViewer.open(server, "api/metrics");
  const publisher = await BarePublisher.open(server, "api/metrics");
  await publisher.sendAll(container("chromium-vp8-opus-camera.webm").chunks);
  await publisher.end();
  await viewer.ended();
  const after = await until(async () => {
    const now = await metricsOf(server);
    return total(now, "framewire_refusals_total") > total(before, "framewire_refusals_total")
      ? now
      : null;
  }, "the refusal to be counted");
  for (const [name, value] of after) assert.ok(Number.isFinite(value), `${name} ${value}`);
  for (const line of (await (await server.fetch("/metrics")).text()).split("\n")) {
    assert.match(line, /^$|^# (HELP|TYPE) |^[a-zA-Z_:][\w:]*(\{.*\})? \S+$/);
  }
});

test("the v1 stream message names tracks and codecs", async () => {
  const publisher = await V1Publisher.open(server, "api/tracks", {});
  await publisher.sendAll(container("chromium-vp9-opus-camera.mp4").chunks);
  const viewer = await V1Viewer.open(server, "api/tracks");
  const stream = await viewer.untilSaid("stream");
  assert.equal(stream.format, "mp4");
  assert.match(stream.mime, /^video\/mp4; ?codecs="(vp09\.[\d.]+, ?opus|opus, ?vp09\.[\d.]+)"$/);
  assert.deepEqual(stream.tracks.map((/** @type {any} */ t) => t.kind).sort(), ["audio", "video"]);
  const video = stream.tracks.find((/** @type {any} */ t) => t.kind === "video");
  assert.deepEqual([video.width, video.height], [640, 360]);
  await publisher.end();
  await viewer.ws.close();
});

describe("pages", () => {
  for (const path of [
    "/",
    "/watch/some/stream",
    "/publish/some/stream",
    "/embed/some/stream",
    "/recordings",
  ]) {
    test(`GET ${path} is HTML`, async () => {
      const answer = await server.fetch(path);
      assert.equal(answer.status, 200);
      assert.match(String(answer.headers.get("content-type")), /^text\/html/);
      assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
      const policy = String(answer.headers.get("content-security-policy"));
      assert.match(policy, /default-src 'self'/);
      assert.equal(/frame-ancestors \*/.test(policy), path.startsWith("/embed/"), policy);
    });
  }
  test("GET /framewire.js is a module, with an ETag that is honoured", async () => {
    const answer = await server.fetch("/framewire.js");
    assert.equal(answer.status, 200);
    assert.match(String(answer.headers.get("content-type")), /javascript/);
    const etag = String(answer.headers.get("etag"));
    const again = await server.fetch("/framewire.js", { headers: { "If-None-Match": etag } });
    assert.equal(again.status, 304);
  });

  /** As sent, not decoded. @param {string} path @param {string} [coding] */
  const raw = (path, coding) =>
    new Promise((resolve, reject) => {
      const headers = coding === undefined ? {} : { "Accept-Encoding": coding };
      get(`${server.origin}${path}`, { headers }, async (answer) => {
        const pieces = [];
        for await (const piece of answer) pieces.push(piece);
        resolve({
          headers: answer.headers,
          status: answer.statusCode,
          body: Buffer.concat(pieces),
        });
      }).on("error", reject);
    });
  const hashed = readdirSync(new URL("../../player-web/dist", import.meta.url)).find((name) =>
    /^watch-.*\.js$/.test(name),
  );
  for (const path of ["/framewire.js", "/watch/cam", `/dist/${hashed}`]) {
    test(`GET ${path} is compressed for whom that suits, each with a tag of its own`, async () => {
      const plain = await raw(path);
      assert.equal(plain.headers["content-encoding"], undefined);
      const brotli = await raw(path, "gzip, deflate, br;q=0.9");
      const gzip = await raw(path, "gzip, br;q=0");
      assert.equal(brotli.headers["content-encoding"], "br");
      assert.equal(gzip.headers["content-encoding"], "gzip");
      assert.deepEqual(brotliDecompressSync(brotli.body), plain.body);
      assert.deepEqual(gunzipSync(gzip.body), plain.body);
      const all = [plain, brotli, gzip];
      assert.equal(new Set(all.map(({ headers }) => headers.etag)).size, 3);
      for (const { headers } of all) {
        assert.equal(headers.vary, "Accept-Encoding");
        assert.equal(/immutable/.test(headers["cache-control"]), path.startsWith("/dist/"));
        assert.equal(headers["cache-control"] === "no-cache", !path.startsWith("/dist/"));
      }
    });
  }

  test("?source gives the page and the SDK as they were written", async () => {
    const text = async (/** @type {string} */ path) => (await server.fetch(path)).text();
    assert.match(await text("/watch/cam?source"), /src="\/pages\/watch\.js"/);
    assert.match(await text("/framewire.js?source"), /export \* from "\.\/sdk\/index\.js"/);
    assert.equal((await server.fetch("/sdk/play.js")).status, 200);
    assert.equal((await server.fetch("/dist/watch-000000000000.js")).status, 404);
    assert.equal((await server.fetch("/dist/framewire.js.br")).status, 404);
  });
});

describe("keys", () => {
  /** @type {Server} */ let guarded;
  before(
    async () =>
      (guarded = await Server.start({
        flags: [
          "--publish-key",
          "pub-key-1",
          "--publish-key",
          "pub-key-2",
          "--watch-key",
          "watch-key",
        ],
      })),
  );
  after(() => guarded.stop());

  /** path, token, query, status @type {[string, string | undefined, string, number][]} */
  const rows = [
    ["/publish/k", undefined, "", 401],
    ["/publish/k", "wrong", "", 401],
    ["/publish/k", "watch-key", "", 401],
    ["/publish/k", "pub-key", "", 401],
    ["/publish/k", "pub-key-1", "", 101],
    ["/publish/k", "pub-key-2", "", 101],
    ["/publish/k", undefined, "?token=pub-key-2", 101],
    ["/publish/k", undefined, "?token2=pub-key-2", 401],
    ["/publish/k", undefined, "?token=pub-key-2&token=pub-key-1", 400],
    ["/live/k", undefined, "", 401],
    ["/live/k", "watch-key", "", 101],
    ["/live/k", undefined, "?token=watch-key", 101],
    ["/live/k", undefined, "?token=watch-key%00", 401],
  ];
  for (const [path, token, query, status] of rows) {
    test(`${path}${query} with ${token ?? "no"} bearer: ${status}`, async () => {
      const options = path.startsWith("/live")
        ? liveOptions(guarded, `k${query}`, { token })
        : publishOptions(guarded, `k${query}`, { token });
      const ws = await RawWs.request(options).catch(() => null);
      if (!ws) return assert.match(query, /%00/); // HTTP's own layer drops it
      const accepted = query.includes("%00") ? [400, 401] : [status];
      assert.ok(accepted.includes(ws.head.status), `${ws.head.status}`);
      if (ws.head.status === 101) await ws.close();
      else assert.equal(typeof JSON.parse((await ws.body()).toString()).error.code, "string");
    });
  }
  test("over HTTP too, and a key is never logged", async () => {
    assert.equal((await guarded.fetch("/publish/k2", { method: "POST", body: "x" })).status, 401);
    assert.equal((await guarded.fetch("/live/k2")).status, 401);
    const answer = await guarded.fetch("/publish/k2?token=pub-key-1", {
      method: "POST",
      body: "x",
    });
    assert.equal(answer.status < 300, true, String(answer.status));
    assert.ok(!/pub-key|watch-key/.test(guarded.output), guarded.output);
  });
});

test("limits on streams and viewers: 503 overloaded", async () => {
  await Server.with({ flags: ["--max-streams", "1", "--max-viewers", "2"] }, async (small) => {
    const source = await LiveSource.start(small, "one", { bytes: 500 });
    const viewers = [await BareViewer.open(small, "one"), await BareViewer.open(small, "one")];
    for (const options of [liveOptions(small, "one"), publishOptions(small, "two")]) {
      const ws = await RawWs.request(options);
      if (ws.head.status === 101) assert.equal((await ws.closed()).code, 1013);
      else assert.equal(ws.head.status, 503);
    }
    await source.stop();
    await Promise.all(viewers.map((viewer) => viewer.ended()));
  });
});
