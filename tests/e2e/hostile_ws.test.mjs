/** What a hostile or broken WebSocket peer may try: each gets its named error, and a good stream loses nothing. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { clusterHeader, simpleBlock, webmHeader } from "./lib/live_source.mjs";
import { container, sha256, wholeFile } from "./lib/media.mjs";
import { Neighbour } from "./lib/neighbour.mjs";
import { BarePublisher, publishOptions, V1Publisher } from "./lib/publisher.mjs";
import { RawWs } from "./lib/raw_ws.mjs";
import { Server } from "./lib/server.mjs";
import { BareViewer, liveOptions, V1Viewer } from "./lib/viewer.mjs";
import { sleep, until } from "./lib/wait.mjs";
import { closePayload, encodeFrame, Opcode } from "./lib/ws_frame.mjs";

/** @type {Server} */ let server;
/** @type {Neighbour} */ let neighbour;
let count = 0;
const freshName = () => `hostile/s${++count}`;

before(async () => {
  server = await Server.start({ flags: ["--max-message", "1MiB", "--max-element", "1MiB"] });
  neighbour = await Neighbour.start(server);
});
after(async () => {
  await neighbour.finish();
  await server.stop();
});

const MIB = 1 << 20;
/** An element that says it is `size` bytes long. @param {number[]} id @param {bigint} size */
function claims(id, size) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(size);
  bytes[0] |= 0x01;
  return Buffer.concat([Buffer.from(id), bytes]);
}
const TERA = 1n << 40n;
const header = webmHeader();
const mp4 = wholeFile(container("chromium-avc1-opus-camera-kf1000.mp4"));

/** name, hello, messages, close code, error code @type {[string, object, Buffer[], number, string][]} */
const media = [
  [
    "a wrong magic",
    { format: "webm" },
    [Buffer.from("this is no webm at all, however long it goes on")],
    1007,
    "malformed-media",
  ],
  [
    "a wrong magic for mp4",
    { format: "mp4" },
    [Buffer.from("\0\0\0\x10evil12345678\0\0\0\x08evil")],
    1007,
    "malformed-media",
  ],
  [
    "EBML magic and then noise",
    {},
    [Buffer.concat([header.subarray(0, 4), Buffer.alloc(4000, 0xa5)])],
    1007,
    "malformed-media",
  ],
  [
    "a Cluster before Tracks",
    {},
    [
      Buffer.concat([
        header.subarray(0, header.indexOf(Buffer.from([0x16, 0x54, 0xae, 0x6b]))),
        clusterHeader(0),
        simpleBlock(0, 0, true, 100),
      ]),
    ],
    1007,
    "malformed-media",
  ],
  [
    "an endless block",
    {},
    [header, Buffer.concat([clusterHeader(0), claims([0xa3], TERA)])],
    1009,
    "limit-exceeded",
  ],
  [
    "an endless element in the header",
    {},
    [
      header.subarray(0, header.indexOf(Buffer.from("18538067", "hex")) + 12),
      claims([0x15, 0x49, 0xa9, 0x66], TERA),
    ],
    1009,
    "limit-exceeded",
  ],
  [
    "an endless moof",
    {},
    [mp4.subarray(0, mp4.indexOf("moof") - 4), Buffer.from("7fffffff", "hex"), Buffer.from("moof")],
    1009,
    "limit-exceeded",
  ],
  [
    "a moof before moov",
    { format: "mp4" },
    [mp4.subarray(mp4.indexOf("moof") - 4)],
    1007,
    "malformed-media",
  ],
  ["rgba without a size", { format: "rgba" }, [Buffer.alloc(100)], 1003, "unsupported-format"],
  ["an unknown format", { format: "betamax" }, [Buffer.alloc(100)], 1003, "unsupported-format"],
];

