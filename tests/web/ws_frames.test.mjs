/** Frames by hand, for where there is no WebSocket: sizes at each form of length, in pieces of each size. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { BINARY, FrameReader, frameHeader, PING, TEXT } from "../../player-web/sdk/ws_frames.js";

/** A server's frame: the client's, without mask. @param {number} opcode @param {Uint8Array} payload */
function served(opcode, payload) {
  const header = frameHeader(opcode, payload.length);
  header[1] &= 0x7f;
  return Buffer.concat([header.subarray(0, header.length - 4), payload]);
}

/** @param {number} size */
const payloadOf = (size) => Uint8Array.from({ length: size }, (_, i) => (i * 31) & 0xff);

const SIZES = [0, 1, 125, 126, 127, 65_535, 65_536, 70_001];

test("a client's header is masked by zeros and has the shortest length", () => {
  assert.deepEqual([...frameHeader(BINARY, 5)], [0x82, 0x85, 0, 0, 0, 0]);
  assert.deepEqual([...frameHeader(TEXT, 126)], [0x81, 0xfe, 0, 126, 0, 0, 0, 0]);
  assert.deepEqual(
    [...frameHeader(BINARY, 65_536)],
    [0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
  );
});

for (const step of [1, 2, 7, 1000, 1 << 20]) {
  test(`frames of each size, read in pieces of ${step}`, () => {
    const bytes = Buffer.concat(SIZES.map((size) => served(BINARY, payloadOf(size))));
    const reader = new FrameReader();
    /** @type {Uint8Array[]} */ const seen = [];
    for (let at = 0; at < bytes.length; at += step) {
      for (const frame of reader.feed(bytes.subarray(at, at + step))) {
        assert.equal(frame.opcode, BINARY);
        assert.equal(frame.fin, true);
        seen.push(frame.payload);
      }
    }
    assert.deepEqual(
      seen.map(({ length }) => length),
      SIZES,
    );
    for (const payload of seen) assert.deepEqual(payload, payloadOf(payload.length));
  });
}

test("a ping between, and a message in two frames", () => {
  const first = served(TEXT, Buffer.from("hal"));
  first[0] = TEXT;
  const last = served(0, Buffer.from("lo"));
  const bytes = Buffer.concat([first, served(PING, Buffer.from("now")), last]);
  const seen = [...new FrameReader().feed(bytes)].map(({ opcode, fin, payload }) => [
    opcode,
    fin,
    Buffer.from(payload).toString(),
  ]);
  assert.deepEqual(seen, [
    [TEXT, false, "hal"],
    [PING, true, "now"],
    [0, true, "lo"],
  ]);
});
