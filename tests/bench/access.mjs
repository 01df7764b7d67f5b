/**
 * What keys, tokens and an operator's own login server cost, and whom they disturb. Server and generator on cores of
 * their own; a witness (one publisher, one viewer, 500 messages a second, a process of its own) tells delays.
 *
 *   node tests/bench/access.mjs                  all three parts
 *   node tests/bench/access.mjs connections [--rounds 5] [--count 1500]
 *   node tests/bench/access.mjs expiry [--rounds 3] [--count 2000]    tokens that end within one second; renewed ones
 *   node tests/bench/access.mjs hook [--rounds 3] [--count 1000]      a login server that is slow, silent or wrong;
 *                                                                     "none": the same crowd, answered from static keys
 *
 * connections: new TLS connections that become viewers, a token of its own each; server's CPU for one and how many a
 * second came through, beside those with static keys in the same round.
 */
import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { HookServer } from "../e2e/lib/hook_server.mjs";
import { cpuSeconds } from "../e2e/lib/proc.mjs";
import { RawWs } from "../e2e/lib/raw_ws.mjs";
import { binary, Server } from "../e2e/lib/server.mjs";
import { claims, EXPECTED, KeyFile, newKey, nowS, right, sign } from "../e2e/lib/tokens.mjs";
import { buildMessage, parsePart } from "../e2e/lib/v1.mjs";
import { shareCores } from "./cores.mjs";

const V1 = "framewire.v1";
const MESSAGES_PER_S = 500;
const CROWD_PER_S = 5;
const self = fileURLToPath(import.meta.url);
/** @param {number} ms */
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
/** @param {number[]} values @param {number} share */
const quantile = (values, share) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];
/** @param {number[]} values */
const median = (values) => quantile(values, 0.5);

/** Tells the delay of each message: {at, ms}. @param {number} port @param {string} token */
async function witness(port, token) {
  try {
    setPriority(-10);
  } catch {
    // not root
  }
  const publisher = await RawWs.open({ port, path: "/publish/witness", protocol: V1, token });
  await publisher.sendText({ type: "publish", format: "binary" });
  const viewer = await RawWs.open({ port, path: "/live/witness", token });
  viewer.keep = false;
  publisher.keep = false;
  /** @type {{at: number, ms: number}[]} */ let seen = [];
  viewer.on("message", ({ binary: isMedia, data }) => {
    if (!isMedia) return;
    const sent = data.readDoubleLE(0);
    seen.push({ at: sent, ms: Date.now() - sent });
  });
  process.on("message", () => {
    process.send?.(seen);
    seen = [];
  });
  process.send?.("ready");
  const clock = () => performance.timeOrigin + performance.now();
  Date.now = clock; // microseconds are wanted
  const began = clock();
  for (let n = 0; ; ) {
    for (const due = ((clock() - began) * MESSAGES_PER_S) / 1000; n < due; n += 1) {
      const message = Buffer.alloc(1000);
      message.writeDoubleLE(clock(), 0);
      publisher.sendBinary(buildMessage(n, message));
    }
    await sleep(1);
  }
}

class Witness {
  /** @param {import("node:child_process").ChildProcess} child */
  constructor(child) {
    this.child = child;
  }
  /** @param {Server} server @param {string[]} onCores @param {string} token */
  static async start(server, onCores, token) {
    const core = onCores.at(-1);
    const child = fork(self, ["--witness", `${server.port}`, token], {
      execPath: core ? "taskset" : process.execPath,
      execArgv: core ? ["-c", core, process.execPath] : [],
    });
    await once(child, "message");
    return new Witness(child);
  }
  /** Delays in ms of what was sent since it was asked last. @returns {Promise<{at: number, ms: number}[]>} */
  async seen() {
    this.child.send("tell");
    const [all] = await once(this.child, "message");
    return all;
  }
  stop() {
    this.child.kill("SIGKILL");
  }
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { rounds: { type: "string" }, count: { type: "string" } },
  });
  const parts = { connections, expiry, hook };
  const wanted = positionals.length ? positionals : Object.keys(parts);
  const cores = shareCores(true);
  console.log(cores.told);
  // This process is the generator.
  if (cores.generator.length) {
    const { execFileSync } = await import("node:child_process");
    execFileSync("taskset", ["-a", "-p", "-c", cores.generator[2], `${process.pid}`], {
      stdio: "ignore",
    });
  }
  for (const name of wanted) {
    const part = parts[/** @type {keyof parts} */ (name)];
    if (!part) throw new Error(`there is no part ${name}: ${Object.keys(parts).join(", ")}`);
    await part(cores, Number(values.rounds ?? 0), Number(values.count ?? 0));
  }
  process.exit(0);
}