describe("bad media: error and close code to the publisher, viewers keep what was good", () => {
  for (const [name, hello, messages, close, code] of media) {
    test(name, async () => {
      const publisher = await V1Publisher.open(server, freshName(), null);
      await publisher.ws.sendText({ type: "publish", ...hello });
      for (const message of messages) await publisher.send(message);
      const closed = await publisher.ws.closed();
      assert.equal(publisher.error?.code, code, JSON.stringify(publisher.said));
      assert.equal(closed.code, close);
      assert.ok(publisher.error.message.length > 5, "a sentence for people");
      if (code === "malformed-media") assert.equal(typeof publisher.error.offset, "number");
    });
  }

  test("bare: the code and a reason", async () => {
    const publisher = await BarePublisher.open(server, freshName());
    await publisher.send(Buffer.concat([header.subarray(0, 4), Buffer.alloc(4000, 0xa5)]));
    const closed = await publisher.ws.closed();
    assert.equal(closed.code, 1007);
    assert.notEqual(closed.reason, "");
  });

  test("what came before the damage stays good, and viewers are told", async () => {
    const stream = freshName();
    const viewer = await V1Viewer.open(server, stream);
    const publisher = await BarePublisher.open(server, stream);
    const good = Buffer.concat([
      header,
      clusterHeader(0),
      simpleBlock(0, 0, true, 500),
      simpleBlock(1, 33, false, 500),
    ]);
    await publisher.send(good);
    await publisher.send(Buffer.from([0x00, 0x00, 0x00, 0x00, 1, 2, 3]));
    assert.equal((await publisher.ws.closed()).code, 1007);
    assert.equal((await viewer.untilSaid("end")).reason, "error");
    assert.equal(sha256(viewer.bytes), sha256(good));
    await viewer.ws.close();
  });
});

/** name, what to write, close code @type {[string, Buffer[], number][]} */
const frames = [
  ["a message over the limit, whole", [encodeFrame(Opcode.binary, Buffer.alloc(MIB + 1))], 1009],
  [
    "a message over the limit, claimed",
    [
      encodeFrame(Opcode.binary, Buffer.alloc(10), { claimedLength: 2 ** 40 }),
      Buffer.alloc(2 * MIB),
    ],
    1009,
  ],
  [
    "a message over the limit, of which one byte came",
    [encodeFrame(Opcode.binary, "x", { claimedLength: MIB + 1 })],
    1009,
  ],
  [
    "a fragment over the limit, of which one byte came",
    [
      encodeFrame(Opcode.binary, "x", { fin: false }),
      encodeFrame(Opcode.continuation, "y", { claimedLength: 2 ** 62 }),
    ],
    1009,
  ],
  [
    "a message over the limit, in fragments",
    Array.from({ length: 20 }, (_, i) =>
      encodeFrame(i ? 0 : Opcode.binary, Buffer.alloc(100_000), { fin: false }),
    ),
    1009,
  ],
  [
    "a million empty fragments",
    [
      encodeFrame(Opcode.binary, "", { fin: false }),
      Buffer.alloc(6_000_000).fill(Buffer.from([0x00, 0x80, 1, 2, 3, 4])),
    ],
    1009,
  ],
  ["text where binary is due", [encodeFrame(Opcode.text, "hello")], 1003],
  ["a reserved bit (compression not agreed)", [encodeFrame(Opcode.binary, "x", { rsv: 4 })], 1002],
  ["a reserved opcode", [encodeFrame(3, "x")], 1002],
  ["a reserved control opcode", [encodeFrame(11, "x")], 1002],
  ["a continuation of nothing", [encodeFrame(Opcode.continuation, "x")], 1002],
  [
    "a message inside a message",
    [encodeFrame(Opcode.binary, "x", { fin: false }), encodeFrame(Opcode.binary, "y")],
    1002,
  ],
  ["a frame that is not masked", [encodeFrame(Opcode.binary, "x", { masked: false })], 1002],
  ["a ping that is not masked", [encodeFrame(Opcode.ping, "x", { masked: false })], 1002],
  ["a length of 16 bits for 1", [encodeFrame(Opcode.binary, "x", { lengthBytes: 2 })], 1002],
  ["a length of 64 bits for 1", [encodeFrame(Opcode.binary, "x", { lengthBytes: 8 })], 1002],
  [
    "a length of 64 bits for 300",
    [encodeFrame(Opcode.binary, Buffer.alloc(300), { lengthBytes: 8 })],
    1002,
  ],
  [
    "a length with its highest bit set",
    [Buffer.from("82ff8000000000000001" + "00000000" + "78", "hex")],
    1002,
  ],
  ["half a close code", [encodeFrame(Opcode.close, Buffer.from([3]))], 1002],
  ["a close code that nobody may send", [encodeFrame(Opcode.close, closePayload(1006))], 1002],
  [
    "a close reason that is no UTF-8",
    [encodeFrame(Opcode.close, Buffer.from("03e8ff", "hex"))],
    1007,
  ],
  ["a fragmented ping", [encodeFrame(Opcode.ping, "x", { fin: false })], 1002],
  ["a ping of 200 bytes", [encodeFrame(Opcode.ping, Buffer.alloc(200))], 1002],
];

