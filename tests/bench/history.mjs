#!/usr/bin/env node
/**
 * How the loads went, commit by commit: tests/bench/history.jsonl, a line for each load of each run.
 *
 *   node tests/bench/history.mjs [LOAD ...] [--file FILE]
 *
 * prints the last ten commits of each load, as ratios to the same reference. Exit code 1: the newest is
 * more than 10 % above the median of those before it on the same kind of machine.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const FILE = fileURLToPath(new URL("history.jsonl", import.meta.url));
const SHOWN = 10;
const ALARM = 1.1;

/**
 * One load of one run. `rounds` are CPU seconds per GB, a value for each round, by server.
 * @typedef {object} Entry
 * @property {string} commit
 * @property {string} date
 * @property {import("./machine.mjs").Machine} machine
 * @property {string} cores
 * @property {string} load
 * @property {string} reference what `ratio` is of
 * @property {number | undefined} ratio
 * @property {Record<string, (number | undefined)[]>} rounds
 */

/** @param {Entry[]} entries @param {string} [file] */
export function remember(entries, file = FILE) {
  for (const entry of entries) appendFileSync(file, `${JSON.stringify(entry)}\n`);
}

/** @param {string} file @returns {Entry[]} */
export function recall(file) {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** @param {number[]} numbers not empty */
function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/** Those that compare with the newest: of one load, reference, sharing of cores and processor. @param {Entry[]} all */
function comparable(all) {
  const newest = all[all.length - 1];
  return all.filter(
    (entry) =>
      entry.ratio !== undefined &&
      entry.reference === newest.reference &&
      entry.cores === newest.cores &&
      entry.machine.processor === newest.machine.processor,
  );
}

/**
 * @param {Entry[]} entries of one load, oldest first
 * @returns {{shown: Entry[], alarm: boolean}} the last run of each commit, at most ten of them
 */
export function lookBack(entries) {
  if (entries.length === 0) return { shown: [], alarm: false };
  const last = new Map(comparable(entries).map((entry) => [entry.commit, entry]));
  const shown = [...last.values()].slice(-SHOWN);
  const ratios = shown.map(({ ratio }) => ratio ?? 0);
  const newest = ratios.pop() ?? 0;
  return { shown, alarm: ratios.length > 0 && newest > ALARM * median(ratios) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { file: { type: "string", default: FILE } },
  });
  const all = recall(values.file);
  const loads = positionals.length ? positionals : [...new Set(all.map(({ load }) => load))];
  for (const load of loads) {
    const { shown, alarm } = lookBack(all.filter((entry) => entry.load === load));
    console.log(`${load}${alarm ? "  more than 10 % above the commits before" : ""}`);
    for (const { commit, date, ratio, reference } of shown)
      console.log(
        `  ${commit.padEnd(12)} ${date.slice(0, 10)}  ${ratio?.toFixed(2)} of ${reference}`,
      );
    if (alarm) process.exitCode = 1;
  }
}
