#!/usr/bin/env node
/**
 * What does it cost to send one live stream to many viewers? Server CPU seconds per delivered GB, beside a
 * node `ws` broadcast that is fed and read by the same generator in the same run.
 *
 *   node tests/bench/fanout.mjs [--viewers 1000] [--rate 30] [--bytes 4000] [--seconds 15] [--rounds 1]
 *                               [--servers framewire,ws] [--json FILE] [--bin PATH]
 *
 * The generator is one process with all viewers and this one with the publisher; its own CPU is printed, so
 * that one sees which of the two was the busy one. CPU is that of /proc/PID/stat, all threads.
 */
import { fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { clusterHeader, simpleBlock, webmHeader } from "../e2e/lib/live_source.mjs";
import { quantile } from "../e2e/lib/proc.mjs";
import { BarePublisher } from "../e2e/lib/publisher.mjs";
import { Server } from "../e2e/lib/server.mjs";
import { sleep } from "../e2e/lib/wait.mjs";

const { values } = parseArgs({
  options: {
    viewers: { type: "string", default: "1000" },
    rate: { type: "string", default: "30" },
    bytes: { type: "string", default: "4000" },
    seconds: { type: "string", default: "15" },
    rounds: { type: "string", default: "1" },
    servers: { type: "string", default: "framewire,ws" },
    json: { type: "string" },
    bin: { type: "string" },
  },
});
const load = {
  viewers: Number(values.viewers),
  rate: Number(values.rate),
  bytes: Number(values.bytes),
  seconds: Number(values.seconds),
};
const here = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));

/** @typedef {{server: string, messages: number, gigabytes: number, serverCpu: number, cpuPerGb: number, generatorCpu: number, wallSeconds: number, lost: number, delayMs: {p50: number, p99: number}, rssMb: number}} Result */

/** @param {string} kind */
function startServer(kind) {
  if (kind === "framewire")
    return Server.start({ binary: values.bin, flags: ["--log-level", "warn"] });
  return Server.start({ command: [process.execPath, here("ws_broadcast.mjs")], listen: "" });
}

/** @param {import('node:child_process').ChildProcess} crowd @param {object} [question] @returns {Promise<any>} */
function ask(crowd, question) {
  return new Promise((resolve, reject) => {
    crowd.once("message", resolve);
    crowd.once("exit", (code) => reject(new Error(`the viewers ended with ${code}`)));
    if (question) crowd.send(question);
  });
}

const nowMs = () => {
  const [s, ns] = process.hrtime();
  return s * 1000 + ns / 1e6;
};

/** A frame whose end tells when it was sent and which it is. @param {number} index */
function message(index) {
  const key = index % load.rate === 0;
  const timeMs = Math.floor((index * 1000) / load.rate);
  const clusterMs = Math.floor(((index - (index % load.rate)) * 1000) / load.rate);
  const block = simpleBlock(index, timeMs - clusterMs, key, load.bytes);
  block.writeDoubleBE(nowMs(), block.length - 12);
  return key ? Buffer.concat([clusterHeader(clusterMs), block]) : block;
}

/** Sends at the rate until told to stop. @param {BarePublisher} publisher */
function pump(publisher) {
  const state = { index: 0, running: true };
  const start = Date.now();
  const done = (async () => {
    while (state.running) {
      const due = start + (state.index * 1000) / load.rate;
      if (due > Date.now()) await sleep(due - Date.now());
      await publisher.send(message(state.index++));
    }
  })();
  const stop = async () => {
    state.running = false;
    await done;
    return state.index - 1;
  };
  return { state, stop };
}

/** @param {string} kind @returns {Promise<Result>} */
async function measure(kind) {
  const server = await startServer(kind);
  const protocol = kind === "framewire" ? "framewire.v1" : "";
  const crowdOptions = { port: server.port, path: "/live/fan", protocol, count: load.viewers };
  const crowd = fork(here("receivers.mjs"), [JSON.stringify(crowdOptions)]);
  await ask(crowd);
  const publisher = await BarePublisher.open(server, "fan");
  await publisher.send(webmHeader());
  const pumping = pump(publisher);
  await sleep(2000);
  crowd.send({ ask: "reset-delays" });
  const before = { ...(await ask(crowd, { ask: "snapshot" })), server: server.cpuSeconds };
  await sleep(load.seconds * 1000);
  const after = { ...(await ask(crowd, { ask: "snapshot" })), server: server.cpuSeconds };
  const rssMb = server.rssBytes / 2 ** 20;
  const last = await pumping.stop();
  const final = await ask(crowd, { ask: "finish", last });
  await publisher.end();
  await server.stop();
  const gigabytes = (after.bytes - before.bytes) / 1e9;
  const serverCpu = after.server - before.server;
  return {
    server: kind,
    messages: after.messages - before.messages,
    gigabytes,
    serverCpu,
    cpuPerGb: serverCpu / gigabytes,
    generatorCpu: after.cpuSeconds - before.cpuSeconds,
    wallSeconds: (after.atMs - before.atMs) / 1000,
    lost: final.outOfOrder + final.behind + final.closed,
    delayMs: { p50: quantile(final.delaysMs, 0.5), p99: quantile(final.delaysMs, 0.99) },
    rssMb,
  };
}

/** @param {Result[]} results */
function print(results) {
  console.log(
    `${load.viewers} viewers, ${load.rate} messages/s of ${load.bytes} bytes, ${load.seconds} s`,
  );
  console.log(
    "server     CPU s/GB  CPU s   GB     lost  delay p50/p99 ms  RSS MB  generator CPU s",
  );
  for (const r of results) {
    const cells = [
      r.server.padEnd(10),
      r.cpuPerGb.toFixed(2).padStart(8),
      r.serverCpu.toFixed(2).padStart(6),
      r.gigabytes.toFixed(2).padStart(6),
      String(r.lost).padStart(6),
      `${r.delayMs.p50.toFixed(1)} / ${r.delayMs.p99.toFixed(1)}`.padStart(17),
      r.rssMb.toFixed(1).padStart(7),
      r.generatorCpu.toFixed(2).padStart(10),
    ];
    console.log(cells.join(" "));
  }
}

/** @param {Result[]} results @param {string} kind */
const best = (results, kind) =>
  Math.min(...results.filter((r) => r.server === kind).map((r) => r.cpuPerGb));

/** @type {Result[]} */ const results = [];
for (let round = 0; round < Number(values.rounds); ++round) {
  for (const kind of values.servers.split(",")) results.push(await measure(kind));
}
print(results);
const ratio = best(results, "framewire") / best(results, "ws");
if (Number.isFinite(ratio))
  console.log(`framewire / ws = ${ratio.toFixed(3)} (CPU per GB; below 1 is better than node ws)`);
if (values.json)
  writeFileSync(values.json, `${JSON.stringify({ load, results, ratio }, null, 1)}\n`);
const failed =
  results.some((r) => r.server === "framewire" && r.lost > 0) ||
  (Number.isFinite(ratio) && ratio >= 1);
process.exit(failed ? 1 : 0);
