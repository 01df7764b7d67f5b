/** Many requests over one connection, one behind the other, and clients that stop talking in their middle. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { LiveSource } from "./lib/live_source.mjs";
import { BarePublisher } from "./lib/publisher.mjs";
import { RawHttp, requestText } from "./lib/raw_http.mjs";
import { connectSocket } from "./lib/raw_ws.mjs";
import { Server } from "./lib/server.mjs";
import { sleep, until } from "./lib/wait.mjs";

const MIB = 1 << 20;
/** @type {Server} */ let server;
/** @type {Server} */ let secure;
/** @type {LiveSource} */ let source;
before(async () => {
  const flags = ["--half-closed-timeout", "1s"];
  server = await Server.start({ flags });
  secure = await Server.start({ flags: [...flags, "--tls-self-signed"] });
  source = await LiveSource.start(server, "alive", { messagesPerSecond: 30, bytes: 500 });
});
after(async () => {
  await source.stop();
  await server.stop();
  await secure.stop();
});

const paths = [
  "/metrics",
  "/api/v1/streams",
  "/healthz",
  "/framewire.js",
  "/api/v1/recordings",
  "/api/v1/streams",
];
/** @param {boolean} tls */
const open = (tls) => new RawHttp({ port: (tls ? secure : server).port, tls });

for (const tls of [false, true]) {
  describe(tls ? "over TLS" : "plain", () => {
    test("2,000 requests, each after the answer to the one before", {
      timeout: 120_000,
    }, async () => {
      const http = open(tls);
      for (let i = 0; i < 2000; ++i) {
        http.write(requestText(paths[i % paths.length]));
        await http.until(i + 1);
      }
      assert.deepEqual([...new Set(http.answers.map((a) => a.status))], [200]);
      assert.equal(http.closed, false);
      http.socket.destroy();
    });

    test("200 requests at once are answered in order", async () => {
      const http = open(tls);
      /** @type {number[]} */
      const sizes = [];
      for (let i = 0; i < 200; ++i) sizes.push(i % 3);
      http.write(
        sizes
          .map((i) => requestText(["/healthz", "/framewire.js", "/api/v1/recordings"][i]))
          .join(""),
      );
      const answers = await http.until(200);
      const one = (/** @type {number} */ kind) =>
        answers.filter((_, i) => sizes[i] === kind).map((a) => a.body.length);
      for (const kind of [0, 1, 2]) assert.equal(new Set(one(kind)).size, 1, "each got its own");
      assert.notEqual(answers[0].body.length, answers[1].body.length);
      http.socket.destroy();
    });

    test("a request waits behind one that waits, and is answered", async () => {
      const http = open(tls);
      http.write(requestText("/live/later?wait=1") + requestText("/healthz"));
      const [late] = await http.until(1);
      assert.equal(late.status, 404);
      http.socket.destroy();
    });

    test("a POST with its body behind another request, and one behind it", async () => {
      const http = open(tls);
      const body = Buffer.alloc(300_000, 0x55);
      http.write(
        Buffer.concat([
          Buffer.from(requestText("/metrics")),
          Buffer.from(requestText("/publish/behind", "POST", [`Content-Length: ${body.length}`])),
          body,
          Buffer.from(requestText("/api/v1/streams")),
        ]),
      );
      const answers = await http.until(3);
      assert.deepEqual(
        answers.map((a) => a.status),
        [200, 200, 200],
      );
      assert.equal(JSON.parse(answers[1].body.toString()).received_bytes, body.length);
      http.socket.destroy();
    });

    test("chunks behind another request, and one behind them", async () => {
      const http = open(tls);
      const chunk = `5\r\nhello\r\n`;
      http.write(
        requestText("/api/v1/streams") +
          requestText("/publish/chunks", "PUT", ["Transfer-Encoding: chunked"]) +
          `${chunk.repeat(1000)}0\r\n\r\n` +
          requestText("/healthz"),
      );
      const answers = await http.until(3);
      assert.equal(JSON.parse(answers[1].body.toString()).received_bytes, 5000);
      assert.equal(answers[2].body.toString(), "ok\n");
      http.socket.destroy();
    });

    test("three publications over one connection", async () => {
      const http = open(tls);
      for (let i = 0; i < 3; ++i) {
        http.write(`${requestText("/publish/thrice", "PUT", ["Content-Length: 3"])}abc`);
        const answers = await http.until(i + 1);
        assert.equal(answers[i].status, 200, answers[i].body.toString());
      }
      http.socket.destroy();
    });
  });
}

test("a client that half-closes gets its answer", async () => {
  for (const path of ["/metrics", "/api/v1/streams", "/healthz", "/live/nobody"]) {
    const http = new RawHttp({ port: server.port });
    http.socket.end(requestText(path));
    const [answer] = await http.until(1);
    assert.ok(answer.status === 200 || answer.status === 404);
    await until(() => http.closed, "the server to close, too");
  }
});

describe("clients that leave while nothing is sent to them", () => {
  test("cost nothing, and are counted no more", { timeout: 60_000 }, async () => {
    // A stream that stands still: one message, and then none.
    const still = await BarePublisher.open(server, "still");
    await still.send(Buffer.from("the only message"));
    const paths = [
      "/live/none?wait=60",
      "/live/none.mjpeg?wait=60",
      "/live/still",
      "/live/none.mp4?wait=60",
    ];
    const leavers = Array.from({ length: 20 }, (_, i) => {
      const socket = connectSocket({ port: server.port });
      socket.on("error", () => {}).resume();
      socket.write(requestText(paths[i % paths.length]));
      return socket;
    });
    const watching = async () => (await server.describe("still"))?.viewers;
    await until(async () => (await watching()) === 5, "five viewers");
    for (const [i, socket] of leavers.entries()) {
      if (i % 2) socket.end();
      else socket.destroy();
    }
    const cpu = server.cpuSeconds;
    const began = process.hrtime.bigint();
    await sleep(2500);
    const share = (server.cpuSeconds - cpu) / (Number(process.hrtime.bigint() - began) / 1e9);
    assert.ok(share < 0.4, `${(share * 100).toFixed(0)} % of a core while nothing happens`);
    await until(async () => (await watching()) === 0, "nobody to be counted");
    await still.ws.close();
    for (const socket of leavers) socket.destroy();
  });
});

test("a body of 150 MiB in chunks arrives whole", { timeout: 120_000 }, async () => {
  let left = 150;
  const request = {
    method: "PUT",
    duplex: "half",
    body: new ReadableStream({
      pull(controller) {
        if (left-- > 0) controller.enqueue(new Uint8Array(MIB));
        else controller.close();
      },
    }),
  };
  const answer = await fetch(`${server.origin}/publish/large`, request);
  assert.equal(answer.status, 200);
  assert.equal((await answer.json()).received_bytes, 150 * MIB);
});
