import assert from "node:assert/strict";
import { test } from "node:test";
import { CountedTimes, packetUs } from "../../player-web/sdk/counted_times.js";

const PIECE_US = 20_000;

/**
 * A codec that counts samples from the time it was first told, rounds, and holds some of them.
 *
 * @param {number[]} times true ones of pieces of 20 ms @param {number} held microseconds that come out later
 */
function through(times, held = 0) {
  const map = new CountedTimes();
  let base = Number.NaN;
  return times.map((trueUs, n) => {
    const told = map.put(trueUs, PIECE_US);
    if (n === 0) base = told;
    return map.of(base + n * PIECE_US - (n > 0 ? held : 0) - (n % 7 === 3 ? 1 : 0));
  });
}

test("a hole stays a hole", () => {
  const times = Array.from(
    { length: 40 },
    (_, n) => 7_000_000 + n * PIECE_US + (n > 20 ? 500_000 : 0),
  );
  for (const [n, out] of through(times).entries()) assert.ok(Math.abs(out - times[n]) <= 1);
});

test("what a decoder has left out at its start moves nothing", () => {
  const times = Array.from({ length: 40 }, (_, n) => n * PIECE_US + (n > 20 ? 500_000 : 0));
  const out = through(times, 6_500);
  for (const n of [10, 30]) assert.ok(Math.abs(out[n] - (times[n] - 6_500)) <= 1);
});

test("an hour of a clock that is 100 millionths slow ends where it should", () => {
  const times = Array.from({ length: 180_000 }, (_, n) => Math.round(n * PIECE_US * 1.0001));
  const out = through(times);
  assert.ok(Math.abs(out[179_999] - times[179_999]) <= 3);
});

test("what never comes out is not kept for ever, and time goes on", () => {
  const map = new CountedTimes();
  for (let n = 0; n < 5_000; n += 1) map.put(n * PIECE_US, PIECE_US);
  assert.equal(map.of(4_999 * PIECE_US), 4_999 * PIECE_US);
});

// RFC 6716, table 2, and the codes of section 3.2.
for (const [toc, second, ms] of [
  [0b00000_000, 0, 10],
  [0b01011_100, 0, 60],
  [0b01100_000, 0, 10],
  [0b01111_001, 0, 40],
  [0b10000_000, 0, 2.5],
  [0b11111_010, 0, 40],
  [0b11111_011, 3, 60],
]) {
  test(`an Opus packet that begins with ${toc.toString(2)} lasts ${ms} ms`, () => {
    assert.equal(packetUs("opus", 48_000, Uint8Array.of(toc, second)), ms * 1000);
  });
}

test("of AAC it is known, of others not", () => {
  assert.equal(packetUs("mp4a.40.2", 48_000, Uint8Array.of(1)), (1024 * 1e6) / 48_000);
  assert.equal(packetUs("flac", 48_000, Uint8Array.of(1)), null);
  assert.equal(packetUs("opus", 48_000, new Uint8Array(0)), null);
  assert.equal(packetUs("opus", 48_000, Uint8Array.of(3)), null);
});
