import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameWindow } from "../../player-web/sdk/frame_window.js";
import { xxh32 } from "../../player-web/sdk/xxh32.js";

const PIECE = 256 << 10;
/** Of the bytes 0, 1, 2, ..., by libxxhash 0.8.1: their count and their hash. */
const XXH32_VECTORS = [
  [0, 46947589],
  [1, 3479547966],
  [3, 1715378773],
  [4, 2154372710],
  [15, 1472208590],
  [16, 3072866292],
  [17, 2088218050],
  [31, 4012177161],
  [32, 2198290881],
  [100, 2139732548],
  [1000, 4207681956],
];

/** @param {Uint8Array<ArrayBuffer>} bytes */
function read(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = view.getUint8(2);
  return {
    kind: view.getUint8(0),
    more: (view.getUint8(1) & 4) !== 0,
    sequence: Number(view.getBigUint64(8)),
    frame: Number(view.getBigInt64(16)),
    hash: header > 32 ? view.getUint32(32) : null,
    size: bytes.byteLength - header,
  };
}
/** @param {FrameWindow} window */
function takeAll(window) {
  /** @type {ReturnType<typeof read>[]} */ const out = [];
  window.send((bytes) => {
    out.push(read(bytes));
    return true;
  });
  return out;
}
/** Pushes a frame of so many bytes. @param {FrameWindow} window @param {number} bytes @param {number | null} [hash] */
const push = (window, bytes, hash = null) => window.push(window.room(bytes), hash);

test("a frame goes in pieces, its number and hash in each, the last without `more`", () => {
  const window = new FrameWindow();
  window.grant(2);
  push(window, 2 * PIECE + 10, 0xdecade);
  push(window, 5, 7);
  assert.deepEqual(takeAll(window), [
    { kind: 2, more: true, sequence: 0, frame: 0, hash: 0xdecade, size: PIECE },
    { kind: 2, more: true, sequence: 1, frame: 0, hash: 0xdecade, size: PIECE },
    { kind: 2, more: false, sequence: 2, frame: 0, hash: 0xdecade, size: 10 },
    { kind: 2, more: false, sequence: 3, frame: 1, hash: 7, size: 5 },
  ]);
});

test("the config of packets goes before them, and again after a lost connection", () => {
  const window = new FrameWindow();
  window.pushConfig(new Uint8Array([1, 2, 3]));
  window.grant(1);
  push(window, 5, 7);
  const sent = [
    { kind: 1, more: false, sequence: 0, frame: 0, hash: null, size: 3 },
    { kind: 2, more: false, sequence: 1, frame: 0, hash: 7, size: 5 },
  ];
  assert.deepEqual(takeAll(window), sent);
  assert.ok(window.resume(0));
  assert.deepEqual(takeAll(window), sent);
  window.acknowledge(0);
  assert.ok(window.resume(1));
  assert.deepEqual(takeAll(window), sent.slice(1));
});

test("the bytes of a frame are what was pushed, in each piece, also when it is sent again", () => {
  for (const hash of [null, 7]) {
    const window = new FrameWindow();
    window.grant(1);
    const frame = Uint8Array.from({ length: PIECE * 2 + 1000 }, (_, i) => (i * 7 + (i >> 8)) & 255);
    const room = window.room(frame.length);
    room.set(frame, room.length - frame.length);
    window.push(room, hash);
    /** @type {Buffer[]} */ const got = [];
    let left = 2; // then the connection breaks
    window.send((bytes) => {
      if (left > 0) got.push(Buffer.from(bytes.slice(bytes[2])));
      return left-- > 0;
    });
    assert.ok(window.resume(1));
    got.length = 1;
    window.send((bytes) => got.push(Buffer.from(bytes.slice(bytes[2]))) > 0);
    assert.ok(Buffer.concat(got).equals(frame));
  }
});

test("a room is used again once its frame has arrived, and not before", () => {
  const window = new FrameWindow();
  window.grant(9);
  const first = window.room(100);
  window.push(first, null);
  takeAll(window);
  assert.notEqual(window.room(100), first);
  window.acknowledge(0);
  assert.notEqual(window.room(50), first, "of another size");
  push(window, 100);
  const second = window.room(100);
  window.push(second, null);
  takeAll(window);
  window.acknowledge(2);
  assert.equal(window.room(100), second);
});

test("no frame without credit, and credit is not taken back", () => {
  const window = new FrameWindow();
  assert.throws(() => push(window, 4), RangeError);
  window.grant(1);
  window.grant(0);
  assert.equal(window.credit, 1);
  push(window, 4);
  assert.throws(() => push(window, 4), RangeError);
});

test("what is not acknowledged is kept, and sent again from where the server is", () => {
  const window = new FrameWindow();
  window.grant(5);
  for (let n = 0; n < 5; n++) push(window, 100 + n);
  assert.equal(takeAll(window).length, 5);
  window.acknowledge(1);
  assert.equal(window.waitingBytes, 134 + 135 + 136);
  assert.ok(window.resume(3), "the acknowledgement of 2 was lost with the connection");
  assert.deepEqual(
    takeAll(window).map(({ sequence }) => sequence),
    [3, 4],
  );
  window.acknowledge(4);
  assert.ok(window.empty);
  assert.equal(window.waitingBytes, 0);
  assert.equal(window.resume(1), false, "1 is gone");
});

test("nothing is acknowledged that was not sent", () => {
  const window = new FrameWindow();
  window.grant(2);
  push(window, 1);
  window.acknowledge(9);
  assert.equal(takeAll(window).length, 1);
});

test("XXH32", () => {
  for (const [length, hash] of XXH32_VECTORS) {
    const bytes = Uint8Array.from({ length }, (_, i) => i & 255);
    assert.equal(xxh32(bytes), hash, `${length} bytes`);
  }
});
