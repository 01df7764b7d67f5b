/** Where no WebSocket is let through: framewire.v1 over plain HTTP, by hand, behind nginx as it is by default, in Chromium. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { HttpSocket } from "../../player-web/sdk/http_socket.js";
import { BlockingProxy } from "./lib/blocking_proxy.mjs";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { FrontProxy, isInstalled } from "./lib/proxy.mjs";
import { RawHttp, requestText } from "./lib/raw_http.mjs";
import { Server } from "./lib/server.mjs";
import { buildMessage, parsePart } from "./lib/v1.mjs";
import { V1Viewer } from "./lib/viewer.mjs";
import { until } from "./lib/wait.mjs";
import { encodeFrame, Opcode } from "./lib/ws_frame.mjs";

/** nginx with what one finds in its manual's first example: HTTP/1.0 behind it, and no upgrade. */
const PLAIN_NGINX = "server { listen 443; location / { proxy_pass http://127.0.0.1:8080; } }";
/** Of raw messages: small ones, and some that fill several POSTs. */
const SIZES = Array.from({ length: 120 }, (_, i) =>
  i % 40 === 7 ? 700_000 : 1 + ((i * 7919) % 30_000),
);

/** @param {string} url */
async function open(url) {
  const socket = new HttpSocket(url);
  /** @type {any[]} */ const texts = [];
  /** @type {Buffer[]} */ const messages = [];
  /** @type {any[]} */ const closes = [];
  socket.onmessage = ({ data }) => {
    if (typeof data === "string") texts.push(JSON.parse(data));
    else messages.push(Buffer.from(data));
  };
  socket.onclose = (event) => closes.push(event);
  await new Promise((resolve, reject) => {
    socket.onopen = () => resolve(null);
    setTimeout(() => reject(new Error(`no tunnel to ${url}`)), 10_000).unref();
  });
  return { socket, texts, messages, closes };
}

/** @param {string} origin @param {string} stream */
async function bothWays(origin, stream) {
  const base = origin.replace(/^http/, "ws");
  const viewer = await open(`${base}/live/${stream}`);
  const publisher = await open(`${base}/publish/${stream}`);
  publisher.socket.send(JSON.stringify({ type: "publish", format: "binary" }));
  await until(() => publisher.texts.some(({ type }) => type === "ready"), "ready");
  const sent = createHash("sha256");
  for (const [i, size] of SIZES.entries()) {
    const payload = randomBytes(size);
    sent.update(payload);
    publisher.socket.send(buildMessage(i, payload));
    await until(() => publisher.socket.bufferedAmount < 2_000_000, "room", { ms: 60_000 });
  }
  await until(() => viewer.messages.length === SIZES.length, "every message", { ms: 60_000 });
  const got = createHash("sha256");
  for (const [i, message] of viewer.messages.entries()) {
    const part = parsePart(message);
    assert.equal(part.payload.length, SIZES[i], "boundaries are kept");
    got.update(part.payload);
  }
  assert.equal(got.digest("hex"), sent.digest("hex"));
  await until(
    () =>
      publisher.texts.some(({ type, sequence }) => type === "ack" && sequence === SIZES.length - 1),
    "the last ack",
  );
  publisher.socket.send(JSON.stringify({ type: "end" }));
  await until(() => viewer.texts.some(({ type }) => type === "end"), "the end");
  return { viewer, publisher };
}

