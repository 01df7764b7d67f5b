/**
 * What a server does past what it can carry: 1,000 viewers of 1,200 messages/s, beside a small stream
 * with one viewer that is watched before, during and after. Prints one line a phase; exit code 1
 * when a promise does not hold.
 *
 *   node tests/bench/overload.mjs [--build build/release] [--server framewire-2] [--seconds 10]
 *        [--load W2x40]
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { parseArgs, promisify } from "node:util";
// @ts-expect-error the package has no types of its own
import { WebSocket } from "ws";
import { loads } from "./loads.mjs";
import { framewirePath, startServer } from "./servers.mjs";

const { values: options } = parseArgs({
  options: {
    build: { type: "string", default: "build/release" },
    server: { type: "string", default: "framewire-2" },
    seconds: { type: "string", default: "10" },
    load: { type: "string", default: "W2x40" },
  },
});
const kSettleMs = 2_000;
/** @param {number} ms */
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
process.env.FRAMEWIRE_RING_SIZE = "4MiB";
process.env.FRAMEWIRE_MAX_ELEMENT = "1MiB"; // full soon: what grows after that is no ring
const server = await startServer(options.server, false, options.build);
const http = server.url.replace("ws:", "http:");

/** @type {{at: number, ms: number}[]} */ const delays = [];
/** @type {{at: number, ms: number}[]} */ const checks = [];
/** @type {{at: number, mb: number}[]} */ const memory = [];

/** @param {string} path @returns {Promise<WebSocket>} */
function open(path) {
  const ws = new WebSocket(`${server.url}${path}`);
  return new Promise((resolve, reject) => ws.once("open", () => resolve(ws)).once("error", reject));
}
const witness = await open("/live/witness");
witness.on("message", (/** @type {Buffer} */ data) => {
  const sent = data.readDoubleLE(0);
  delays.push({ at: sent, ms: performance.now() - sent });
});
const publisher = await open("/publish/witness");
const timers = [
  setInterval(() => {
    const message = Buffer.alloc(1000);
    message.writeDoubleLE(performance.now(), 0);
    publisher.send(message);
  }, 33),
  setInterval(async () => {
    const at = performance.now();
    const answer = await fetch(`${http}/healthz`);
    await answer.text();
    checks.push({ at, ms: answer.ok ? performance.now() - at : Number.POSITIVE_INFINITY });
  }, 50),
  setInterval(() => {
    const pages = Number(readFileSync(`/proc/${server.pid}/statm`, "utf8").split(" ")[1]);
    memory.push({ at: performance.now(), mb: (pages * 4096) / 1e6 });
  }, 100),
];

await sleep(2_000);
const began = performance.now();
const load = loads[options.load];
if (!load) throw new Error(`there is no load ${options.load}`);
const words = ["bench", "--url", server.url, "--server-pid", `${server.pid}`, "--json", "-"];
words.push("--seconds", options.seconds, ...load.args);
const { stdout } = await promisify(execFile)(framewirePath(options.build), words, {
  maxBuffer: 1 << 24,
});
const ended = performance.now();
await sleep(kSettleMs + 2_000);
for (const timer of timers) clearInterval(timer);
publisher.close();
witness.close();
await sleep(100);
await server.stop();

/** @param {{at: number, ms: number}[]} all @param {number} from @param {number} to */
const worst = (all, from, to) =>
  Math.max(0, ...all.filter(({ at }) => at >= from && at < to).map(({ ms }) => ms));
for (const [name, from, to] of /** @type {[string, number, number][]} */ ([
  ["before", 0, began],
  ["during", began, ended],
  ["after 2 s", ended + kSettleMs, Number.POSITIVE_INFINITY],
])) {
  const mb = memory.filter(({ at }) => at >= from && at < to).map((m) => m.mb);
  console.log(
    `${name}: witness delayed by at most ${worst(delays, from, to).toFixed(0)} ms, /healthz by ${worst(checks, from, to).toFixed(0)} ms, RSS ${Math.min(...mb).toFixed(0)} to ${Math.max(...mb).toFixed(0)} MB`,
  );
}
const run = JSON.parse(stdout);
const middle = began + (ended - began) / 2;
const late = memory.filter(({ at }) => at > middle && at < ended).map((m) => m.mb);
const grew = Math.max(...late) - late[0];
console.log(
  `load: ${run.delivered.gb_per_s.toFixed(2)} GB/s delivered, delay p50 ${run.delay.p50_ms.toFixed(0)} p99 ${run.delay.p99_ms.toFixed(0)} most ${run.delay.max_ms.toFixed(0)} ms; ${run.messages.received} messages received, ${run.messages.lost} skipped, ${run.messages.out_of_order} out of order; RSS grew by ${grew.toFixed(1)} MB in the second half; server ${run.server.cores.toFixed(2)} cores, generator ${run.generator.cores.toFixed(2)}`,
);
const holds = [
  ["delay of delivered parts under 1 s", run.delay.max_ms < 1000],
  ["/healthz within 100 ms all the while", worst(checks, began, ended) <= 100],
  ["normal 2 s after", worst(delays, ended + kSettleMs, Number.POSITIVE_INFINITY) < 100],
  ["memory flat", grew < 2],
];
for (const [what, ok] of holds) console.log(`${ok ? "holds" : "DOES NOT HOLD"}: ${what}`);
process.exitCode = holds.every(([, ok]) => ok) ? 0 : 1;
