import assert from "node:assert/strict";
import { test } from "node:test";
import { LiveChaser } from "../../player-web/sdk/latency.js";

/** @param {LiveChaser} chaser @param {number} ahead @param {number} [fromMs] */
function feed(chaser, ahead, fromMs = 0) {
  for (let i = 0; i < 20; i += 1) chaser.sample(fromMs + i * 100, ahead);
  return chaser.decide(fromMs + 2_000);
}

test("slack above the target is played away, at most at the permitted rate", () => {
  assert.equal(feed(new LiveChaser({ audio: false }), 1).rate, 1.2);
  assert.equal(feed(new LiveChaser({ audio: true }), 1).rate, 1.05);
});

test("at the target the rate is 1", () => {
  assert.equal(feed(new LiveChaser({ audio: false }), 0.06).rate, 1);
  assert.equal(feed(new LiveChaser({ audio: true }), 0.25).rate, 1);
});

test("what counts is the least ahead of the last two seconds", () => {
  const chaser = new LiveChaser({ audio: false });
  feed(chaser, 1);
  chaser.sample(2_000, 0.05);
  assert.equal(chaser.decide(2_000).rate, 1);
  assert.equal(feed(chaser, 1, 4_100).rate, 1.2);
});

/** audio, prompt, asked for, kept; in milliseconds @type {[boolean, boolean, number | undefined, number][]} */
const TARGETS = [
  [false, false, undefined, 50],
  [false, false, 100, 100],
  [false, false, 5, 20],
  [false, true, undefined, 20],
  [true, false, undefined, 250],
  [true, false, 50, 250],
  [true, false, 400, 400],
  [true, true, undefined, 200],
  [true, true, 50, 150],
];
for (const [audio, prompt, targetMs, kept] of TARGETS) {
  test(`slack ${audio ? "with" : "without"} audio, ${prompt ? "prompt" : "other"}, ${targetMs}`, () => {
    assert.equal(new LiveChaser({ audio, prompt, targetMs }).target, kept / 1000);
  });
}

test("too far behind is a jump", () => {
  assert.deepEqual(feed(new LiveChaser({ audio: false }), 3), { rate: 1, jump: true });
  assert.deepEqual(feed(new LiveChaser({ audio: true }), 2), { rate: 1, jump: true });
});

test("after the playhead moved, nothing is decided on old samples", () => {
  const chaser = new LiveChaser({ audio: false });
  feed(chaser, 3);
  chaser.moved();
  assert.deepEqual(chaser.decide(2_100), { rate: 1, jump: false });
});

test("a stall raises the target, calm lowers it again", () => {
  const chaser = new LiveChaser({ audio: false });
  chaser.stalled(0);
  chaser.stalled(1_000);
  assert.equal(chaser.target, 0.25);
  chaser.decide(20_000);
  assert.equal(chaser.target, 0.25);
  for (let now = 22_000; now < 200_000; now += 1_000) chaser.decide(now);
  assert.equal(chaser.target, 0.05);
  for (let i = 0; i < 100; i += 1) chaser.stalled(300_000);
  assert.equal(chaser.target, 2);
});