/** @param {{server: string[]}} cores @param {string[]} flags */
const startServer = (cores, flags) =>
  Server.start({
    command: [...cores.server, binary(), "serve"],
    flags: ["--loops", "1", "--log-level", "warn", ...flags],
  });

/** @typedef {ReturnType<typeof shareCores>} Cores */

/** @param {Cores} cores @param {number} rounds @param {number} count */
async function connections(cores, rounds, count) {
  rounds ||= 5;
  count ||= 1500;
  /** @type {Record<string, {cpu: number[], rate: number[]}>} */ const found = {};
  const kinds = ["open", "static", "HS256", "ES256", "RS256"];
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 ? [...kinds].reverse() : kinds;
    for (const kind of order) {
      const file = new KeyFile();
      const key = kind.endsWith("256") ? await newKey(kind) : null;
      if (key) file.write([key]);
      const flags = key ? ["--jwks", file.path, ...EXPECTED] : [];
      if (kind === "static") flags.push("--watch-key", "a-static-key-of-24-bytes");
      const server = await startServer(cores, [
        "--tls-self-signed",
        "--max-connections-per-address",
        `${2 * count}`,
        ...flags,
      ]);
      const tokens = await Promise.all(
        Array.from({ length: count }, (_, n) =>
          key
            ? sign(
                key,
                claims([right("watch", "room/*")], {
                  sub: `somebody-${n}`,
                  jti: randomBytes(8).toString("hex"),
                }),
              )
            : kind === "static"
              ? "a-static-key-of-24-bytes"
              : undefined,
        ),
      );
      const cpu = cpuSeconds(server.pid);
      const began = performance.now();
      const waiting = [...tokens];
      await Promise.all(
        Array.from({ length: 16 }, async () => {
          while (waiting.length) {
            const token = waiting.pop();
            const ws = await RawWs.open({
              port: server.port,
              tls: true,
              path: "/live/room/a",
              token,
            });
            ws.socket.destroy();
          }
        }),
      );
      const seconds = (performance.now() - began) / 1000;
      found[kind] ??= { cpu: [], rate: [] };
      const mine = found[kind];
      mine.cpu.push((cpuSeconds(server.pid) - cpu) / count);
      mine.rate.push(count / seconds);
      await server.stop();
      file.remove();
    }
  }
  console.log(`\nnew TLS viewers, ${rounds} rounds of ${count} by each kind, medians`);
  for (const kind of kinds) {
    const { cpu, rate } = found[kind];
    const besides = cpu.map((one, n) => found.static.cpu[n] / one);
    const rates = rate.map((one, n) => one / found.static.rate[n]);
    console.log(
      `${kind.padEnd(7)} ${(median(cpu) * 1e6).toFixed(0).padStart(5)} us of CPU each, ${(1 / median(cpu)).toFixed(0).padStart(5)}/s of one core; beside static keys ${median(besides).toFixed(2)} (came through: ${median(rate).toFixed(0)}/s, ${median(rates).toFixed(2)})`,
    );
  }
}

/** @param {Cores} cores @param {number} rounds @param {number} count */
async function expiry(cores, rounds, count) {
  rounds ||= 3;
  count ||= 2000;
  for (const renewed of [false, true]) {
    for (let round = 0; round < rounds; round += 1) {
      const file = new KeyFile();
      const key = await newKey("ES256");
      file.write([key]);
      const server = await startServer(cores, [
        ...["--jwks", file.path, ...EXPECTED, "--jwt-leeway", "0s"],
        ...["--max-connections-per-address", `${count + 100}`],
      ]);
      const all = [right("watch", "*"), right("publish", "*")];
      const long = await sign(key, claims(all));
      const seer = await Witness.start(server, cores.generator, long);
      const publisher = await RawWs.open({
        port: server.port,
        path: "/publish/crowd",
        protocol: V1,
        token: long,
      });
      await publisher.sendText({ type: "publish", format: "binary" });
      let sent = 0;
      const timer = setInterval(() => {
        publisher.sendBinary(buildMessage(sent, randomBytes(500)));
        sent += 1;
      }, 1000 / CROWD_PER_S);
      // All of them end within one second, once all have joined.
      const exp = nowS() + 10 + Math.ceil(count / 400);
      const tokens = await Promise.all(
        Array.from({ length: count }, (_, n) =>
          sign(key, claims(all, { sub: `viewer-${n}`, exp })),
        ),
      );
      const next = renewed
        ? await Promise.all(
            Array.from({ length: count }, (_, n) => sign(key, claims(all, { sub: `viewer-${n}` }))),
          )
        : [];
      const viewers = await join(server.port, tokens);
      if (nowS() > exp - 4) throw new Error("joining took too long");
      await seer.seen();
      await sleep((exp - 2.2) * 1000 - Date.now());
      const usual = await seer.seen();
      for (const [n, token] of next.entries()) viewers[n].ws.sendText({ type: "token", token });
      await sleep((exp + 3) * 1000 - Date.now());
      const then = await seer.seen();
      clearInterval(timer);
      await sleep(1_000);
      const told = viewers.filter((one) => one.told).length;
      const open = viewers.filter((one) => !one.ws.closedWith).length;
      const lost = viewers.reduce((sum, one) => sum + one.lost, 0);
      const behind = renewed ? viewers.filter((one) => one.last !== sent - 1).length : 0;
      const worst = worstSecond(then);
      const before = p99(usual);
      console.log(
        `expiry${renewed ? ", renewed" : ""}: ${count} viewers, ${told} told and ${count - open} closed, ${lost} parts lost, ${behind} without the last; p99 of the witness before ${before.toFixed(2)} ms, in the worst second ${worst.toFixed(2)} ms: ${(worst / before).toFixed(2)}`,
      );
      seer.stop();
      for (const { ws } of viewers) ws.socket.destroy();
      publisher.socket.destroy();
      await server.stop();
      file.remove();
    }
  }
}

