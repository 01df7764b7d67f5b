/** The server's clock, and how long what is shown has been under way, with clocks that are played by hand. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { ServerClock, timeOfDayMs } from "../../player-web/sdk/server_clock.js";
import { CaptureTimes, delayOf, reportOf } from "../../player-web/sdk/shown_delay.js";
import { playClock, realClock } from "./clock_by_hand.js";

let ms = 0;
beforeEach(() => {
  ms = 1_000;
  playClock(() => ms);
});
afterEach(() => {
  realClock();
});

/** The server is `ahead` ms ahead. @param {number} ahead */
function asked(ahead) {
  /** @type {number[]} */
  const sent = [];
  const clock = new ServerClock((message) => sent.push(message.sent));
  clock.begin();
  clock.end(); // no timers here
  /** @param {number} out @param {number} back how long the ways took */
  const answer = (out, back) => {
    const at = timeOfDayMs();
    const server_us = (at + out + ahead) * 1000;
    ms += out + back;
    clock.hear({ type: "clock", sent: at, server_us });
  };
  return { clock, sent, answer };
}

test("it asks when a connection begins, and knows nothing before the answer", () => {
  const { clock, sent } = asked(0);
  assert.deepEqual(sent, [performance.timeOrigin + 1_000]);
  assert.equal(clock.offsetMs, null);
  clock.hear({ type: "viewers", count: 1 });
  clock.hear({ type: "clock", sent: "soon", server_us: 1 });
  assert.equal(clock.offsetMs, null);
});

test("of the last answers the one counts that came soonest", () => {
  const { clock, answer } = asked(3_600_000);
  answer(300, 10);
  assert.ok(Math.abs((clock.offsetMs ?? 0) - 3_600_000) <= 155);
  answer(5, 5);
  assert.ok(Math.abs((clock.offsetMs ?? 0) - 3_600_000) < 0.01);
  for (let n = 0; n < 7; n += 1) answer(90, 10);
  assert.ok(Math.abs((clock.offsetMs ?? 0) - 3_600_000) < 0.01);
  answer(90, 10); // the soonest one is the ninth last now
  assert.ok(Math.abs((clock.offsetMs ?? 0) - 3_600_040) < 0.01);
});

/** @param {number} ptsUs @param {number} captureMs @param {boolean} [captured] */
const part = (ptsUs, captureMs, captured = true) =>
  /** @type {any} */ ({ ptsUs, captureUs: captureMs * 1000, captured });

test("the delay of a picture is by its own part, or the one that it lies in", () => {
  const times = new CaptureTimes();
  times.note(part(0, 500));
  times.note(part(40_000, 560));
  times.note(part(80_000, 580, false));
  times.note(part(90_000, 0));
  assert.deepEqual(times.of(40_000, 700), { captureMs: 560, byPublisher: true, atMs: 700 });
  assert.deepEqual(times.of(50_000, 700), { captureMs: 570, byPublisher: true, atMs: 700 });
  assert.deepEqual(times.of(95_000, 700), { captureMs: 595, byPublisher: false, atMs: 700 });
  assert.equal(times.of(-1, 700), null);
  times.clear();
  assert.equal(times.of(40_000, 700), null);
});

test("it is told in the server's time, and from where; reported only from the capture", () => {
  const shown = { captureMs: performance.timeOrigin + 5_000 + 900, byPublisher: true, atMs: 1_000 };
  assert.deepEqual(delayOf(shown, 5_000), { ms: 100, from: "capture" });
  assert.deepEqual(delayOf({ ...shown, byPublisher: false }, 5_000), { ms: 100, from: "server" });
  assert.deepEqual(delayOf(shown, 4_800), { ms: 0, from: "capture" }, "an offset is never exact");
  assert.equal(delayOf(shown, null), null);
  assert.equal(delayOf(null, 0), null);
  const stats = { latencyMs: 7, bufferedMs: 8, framesDropped: 9 };
  const told = { type: "report", latency_ms: 7, buffered_ms: 8, dropped_frames: 9 };
  assert.deepEqual(reportOf({ ...stats, delay: { ms: 5, from: "server" } }), told);
  assert.deepEqual(reportOf({ ...stats, delay: { ms: 5, from: "capture" } }), {
    ...told,
    delay_ms: 5,
  });
});
