import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { mendLastDurations } from "../../player-web/sdk/mp4_repair.js";

/** @param {string} name */
const recording = async (name) =>
  new Uint8Array(await readFile(new URL(`../media/browser/${name}`, import.meta.url)));

test("each fragment's last Opus sample is mended, and nothing else", async () => {
  const before = await recording("chromium-avc1-opus-camera-kf1000.mp4");
  const after = before.slice();
  assert.equal(mendLastDurations(after), 7);
  const changed = [...before.keys()].filter((i) => before[i] !== after[i]);
  assert.ok(changed.length <= 7 * 4);
  assert.equal(mendLastDurations(after), 0);
});

test("video alone stays as it is", async () => {
  const bytes = await recording("chromium-avc3-canvas-kf500.mp4");
  assert.equal(mendLastDurations(bytes), 0);
});

test("cut anywhere, it neither fails nor touches what is not whole", async () => {
  const whole = (await recording("chromium-avc1-opus-camera-kf1000.mp4")).subarray(0, 40_000);
  for (let size = 0; size < 3_000; size += 1) mendLastDurations(whole.slice(0, size));
  const noise = Uint8Array.from({ length: 4_096 }, (_, i) => (i * 7919) & 0xff);
  assert.equal(mendLastDurations(noise), 0);
});
