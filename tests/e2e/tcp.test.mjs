/** Plain TCP: ffmpeg, node's net and nothing else, both ways; and people who chat in lines. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createConnection } from "node:net";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { countFrames, decodeErrors, run } from "./lib/decode.mjs";
import { Server } from "./lib/server.mjs";
import { V1Viewer } from "./lib/viewer.mjs";
import { sleep, until } from "./lib/wait.mjs";

const TS = readFileSync(fileURLToPath(new URL("../media/made/avc1-aac.ts", import.meta.url)));

/** @type {Server} */ let server;
before(async () => {
  server = await Server.start({
    flags: [
      "--tcp-publish",
      "cam=127.0.0.1:0",
      "--tcp-watch",
      "cam=127.0.0.1:0",
      "--tcp-watch",
      "cam.mp4=127.0.0.1:0",
      "--tcp-chat",
      "cam=127.0.0.1:0",
      "--max-tcp",
      "4",
    ],
  });
  // Its log comes by another pipe.
  await until(() => server.stderr.match(/plain TCP:/g)?.length === 4, "the ports");
});
after(() => server.stop());

/** @param {string} what "publish cam" */
function port(what) {
  const found = new RegExp(`plain TCP: ${what} on 127\\.0\\.0\\.1:(\\d+)`).exec(server.stderr);
  assert.ok(found, server.stderr);
  return Number(found[1]);
}

/** @param {number} to */
async function connect(to) {
  const socket = createConnection({ host: "127.0.0.1", port: to });
  await once(socket, "connect");
  const peer = { socket, bytes: Buffer.alloc(0), ended: false };
  socket.on("data", (data) => (peer.bytes = Buffer.concat([peer.bytes, data])));
  socket.on("close", () => (peer.ended = true));
  socket.on("error", () => {});
  return peer;
}
/** @param {{bytes: Buffer}} peer */
const lines = (peer) => peer.bytes.toString().split("\n").filter(Boolean);

describe("plain TCP", () => {
  test("what is published comes to all watchers, byte for byte, and as a rendition", async () => {
    const watcher = await connect(port("watch cam"));
    const mp4 = await connect(port("watch cam.mp4"));
    const publisher = await connect(port("publish cam"));
    publisher.socket.end(TS);
    await until(() => watcher.ended && mp4.ended, "the stream's end");
    assert.ok(watcher.bytes.equals(TS));
    assert.equal(await decodeErrors(mp4.bytes), "");
    assert.ok((await countFrames(mp4.bytes)) > 0);
  });

  test("ffmpeg publishes and ffmpeg watches", async () => {
    const watching = run("ffmpeg", [
      "-v",
      "error",
      "-i",
      `tcp://127.0.0.1:${port("watch cam")}`,
      "-map",
      "0:v",
      "-f",
      "rawvideo",
      "-pix_fmt",
      "gray",
      "-s",
      "2x2",
      "-",
    ]);
    const { code, stderr } = await run("ffmpeg", [
      "-v",
      "error",
      "-re",
      "-f",
      "lavfi",
      "-i",
      "testsrc2=size=160x90:rate=25",
      "-t",
      "3",
      "-c:v",
      "libx264",
      "-preset",
      "ultrafast",
      "-bf",
      "0",
      "-g",
      "10",
      "-f",
      "mpegts",
      `tcp://127.0.0.1:${port("publish cam")}`,
    ]);
    assert.equal(code, 0, stderr);
    assert.ok((await watching).out.length / 4 > 30);
  });

  test("a second publisher is told why not", async () => {
    const first = await connect(port("publish cam"));
    first.socket.write(TS.subarray(0, 18800));
    await until(async () => (await server.metric("framewire_streams")) > 0, "the first one");
    const second = await connect(port("publish cam"));
    await until(() => second.ended, "its end");
    assert.match(second.bytes.toString(), /has a publisher/);
    first.socket.end();
    await until(() => first.ended, "the first one's end");
  });

  test("each connection over the limit is closed", async () => {
    /** @type {Awaited<ReturnType<typeof connect>>[]} */ const peers = [];
    for (let i = 0; i < 5; i++) peers.push(await connect(port("watch cam")));
    await until(() => peers.some((peer) => peer.ended), "the fifth to be closed");
    assert.equal(peers.filter((peer) => peer.ended).length, 1);
    for (const peer of peers) peer.socket.destroy();
  });

  test("watchers that have closed take nobody's place", async () => {
    for (let i = 0; i < 4; i++) (await connect(port("watch cam"))).socket.end();
    await until(async () => {
      const next = await connect(port("watch cam"));
      await sleep(200);
      next.socket.destroy();
      return !next.ended;
    }, "there is room again");
  });
});

describe("chat in lines", () => {
  test("what one sends all receive with its number", async () => {
    /** @type {Awaited<ReturnType<typeof connect>>[]} */ const people = [];
    for (let i = 0; i < 3; i++) people.push(await connect(port("chat cam")));
    await until(() => people.every((peer) => lines(peer).length === 1), "the greetings");
    const numbers = people.map((peer) => Number(/^\* you are (\d+)$/.exec(lines(peer)[0])?.[1]));
    assert.equal(new Set(numbers).size, 3);
    people[1].socket.write("hello\r\nand ");
    people[1].socket.write("more\n");
    await until(() => people.every((peer) => lines(peer).length === 3), "two lines at each");
    for (const peer of people)
      assert.deepEqual(lines(peer).slice(1), [`${numbers[1]} hello`, `${numbers[1]} and more`]);
    for (const peer of people) peer.socket.destroy();
  });

  test("the lines are the side channel's, and the other way round", async () => {
    const publisher = await connect(port("publish cam"));
    publisher.socket.write(TS.subarray(0, 18800));
    await until(async () => (await server.metric("framewire_streams")) > 0, "the stream");
    const viewer = await V1Viewer.open(server, "cam");
    await viewer.untilSaid("stream");
    const speaker = await connect(port("chat cam"));
    await until(() => lines(speaker).length === 1, "the greeting");
    speaker.socket.write("by line\n");
    const said = await viewer.untilSaid("message");
    assert.equal(said.data, "by line");
    viewer.ws.sendText(JSON.stringify({ type: "message", data: "by socket", name: "Ada" }));
    await until(() => lines(speaker).includes("@Ada by socket"), "the text");
    assert.equal(
      lines(speaker).filter((line) => line.includes("by line")).length,
      1,
      "its own line once",
    );
    viewer.ws.socket.destroy();
    speaker.socket.destroy();
    publisher.socket.destroy();
  });

  test("who talks too much, or too long, is told", async () => {
    const speaker = await connect(port("chat cam"));
    speaker.socket.write(`${"x".repeat(10_000)}\n`);
    for (let i = 0; i < 40; i++) speaker.socket.write(`line ${i}\n`);
    await until(
      () => lines(speaker).some((line) => /more than \d+ messages a second/.test(line)),
      "the limit",
    );
    assert.ok(lines(speaker).some((line) => /is not passed on/.test(line)));
    speaker.socket.destroy();
  });
});
