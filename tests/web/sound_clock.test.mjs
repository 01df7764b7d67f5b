import assert from "node:assert/strict";
import { test } from "node:test";
import { SoundClock } from "../../player-web/sdk/sound_clock.js";

const PIECE_MS = 20;

/**
 * Pieces of 20 ms, each late by what `late` says; the times that they get, less their true ones.
 *
 * @param {number} count @param {(n: number) => number} late in milliseconds @param {number} [faster] than the page's clock
 */
function errors(count, late, faster = 0, clock = new SoundClock()) {
  return Array.from({ length: count }, (_, n) => {
    const trueMs = 5_000 + n * PIECE_MS;
    const at = ((n * PIECE_MS) / 1000) * (1 + faster);
    return clock.timeOf(at, PIECE_MS, trueMs + PIECE_MS + late(n)) - trueMs;
  });
}
const most = (/** @type {number[]} */ values) => Math.max(...values.map(Math.abs));

test("pieces on time get their times", () => {
  assert.ok(most(errors(200, () => 0)) < 0.01);
});

for (const late of [16, 40, 200, 900]) {
  test(`a page that is busy for ${late} ms now and then moves no time`, () => {
    // What has waited comes at once, each less late than the one before.
    const stalls = errors(500, (n) => (n < 10 ? 0 : Math.max(0, late - (n % 60) * PIECE_MS)));
    assert.ok(most(stalls) < 1.01, String(most(stalls)));
  });
}

test("a page that is busy at first is forgotten as soon as one piece is on time", () => {
  const begun = errors(100, (n) => Math.max(0, 150 - n * PIECE_MS));
  assert.ok(most(begun.slice(8)) < 1.01);
});

test("clocks that do not run alike are followed, either way", () => {
  for (const faster of [1e-4, -1e-4]) {
    const drifted = errors(30_000, (n) => (n % 7) * 3, faster);
    assert.ok(most(drifted) < 3, String(most(drifted)));
  }
});

test("sound that paused goes on at the times of what comes then", () => {
  const clock = new SoundClock();
  errors(100, () => 0, 0, clock);
  const after = clock.timeOf(2, PIECE_MS, 5_000 + 10_000 + PIECE_MS);
  assert.equal(Math.round(after), 15_000);
  clock.restart(); // and half a second more, which the context has told
  assert.equal(Math.round(clock.timeOf(2.02, PIECE_MS, 15_540)), 15_520);
});
