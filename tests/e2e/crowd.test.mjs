/**
 * Thousands that are answered slowly, or never say all that they want: others are served beside
 * them as if they were not there. And what strangers may make the server hold has an end.
 */
// @alone: thousands of connections
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import net from "node:net";
import { describe, test } from "node:test";
import { LiveSource } from "./lib/live_source.mjs";
import { BarePublisher, HttpPublisher, publishOptions } from "./lib/publisher.mjs";
import { RawHttp, requestText } from "./lib/raw_http.mjs";
import { connectSocket, RawWs } from "./lib/raw_ws.mjs";
import { Server } from "./lib/server.mjs";
import { buildMessage } from "./lib/v1.mjs";
import { BareViewer, HttpViewer } from "./lib/viewer.mjs";
import { sleep, until } from "./lib/wait.mjs";
import { encodeFrame, Opcode } from "./lib/ws_frame.mjs";

const MIB = 1 << 20;

/** Sockets that have each written `text`, opened a hundred at a time. @param {Server} server @param {number} count @param {string} text */
async function crowd(server, count, text) {
  /** @type {net.Socket[]} */ const sockets = [];
  for (let i = 0; i < count; ++i) {
    const socket = connectSocket(server);
    socket.on("error", () => {}).resume();
    socket.write(text);
    sockets.push(socket);
    if (i % 100 === 99) await new Promise((resolve) => socket.once("connect", resolve));
  }
  return sockets;
}

describe("1,500 HTTP viewers, 1,500 half heads and 500 held playlists", () => {
  for (const loops of ["1", "2"]) {
    test(`new ones are served beside them, ${loops} loop(s)`, { timeout: 180_000 }, async () => {
      const flags = ["--loops", loops, "--handshake-timeout", "60s"];
      await Server.with({ flags }, async (server) => {
        const source = await LiveSource.start(server, "busy", { messagesPerSecond: 5, bytes: 200 });
        const viewers = async () => (await server.describe("busy"))?.viewers;
        const all = [
          await crowd(server, 1500, requestText("/live/busy")),
          await crowd(server, 1500, "GET /live/busy HTTP/1.1\r\nHost: x\r\nX-Half: "),
          await crowd(server, 500, requestText("/live/none/index.m3u8?wait=60")),
        ].flat();
        await until(async () => (await viewers()) === 1500, "1,500 viewers", { ms: 60_000 });
        const health = await server.fetch("/healthz");
        assert.equal(await health.text(), "ok\n");
        const bare = await BareViewer.open(server, "busy");
        await bare.untilBytes(500);
        const http = await new HttpViewer(server, "busy").answered();
        assert.equal(http.status, 200);
        assert.equal((await server.fetch("/framewire.js")).status, 200);
        await until(async () => (await viewers()) === 1502, "both to be counted");
        for (const socket of all) socket.destroy();
        http.cut();
        await bare.ws.close();
        await until(async () => (await viewers()) === 0, "all to be counted no more", {
          ms: 60_000,
        });
        await source.stop();
      });
    });
  }

  test("of half heads beyond the limit the oldest are cut, not the newest", async () => {
    const flags = ["--loops", "1", "--max-heads-per-address", "50", "--handshake-timeout", "60s"];
    await Server.with({ flags }, async (server) => {
      const old = await crowd(server, 120, "GET / HTTP/1.1\r\nX: ");
      await until(() => old.filter((s) => s.destroyed || s.readableEnded).length >= 60, "60 ends");
      assert.equal((await server.fetch("/healthz")).status, 200);
      assert.ok(
        old.slice(-20).every((s) => !s.destroyed),
        "the newest are still there",
      );
      assert.ok((await server.metric('framewire_refusals_total{reason="overloaded"}')) >= 60);
      for (const socket of old) socket.destroy();
    });
  });
});