describe("broken ws frames on a bare publisher", () => {
  for (const [name, writes, code] of frames) {
    test(name, async () => {
      const ws = await RawWs.open(publishOptions(server, freshName()));
      for (const bytes of writes) ws.write(bytes);
      const closed = await ws.closed();
      // After a flood the reset may overtake the close frame; a small offence must be named.
      const flood = writes.reduce((sum, w) => sum + w.length, 0) > 100_000;
      if (!(flood && closed.code === 1006)) assert.equal(closed.code, code, closed.reason);
    });
  }
});

describe("viewers that talk", () => {
  test("binary from a v1 viewer", async () => {
    const viewer = await V1Viewer.open(server, "good/neighbour");
    await viewer.ws.sendBinary(Buffer.from("x"));
    assert.equal((await viewer.ws.closed()).code, 1003);
  });
  test("binary from a bare viewer", async () => {
    const viewer = await BareViewer.open(server, "good/neighbour");
    await viewer.ws.sendBinary(Buffer.from("x"));
    assert.equal((await viewer.ws.closed()).code, 1003);
  });
  test("bad text from a v1 viewer", async () => {
    const viewer = await V1Viewer.open(server, "good/neighbour");
    await viewer.ws.sendText("nonsense");
    assert.equal((await viewer.ws.closed()).code, 1007);
  });
  test("a report is taken", async () => {
    const viewer = await V1Viewer.open(server, "good/neighbour");
    await viewer.ws.sendText({
      type: "report",
      latency_ms: 80,
      buffered_ms: 120,
      dropped_frames: 0,
    });
    const before = viewer.media.length;
    await until(() => viewer.media.length > before + 5, "more parts after a report");
    await viewer.ws.close();
  });
});

test("data in the same segment after a close frame is not media", async () => {
  const stream = freshName();
  const viewer = await BareViewer.open(server, stream);
  const publisher = await BarePublisher.open(server, stream);
  const writes = [
    encodeFrame(Opcode.binary, "before"),
    encodeFrame(Opcode.close, closePayload(1000)),
    encodeFrame(Opcode.binary, "after"),
  ];
  await publisher.ws.write(Buffer.concat(writes));
  await viewer.ended();
  assert.equal(viewer.bytes.toString(), "before");
});

test("a flood after a protocol error is cut off, not read", async () => {
  const ws = await RawWs.open(publishOptions(server, freshName()));
  ws.socket.pause(); // deaf to the close frame, too
  const flood = Buffer.alloc(64 * 1024, 0x5a);
  let written = 0;
  let open = true;
  ws.socket.on("close", () => (open = false)).on("error", () => (open = false));
  ws.write(encodeFrame(3, "x"));
  while (open && written < 400 * MIB) {
    await Promise.race([ws.write(flood), sleep(2000)]);
    written += flood.length;
    if (ws.socket.writableLength > 8 * MIB) break; // the server reads no more
  }
  assert.ok(written < 100 * MIB, `the server read ${written} bytes after a protocol error`);
  ws.cut();
});

test("permessage-deflate is offered and not taken", async () => {
  const offer = { "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits" };
  const ws = await RawWs.open(liveOptions(server, "good/neighbour", { headers: offer }));
  assert.equal(ws.head.headers["sec-websocket-extensions"], undefined);
  await ws.close();
});

