#!/usr/bin/env node
/**
 * Hours of an MPEG-TS whose clock wraps, begins anew and has an outlier once an hour, faster than real time:
 * are .mp4, HLS and the recording at the end what they were at the start, and is memory flat?
 *
 *   node tests/e2e/slow/odd_hours.mjs [--hours 10] [--speed 50]
 *
 * Ten hours at 50 times the speed take 12 minutes, and 1 GB under the folder of temporary files.
 */
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { decodeErrors, run } from "../lib/decode.mjs";
import {
  EndlessTs,
  ROUND_MS,
  ROUND_PICTURES,
  ROUND_SOUNDS,
  roundOfTs,
} from "../lib/endless_ts.mjs";
import { parsePlaylist } from "../lib/hls.mjs";
import { Mp4Watch } from "../lib/mp4_watch.mjs";
import { measure, shownTimes } from "../lib/odd.mjs";
import { children, rssBytes } from "../lib/proc.mjs";
import { BarePublisher } from "../lib/publisher.mjs";
import { finished } from "../lib/recordings.mjs";
import { Server } from "../lib/server.mjs";
import { sleep, until } from "../lib/wait.mjs";

const { values } = parseArgs({
  options: {
    hours: { type: "string", default: "10" },
    speed: { type: "string", default: "50" },
  },
});
const [HOURS, SPEED] = [Number(values.hours), Number(values.speed)];
const HOUR_MS = 3_600_000;
const WRAP_MS = 2 ** 33 / 90;
const BEFORE_WRAP_MS = 600_000; // of each hour
const OUTLIER_MS = 1_800_000; // into each hour
const ROUNDS_AN_HOUR = Math.round(HOUR_MS / ROUND_MS);
const ROUNDS = Math.round(HOURS * ROUNDS_AN_HOUR);
const [STEP_MS, SOUND_MS, JUMP_MS, EXACT_MS] = [40, 1024 / 48, 100, 2];
// Of a restart: an encoder's last and first sounds may lie over one another.
const SOUNDS_A_RESTART = 3;
const MEMORY_EVERY_MS = 1000;
const MEMORY_SLACK = 8 << 20;

/** @type {string[]} */ const faults = [];
const check = (/** @type {boolean} */ good, /** @type {string} */ what) => {
  console.log(`${good ? "  holds" : "  FAILS"}: ${what}`);
  if (!good) faults.push(what);
};
const mib = (/** @type {number} */ bytes) => `${(bytes / (1 << 20)).toFixed(1)} MiB`;

/** What a part of HLS' playlist holds, now. @param {Server} server @param {string} uri */
async function lookAtHls(server, uri) {
  const list = parsePlaylist(await (await server.fetch(uri)).text());
  const whole = list.segments.filter((one) => one.uri);
  const get = async (/** @type {string} */ path) =>
    Buffer.from(await (await server.fetch(`/live/hours/${path}`)).arrayBuffer());
  // What is newest stays longest, and lies in one discontinuity.
  const last = whole[whole.length - 1];
  const looked = whole.filter((one) => one.map === last.map).slice(-10);
  const bytes = Buffer.concat([
    await get(last.map),
    ...(await Promise.all(looked.map((one) => get(/** @type {string} */ (one.uri))))),
  ]);
  const lasts = looked.reduce((sum, one) => sum + one.duration, 0) * 1000;
  const video = measure(await shownTimes(bytes, "v"), STEP_MS);
  return { segments: looked.length, lasts, video, errors: await decodeErrors(bytes) };
}

/** @param {string} when @param {Awaited<ReturnType<typeof lookAtHls>>} hls */
function checkHls(when, { segments, lasts, video, errors }) {
  check(
    errors === "" &&
      video.jumps.length === 0 &&
      video.worst <= EXACT_MS &&
      Math.abs(video.count - lasts / STEP_MS) <= 1,
    `HLS at the ${when}: ${segments} segments of ${lasts.toFixed(0)} ms, ${video.count} pictures, worst ${video.worst.toFixed(2)} ms, ${video.jumps.length} jumps${errors && `, ${errors.slice(0, 200)}`}`,
  );
}

/** Of the server, and of what it has started, while it runs. @param {Server} server */
function watchMemory(server) {
  /** @type {[number, number][]} */ const seen = [];
  const timer = setInterval(() => {
    const own = children(server.pid).map((pid) => {
      try {
        return rssBytes(pid);
      } catch {
        return 0; // it has ended
      }
    });
    seen.push([server.rssBytes, own.reduce((sum, bytes) => sum + bytes, 0)]);
  }, MEMORY_EVERY_MS);
  return () => {
    clearInterval(timer);
    return seen;
  };
}

/** @param {[number, number][]} seen @param {0 | 1} which @param {string} name */
function checkMemory(seen, which, name) {
  const mean = (/** @type {number} */ from, /** @type {number} */ to) => {
    const part = seen.slice(Math.floor(seen.length * from), Math.ceil(seen.length * to));
    return part.reduce((sum, one) => sum + one[which], 0) / part.length;
  };
  const [early, late] = [mean(0.4, 0.5), mean(0.9, 1)];
  check(late <= 1.1 * early + MEMORY_SLACK, `memory of ${name}: ${mib(early)}, later ${mib(late)}`);
}

const round = new EndlessTs(await roundOfTs());
const counts = round.counts;
if (counts.pictures !== ROUND_PICTURES || counts.sounds !== ROUND_SOUNDS)
  throw new Error(`a round has ${JSON.stringify(counts)}`);
