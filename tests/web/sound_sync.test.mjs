import assert from "node:assert/strict";
import { test } from "node:test";
import { SoundSync } from "../../player-web/sdk/sound_sync.js";

/**
 * Pictures of 25 a second against sound that waits as it is told.
 *
 * @param {number} seconds @param {(n: number) => number} late of picture n, were the sound not to wait
 * @returns {{waits: number[], offset: number}} what the sound was told; how late the last pictures were then
 */
function play(seconds, late, sync = new SoundSync(), from = 0) {
  /** @type {number[]} */ const waits = [];
  let waited = 0;
  let offset = 0;
  for (let n = 0; n < seconds * 25; n += 1) {
    offset = late(n) - waited;
    const told = sync.picture(from + n * 40, offset);
    waited += told;
    if (told !== 0) waits.push(told);
  }
  return { waits, offset };
}

test("pictures that are there before their sound need nothing", () => {
  assert.deepEqual(play(60, () => -60).waits, []);
  assert.deepEqual(play(60, () => 10).waits, []);
});

for (const late of [40, 150, 312, 800]) {
  test(`the sound waits for pictures that come ${late} ms late, once`, () => {
    const { waits, offset } = play(10, (n) => late + (n % 3) * 5);
    assert.equal(waits.length, 1);
    assert.ok(offset <= 10, String(offset));
  });
}

test("it does not wait for one that is late now and then, nor for a page that was busy once", () => {
  assert.deepEqual(play(30, (n) => (n % 8 === 0 ? 200 : -60)).waits, []);
  assert.deepEqual(play(30, (n) => (n >= 100 && n < 115 ? 500 : -60)).waits, []);
});

test("it waits for no longer than it may", () => {
  const { waits } = play(60, () => 1_500);
  assert.ok(waits.reduce((sum, each) => sum + each, 0) <= 900);
});

test("when pictures come sooner again, so does the sound, by and by, to where it began", () => {
  const sync = new SoundSync();
  let waited = play(10, () => 400, sync).waits.reduce((sum, each) => sum + each, 0);
  const back = play(120, () => -60 - waited, sync, 10_000);
  for (const each of back.waits) {
    assert.ok(each < 0);
    waited += each;
  }
  assert.ok(waited >= 0 && waited < 100, String(waited));
});

test("a few pictures say nothing", () => {
  const sync = new SoundSync();
  for (let n = 0; n < 20; n += 1) assert.equal(sync.picture(n * 300, 500), 0);
});