test("a peer that answers no ping is given up", { timeout: 60_000 }, async () => {
  await Server.with({ flags: ["--ping-interval", "1s"] }, async (own) => {
    const deaf = await V1Viewer.open(own, "nobody", { answerPings: false });
    const good = await V1Viewer.open(own, "nobody");
    await deaf.ws.closed(40_000);
    assert.ok(deaf.ws.pings >= 1);
    assert.equal(good.ws.closedWith, null);
    await good.ws.close();
  });
});

test("pings and pongs of any bytes, after text", { timeout: 60_000 }, async () => {
  await Server.with({ flags: ["--ping-interval", "1s"] }, async (own) => {
    const viewer = await V1Viewer.open(own, "pinged");
    const publisher = await V1Publisher.open(own, "pinged", {});
    const report = { type: "report", latency_ms: 1, buffered_ms: 2, dropped_frames: 3 };
    await viewer.ws.sendText(report);
    for (const peer of [viewer.ws, publisher.ws]) {
      for (let i = 0; i < 256; i += 16)
        peer.sendFrame(Opcode.ping, Buffer.from([i, i + 7, i + 15]));
    }
    await until(() => viewer.ws.pings >= 4 && publisher.ws.pings >= 4, "four pings", {
      ms: 30_000,
    });
    await viewer.ws.sendText(report);
    await viewer.ws.close();
    assert.deepEqual([viewer.ws.closedWith?.code, publisher.ws.closedWith], [1000, null]);
    await publisher.end();
  });
});

describe("many pings at once", () => {
  for (const [name, count, path] of /** @type {[string, number, string][]} */ ([
    ["ten to a viewer", 10, "/live/good/neighbour"],
    ["ten to a publisher", 10, "/publish/pings/one"],
    ["ten thousand to /echo", 10_000, "/echo"],
  ])) {
    test(name, { timeout: 60_000 }, async () => {
      const ws = await RawWs.open({ port: server.port, path });
      /** @type {number[]} */ const pongs = [];
      ws.on("frame", (frame) => {
        if (frame.opcode === Opcode.pong) pongs.push(frame.payload.readUInt32BE(0));
      });
      const numbers = Array.from({ length: count }, (_, i) => i);
      const payload = (/** @type {number} */ i) => {
        const bytes = Buffer.alloc(4);
        bytes.writeUInt32BE(i);
        return bytes;
      };
      ws.write(Buffer.concat(numbers.map((i) => encodeFrame(Opcode.ping, payload(i)))));
      await until(() => pongs.length >= count, `${count} pongs`, { ms: 30_000 });
      assert.deepEqual(pongs, numbers, "each is answered, in order");
      assert.equal((await ws.close()).code, 1000);
    });
  }
  test("a ping between the frames of a message", async () => {
    const ws = await RawWs.open({ port: server.port, path: "/echo" });
    /** @type {string[]} */ const pongs = [];
    ws.on("frame", (frame) => {
      if (frame.opcode === Opcode.pong) pongs.push(frame.payload.toString());
    });
    await ws.sendFrame(Opcode.text, "one ", { fin: false });
    await ws.sendFrame(Opcode.ping, "between");
    await ws.sendFrame(Opcode.continuation, "message");
    await until(() => ws.messages.length === 1 && pongs.length === 1, "the echo and the pong");
    assert.deepEqual([ws.messages[0].data.toString(), pongs[0]], ["one message", "between"]);
    await ws.close();
  });
});

test("/echo gives every message back as sent", async () => {
  const ws = await RawWs.open({ port: server.port, path: "/echo" });
  const binary = Buffer.alloc(300_000, 7);
  await ws.sendText("héllo");
  await ws.sendBinary(binary);
  await ws.sendBinary(Buffer.alloc(0));
  await until(() => ws.messages.length === 3, "three echoes");
  assert.deepEqual(
    ws.messages.map((m) => [m.binary, sha256(m.data)]),
    [
      [false, sha256(Buffer.from("héllo"))],
      [true, sha256(binary)],
      [true, sha256(Buffer.alloc(0))],
    ],
  );
  assert.equal((await ws.close()).code, 1000);
});
