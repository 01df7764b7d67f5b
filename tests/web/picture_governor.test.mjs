/** What gives way when the network is slow, in which order, and how it comes back: against a network played by hand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { PictureGovernor } from "../../player-web/sdk/picture_governor.js";

const FPS = 30;
const WHOLE_BYTES = 20_000;

/** What a picture has at this level, roughly as JPEG does. @param {import('../../player-web/sdk/picture_governor.js').Level} level */
const bytesAt = ({ quality, scale }) => WHOLE_BYTES * (0.35 + 0.65 * quality) * scale * scale;

/**
 * A sender with its pacing before a link of so many bytes a millisecond.
 * @param {PictureGovernor} governor @param {(now: number) => number} rate @param {number} fromMs @param {number} toMs
 */
function run(governor, rate, fromMs, toMs) {
  /** @type {{at: number, bytes: number, left: number}[]} */
  const link = [];
  const delays = [];
  const seen = [];
  let due = fromMs;
  for (let now = fromMs; now < toMs; now += 1) {
    for (let room = rate(now); link.length > 0 && room > 0; ) {
      const take = Math.min(room, link[0].left);
      link[0].left -= take;
      room -= take;
      if (link[0].left > 0) break;
      const { at, bytes } = /** @type {any} */ (link.shift());
      governor.acknowledged(now + 1, at, bytes);
      delays.push(now + 1 - at);
    }
    if (link.length > 0) governor.waiting(now, link[0].at);
    if (now >= due && link.length < governor.underWayMost) {
      due = Math.max(due + 1000 / (FPS * governor.level.rate), now);
      const bytes = bytesAt(governor.level);
      link.push({ at: now, bytes, left: bytes });
    }
    seen.push({ ...governor.level });
  }
  return { delays, seen };
}

const WIDE = 6_000; // bytes a millisecond
const THIRD = (WHOLE_BYTES * FPS) / 1000 / 3;

test("with room for all nothing gives way", () => {
  const governor = new PictureGovernor({ fps: FPS, hasQuality: true, hasSize: true });
  run(governor, () => WIDE, 0, 5_000);
  assert.equal(governor.steps, 0);
});

test("a third of what is needed: quality first, then size; the delay stays flat; then all comes back", () => {
  const governor = new PictureGovernor({ fps: FPS, hasQuality: true, hasSize: true });
  run(governor, () => WIDE, 0, 2_000);
  const { delays, seen } = run(governor, () => THIRD, 2_000, 62_000);
  assert.ok(Math.max(...delays) <= 300, `${Math.max(...delays)} ms`);
  const firstSize = seen.findIndex(({ scale }) => scale < 1);
  const firstRate = seen.findIndex(({ rate }) => rate < 1);
  const worst = seen.findIndex(({ quality }) => quality === 0.3);
  assert.ok(worst >= 0 && worst <= firstSize, "quality is at its least before size gives way");
  assert.ok(firstRate === -1 || firstRate > firstSize, "and size before rate");
  run(governor, () => WIDE, 62_000, 72_000);
  assert.deepEqual(governor.level, { quality: 1, scale: 1, rate: 1 }, "back within 10 s");
});

test("what has neither quality nor size gives way in its rate", () => {
  const governor = new PictureGovernor({ fps: FPS, hasQuality: false, hasSize: false });
  run(governor, () => WIDE, 0, 1_000);
  run(governor, () => THIRD, 1_000, 8_000);
  assert.ok(governor.level.rate < 1);
  assert.equal(governor.level.scale, 1);
});

test("a late answer now and then is no slow network", () => {
  const governor = new PictureGovernor({ fps: FPS, hasQuality: true, hasSize: true });
  for (let i = 0; i < 300; i += 1)
    governor.acknowledged(i * 33, i * 33 - (i % 10 === 0 ? 110 : 4), 9);
  assert.equal(governor.steps, 0);
});

test("a long way is no slow network either: more pictures are under way", () => {
  const governor = new PictureGovernor({ fps: FPS, hasQuality: true, hasSize: true });
  for (let i = 0; i < 300; i += 1) governor.acknowledged(i * 33, i * 33 - 120, 9);
  assert.equal(governor.steps, 0);
  assert.equal(governor.underWayMost, 5);
});
