/**
 * Runs loads against framewire and the references in the same rounds, and prints ratios.
 *
 *   tests/bench/run [LOAD ...] [--rounds 6] [--seconds 10] [--servers framewire,limit,ws]
 *                   [--build build/release] [--threads 1] [--json FILE] [--before FILE] [--unpinned]
 *                   [--remember] [--peer NAME=COMMAND ...]
 *
 * Needs a build with -D FRAMEWIRE_BENCH=ON, and `npm ci` for ws. Each server is started anew for
 * each run. In every round each server runs each load once, the order of the servers reversed from
 * round to round; a ratio is of two runs of the same round, and the median of the rounds is shown.
 * Server and generator have cores of their own (taskset); --unpinned leaves both to the scheduler.
 * --before names the program of another commit: it runs as the server `before`, and the ratios are of it.
 * --remember adds what was measured, with its commit, to history.jsonl (see history.mjs).
 * --peer adds a server of somebody else's, see addPeer() in servers.mjs.
 * Exit code 1: a server or the generator could not run.
 */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { shareCores } from "./cores.mjs";
import { remember } from "./history.mjs";
import { byDefault, loads } from "./loads.mjs";
import { commitOf, machine } from "./machine.mjs";
import { addPeer, framewirePath, startServer } from "./servers.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "6" },
    seconds: { type: "string", default: "10" },
    servers: { type: "string", default: "framewire,limit,ws" },
    build: { type: "string", default: "build/release" },
    threads: { type: "string", default: "1" },
    json: { type: "string" },
    before: { type: "string" },
    unpinned: { type: "boolean", default: false },
    remember: { type: "boolean", default: false },
    peer: { type: "string", multiple: true, default: [] },
  },
});
const names = positionals.length > 0 ? positionals : byDefault;
const servers = options.servers.split(",");
if (options.before && !servers.includes("before")) servers.push("before");
for (const line of options.peer) servers.push(addPeer(line));
const cores = shareCores(!options.unpinned);
const measure = options.before ? "before" : "limit";
for (const name of names) if (!loads[name]) throw new Error(`there is no load ${name}`);

/**
 * The JSON of `framewire bench`.
 * @typedef {any} Result
 * @typedef {Record<string, Result>} Round one load's results by server
 */

/**
 * @param {string} server
 * @param {import("./loads.mjs").Load} load
 * @returns {Promise<Result>}
 */
async function runOnce(server, load) {
  const tls = load.tls ?? false;
  const started = await startServer(server, tls, options.build, options.before, cores.server);
  try {
    const words = ["bench", "--url", started.url, "--server-pid", `${started.pid}`, "--json", "-"];
    words.push("--seconds", options.seconds, "--threads", options.threads, ...load.args);
    const [command, ...args] = [...cores.generator, framewirePath(options.build), ...words];
    const { stdout } = await promisify(execFile)(command, args, { maxBuffer: 1 << 24 });
    return JSON.parse(stdout);
  } finally {
    await started.stop();
  }
}

/**
 * The middle of what there is; undefined of nothing.
 * @param {unknown[]} numbers
 */
function median(numbers) {
  const sorted = /** @type {number[]} */ (numbers.filter(Number.isFinite));
  sorted.sort((a, b) => a - b);
  const half = sorted.length >> 1;
  if (sorted.length === 0) return undefined;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** @param {number | null | undefined} n */
const text = (n, digits = 2) => (n === undefined || n === null ? "-" : n.toFixed(digits));

/** @param {(string | number)[][]} rows */
function print(rows) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => `${row[i]}`.length)));
  for (const row of rows) {
    const cells = row.map((cell, i) =>
      i < 2 ? `${cell}`.padEnd(widths[i]) : `${cell}`.padStart(widths[i]),
    );
    console.log(cells.join("  ").trimEnd());
  }
}

/**
 * @param {string} name of the load
 * @param {Round[]} rounds
 */
