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
  const view = new DataView(bytes.buffer);
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
  const out = [];
  for (let bytes = window.take(); bytes; bytes = window.take()) out.push(read(bytes));
  return out;
}

test("a frame goes in pieces, its number and hash in each, the last without `more`", () => {
  const window = new FrameWindow();
  window.grant(2);
  window.push(new Uint8Array(2 * PIECE + 10), 0xdecade);
  window.push(new Uint8Array(5), 7);
  assert.deepEqual(takeAll(window), [
    { kind: 2, more: true, sequence: 0, frame: 0, hash: 0xdecade, size: PIECE },
    { kind: 2, more: true, sequence: 1, frame: 0, hash: 0xdecade, size: PIECE },
    { kind: 2, more: false, sequence: 2, frame: 0, hash: 0xdecade, size: 10 },
    { kind: 2, more: false, sequence: 3, frame: 1, hash: 7, size: 5 },
  ]);
});

test("no frame without credit, and credit is not taken back", () => {
  const window = new FrameWindow();
  assert.throws(() => window.push(new Uint8Array(4), null), RangeError);
  window.grant(1);
  window.grant(0);
  assert.equal(window.credit, 1);
  window.push(new Uint8Array(4), null);
  assert.throws(() => window.push(new Uint8Array(4), null), RangeError);
});

test("what is not acknowledged is kept, and sent again from where the server is", () => {
  const window = new FrameWindow();
  window.grant(5);
  for (let n = 0; n < 5; n++) window.push(new Uint8Array(100 + n), null);
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
  window.push(new Uint8Array(1), null);
  window.acknowledge(9);
  assert.equal(takeAll(window).length, 1);
});

test("XXH32", () => {
  for (const [length, hash] of XXH32_VECTORS) {
    const bytes = Uint8Array.from({ length }, (_, i) => i & 255);
    assert.equal(xxh32(bytes), hash, `${length} bytes`);
  }
});
