/** Who may ask: names that a foreign page could have, keys on every route, too many wrong ones. */
import assert from "node:assert/strict";
import net from "node:net";
import { after, before, describe, test } from "node:test";
import { RawWs } from "./lib/raw_ws.mjs";
import { Server } from "./lib/server.mjs";
import { until, within } from "./lib/wait.mjs";

/** One request as given, and all that is answered until the end.
 * @param {Server} server @param {string} head @returns {Promise<string>} */
function ask(server, head) {
  const socket = net.connect(server.port, "127.0.0.1");
  let answer = "";
  socket.on("data", (chunk) => (answer += chunk)).on("error", () => {});
  const closed = new Promise((resolve) => socket.on("close", resolve));
  socket.write(head);
  return within(closed, "the answer's end", 15_000).then(() => answer);
}
/** @param {string} path @param {string[]} [lines] @param {string} [method] */
const request = (path, lines = [], method = "GET") =>
  [`${method} ${path} HTTP/1.1`, ...lines, "Connection: close", "", ""].join("\r\n");
const status = (/** @type {string} */ answer) => Number(answer.slice(9, 12));

describe("a page whose name was made to lead here (DNS rebinding)", () => {
  /** @type {Server} */ let server;
  before(async () => (server = await Server.start()));
  after(() => server.stop());

  const evil = ["Host: evil.example:8080"];
  const own = [...evil, "Origin: http://evil.example:8080"];
  /** @type {[string, string][]} */
  const rows = [
    ["lists recordings", request("/api/v1/recordings", evil)],
    ["lists streams", request("/api/v1/streams", evil)],
    ["deletes a recording", request("/api/v1/recordings/a.webm", own, "DELETE")],
    ["watches", request("/live/cam", evil)],
    ["reads metrics", request("/metrics", evil)],
    ["publishes", request("/publish/cam", [...own, "Content-Length: 4"], "POST")],
    [
      "asks to record",
      request("/api/v1/streams/cam/record", [...own, "Content-Length: 0"], "POST"),
    ],
  ];
  for (const [name, head] of rows) {
    test(`${name}: refused`, async () => {
      const answer = await ask(server, head);
      assert.equal(status(answer), 403, answer);
      const { error } = JSON.parse(answer.slice(answer.indexOf("\r\n\r\n")));
      assert.equal(error.code, "foreign-host");
      assert.match(error.message, /evil\.example:8080.*--host evil\.example/);
    });
  }
  test("opens a WebSocket: refused", async () => {
    const ws = await RawWs.request({
      port: server.port,
      path: "/live/cam",
      origin: "http://evil.example:8080",
      headers: { Host: "evil.example:8080" },
    });
    assert.equal(ws.head.status, 403);
  });
  test("is shown what to do, and the log names it", async () => {
    const answer = await ask(server, request("/watch/cam", ["Host: cam.example"]));
    assert.equal(status(answer), 403);
    assert.match(answer, /Content-Type: text\/html/);
    assert.match(answer, /cam\.example is not served.*--host cam\.example/s);
    await until(
      () => server.stderr.includes("foreign-host: Host cam.example is not served"),
      "that it is said",
    );
  });
  test("what a page calls itself does not become markup", async () => {
    const answer = await ask(server, request("/", ["Host: <script>alert(1)</script>"]));
    assert.doesNotMatch(answer, /<script/);
  });
  for (const [path, type] of [
    ["/", "text/html"],
    ["/watch/cam", "text/html"],
    ["/publish/cam", "text/html"],
    ["/api/v1/streams", "application/json"],
    ["/healthz", "application/json"],
  ]) {
    for (const headers of [[], ["Host:"]]) {
      test(`HTTP/1.1 without Host, ${path} ${headers}: what to do`, async () => {
        const answer = await ask(server, request(path, headers));
        assert.equal(status(answer), 400, answer);
        assert.match(answer, new RegExp(`Content-Type: ${type}`));
        assert.match(answer, /no Host header; a proxy .*proxy_set_header Host/s);
        await until(
          () => server.stderr.includes("bad-request: the request has no Host header"),
          "that it is said",
        );
      });
    }
  }
  test("addresses, localhost and the port do not matter", async () => {
    for (const host of [
      "127.0.0.1",
      "localhost:1",
      "[::1]:8080",
      "192.168.7.7",
      "studio.local",
      "studio",
    ])
      assert.equal(status(await ask(server, request("/", [`Host: ${host}`]))), 200, host);
    assert.equal(status(await ask(server, request("/healthz", evil))), 200);
  });
});

for (const flags of [
  ["--allow-origin", "https://cam.example"],
  ["--host", "cam.example"],
]) {
  test(`a name that ${flags[0]} gives is served, others are not`, async () => {
    await Server.with({ flags }, async (server) => {
      assert.equal(status(await ask(server, request("/", ["Host: cam.example"]))), 200);
      assert.equal(status(await ask(server, request("/", ["Host: evil.example"]))), 403);
    });
  });
}