for (const loops of ["1", "2"]) {
  describe(`over HTTP, ${loops} loops`, () => {
    /** @type {Server} */ let server;
    before(async () => {
      server = await Server.start({ flags: ["--loops", loops, "--loop-fill", "0"] });
    });
    after(() => server.stop());

    test("published and watched, every byte", { timeout: 120_000 }, async () => {
      const { viewer, publisher } = await bothWays(server.origin, "both");
      viewer.socket.close(1000);
      await until(() => viewer.closes.length === 1, "the closing handshake");
      assert.equal(viewer.closes[0].code, 1000);
      publisher.socket.close();
    });

    test("what a POST may not be, and a tunnel that has ended", async () => {
      const { socket } = await open(`${server.origin.replace("http", "ws")}/live/odd`);
      const post = (/** @type {string} */ query, /** @type {any} */ body = "") =>
        server.fetch(`/live/odd?over=http&${query}`, { method: "POST", body });
      assert.equal((await post("tunnel=none&at=0", "x")).status, 404);
      assert.equal((await post("tunnel=none", "x")).status, 400);
      assert.equal((await post("tunnel=none&at=-1", "x")).status, 400);
      assert.equal((await post("tunnel=none&at=0", Buffer.alloc(300_000))).status, 413);
      const { token } = await tunnelOf(server, "/live/odd2");
      const hole = await server.fetch(`/live/odd2?over=http&tunnel=${token}&at=7`, {
        method: "POST",
        body: "x",
      });
      assert.equal(hole.status, 400);
      assert.match((await hole.json()).error.message, /0 have come/);
      assert.equal(socket.readyState, HttpSocket.OPEN, "nobody else was hurt");
      socket.close();
      assert.equal((await server.fetch("/healthz")).status, 200);
    });

    test("bytes that are no frames end their tunnel alone, by 1002", async () => {
      const { token, closed } = await tunnelOf(server, "/live/bad");
      const answer = await server.fetch(`/live/bad?over=http&tunnel=${token}&at=0`, {
        method: "POST",
        body: Buffer.from([0xff, 0xff, 0, 0]),
      });
      await answer.arrayBuffer();
      const last = await closed;
      assert.ok(last.includes(Buffer.from([1002 >> 8, 1002 & 0xff])));
    });
  });
}

describe("POSTs that are not complete", () => {
  const BODY = 240_000;
  /** @param {Server} server @param {string} path @param {string} token @param {number} length */
  const begin = (server, path, token, length) => {
    const http = new RawHttp({ port: server.port });
    http.write(
      requestText(`${path}?over=http&tunnel=${token}&at=0`, "POST", [`Content-Length: ${length}`]),
    );
    return http;
  };

  test("one for no tunnel is refused before its body has come", async () => {
    await Server.with({}, async (server) => {
      const http = begin(server, "/live/none", "0".repeat(32), BODY);
      const [answer] = await http.until(1, 15_000);
      assert.equal(answer.status, 404);
    });
  });

  test("those of viewers use up no publisher's room", async () => {
    const flags = ["--max-unfinished", "1MiB", "--publish-key", "k"];
    await Server.with({ flags }, async (server) => {
      const viewer = await tunnelOf(server, "/live/cam");
      const held = Array.from({ length: 8 }, () => {
        const http = begin(server, "/live/cam", viewer.token, BODY + 1);
        http.write(Buffer.alloc(BODY));
        return http;
      });
      await until(() => held.some(({ answers }) => answers[0]?.status === 503), "the limit");
      const publisher = await tunnelOf(server, "/publish/cam?token=k");
      const answer = await server.fetch(`/publish/cam?over=http&tunnel=${publisher.token}&at=0`, {
        method: "POST",
        body: new Uint8Array(encodeFrame(Opcode.binary, buildMessage(0, Buffer.alloc(BODY)))),
      });
      assert.equal(answer.status, 204);
      await until(() => server.describe("cam"), "the stream");
      for (const http of held) http.socket.destroy();
    });
  });
});

/** A GET by hand. @param {Server} server @param {string} path @returns {Promise<{token: string, closed: Promise<Buffer>}>} */
async function tunnelOf(server, path) {
  const response = await server.fetch(`${path}${path.includes("?") ? "&" : "?"}over=http`);
  assert.equal(response.status, 200);
  const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
  let all = Buffer.alloc(0);
  const rest = async () => {
    for (;;) {
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
      if (done) return all;
      all = Buffer.concat([all, Buffer.from(value ?? [])]);
    }
  };
  const closed = rest();
  await until(() => all.includes("}"), "the tunnel's text");
  const { token } = JSON.parse(all.subarray(2, all.indexOf("}") + 1).toString());
  return { token, closed };
}

