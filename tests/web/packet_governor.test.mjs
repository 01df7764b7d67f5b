/** Bits a second and pictures on their way, over networks that are played by hand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { PacketGovernor } from "../../player-web/sdk/packet_governor.js";

const FPS = 30;
const MOST = 2_000_000;

/**
 * Pictures sent by the governor's word over a link of so many bits a second, first in, first out.
 *
 * @param {(ms: number) => number} linkBits @param {number} seconds @param {number} [wayMs] there and back
 */
function play(linkBits, seconds, wayMs = 10) {
  const governor = new PacketGovernor({ most: MOST, fps: FPS });
  /** @type {{sent: number, arrives: number, bytes: number}[]} */ const underWay = [];
  /** @type {{at: number, bits: number, delay: number}[]} */ const seen = [];
  let free = 0;
  for (let ms = 0; ms < seconds * 1000; ms += 1) {
    while (underWay[0] && underWay[0].arrives <= ms) {
      const { sent, bytes } = /** @type {any} */ (underWay.shift());
      governor.acknowledged(ms, sent, bytes);
      seen.push({ at: ms, bits: governor.bits, delay: ms - sent });
    }
    if (ms % 33 !== 0 || underWay.length >= governor.underWayMost) continue;
    const bytes = governor.bits / 8 / FPS;
    free = Math.max(free, ms) + (bytes * 8000) / linkBits(ms);
    underWay.push({ sent: ms, arrives: Math.ceil(free + wayMs), bytes });
  }
  return { governor, after: (/** @type {number} */ ms) => seen.filter(({ at }) => at > ms) };
}

for (const wayMs of [2, 80, 300]) {
  test(`a link that gives enough, ${wayMs} ms: nothing gives way, and no picture is left out`, () => {
    const { governor, after } = play(() => 20_000_000, 10, wayMs);
    assert.equal(governor.bits, MOST);
    assert.ok(after(5_000).length >= 140, `${after(5_000).length} pictures in 5 s`);
  });
}

for (const link of [1_000_000, 500_000, 200_000]) {
  test(`a link of ${link} bits: it is used, and what waits is bounded`, () => {
    const { after } = play(() => link, 40);
    const late = after(20_000);
    const bits = late.reduce((sum, each) => sum + each.bits, 0) / late.length;
    assert.ok(bits < link * 1.05 && bits > link * 0.5, `${bits} of ${link}`);
    const delays = late.map(({ delay }) => delay).sort((a, b) => a - b);
    assert.ok(delays[delays.length >> 1] < 400, `${delays[delays.length >> 1]} ms`);
  });
}

test("a link that recovers is used again", () => {
  const { governor } = play((ms) => (ms > 5_000 && ms < 10_000 ? 200_000 : 20_000_000), 90);
  assert.equal(governor.bits, MOST);
});

test("a late one now and then is a busy page, and changes nothing", () => {
  const governor = new PacketGovernor({ most: MOST, fps: FPS });
  for (let n = 0; n < 300; n += 1) {
    governor.acknowledged(n * 33, n * 33 - (n % 20 === 0 ? 250 : 5), 8_000);
  }
  assert.equal(governor.bits, MOST);
});

test("adaptive: false leaves the bitrate alone", () => {
  const governor = new PacketGovernor({ most: MOST, fps: FPS, adaptive: false });
  for (let n = 0; n < 300; n += 1) governor.acknowledged(n * 33, n * 33 - 5 - n * 10, 8_000);
  assert.equal(governor.bits, MOST);
});
