/** Handshakes and requests that are wrong: a status, a JSON error, and a good stream that loses nothing. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Neighbour } from "./lib/neighbour.mjs";
import { connectSocket, parseHead, RawWs } from "./lib/raw_ws.mjs";
import { Server } from "./lib/server.mjs";
import { deferred, sleep, within } from "./lib/wait.mjs";

/** @type {Server} */ let server;
/** @type {Neighbour} */ let neighbour;
before(async () => {
  server = await Server.start();
  neighbour = await Neighbour.start(server);
});
after(async () => {
  await neighbour.finish();
  await server.stop();
});

/** @param {RawWs} ws @returns {Promise<any>} */
async function errorOf(ws) {
  const body = (await ws.body()).toString();
  try {
    return JSON.parse(body).error;
  } catch {
    return { code: `(no JSON: ${body.slice(0, 200)})` };
  }
}

/** @param {string | Buffer} bytes @returns {Promise<string>} all that the server says until it closes */
function exchange(bytes, ms = 10_000) {
  const socket = connectSocket(server);
  const done = deferred();
  let answer = "";
  socket.on("data", (chunk) => (answer += chunk.toString()));
  socket.on("error", () => {}).on("close", () => done.resolve(answer));
  socket.write(bytes);
  const answered = within(done.promise, "the server to close", ms).catch(() => answer);
  return answered.finally(() => socket.destroy());
}

const h2c = {
  Upgrade: "h2c",
  Connection: "Upgrade, HTTP2-Settings",
  "HTTP2-Settings": "AAMAAABkAARAAAAAAAIAAAAA",
};

/** name, what differs from a good handshake, status, error code ('' = any) @type {[string, Partial<import('./lib/raw_ws.mjs').OpenOptions>, number, string][]} */
const handshakes = [
  [
    "Upgrade: h2c",
    { headers: { ...h2c, "Sec-WebSocket-Key": null, "Sec-WebSocket-Version": null } },
    400,
    "",
  ],
  ["Upgrade: h2c beside ws headers", { headers: h2c }, 400, ""],
  ["a foreign Origin", { origin: "https://evil.example" }, 403, "foreign-origin"],
  ["Origin: null", { origin: "null" }, 403, "foreign-origin"],
  [
    "an Origin that begins like ours",
    { origin: "http://127.0.0.1.evil.example" },
    403,
    "foreign-origin",
  ],
  ["a wrong version", { headers: { "Sec-WebSocket-Version": "12" } }, 426, ""],
  ["no version", { headers: { "Sec-WebSocket-Version": null } }, 426, ""],
  ["POST", { method: "POST", headers: { "Content-Length": "0" } }, 405, ""],
  ["HTTP/1.0", { httpVersion: "1.0" }, 400, ""],
  ["no key", { headers: { "Sec-WebSocket-Key": null } }, 400, ""],
  ["a key of the wrong length", { headers: { "Sec-WebSocket-Key": "c2hvcnQ=" } }, 400, ""],
  ["an unknown subprotocol", { protocol: "mqtt" }, 400, ""],
  ["../ in the name", { path: "/live/../etc/passwd" }, 400, "bad-name"],
  ["%2e%2e%2f in the name", { path: "/live/%2e%2e%2fetc" }, 400, "bad-name"],
  ["%00 in the name", { path: "/live/x%00y" }, 400, "bad-name"],
  ["// in the name", { path: "/live/a//b" }, 400, "bad-name"],
  ["five segments", { path: "/live/a/b/c/d/e" }, 400, "bad-name"],
  ["a segment of 65", { path: `/live/${"a".repeat(65)}` }, 400, "bad-name"],
  ["an empty name", { path: "/live/" }, 400, "bad-name"],
  ["a blank in the name", { path: "/publish/a%20b" }, 400, "bad-name"],
  ["a page that is not there", { path: "/nowhere" }, 404, "not-found"],
  ["a WebSocket where none is", { path: "/metrics" }, 404, "not-found"],
];

test("an upgrade to what nobody knows", async () => {
  const ws = await RawWs.request({
    port: server.port,
    path: "/live/good/neighbour",
    headers: { Upgrade: "something" },
  });
  assert.equal(ws.head.status, 400);
  assert.equal((await errorOf(ws)).code, "upgrade");
});

