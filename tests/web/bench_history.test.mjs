/** The history of the benchmarks: what is compared with what, and when it says so. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parseCores } from "../bench/cores.mjs";
import { lookBack, recall, remember } from "../bench/history.mjs";
import { machine } from "../bench/machine.mjs";

const here = machine();
/** @param {string} commit @param {number | undefined} ratio @param {Partial<import("../bench/history.mjs").Entry>} [more] */
const entry = (commit, ratio, more) => ({
  commit,
  date: "2026-11-29T00:00:00Z",
  machine: here,
  cores: "apart",
  load: "W1",
  reference: "limit",
  ratio,
  rounds: {},
  ...more,
});

/** what, entries, commits shown, alarm @type {[string, ReturnType<typeof entry>[], string[], boolean][]} */
const ROWS = [
  ["nothing yet", [], [], false],
  ["one commit", [entry("a", 1)], ["a"], false],
  ["a little dearer", [entry("a", 1), entry("b", 1.09)], ["a", "b"], false],
  ["dearer", [entry("a", 1), entry("b", 1.12)], ["a", "b"], true],
  [
    "dearer than the median",
    [entry("a", 1), entry("b", 1), entry("c", 2), entry("d", 1.2)],
    ["a", "b", "c", "d"],
    true,
  ],
  [
    "a commit measured twice counts once",
    [entry("a", 2), entry("a", 1), entry("b", 1.05)],
    ["a", "b"],
    false,
  ],
  ["another reference", [entry("a", 0.5, { reference: "before" }), entry("b", 1)], ["b"], false],
  ["unpinned", [entry("a", 0.5, { cores: "shared" }), entry("b", 1)], ["b"], false],
  [
    "another machine",
    [entry("a", 0.5, { machine: { ...here, processor: "other" } }), entry("b", 1)],
    ["b"],
    false,
  ],
  ["a run that failed", [entry("a", undefined), entry("b", 1)], ["b"], false],
  [
    "more than ten",
    Array.from({ length: 12 }, (_, i) => entry(`${i}`, 1)),
    ["2", "3", "4", "5", "6", "7", "8", "9", "10", "11"],
    false,
  ],
];
for (const [name, entries, commits, alarm] of ROWS) {
  test(name, () => {
    const seen = lookBack(entries);
    assert.deepEqual(
      seen.shown.map(({ commit }) => commit),
      commits,
    );
    assert.equal(seen.alarm, alarm);
  });
}

test("what is remembered is recalled", () => {
  const folder = mkdtempSync(join(tmpdir(), "framewire-"));
  try {
    const file = join(folder, "history.jsonl");
    assert.deepEqual(recall(file), []);
    remember([entry("a", 1)], file);
    remember([entry("b", 2)], file);
    assert.deepEqual(recall(file), [entry("a", 1), entry("b", 2)]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a kernel's list of cores", () => {
  assert.deepEqual(parseCores("0-3"), [0, 1, 2, 3]);
  assert.deepEqual(parseCores("1,4-5,7"), [1, 4, 5, 7]);
});
