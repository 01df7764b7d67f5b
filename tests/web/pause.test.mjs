import assert from "node:assert/strict";
import { test } from "node:test";
import { Pause } from "../../player-web/sdk/pause.js";

// what `waiting` says, the part's epoch, its number (none: the epoch's beginning), was it before the pause?
const rows = /** @type {[object, number, number | undefined, boolean][]} */ ([
  [{ epoch: 2, next: 10 }, 2, undefined, true],
  [{ epoch: 2, next: 10 }, 2, 9, true],
  [{ epoch: 2, next: 10 }, 2, 10, false],
  [{ epoch: 2, next: 10 }, 1, 500, true],
  [{ epoch: 2, next: 10 }, 3, 0, false],
  [{ epoch: 2, next: 10 }, 3, undefined, false],
  [{}, 1, undefined, false],
  [{}, 1, 0, false],
]);
for (const [waiting, epoch, sequence, before] of rows) {
  test(`${JSON.stringify(waiting)}: part ${sequence} of epoch ${epoch} was ${before ? "" : "not "}before`, () => {
    const pause = new Pause({ type: "waiting", ...waiting });
    assert.equal(pause.covers(epoch, sequence), before);
  });
}
