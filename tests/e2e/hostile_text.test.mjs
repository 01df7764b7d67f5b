/** Control messages that are none: each gets its named error, and a sentence that says what to do. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { publishOptions, V1Publisher } from "./lib/publisher.mjs";
import { RawWs } from "./lib/raw_ws.mjs";
import { Server } from "./lib/server.mjs";
import { buildMessage } from "./lib/v1.mjs";
import { until } from "./lib/wait.mjs";
import { encodeFrame, Opcode } from "./lib/ws_frame.mjs";

/** @type {Server} */ let server;
let count = 0;
const freshName = () => `hostile/t${++count}`;

before(async () => {
  server = await Server.start();
});
after(() => server.stop());

const dataUrl = `data:image/png;base64,${"iVBORw0KGgo".repeat(100)}`;
/** name, text, close code, error code, what its sentence says @type {[string, string | object, number, string, RegExp?][]} */
const texts = [
  ["a canvas as data URL", dataUrl, 1007, "bad-text", /binary.*toBlob/],
  ["a large canvas as data URL", dataUrl.repeat(100), 1009, "limit-exceeded", /binary.*toBlob/],
  ["no JSON", '{"type":', 1007, "bad-text"],
  ["JSON, but no object", "[1,2]", 1007, "bad-text"],
  ["an unknown type", { type: "explode" }, 1007, "bad-text"],
  ["a member of the wrong kind", { type: "publish", width: "wide" }, 1007, "bad-text"],
  ["text over its limit", { type: "publish", title: "x".repeat(100_000) }, 1009, "limit-exceeded"],
];

describe("bad control messages of a v1 publisher", () => {
  for (const [name, text, close, code, says] of texts) {
    test(name, async () => {
      const publisher = await V1Publisher.open(server, freshName(), null);
      await publisher.ws.sendText(text);
      const closed = await publisher.ws.closed();
      assert.equal(closed.code, close, closed.reason);
      assert.equal(publisher.error?.code, code);
      if (says) assert.match(publisher.error?.message ?? "", says);
    });
    if (!says) continue;
    test(`${name}, from a bare publisher`, async () => {
      const stream = freshName();
      const ws = await RawWs.open(publishOptions(server, stream));
      await ws.write(encodeFrame(Opcode.text, String(text)));
      assert.equal((await ws.closed()).code, close === 1007 ? 1003 : close);
      const told = () => server.output.split("\n").find((line) => line.includes(stream));
      await until(() => told() !== undefined, "a line in the log");
      assert.match(told() ?? "", says);
    });
  }
  test("text that is no UTF-8", async () => {
    const publisher = await V1Publisher.open(server, freshName(), null);
    await publisher.ws.sendFrame(Opcode.text, Buffer.from([0x7b, 0xff, 0xfe, 0x7d]));
    assert.equal((await publisher.ws.closed()).code, 1007);
  });
  test("a second publish", async () => {
    const publisher = await V1Publisher.open(server, freshName(), {});
    await publisher.ws.sendText({ type: "publish" });
    assert.equal((await publisher.ws.closed()).code, 1002);
  });
  for (const [name, bytes] of /** @type {[string, Buffer][]} */ ([
    ["a message shorter than its header", Buffer.alloc(31, 2)],
    [
      "a header that is longer than its message",
      Object.assign(buildMessage(0, Buffer.alloc(0)), { 2: 60 }),
    ],
    ["a header shorter than 32", Object.assign(buildMessage(0, Buffer.alloc(9)), { 2: 8 })],
    ["an unknown kind", Object.assign(buildMessage(0, Buffer.alloc(9)), { 0: 9 })],
  ])) {
    test(name, async () => {
      const publisher = await V1Publisher.open(server, freshName(), {});
      await publisher.ws.sendBinary(bytes);
      assert.equal((await publisher.ws.closed()).code, 1002);
      assert.equal(publisher.error?.code, "protocol");
    });
  }
});