describe("handshakes", () => {
  for (const [name, wrong, status, code] of handshakes) {
    test(name, async () => {
      const options = { port: server.port, path: "/live/good/neighbour", ...wrong };
      const ws = await RawWs.request(options);
      assert.equal(ws.head.status, status);
      const error = await errorOf(ws);
      assert.equal(typeof error?.code, "string");
      assert.equal(typeof error?.message, "string", JSON.stringify(error));
      if (code) assert.equal(error.code, code);
      if (status === 426) assert.equal(ws.head.headers["sec-websocket-version"], "13");
    });
  }

  test("the server can still be reached by its own origin and by none", async () => {
    for (const origin of [undefined, server.origin]) {
      const ws = await RawWs.open({ port: server.port, path: "/live/good/neighbour", origin });
      await ws.close();
    }
  });

  test("several subprotocols, ours among them", async () => {
    const ws = await RawWs.open({
      port: server.port,
      path: "/live/good/neighbour",
      protocol: "mqtt, framewire.v1",
    });
    assert.equal(ws.head.headers["sec-websocket-protocol"], "framewire.v1");
    await ws.close();
  });

  test("bare: no subprotocol is named", async () => {
    const ws = await RawWs.open({ port: server.port, path: "/live/good/neighbour" });
    assert.equal(ws.head.headers["sec-websocket-protocol"], undefined);
    await ws.close();
  });
});

/** @type {[string, string, string, number][]} */
const requests = [
  ["GET", "/live/nothing", "not-found", 404],
  ["GET", "/live/a%20b", "bad-name", 400],
  ["DELETE", "/live/x", "", 405],
  ["DELETE", "/api/v1/streams", "", 405],
  ["POST", "/publish/bad%20name", "bad-name", 400],
  ["GET", "/api/v1/streams/nothing", "not-found", 404],
  ["GET", "/nowhere", "not-found", 404],
];

describe("plain requests", () => {
  for (const [method, path, code, status] of requests) {
    test(`${method} ${path}`, async () => {
      const body = method === "POST" ? "x" : undefined;
      const answer = await server.fetch(path, { method, body });
      assert.equal(answer.status, status);
      if (status === 405) assert.equal(answer.headers.get("allow"), "GET, HEAD");
      const { error } = await answer.json();
      assert.equal(typeof error.message, "string");
      if (code) assert.equal(error.code, code);
    });
  }
  test("a page of another site may not post", async () => {
    const answer = await server.fetch("/publish/csrf", {
      method: "POST",
      body: "x",
      headers: { Origin: "https://evil.example" },
    });
    assert.equal(answer.status, 403);
    assert.equal((await answer.json()).error.code, "foreign-origin");
  });
  test("media that is broken: 422", async () => {
    const answer = await server.fetch("/publish/broken", {
      method: "POST",
      body: Buffer.concat([Buffer.from("1a45dfa3", "hex"), Buffer.alloc(4000, 0xa5)]),
    });
    assert.equal(answer.status, 422);
    assert.equal((await answer.json()).error.code, "malformed-media");
  });
});