/** @param {{at: number, ms: number}[]} seen */
const p99 = (seen) =>
  quantile(
    seen.map(({ ms }) => ms),
    0.99,
  );
/** The highest p99 of any second. @param {{at: number, ms: number}[]} seen */
function worstSecond(seen) {
  let worst = 0;
  for (let from = seen[0].at; from + 1000 <= seen[seen.length - 1].at; from += 100)
    worst = Math.max(worst, p99(seen.filter(({ at }) => at >= from && at < from + 1000)));
  return worst;
}

/** @param {number} port @param {string[]} tokens */
async function join(port, tokens) {
  /** @type {{ws: RawWs, told: boolean, lost: number, last: number}[]} */ const viewers = [];
  for (let from = 0; from < tokens.length; from += 50) {
    await Promise.all(
      tokens.slice(from, from + 50).map(async (token) => {
        const ws = await RawWs.open({ port, path: "/live/crowd", protocol: V1, token });
        ws.keep = false;
        const one = { ws, told: false, lost: 0, last: -1 };
        ws.on("message", ({ binary: isMedia, data }) => {
          if (!isMedia) {
            if (data.includes('"token-expired"')) one.told = true;
            return;
          }
          const { sequence } = parsePart(data);
          if (one.last >= 0 && sequence !== one.last + 1) one.lost += 1;
          one.last = sequence;
        });
        viewers.push(one);
      }),
    );
  }
  return viewers;
}

/** @param {Cores} cores @param {number} rounds @param {number} count */
async function hook(cores, rounds, count) {
  rounds ||= 3;
  count ||= 1000;
  /** Static keys answer at once: what as many connections cost without a login server. */
  const kinds = /** @type {[string, null | (() => any), boolean?][]} */ ([
    ["none, let in", null, true],
    ["none, refused", null, false],
    ["2 s late", () => ({ afterMs: 2_000 })],
    ["never", () => ({ never: true })],
    ["garbage", () => ({ body: "{]" })],
    ["cut off", () => ({ cut: true })],
  ]);
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, decide, letIn] of kinds) {
      // The witness is let in at once.
      const login =
        decide && (await HookServer.start((asked) => (asked.stream === "witness" ? {} : decide())));
      const by = login
        ? ["--auth-url", login.url]
        : ["--publish-key", "witness", "--watch-key", "witness", "--wrong-keys", "1000000"];
      const server = await startServer(cores, [
        ...by,
        "--max-connections-per-address",
        `${count + 100}`,
      ]);
      const seer = await Witness.start(server, cores.generator, "witness");
      await sleep(500);
      await seer.seen();
      await sleep(2_000);
      const usual = await seer.seen();
      const answers = Array.from({ length: count }, (_, n) =>
        RawWs.request({
          port: server.port,
          path: "/live/crowd",
          token: letIn ? "witness" : `t${n}`,
        }).then(
          (ws) => {
            const { status } = ws.head;
            ws.socket.destroy();
            return status;
          },
          () => 0,
        ),
      );
      await sleep(6_000);
      const then = await seer.seen();
      const states = new Map();
      for (const state of await Promise.race([Promise.all(answers), sleep(1).then(() => [])]))
        states.set(state, (states.get(state) ?? 0) + 1);
      const [before, worst] = [p99(usual), worstSecond(then)];
      console.log(
        `hook ${name}: ${count} asked; p99 of the witness before ${before.toFixed(2)} ms, in the worst second ${worst.toFixed(2)} ms: ${(worst / before).toFixed(2)}; most at the login server at a time ${login?.most ?? 0}; answers ${JSON.stringify([...states])}`,
      );
      seer.stop();
      await server.stop();
      login?.stop();
    }
  }
}

if (process.argv[2] === "--witness") await witness(Number(process.argv[3]), process.argv[4]);
else await main();