describe("a body that stops", () => {
  test("ends after --body-timeout, and its name is free", { timeout: 60_000 }, async () => {
    const flags = ["--body-timeout", "1s", "--linger", "0s"];
    await Server.with({ flags }, async (server) => {
      // A process that stands still: its kernel answers for it, and no FIN comes.
      const curl = spawn(
        "curl",
        ["-sS", "-T", "-", "-H", "Expect:", `${server.origin}/publish/lost`],
        { stdio: ["pipe", "ignore", "ignore"] },
      );
      curl.stdin.write(Buffer.alloc(5000, 0x55));
      await until(() => server.describe("lost"), "the stream to begin");
      curl.kill("SIGSTOP");
      const slow = new HttpPublisher(server, "slow");
      for (let i = 0; i < 10; ++i) {
        await slow.send(Buffer.from("a slow one lives"));
        await sleep(300);
      }
      assert.equal(await server.describe("lost"), null, "it is over");
      const next = await BarePublisher.open(server, "lost");
      await next.send(Buffer.from("the next one"));
      await until(() => server.describe("lost"), "the next one to be live");
      assert.equal((await slow.end()).status, 200);
      await next.ws.close();
      curl.kill("SIGKILL");
    });
  });

  test("is told why", async () => {
    await Server.with({ flags: ["--body-timeout", "1s"] }, async (server) => {
      const http = new RawHttp(server);
      http.write(`${requestText("/publish/short", "PUT", ["Content-Length: 100"])}half`);
      const [answer] = await http.until(1);
      assert.equal(answer.status, 408);
      assert.equal(JSON.parse(answer.body.toString()).error.code, "request-timeout");
      await until(() => http.closed, "the end");
    });
  });

  test("48 whose lengths lie are all gone", { timeout: 60_000 }, async () => {
    await Server.with({ flags: ["--body-timeout", "1s"] }, async (server) => {
      const liars = Array.from({ length: 48 }, (_, i) => {
        const http = new RawHttp(server);
        const length = [10, 1000, 2 ** 40, 2 ** 63][i % 4];
        const path = ["/publish/liar", "/healthz", "/api/v1/streams/x/record", "/live/none"][
          (i >> 2) % 4
        ];
        const method = ["PUT", "POST", "GET"][(i >> 4) % 3];
        http.write(`${requestText(path, method, [`Content-Length: ${length}`])}short`);
        return http;
      });
      await until(() => liars.every((http) => http.closed), "all 48 to be closed", { ms: 20_000 });
    });
  });
});

describe("a slow viewer that reads is no dead one", () => {
  for (const tls of [false, true]) {
    test(tls ? "over TLS" : "plain", { timeout: 60_000 }, async () => {
      const flags = ["--ping-interval", "1s", "--max-lag", "500ms", "--loops", "1"];
      if (tls) flags.push("--tls-self-signed");
      await Server.with({ flags }, async (server) => {
        const extra = tls ? { extra: { tls } } : {};
        const source = await LiveSource.start(server, "wide", {
          messagesPerSecond: 30,
          bytes: 60_000,
          ...extra,
        });
        const slow = await BareViewer.open(server, "wide", { answerPings: false });
        // Something is always waiting for it, and it never answers anything.
        for (let i = 0; i < 70; ++i) {
          slow.ws.socket.pause();
          await sleep(100);
          slow.ws.socket.resume();
          await sleep(1);
        }
        assert.equal(slow.ws.closedWith, null, "it reads, so it lives");
        slow.ws.cut();
        await source.stop();
      });
    });
  }
});