const dir = mkdtempSync(join(tmpdir(), "framewire-hours-"));
const server = await Server.start({
  flags: ["--record", "all", "--record-dir", dir, "--hls-window", "5m"],
});
console.log(`${HOURS} hours at ${SPEED} times the speed: ${ROUNDS} rounds of ${ROUND_MS} ms`);

const mp4 = new Mp4Watch({ video: STEP_MS, audio: SOUND_MS, jumpMs: 20 });
const mp4Over = new Promise((resolve) => {
  http.get(`${server.origin}/live/hours.mp4?wait=20`, { agent: false }, (answer) => {
    answer.on("data", (chunk) => mp4.take(chunk));
    answer.on("close", resolve);
  });
});
const index = server.fetch("/live/hours/index.m3u8?wait=20").then((answer) => answer.text());
const publisher = await BarePublisher.open(server, "hours");
const memory = watchMemory(server);
let [start, restarts, outliers, wraps, media] = [0, 0, 0, 0, ""];
/** @type {Promise<any>} */ let early = Promise.resolve();
for (let i = 0; i < ROUNDS; ++i) {
  const into = (i % ROUNDS_AN_HOUR) * ROUND_MS;
  const has = (/** @type {number} */ ms) => into <= ms && ms < into + ROUND_MS;
  const restart = into === 0 && i > 0;
  restarts += restart ? 1 : 0;
  outliers += has(OUTLIER_MS) ? 1 : 0;
  wraps += has(BEFORE_WRAP_MS) ? 1 : 0;
  await publisher.send(
    round.next(WRAP_MS - BEFORE_WRAP_MS + into, {
      restarts: restart,
      outlier: has(OUTLIER_MS) ? 60 : -1,
    }),
  );
  if (i === 0) {
    await until(
      () => ["mp4", "h264"].every((one) => server.output.includes(`hours.${one}: derived`)),
      "the outputs to begin",
      { ms: 20_000 },
    );
    start = Date.now();
  }
  if (i === 20) {
    media = (await index).split("\n").find((line) => line && !line.startsWith("#")) ?? "";
    early = lookAtHls(server, `/live/hours/${media}`);
  }
  // HLS is made for as long as somebody asks.
  if (media && i % 10 === 0) (await server.fetch(`/live/hours/${media}`)).body?.cancel();
  const due = start + ((i + 1) * ROUND_MS) / SPEED;
  if (due > Date.now()) await sleep(due - Date.now());
}
const took = (Date.now() - start) / 1000;
checkHls("start", await early);
checkHls("end", await lookAtHls(server, `/live/hours/${media}`));
const seen = memory();
await publisher.end();
await mp4Over;

const sent = `${ROUNDS * ROUND_PICTURES} pictures in ${took.toFixed(0)} s, ${wraps} wraps, ${restarts} restarts, ${outliers} outliers`;
console.log(`sent: ${sent}`);
const { video, audio } = mp4.seen;
check(
  video.count === ROUNDS * ROUND_PICTURES && video.worst <= EXACT_MS && video.jumps === 0,
  `.mp4: ${video.count} pictures in ${mp4.epochs} epochs, worst ${video.worst.toFixed(2)} ms, ${video.jumps} jumps (${video.largest.toFixed(0)} ms)`,
);
check(
  Math.abs(audio.count - ROUNDS * ROUND_SOUNDS) <= SOUNDS_A_RESTART * restarts &&
    audio.worst <= EXACT_MS &&
    audio.jumps <= restarts &&
    audio.largest <= JUMP_MS,
  `.mp4: ${audio.count} sounds of ${ROUNDS * ROUND_SOUNDS}, worst ${audio.worst.toFixed(2)} ms, ${audio.jumps} jumps (${audio.largest.toFixed(0)} ms)`,
);

const films = await finished(server, "hours", 1, 300_000);
const file = join(dir, films[0].id);
const { stdout } = await run(
  "ffprobe",
  [
    "-v",
    "error",
    "-select_streams",
    "v:0",
    "-show_entries",
    "packet=pts_time",
    "-of",
    "csv=p=0",
    file,
  ],
  null,
  300_000,
);
const times = stdout
  .split("\n")
  .map((line) => Number.parseFloat(line) * 1000)
  .filter((time) => !Number.isNaN(time))
  .sort((a, b) => a - b);
const film = measure(times, STEP_MS);
check(
  films.length === 1 &&
    films[0].state === "done" &&
    film.count === ROUNDS * ROUND_PICTURES &&
    film.worst <= EXACT_MS &&
    film.jumps.every((one) => Math.abs(one - STEP_MS) <= JUMP_MS) &&
    film.jumps.length <= restarts,
  `recording: ${films.length} file, ${films[0].state}, ${film.count} pictures, worst ${film.worst.toFixed(2)} ms, jumps ${JSON.stringify(film.jumps)}`,
);
check(
  Math.abs((films[0].duration_ms ?? 0) - ROUNDS * ROUND_MS) <= JUMP_MS * (1 + restarts),
  `recording: duration ${films[0].duration_ms} ms of ${ROUNDS * ROUND_MS}`,
);
checkMemory(seen, 0, "the server");
checkMemory(seen, 1, "its children");

await server.stop();
rmSync(dir, { recursive: true, force: true });
console.log(faults.length === 0 ? "all holds" : `${faults.length} do not hold`);
process.exitCode = faults.length === 0 ? 0 : 1;