function summarise(name, rounds) {
  const load = loads[name];
  return servers.map((server) => {
    /** @param {(r: Result) => number} pick */
    const of = (pick) => median(rounds.map((round) => round[server] && pick(round[server])));
    /** @param {(r: Result) => number} pick */
    const sum = (pick) => rounds.reduce((all, r) => all + (r[server] ? pick(r[server]) : 0), 0);
    const ratio = median(
      rounds.map((r) => {
        const [mine, least] = [r[server], r[measure]].map((run) => run?.server?.cpu_s_per_gb);
        return mine && least ? mine / least : undefined;
      }),
    );
    return {
      load: name,
      server,
      ratio,
      gate: server === "framewire" ? load.gate : undefined,
      aim: server === "framewire" ? load.aim : undefined,
      cpu_s_per_gb: of((r) => r.server.cpu_s_per_gb),
      gb_per_s: of((r) => r.delivered.gb_per_s),
      p50_ms: of((r) => r.delay.p50_ms),
      p99_ms: of((r) => r.delay.p99_ms),
      lost: sum((r) => r.messages.lost),
      out_of_order: sum((r) => r.messages.out_of_order),
      closed: sum((r) => r.viewers.closed_by_server + r.viewers.failed),
      rss_grown_mb: of((r) => (r.server.rss_most - r.server.rss_connected) / 1e6),
      rss_per_viewer_kb: of((r) => r.server.rss_per_viewer / 1e3),
      tcp_grown_mb: of((r) => (r.tcp_memory.after - r.tcp_memory.connected) / 1e6),
      server_cores: of((r) => r.server.cores),
      generator_cores: of((r) => r.generator.cores),
      load_average: of((r) => r.load_average.after),
    };
  });
}

const head = [
  "load",
  "server",
  `of ${measure}`,
  "gate",
  "CPU s/GB",
  "GB/s",
  "p50 ms",
  "p99 ms",
  "lost",
];
head.push("disorder", "closed", "RSS +MB", "KB/viewer", "TCP +MB", "cores", "gen", "load avg");

/** @type {Record<string, Round[]>} */ const measured = {};
for (let round = 0; round < Number(options.rounds); ++round) {
  const order = round % 2 === 0 ? servers : [...servers].reverse();
  for (const name of names) {
    /** @type {Round} */ const runs = {};
    for (const server of order) {
      process.stderr.write(`round ${round + 1}/${options.rounds} ${name} ${server}\n`);
      runs[server] = await runOnce(server, loads[name]);
    }
    measured[name] ??= [];
    measured[name].push(runs);
  }
}
const summary = names.flatMap((name) => summarise(name, measured[name]));
print([
  head,
  ...summary.map((s) => [
    s.load,
    s.server,
    text(s.ratio),
    s.gate === undefined ? "" : `${text(s.gate)} (${text(s.aim)})`,
    text(s.cpu_s_per_gb, 3),
    text(s.gb_per_s, 3),
    text(s.p50_ms),
    text(s.p99_ms),
    s.lost,
    s.out_of_order,
    s.closed,
    text(s.rss_grown_mb, 1),
    text(s.rss_per_viewer_kb, 1),
    text(s.tcp_grown_mb, 1),
    text(s.server_cores),
    text(s.generator_cores),
    text(s.load_average, 1),
  ]),
]);
console.log(
  `${options.rounds} rounds of ${options.seconds} s, ${cores.told}; load average now ${text(loadavg()[0], 1)}`,
);
for (const name of names) console.log(`${name}: ${loads[name].about}`);
const measuredOn = machine();
if (options.json) {
  const all = { options, machine: measuredOn, cores: cores.told, summary, measured };
  writeFileSync(options.json, `${JSON.stringify(all, null, 2)}\n`);
}
if (options.remember) {
  const entries = names.map((load) => ({
    commit: commitOf(fileURLToPath(new URL(".", import.meta.url))),
    date: new Date().toISOString(),
    machine: measuredOn,
    cores: cores.told,
    load,
    reference: measure,
    ratio: summary.find((s) => s.load === load && s.server === "framewire")?.ratio,
    rounds: Object.fromEntries(
      servers.map((name) => [name, measured[load].map((r) => r[name]?.server?.cpu_s_per_gb)]),
    ),
  }));
  remember(entries);
}