describe("bytes that are no HTTP", () => {
  for (const [name, bytes] of /** @type {[string, string | Buffer][]} */ ([
    ["the HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"],
    ["noise", Buffer.alloc(2000, 0x80)],
    ["a TLS hello on a plain port", Buffer.from("160301020001000001fc0303", "hex")],
    ["a header line without end", `GET / HTTP/1.1\r\nX: ${"a".repeat(100_000)}`],
    ["a thousand headers", `GET / HTTP/1.1\r\n${"X-Y: z\r\n".repeat(5000)}\r\n`],
    [
      "two lengths",
      "POST /publish/smuggle HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nContent-Length: 50\r\n\r\nhello",
    ],
    [
      "length and chunks",
      "POST /publish/smuggle2 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n",
    ],
    [
      "a chunk of 16 EiB",
      "POST /publish/chunk HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nxxxx",
    ],
    ["two Hosts", "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"],
    ["a folded header", "GET /healthz HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n"],
    ["lines that end with LF alone", "GET /healthz HTTP/1.1\nHost: a\n\n"],
    ["a blank before a colon", "GET /healthz HTTP/1.1\r\nHost : a\r\n\r\n"],
    [
      "another coding around the chunks",
      "POST /publish/te HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    ],
    [
      "a bare LF in a chunk's extension",
      "POST /publish/ext HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n1;a\nX\r\n0\r\n\r\n",
    ],
    [
      "a blank inside a chunk's size",
      "POST /publish/blank HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n5 6\r\nhello\r\n0\r\n\r\n",
    ],
    [
      "an empty Transfer-Encoding beside a length",
      "POST /publish/te2 HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding:\r\nContent-Length: 5\r\n\r\nhello",
    ],
    [
      "a negative length",
      "POST /publish/minus HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\nx",
    ],
  ])) {
    test(name, async () => {
      const answer = await exchange(bytes, 4000);
      const head = parseHead(Buffer.from(answer));
      assert.ok(head && head.status >= 400, answer.slice(0, 200));
      assert.equal(answer.match(/^HTTP\/1\.1 /gm)?.length, 1, "one answer, and nothing behind it");
      const { error } = JSON.parse(head.rest.toString());
      assert.match(error.message, /\(byte \d+\)/);
      assert.ok(!answer.includes("HTTP/2"), "no HTTP/2 here");
      assert.equal(await (await server.fetch("/healthz")).text().then((t) => t.trim()), "ok");
    });
  }
});

describe("HEAD of what is refused: no body behind the head", () => {
  for (const path of [
    "/live/nothing",
    "/nowhere",
    "/live/a%20b",
    "/recordings/none.webm",
    "/echo",
  ]) {
    test(path, async () => {
      const head = parseHead(
        Buffer.from(await exchange(`HEAD ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`)),
      );
      assert.ok(head && head.status >= 400);
      assert.ok(Number(head.headers["content-length"]) > 0);
      assert.equal(head.rest.toString(), "");
    });
  }
});

describe("If-None-Match", () => {
  for (const [name, of] of /** @type {[string, (tag: string) => string][]} */ ([
    ["the tag", (tag) => tag],
    ["a weak one", (tag) => `W/${tag}`],
    ["one of several", (tag) => `"other", W/${tag} , "third"`],
    ["any", () => "*"],
  ])) {
    test(name, async () => {
      const tag = (await server.fetch("/framewire.js")).headers.get("etag") ?? "";
      assert.match(tag, /^".+"$/);
      const headers = { "If-None-Match": of(tag) };
      assert.equal((await server.fetch("/framewire.js", { headers })).status, 304);
      const others = { "If-None-Match": 'W/"other", "third"' };
      assert.equal((await server.fetch("/framewire.js", { headers: others })).status, 200);
    });
  }
});

test("half a handshake is given --handshake-timeout and no more", { timeout: 30_000 }, async () => {
  await Server.with({ flags: ["--handshake-timeout", "1s"] }, async (own) => {
    const socket = connectSocket(own);
    const closed = deferred();
    socket
      .on("close", () => closed.resolve())
      .on("error", () => {})
      .resume();
    socket.write("GET /live/x HTTP/1.1\r\nHost: x\r\nUpgra");
    await within(closed.promise, "the slow handshake to be cut off", 20_000);
  });
});

describe("TLS", () => {
  test("h2 is not negotiated, half a hello and a rude end cost no CPU", {
    timeout: 60_000,
  }, async () => {
    await Server.with(
      { flags: ["--tls-self-signed", "--handshake-timeout", "2s"] },
      async (own) => {
        const { connect } = await import("node:tls");
        const socket = connect({
          port: own.port,
          host: "127.0.0.1",
          rejectUnauthorized: false,
          ALPNProtocols: ["h2", "http/1.1"],
        });
        await within(
          new Promise((resolve) => socket.once("secureConnect", resolve)),
          "the TLS handshake",
        );
        assert.notEqual(socket.alpnProtocol, "h2");
        const half = Array.from({ length: 5 }, () => connectSocket({ port: own.port }));
        for (const raw of half)
          raw.on("error", () => {}).write(Buffer.from("160301020001000001fc0303", "hex"));
        socket.on("error", () => {}).destroy();
        const ws = await RawWs.open({ port: own.port, tls: true, path: "/live/x" });
        ws.cut();
        await sleep(1000);
        const before = own.cpuSeconds;
        await sleep(2000);
        assert.ok(
          own.cpuSeconds - before < 0.5,
          `${own.cpuSeconds - before} s of CPU in 2 idle seconds`,
        );
        for (const raw of half) raw.destroy();
      },
    );
  });
});
