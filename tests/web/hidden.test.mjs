/** A page in the background: when its pictures count as standing still, what viewers make of it, and what is left of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HiddenWarning } from "../../player-web/sdk/hidden_warning.js";
import { Standing } from "../../player-web/sdk/standing.js";

/** what, [hidden, how long its pictures were the same] for each second, whether they stand then, how often it is said @type {[string, [boolean, number][], boolean[], number][]} */
const rows = [
  [
    "in sight, still",
    [
      [false, 9e3],
      [false, 9e3],
      [false, 9e3],
      [false, 9e3],
    ],
    [false, false, false, false],
    0,
  ],
  [
    "hidden, moving",
    [
      [true, 0],
      [true, 10],
      [true, 0],
      [true, 40],
      [true, 0],
    ],
    [false, false, false, false, false],
    0,
  ],
  [
    "hidden, still before",
    [
      [true, 9e3],
      [true, 9e3],
      [true, 9e3],
      [true, 9e3],
      [true, 9e3],
    ],
    [false, false, false, true, true],
    1,
  ],
  [
    "hidden, then still",
    [
      [true, 0],
      [true, 0],
      [true, 1e3],
      [true, 2e3],
      [true, 3e3],
    ],
    [false, false, false, false, true],
    1,
  ],
  [
    "still, in sight, and again",
    [
      [true, 9e3],
      [true, 9e3],
      [true, 9e3],
      [true, 9e3],
      [false, 9e3],
      [true, 9e3],
      [true, 9e3],
      [true, 9e3],
      [true, 9e3],
    ],
    [false, false, false, true, false, false, false, false, true],
    2,
  ],
  [
    "still, a picture, still",
    [
      [true, 3e3],
      [true, 3e3],
      [true, 3e3],
      [true, 3e3],
      [true, 0],
      [true, 3e3],
    ],
    [false, false, false, true, false, true],
    1,
  ],
];
for (const [what, seconds, standing, said] of rows) {
  test(`${what}: said ${said} times`, () => {
    const warning = new HiddenWarning();
    let count = 0;
    const seen = seconds.map(([hidden, stillMs], n) => {
      if (warning.look(hidden, stillMs, 5_000 + n * 1_000)) count += 1;
      return warning.standing;
    });
    assert.deepEqual(seen, standing);
    assert.equal(count, said);
  });
}

test("a viewer is told each change once; a new stream, a pause and the end are the end of it", () => {
  /** @type {boolean[]} */ const told = [];
  const standing = new Standing((still) => told.push(still));
  for (const end of [
    { type: "stream" },
    { type: "waiting" },
    { type: "end" },
    { type: "still", still: false },
  ]) {
    standing.hear({ type: "still", still: true });
    standing.hear({ type: "still", still: true });
    standing.hear({ type: "viewers", count: 3 });
    assert.equal(standing.still, true);
    standing.hear(end);
    assert.equal(standing.still, false);
  }
  assert.deepEqual(told, [true, false, true, false, true, false, true, false]);
  standing.hear({ type: "still", still: true });
  standing.end();
  assert.equal(standing.still, false);
});
