/** A viewer that reads nothing for 20 s beside 20 good ones costs the server less than 2 MB. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { stalledViewer } from "../lib/stall.mjs";

for (const bytes of [4000, 40_000]) {
  test(`20 s without reading, 60 frames/s of ${bytes} bytes, 20 good viewers`, {
    timeout: 180_000,
  }, async () => {
    const facts = await stalledViewer({ stallMs: 20_000, good: 20, bytes });
    console.log(
      `figure: memory grew by ${(facts.grewBytes / 1e6).toFixed(2)} MB, ${facts.goodLost.length} of 20 good viewers lost something, the slow one skipped ${facts.skips} times and got ${facts.slowFrames} of ${facts.frames} frames (${bytes} B each)`,
    );
    assert.deepEqual(facts.goodLost, []);
    assert.ok(facts.grewBytes < 2e6, `grew by ${facts.grewBytes}`);
    assert.ok(facts.skips >= 1);
    assert.ok(facts.continuedAtGroupStart);
    assert.equal(facts.decodes, "");
  });
}
