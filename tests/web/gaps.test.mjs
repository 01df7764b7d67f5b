import assert from "node:assert/strict";
import { test } from "node:test";
import { findJump } from "../../player-web/sdk/gaps.js";

/** @param {[number, number][]} pairs */
const ranges = (...pairs) => pairs.map(([start, end]) => ({ start, end }));

const rows = /** @type {[string, [number, number][], number, number | null][]} */ ([
  ["nothing buffered", [], 0, null],
  ["inside a range", [[0, 5]], 2, null],
  ["at the live edge, nothing after it", [[0, 5]], 4.98, null],
  [
    "40 ms before a hole",
    [
      [0, 5],
      [6, 8],
    ],
    4.96,
    6,
  ],
  [
    "inside a hole",
    [
      [0, 5],
      [6, 8],
    ],
    5.5,
    6,
  ],
  [
    "well before a hole",
    [
      [0, 5],
      [6, 8],
    ],
    4,
    null,
  ],
  [
    "several holes: the next one",
    [
      [0, 5],
      [6, 7],
      [9, 10],
    ],
    5.2,
    6,
  ],
  ["before all that is buffered: a late join", [[57.3, 58]], 0, 57.3],
  ["a range that starts 40 ms late is where we are", [[57.34, 58]], 57.3, null],
  ["behind all that is buffered", [[2, 5]], 9, 4.85],
  ["just behind the edge: it is still coming", [[2, 5]], 5.05, null],
  ["behind a range shorter than a step", [[4.95, 5]], 9, 4.95],
]);

for (const [name, buffered, position, expected] of rows) {
  test(name, () => assert.equal(findJump(ranges(...buffered), position), expected));
}

test("a jump is never repeated from where it led", () => {
  const buffered = ranges([0, 5], [6.04, 8]);
  const to = findJump(buffered, 5.01);
  assert.equal(findJump(buffered, /** @type {number} */ (to)), null);
  assert.equal(findJump(buffered, 6), null);
});
