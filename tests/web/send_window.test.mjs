import assert from "node:assert/strict";
import { test } from "node:test";
import { SendWindow } from "../../player-web/sdk/send_window.js";
import { decodePart, HEADER_BYTES } from "../../player-web/sdk/wire.js";

/** @param {number} size @param {number} [fill] */
const chunk = (size, fill = 7) => new Uint8Array(size).fill(fill);

/** @param {SendWindow} window */
function takeAll(window) {
  const taken = [];
  for (let bytes = window.take(); bytes; bytes = window.take())
    taken.push(decodePart(/** @type {Uint8Array<ArrayBuffer>} */ (bytes).buffer));
  return taken;
}
/** @param {{sequence: number}[]} parts */
const numbers = (parts) => parts.map(({ sequence }) => sequence);

test("messages are numbered from 0 and carry the capture clock", () => {
  const window = new SendWindow();
  window.push(chunk(10), 123);
  window.push(chunk(20), 456);
  const parts = takeAll(window);
  assert.deepEqual(numbers(parts), [0, 1]);
  assert.deepEqual(
    parts.map(({ captureUs, payload }) => [captureUs, payload.length]),
    [
      [123, 10],
      [456, 20],
    ],
  );
});

test("an empty chunk makes no message", () => {
  const window = new SendWindow();
  window.push(chunk(0), 0);
  assert.ok(window.empty);
});

test("a full window waits for an acknowledgement", () => {
  const window = new SendWindow();
  window.setLimits({ unacked_bytes: 8192, message_bytes: 1 << 20 });
  for (let i = 0; i < 6; i += 1) window.push(chunk(2000), 0);
  assert.deepEqual(numbers(takeAll(window)), [0, 1, 2, 3]);
  assert.equal(window.unsentBytes, 2 * (2000 + HEADER_BYTES));
  assert.equal(window.acknowledge(1), 2 * (2000 + HEADER_BYTES));
  assert.deepEqual(numbers(takeAll(window)), [4, 5]);
  window.acknowledge(5);
  assert.ok(window.empty);
  assert.equal(window.unackedBytes, 0);
});

test("a large chunk is split, and nothing of it is lost", () => {
  const window = new SendWindow();
  window.setLimits({ message_bytes: 1024 + HEADER_BYTES, unacked_bytes: 1 << 20 });
  const whole = Uint8Array.from({ length: 5000 }, (_, i) => i % 251);
  window.push(whole, 0);
  const parts = takeAll(window);
  assert.equal(parts.length, 5);
  assert.deepEqual(Buffer.concat(parts.map(({ payload }) => payload)), Buffer.from(whole));
});

test("a resume sends again what the server has not got, with its old numbers", () => {
  const window = new SendWindow();
  for (let i = 0; i < 6; i += 1) window.push(chunk(100, i), 0);
  takeAll(window);
  window.acknowledge(1);
  window.push(chunk(100, 6), 0);
  assert.equal(window.resume(4), true);
  const parts = takeAll(window);
  assert.deepEqual(numbers(parts), [4, 5, 6]);
  assert.deepEqual(
    parts.map(({ payload }) => payload[0]),
    [4, 5, 6],
  );
});

test("a resume with nothing kept goes on with the next number", () => {
  const window = new SendWindow();
  window.push(chunk(1), 0);
  takeAll(window);
  window.acknowledge(0);
  assert.equal(window.resume(1), true);
  window.push(chunk(1), 0);
  assert.deepEqual(numbers(takeAll(window)), [1]);
});

test("a resume cannot go back before what is kept, nor past what was made", () => {
  for (const wanted of [0, 9]) {
    const window = new SendWindow();
    for (let i = 0; i < 4; i += 1) window.push(chunk(10), 0);
    takeAll(window);
    window.acknowledge(2);
    assert.equal(window.resume(wanted), false);
  }
});

test("a new publication starts from the number that the server names", () => {
  const window = new SendWindow();
  window.push(chunk(10), 0);
  window.restart(40);
  assert.ok(window.empty);
  window.push(chunk(10), 0);
  assert.deepEqual(numbers(takeAll(window)), [40]);
});

test("the lag is the age of the oldest chunk that is not acknowledged, sent or not", () => {
  const window = new SendWindow();
  assert.equal(window.lagMs(500), 0);
  window.push(chunk(10), 0, 1000);
  window.push(chunk(10), 0, 1400);
  assert.equal(window.lagMs(1500), 500);
  takeAll(window);
  window.acknowledge(0);
  assert.equal(window.lagMs(1500), 100);
  window.acknowledge(1);
  assert.equal(window.lagMs(9000), 0);
});
