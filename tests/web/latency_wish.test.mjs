/** What `latency` says to each way of showing a stream. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { latencyWish } from "../../player-web/sdk/latency_wish.js";

/** options, mseMs, pictureMs, soundMs @type {[any, number | undefined, number, number][]} */
const ROWS = [
  [{}, undefined, 0, 100],
  [{ latency: "low" }, undefined, 0, 100],
  [{ latency: "lowest" }, 20, 0, 25],
  [{ latency: "smooth" }, 600, 200, 250],
  [{ latency: 0 }, 0, 0, 0],
  [{ latency: 80 }, 80, 80, 80],
  [{ targetMs: 40 }, 40, 40, 40],
  [{ latency: "lowest", targetMs: 40 }, 20, 0, 25],
];
for (const [options, mseMs, pictureMs, soundMs] of ROWS) {
  test(JSON.stringify(options), () => {
    const wish = latencyWish(options);
    assert.deepEqual([wish.mseMs, wish.pictureMs, wish.soundMs], [mseMs, pictureMs, soundMs]);
  });
}

for (const latency of ["fast", "", -1, Number.NaN, true, "toString"]) {
  test(`${JSON.stringify(latency)} is refused, by name`, () => {
    const wrong = /** @type {any} */ ({ latency });
    assert.throws(
      () => latencyWish(wrong),
      (/** @type {any} */ error) => {
        assert.equal(error.code, "bad-option");
        assert.match(error.message, /"lowest", "low", "smooth", or milliseconds/);
        return true;
      },
    );
  });
}