describe("what strangers may make the server hold", () => {
  test("/echo has a limit of its own", { timeout: 60_000 }, async () => {
    await Server.with({ flags: ["--max-echo", "8MiB", "--loops", "1"] }, async (server) => {
      const before = server.rssBytes;
      const sockets = await Promise.all(
        Array.from({ length: 16 }, () => RawWs.open({ port: server.port, path: "/echo" })),
      );
      for (const ws of sockets)
        ws.write(encodeFrame(Opcode.binary, Buffer.alloc(4 * MIB), { fin: false }));
      await until(() => sockets.filter((ws) => ws.closedWith).length >= 12, "most to be refused");
      assert.equal(sockets.find((ws) => ws.closedWith)?.closedWith?.code, 1013);
      const grown = server.rssBytes - before;
      assert.ok(grown < 24 * MIB, `${(grown / MIB).toFixed(1)} MiB`);
      for (const ws of sockets) ws.cut();
    });
  });

  test("unfinished messages have a total", { timeout: 60_000 }, async () => {
    await Server.with({ flags: ["--max-unfinished", "8MiB", "--loops", "1"] }, async (server) => {
      const publishers = await Promise.all(
        Array.from({ length: 12 }, (_, i) => RawWs.open(publishOptions(server, `many/p${i}`))),
      );
      for (const ws of publishers)
        ws.write(encodeFrame(Opcode.binary, Buffer.alloc(2 * MIB), { fin: false }));
      await until(() => publishers.filter((ws) => ws.closedWith).length >= 8, "most to be refused");
      assert.equal(publishers.find((ws) => ws.closedWith)?.closedWith?.code, 1013);
      for (const ws of publishers) ws.cut();
      await until(async () => (await server.fetch("/healthz")).status === 200, "health");
      const next = await BarePublisher.open(server, "many/next");
      await next.send(Buffer.alloc(4 * MIB));
      await until(() => server.describe("many/next"), "there is room again");
      await next.ws.close();
    });
  });

  test("requests that wait use up no publisher's room", { timeout: 60_000 }, async () => {
    const flags = ["--max-unfinished", "1MiB", "--publish-key", "k", "--log-level", "debug"];
    await Server.with({ flags: [...flags, "--loops", "1"] }, async (server) => {
      const good = await BarePublisher.open(server, "good", { token: "k" });
      good.ws.write(encodeFrame(Opcode.binary, Buffer.alloc(MIB / 2), { fin: false }));
      const wait = requestText("/live/nobody?wait=60");
      const strangers = await crowd(server, 60, wait + wait.repeat(500));
      await until(() => /holds too much of requests that wait/.test(server.stderr), "the limit");
      assert.equal(good.ws.closedWith, null);
      good.ws.write(encodeFrame(Opcode.continuation, Buffer.alloc(1000), { fin: true }));
      await until(() => server.describe("good"), "the publisher to be live");
      for (const socket of strangers) socket.destroy();
      good.ws.cut();
    });
  });

  test("nor that of one who begins to publish", { timeout: 60_000 }, async () => {
    const flags = ["--max-unfinished", "1MiB", "--publish-key", "k", "--log-level", "debug"];
    await Server.with({ flags: [...flags, "--loops", "2"] }, async (server) => {
      const wait = requestText("/live/nobody?wait=60");
      const strangers = await crowd(server, 60, wait + wait.repeat(500));
      await until(() => /holds too much of requests that wait/.test(server.stderr), "the limit");
      // Some are of the other loop, which has to be asked: their media waits meanwhile.
      for (let i = 0; i < 8; ++i) {
        const ws = await RawWs.open({
          ...publishOptions(server, `joins/p${i}`),
          protocol: "framewire.v1",
          token: "k",
        });
        ws.write(
          Buffer.concat([
            encodeFrame(Opcode.text, JSON.stringify({ type: "publish", format: "binary" })),
            encodeFrame(Opcode.binary, buildMessage(0, Buffer.alloc(100_000))),
          ]),
        );
        const acked = () => ws.messages.some(({ data }) => JSON.parse(`${data}`).type === "ack");
        await until(() => acked() || ws.closedWith, "the media to be taken");
        assert.equal(ws.closedWith, null);
        ws.cut();
      }
      for (const socket of strangers) socket.destroy();
    });
  });

  test("huge messages leave nothing behind", { timeout: 60_000 }, async () => {
    await Server.with({ flags: ["--loops", "1"] }, async (server) => {
      const warm = await RawWs.open({ port: server.port, path: "/echo" });
      await warm.sendBinary(Buffer.alloc(1000));
      await until(() => warm.messages.length === 1, "an echo");
      const before = server.rssBytes;
      for (let i = 0; i < 4; ++i) {
        const ws = await RawWs.open(publishOptions(server, `huge/p${i}`));
        ws.write(encodeFrame(Opcode.binary, Buffer.alloc(17 * MIB)));
        const closed = await ws.closed();
        assert.ok(closed.code === 1009 || closed.code === 1006);
      }
      await until(() => server.rssBytes - before < 8 * MIB, "the memory to be given back").catch(
        () => assert.fail(`${((server.rssBytes - before) / MIB).toFixed(1)} MiB are kept`),
      );
      await warm.close();
    });
  });
});
