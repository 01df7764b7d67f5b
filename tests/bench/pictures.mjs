/**
 * What a JPEG stream costs beside raw messages of the same sizes, and what stalled viewers take from the others:
 * W10, W10j and W10s in the same rounds, in alternating order; medians of the rounds' ratios.
 *
 *   node tests/bench/pictures.mjs [--build build/release] [--rounds 6] [--seconds 10] [--viewers 1000]
 *
 * Exit code 1: a promise does not hold.
 */
import { execFile } from "node:child_process";
import { loadavg } from "node:os";
import { parseArgs, promisify } from "node:util";
import { loads } from "./loads.mjs";
import { framewirePath, startServer } from "./servers.mjs";

const { values: options } = parseArgs({
  options: {
    build: { type: "string", default: "build/release" },
    server: { type: "string", default: "framewire" },
    rounds: { type: "string", default: "6" },
    seconds: { type: "string", default: "10" },
    viewers: { type: "string", default: "1000" },
  },
});
const MORE_CPU = 1.05;
const MORE_P99 = 1.2;
const NAMES = ["W10", "W10j", "W10s"];

/** @param {string} name @returns {Promise<any>} the JSON of `framewire bench` */
async function runOnce(name) {
  const { url, pid, stop } = await startServer(options.server, false, options.build);
  try {
    const words = ["bench", "--url", url, "--server-pid", `${pid}`, "--json", "-"];
    words.push(...loads[name].args, "--seconds", options.seconds, "--viewers", options.viewers);
    const { stdout } = await promisify(execFile)(framewirePath(options.build), words);
    return JSON.parse(stdout);
  } finally {
    await stop();
  }
}

/** @param {number[]} numbers */
const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];

/** @type {Record<string, any>[]} */ const rounds = [];
for (let round = 0; round < Number(options.rounds); round += 1) {
  /** @type {Record<string, any>} */ const runs = {};
  for (const name of round % 2 ? [...NAMES].reverse() : NAMES) runs[name] = await runOnce(name);
  rounds.push(runs);
  process.stderr.write(`round ${round + 1} of ${options.rounds}\n`);
}
for (const name of NAMES) {
  const of = (/** @type {(run: any) => number} */ pick) =>
    median(rounds.map((runs) => pick(runs[name])));
  console.log(
    `figure: ${loads[name].about}: ${of((r) => r.server.cpu_s_per_gb).toFixed(3)} CPU s/GB, p50 ${of((r) => r.delay.p50_ms).toFixed(1)} ms, p99 ${of((r) => r.delay.p99_ms).toFixed(1)} ms, lost at most ${Math.max(...rounds.map((runs) => runs[name].messages.lost))}, server ${of((r) => r.server.cores).toFixed(2)} cores`,
  );
}
const ratio = (/** @type {(runs: Record<string, any>) => number} */ of) => median(rounds.map(of));
const cpu = ratio((r) => r.W10j.server.cpu_s_per_gb / r.W10.server.cpu_s_per_gb);
const p99 = ratio((r) => r.W10s.delay.p99_ms / r.W10j.delay.p99_ms);
const lost = rounds.some((r) => NAMES.some((name) => r[name].messages.lost > 0));
console.log(
  `figure: JPEG beside binary: ${cpu.toFixed(3)} of its CPU per GB (at most ${MORE_CPU}); 10 % stalled: ${p99.toFixed(2)} of the others' p99 (at most ${MORE_P99}); lost at those who keep up: ${lost ? "SOME" : "nothing"}; ${options.rounds} rounds of ${options.seconds} s, load average now ${loadavg()[0].toFixed(1)}`,
);
process.exitCode = cpu <= MORE_CPU && p99 <= MORE_P99 && !lost ? 0 : 1;
