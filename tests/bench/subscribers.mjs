/**
 * What HLS, MJPEG and the film of a recording cost the server's own process, beside another commit's program in the
 * same rounds: what reads a stream inside the process, without a socket. CPU of child processes is not counted.
 *
 *   node tests/bench/subscribers.mjs --before ../old/build/release/framewire [--rounds 4] [--seconds 10]
 *        [--streams 8] [ROW ...]
 *
 * Rows: hls (fragmented MP4 of H.264 and AAC; a player that asks once a second), hls-base (the same publishers,
 * nobody watches), mjpeg (JPEG at 30 pictures/s, five viewers a stream), film (PNG at 10 pictures/s, recorded).
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
// @ts-expect-error the package has no types of its own
import { WebSocket } from "ws";
import { shareCores } from "./cores.mjs";
import { framewirePath } from "./servers.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    build: { type: "string", default: "build/release" },
    before: { type: "string" },
    rounds: { type: "string", default: "4" },
    seconds: { type: "string", default: "10" },
    streams: { type: "string", default: "8" },
  },
});
const ROWS = ["hls-base", "hls", "mjpeg", "film"];
const WARM_UP_MS = 4_000;
const MJPEG_VIEWERS = 5;
const cores = shareCores(true);
const streams = Array.from({ length: Number(options.streams) }, (_, i) => `bench-${i}`);
const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @typedef {() => void} Stop */

/** @param {string[]} args @returns {import('node:child_process').ChildProcess} */
function onGenerator(args) {
  const [command, ...rest] = [...cores.generator, ...args];
  return spawn(command, rest, { stdio: ["ignore", "pipe", "ignore"] });
}

/** What ffmpeg makes. @param {string[]} args @returns {Promise<Buffer>} */
async function made(args) {
  const child = onGenerator(["ffmpeg", "-v", "error", ...args]);
  const out = [];
  for await (const chunk of /** @type {import('node:stream').Readable} */ (child.stdout))
    out.push(chunk);
  return Buffer.concat(out);
}