test("with a publish key any name is", async () => {
  await Server.with({ flags: ["--publish-key", "k"] }, async (server) => {
    assert.equal(status(await ask(server, request("/", ["Host: cam.example"]))), 200);
  });
});

describe("where no key may manage, with --open", () => {
  /** @type {Server} */ let server;
  before(async () => (server = await Server.start({ flags: ["--open", "--host", "cam.example"] })));
  after(() => server.stop());

  const own = ["Host: 127.0.0.1:8080"];
  /** @type {[string, string, string[]][]} */
  const asked = [
    ["GET", "/api/v1/sessions", []],
    ["GET", "/api/v1/events", []],
    ["GET", "/api/v1/restreams", []],
    ["DELETE", "/api/v1/sessions/0-1", []],
    ["DELETE", "/api/v1/streams/cam", []],
    ["DELETE", "/api/v1/chat/cam", []],
    ["DELETE", "/api/v1/recordings/a.webm", []],
    ["PATCH", "/api/v1/config", ["Content-Length: 21"]],
    ["POST", "/api/v1/restreams", ["Content-Length: 2"]],
  ];
  for (const [name, lines] of /** @type {[string, string[]][]} */ ([
    ["through a proxy that says so", [...own, "X-Forwarded-For: 127.0.0.1"]],
    ["through one that says Via", [...own, "Via: 1.1 proxy"]],
    ["through one that says X-Real-IP", [...own, "X-Real-IP: 127.0.0.1"]],
    ["by the name that a proxy passes on", ["Host: cam.example"]],
  ]))
    test(`${name}: refused, and told how to make a key`, async () => {
      for (const [method, path, more] of asked) {
        const answer = await ask(server, request(path, [...lines, ...more], method));
        assert.equal(status(answer), 401, `${method} ${path}: ${answer}`);
        const { error } = JSON.parse(answer.slice(answer.indexOf("\r\n\r\n")));
        assert.equal(error.code, "unauthorized");
        assert.match(error.message, /--publish-key KEY/);
      }
      const streams = await ask(server, request("/api/v1/streams", lines));
      assert.equal(status(streams), 200, "to watch takes nothing");
    });
  test("by HTTP/1.0, as nginx asks: refused", async () => {
    const head = request("/api/v1/sessions", own).replace("HTTP/1.1", "HTTP/1.0");
    assert.equal(status(await ask(server, head)), 401);
  });
  test("on the machine itself: let in", async () => {
    for (const host of ["127.0.0.1:8080", "localhost"])
      assert.equal(status(await ask(server, request("/api/v1/sessions", [`Host: ${host}`]))), 200);
    assert.equal((await server.fetch("/api/v1/config")).status, 200);
  });
});

test("a trusted proxy on the machine manages nothing without a key, whoever asks it", async () => {
  await Server.with({ flags: ["--trust-proxy", "127.0.0.1"] }, async (server) => {
    /** @type {Record<string, string>[]} */
    const shown = [{}, { "X-Forwarded-For": "127.0.0.1" }, { "X-Forwarded-For": "::1" }];
    for (const headers of shown)
      assert.equal((await server.fetch("/api/v1/sessions", { headers })).status, 401);
  });
});

describe("with --watch-key", () => {
  /** @type {Server} */ let server;
  before(async () => {
    server = await Server.start({ flags: ["--watch-key", "w", "--publish-key", "p"] });
  });
  after(() => server.stop());

  for (const path of ["/api/v1/streams", "/metrics"]) {
    test(`${path} needs it, or the publisher's`, async () => {
      assert.equal((await server.fetch(path)).status, 401);
      assert.equal((await server.fetch(`${path}?token=wrong`)).status, 401);
      assert.equal((await server.fetch(`${path}?token=w`)).status, 200);
      assert.equal((await server.fetch(`${path}?token=p`)).status, 200);
    });
  }
  test("/echo needs it", async () => {
    const none = await RawWs.request({ port: server.port, path: "/echo" });
    assert.equal(none.head.status, 401);
    const keyed = await RawWs.open({ port: server.port, path: "/echo?token=w" });
    await keyed.close();
  });
});

test("20 wrong keys, and the address waits; who brings none does not", async () => {
  await Server.with({ flags: ["--watch-key", "right"] }, async (server) => {
    for (let n = 0; n < 20; n += 1)
      assert.equal((await server.fetch(`/api/v1/streams?token=wrong${n}`)).status, 401, `${n}`);
    const answer = await server.fetch("/api/v1/streams?token=right");
    assert.equal(answer.status, 429);
    const left = Number(answer.headers.get("retry-after"));
    assert.ok(left >= 1 && left <= 10, String(left));
    assert.equal((await answer.json()).error.code, "wrong-keys");
    assert.equal((await server.fetch("/healthz")).status, 200);
    assert.equal((await server.fetch("/watch/cam?token=right")).status, 200);
    assert.equal((await server.fetch("/api/v1/streams")).status, 401);
  });
});
