#!/usr/bin/env node
/**
 * Makes odd inputs by combining containers, codecs and oddities, publishes each to a server, and holds
 * every output against what is right (tests/e2e/lib/odd_cases.mjs).
 *
 *   tests/media/odd/generate.mjs                  all; prints a table of what does not hold
 *   tests/media/odd/generate.mjs ts wraps         those whose names have all these words
 *   tests/media/odd/generate.mjs --list [words]   their names
 *   tests/media/odd/generate.mjs --write DIR      the inputs as files
 *
 * FRAMEWIRE_BIN: the server, else build/release/framewire. JOBS: how many at a time, else 3. PART=0/3: every
 * third one. TABLE: a file for all rows, a line as soon as its input is through.
 */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CASES } from "../../e2e/lib/odd_cases.mjs";
import { OUTPUTS, tryCase } from "../../e2e/lib/odd_run.mjs";
import { Server } from "../../e2e/lib/server.mjs";

const words = process.argv.slice(2);
const option = words[0]?.startsWith("--") ? words.shift() : "";
const folder = option === "--write" ? (words.shift() ?? ".") : "";
const [part, parts] = (process.env.PART ?? "0/1").split("/").map(Number);
const cases = CASES.filter((_, i) => i % parts === part).filter((one) =>
  words.every((word) => `${one.kind}: ${one.name}`.includes(word)),
);

if (option === "--list") {
  console.log(cases.map((one) => `${one.kind}: ${one.name}`).join("\n"));
  process.exit(0);
}
if (option === "--write") {
  mkdirSync(folder, { recursive: true });
  for (const one of cases)
    writeFileSync(
      join(folder, `${one.name.replace(/[^a-z0-9]+/g, "-")}.${one.container}`),
      await one.bytes(),
    );
  process.exit(0);
}

const dir = mkdtempSync(join(tmpdir(), "framewire-odd-"));
const server = await Server.start({
  flags: ["--record", "all", "--record-dir", dir, "--max-transcodes", "8"],
});
/** @type {Map<string, number>} */ const reasons = new Map();
/** @type {Record<string, [held: number, all: number]>} */ const kinds = {};
let [inputs, outputs, held, worst] = [0, 0, 0, 0];
const waiting = [...cases.entries()];
async function work() {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const [i, one] = next;
    const verdicts = await tryCase(server, `odd/s${i}`, one).catch((error) =>
      OUTPUTS.map((output) => ({ output, holds: false, why: error.message, error: 0 })),
    );
    const bad = verdicts.filter((verdict) => !verdict.holds);
    for (const { output, why } of bad) {
      console.log(`${one.name} | ${output} | ${why}`);
      const reason = why.replace(/[\d.]+/g, "n").slice(0, 60);
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
    if (process.env.TABLE)
      appendFileSync(
        process.env.TABLE,
        verdicts
          .map(({ output, why }) => `${one.kind}: ${one.name} | ${output} | ${why || "held"}\n`)
          .join(""),
      );
    inputs += bad.length === 0 ? 1 : 0;
    outputs += verdicts.length;
    held += verdicts.length - bad.length;
    worst = Math.max(worst, ...verdicts.filter((v) => v.holds).map((v) => v.error));
    const kind = (kinds[one.kind] ??= [0, 0]);
    kind[0] += bad.length === 0 ? 1 : 0;
    ++kind[1];
  }
}
await Promise.all(Array.from({ length: Number(process.env.JOBS ?? 3) }, work));
await server.stop();
rmSync(dir, { recursive: true, force: true });

console.log(`\n${inputs} of ${cases.length} inputs hold in every output; ${held} of ${outputs} rows`);
for (const [kind, [good, all]] of Object.entries(kinds)) console.log(`  ${kind}: ${good} of ${all}`);
console.log(`largest error of a copied time: ${worst.toFixed(2)} ms`);
for (const [reason, count] of [...reasons].sort((a, b) => b[1] - a[1]))
  console.log(`  ${count} x ${reason}`);
process.exitCode = inputs === cases.length ? 0 : 1;