/** @param {string} program @param {string[]} flags @returns {Promise<{origin: string, pid: number, stop: () => Promise<void>}>} */
async function start(program, flags) {
  const words = ["serve", "--listen", "127.0.0.1:0", "--loops", "1", "--log-level", "warn"];
  const [command, ...rest] = [...cores.server, program, ...words, ...flags];
  const child = spawn(command, rest, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const origin = await new Promise((resolve, reject) => {
    child.once("close", () => reject(new Error(`${program} ended at once`)));
    createInterface({ input: /** @type {any} */ (child.stdout) }).on("line", (line) => {
      const found = / listening on (\w+:\/\/\S+)/.exec(line);
      if (found) resolve(found[1].replace(/\/$/, ""));
    });
  });
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  return { origin, pid: child.pid ?? 0, stop };
}

/** Seconds of CPU that a process's threads have used, its children's not. @param {number} pid */
function cpuOf(pid) {
  const tasks = `/proc/${pid}/task`;
  const ns = readdirSync(tasks).map((task) => readFileSync(`${tasks}/${task}/schedstat`, "utf8"));
  return ns.reduce((sum, one) => sum + Number(one.split(" ")[0]) / 1e9, 0);
}

/** Films by ffmpeg, as fast as they play. @param {string} origin @param {string} file @returns {Stop} */
function publishFilms(origin, file) {
  const from = ["ffmpeg", "-v", "error", "-re", "-i", file, "-c", "copy", "-f", "mp4"];
  const form = ["-frag_duration", "100000", "-movflags", "empty_moov+default_base_moof"];
  const to = ["-method", "PUT", "-chunked_post", "1"];
  const all = streams.map((stream) =>
    onGenerator([...from, ...form, ...to, `${origin}/publish/${stream}`]),
  );
  return () => {
    for (const one of all) one.kill("SIGKILL");
  };
}

/** Pictures over WebSockets. @param {string} origin @param {Buffer[]} pictures @param {number} fps @returns {Promise<Stop>} */
async function publishPictures(origin, pictures, fps) {
  const sockets = streams.map(
    (name) => new WebSocket(`${origin.replace("http", "ws")}/publish/${name}`),
  );
  await Promise.all(
    sockets.map((socket) => new Promise((resolve) => socket.once("open", resolve))),
  );
  let sent = 0;
  const timer = setInterval(() => {
    for (const socket of sockets) socket.send(pictures[sent % pictures.length]);
    sent += 1;
  }, 1000 / fps);
  return () => {
    clearInterval(timer);
    for (const socket of sockets) socket.close();
  };
}

/** A player of each stream, who asks for what is new once a second. @param {string} origin @returns {Stop} */
function playHls(origin) {
  let at = 0;
  const get = async (/** @type {string} */ path) =>
    fetch(`${origin}${path}`).then(
      (answer) => answer.text(),
      () => "",
    );
  const timer = setInterval(async () => {
    const stream = streams[at++ % streams.length];
    const index = await get(`/live/${stream}/index.m3u8?wait=5`);
    const media = index.split("\n").find((line) => line && !line.startsWith("#"));
    if (!media) return;
    const list = await get(`/live/${stream}/${media}`);
    const last = list.split("\n").findLast((line) => line && !line.startsWith("#"));
    if (last) await get(`/live/${stream}/${last}`);
  }, 1000 / streams.length);
  return () => clearInterval(timer);
}

/** @param {string} origin @returns {Stop} */
function watchMjpeg(origin) {
  const all = streams.flatMap((stream) =>
    Array.from({ length: MJPEG_VIEWERS }, () =>
      http.get(`${origin}/live/${stream}.mjpeg`, { agent: false }, (answer) => answer.resume()),
    ),
  );
  for (const one of all) one.on("error", () => {});
  return () => {
    for (const one of all) one.destroy();
  };
}

const folder = mkdtempSync(join(tmpdir(), "fw-subscribers-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const test = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30"];
const film = join(folder, "film.mp4");
const coded = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "60", "-c:a", "aac", "-y", film];
await made([...test, "-f", "lavfi", "-i", "sine", "-t", "60", ...coded]);
/** @param {string} encoder @returns {Promise<Buffer[]>} */
const pictures = async (encoder) =>
  Promise.all(
    [0, 1, 2, 3].map((at) =>
      made([...test, "-ss", `${at}`, "-frames:v", "1", "-c:v", encoder, "-f", "image2pipe", "-"]),
    ),
  );
const [jpeg, png] = [await pictures("mjpeg"), await pictures("png")];

/** Milliseconds of CPU for each second of a stream. @param {string} program @param {string} row */
async function runOnce(program, row) {
  const records = join(folder, `records-${Math.random()}`);
  const flags = row === "film" ? ["--record-dir", records, "--record", "all"] : [];
  const server = await start(program, flags);
  /** @type {Stop[]} */ const stops = [];
  try {
    if (row.startsWith("hls")) stops.push(publishFilms(server.origin, film));
    if (row === "mjpeg") stops.push(await publishPictures(server.origin, jpeg, 30));
    if (row === "film") stops.push(await publishPictures(server.origin, png, 10));
    await sleep(1_000);
    if (row === "hls") stops.push(playHls(server.origin));
    if (row === "mjpeg") stops.push(watchMjpeg(server.origin));
    await sleep(WARM_UP_MS);
    const [cpu, at] = [cpuOf(server.pid), performance.now()];
    await sleep(Number(options.seconds) * 1000);
    const seconds = (performance.now() - at) / 1000;
    const metrics = await (await fetch(`${server.origin}/metrics`)).text();
    const bytes = /^framewire_received_bytes_total\S* (\d+)/m.exec(metrics)?.[1];
    if (!(Number(bytes) > 0)) throw new Error(`${row}: nothing was published`);
    return ((cpuOf(server.pid) - cpu) * 1000) / seconds / streams.length;
  } finally {
    for (const stop of stops) stop();
    await server.stop();
  }
}

const programs = { framewire: framewirePath(options.build), before: options.before };
const rows = positionals.length > 0 ? positionals : ROWS;
for (const row of rows) {
  if (!ROWS.includes(row)) throw new Error(`there is no row ${row}: ${ROWS.join(", ")}`);
  /** @type {Record<string, number[]>} */ const seen = { framewire: [], before: [] };
  for (let round = 0; round < Number(options.rounds); round += 1) {
    const names = Object.entries(programs).filter(([, program]) => program);
    for (const [name, program] of round % 2 ? names.reverse() : names)
      seen[name].push(await runOnce(/** @type {string} */ (program), row));
    process.stderr.write(`${row}: round ${round + 1} of ${options.rounds}\n`);
  }
  const median = (/** @type {number[]} */ all) => [...all].sort((a, b) => a - b)[all.length >> 1];
  const ratios = seen.framewire.map((one, i) => one / seen.before[i]);
  const beside = options.before
    ? `, ${median(seen.before).toFixed(2)} before; ratio ${median(ratios).toFixed(2)} (${ratios.map((one) => one.toFixed(2)).join(", ")})`
    : "";
  console.log(
    `figure: ${row}: ${median(seen.framewire).toFixed(2)} ms of CPU for a second of a stream${beside}`,
  );
}
console.log(`${cores.told}; load average now ${loadavg()[0].toFixed(1)}`);
process.exit(0);