describe("behind nginx that nobody told of WebSockets", {
  skip: !isInstalled("nginx") && "no nginx",
}, () => {
  /** @type {Server} */ let server;
  /** @type {FrontProxy} */ let proxy;
  before(async () => {
    server = await Server.start({ flags: ["--open"] });
    proxy = await FrontProxy.start("nginx", server.port, () => PLAIN_NGINX);
  });
  after(async () => {
    await proxy?.stop();
    await server.stop();
  });

  test("published and watched, every byte", { timeout: 120_000 }, async () => {
    await bothWays(`http://localhost:${proxy.port}`, "nginx");
  });
});

describe("Chromium where WebSockets are blocked", {
  skip: !chromiumPath() && "no Chromium here",
}, () => {
  /** @type {Server} */ let server;
  /** @type {BlockingProxy} */ let proxy;
  /** @type {import('./lib/browsers.mjs').Browser} */ let chromium;
  before(async () => {
    server = await Server.start({ flags: ["--open"] });
    proxy = await BlockingProxy.start(server.port);
    chromium = await launchChromium();
  });
  after(async () => {
    await chromium?.close();
    await proxy?.stop();
    await server.stop();
  });

  test("a page publishes, another watches, and both go back to WebSockets", {
    timeout: 150_000,
  }, async () => {
    const source = await chromium.open();
    await source.goto(`${proxy.origin}/healthz`);
    const state = await source.evaluate(async () => {
      const { publish } = await import(/** @type {any} */ ("/framewire.js"));
      const canvas = document.body.appendChild(document.createElement("canvas"));
      const paint = canvas.getContext("2d", { alpha: false });
      let n = 0;
      setInterval(() => {
        n += 1;
        if (paint) paint.fillStyle = `hsl(${n * 5} 80% 50%)`;
        paint?.fillRect(0, 0, 300, 150);
      }, 33);
      const own = /** @type {any} */ (window);
      own.publication = publish(canvas, "cam", { as: "recording" });
      own.publication.on("error", (/** @type {any} */ why) => {
        own.why = `${why.code}: ${why.message}`;
      });
      await new Promise((resolve) => {
        own.publication.on(
          "state",
          (/** @type {string} */ state) => state === "live" && resolve(null),
        );
      });
      return own.publication.stats.transport;
    });
    assert.equal(state, "http");
    const straight = await V1Viewer.open(server, "cam");
    const page = await chromium.open();
    await page.goto(`${proxy.origin}/watch/cam`);
    const look = () =>
      page.evaluate(() => {
        const { player } = /** @type {any} */ (document.querySelector("framewire-player"));
        return {
          state: player.state,
          shown: player.stats.framesShown,
          transport: player.stats.transport,
        };
      });
    await until(async () => (await look()).shown > 30, "pictures", { ms: 20_000 });
    const seen = await look();
    assert.equal(seen.state, "live");
    assert.equal(seen.transport, "http");
    assert.ok(proxy.methods.includes("POST"));

    proxy.blocks = false;
    await until(async () => (await look()).transport === "websocket", "a WebSocket", {
      ms: 60_000,
      every: 500,
    });
    await until(
      () =>
        source.evaluate(
          () => /** @type {any} */ (window).publication.stats.transport === "websocket",
        ),
      "a WebSocket of the publisher",
      { ms: 60_000, every: 500 },
    );
    const before = (await look()).shown;
    await until(async () => (await look()).shown > before + 30, "more pictures", { ms: 60_000 });

    proxy.block();
    await until(async () => (await look()).transport === "http", "HTTP again", { ms: 60_000 });
    const sends = () =>
      source.evaluate(() => {
        const { publication, why } = /** @type {any} */ (window);
        return { transport: publication.stats.transport, state: publication.state, why };
      });
    await until(async () => (await sends()).transport === "http", "HTTP again at the publisher", {
      ms: 60_000,
    }).catch(async (why) => {
      throw new Error(`${why.message}: ${JSON.stringify(await sends())}`);
    });
    const then = straight.media.length;
    await until(() => straight.media.length > then + 5, "parts at one who stayed", { ms: 20_000 });
    straight.checkOrder();
    assert.equal(
      new Set(straight.media.map(({ epoch }) => epoch)).size,
      1,
      "resumed, not begun again",
    );
    await source.close();
    await page.close();
  });
});
