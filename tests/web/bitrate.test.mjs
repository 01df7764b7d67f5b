import assert from "node:assert/strict";
import { test } from "node:test";
import { BitrateGovernor } from "../../player-web/sdk/bitrate.js";

/** Samples each 500 ms. @param {BitrateGovernor} governor @param {number} fromMs @param {number} toMs @param {number} lagMs */
function run(governor, fromMs, toMs, lagMs) {
  const changes = [];
  for (let now = fromMs; now < toMs; now += 500) {
    if (governor.sample(now, lagMs)) changes.push({ now, bits: governor.bits });
  }
  return changes;
}

test("what is acknowledged in time is left as it is", () => {
  assert.deepEqual(run(new BitrateGovernor(2_000_000), 0, 600_000, 300), []);
});

test("a single late acknowledgement changes nothing", () => {
  const governor = new BitrateGovernor(2_000_000);
  assert.equal(governor.sample(0, 5_000), false);
  assert.equal(governor.sample(500, 100), false);
  assert.equal(governor.sample(1_000, 5_000), false);
});

test("a lasting lag lowers it step by step, down to what is worth sending", () => {
  const governor = new BitrateGovernor(2_000_000);
  const changes = run(governor, 0, 60_000, 4_000);
  assert.deepEqual(
    changes.slice(0, 2).map(({ bits }) => bits),
    [1_200_000, 720_000],
  );
  assert.ok(changes[1].now - changes[0].now >= 6_000, "a change has time to show");
  assert.equal(governor.bits, 150_000);
});

test("it is raised again after a calm, up to what was asked for", () => {
  const governor = new BitrateGovernor(1_000_000);
  run(governor, 0, 1_000, 4_000);
  assert.equal(governor.bits, 600_000);
  const changes = run(governor, 1_000, 120_000, 100);
  assert.deepEqual(
    changes.map(({ bits }) => bits),
    [840_000, 1_000_000],
  );
});

test("a raise that was wrong is not tried again so soon", () => {
  const governor = new BitrateGovernor(1_000_000);
  run(governor, 0, 1_000, 4_000);
  const [first] = run(governor, 1_000, 17_000, 100);
  run(governor, first.now + 500, first.now + 8_000, 4_000); // too much
  const from = first.now + 8_000;
  const [second] = run(governor, from, from + 200_000, 100);
  assert.ok(second.now - from >= 30_000, `tried again after ${second.now - from} ms`);
});

test("less than the least may be asked for, and is left alone", () => {
  const governor = new BitrateGovernor(80_000);
  assert.deepEqual(run(governor, 0, 60_000, 4_000), []);
});
