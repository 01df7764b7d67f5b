/** Odd inputs whose times go wrong: wraps, new beginnings, outliers, holes, clocks that differ. */
import { plain } from "./odd_case.mjs";
import { CLOCKS, clockTs } from "./odd_clock.mjs";
import { muxed } from "./odd_media.mjs";

/** @typedef {import('./odd_clock.mjs').Clock} Clock */
/** @typedef {import('./odd_case.mjs').Case} Case @typedef {import('./odd_case.mjs').Right} Right */

const HOUR = 3_600_000;
const HALF = 2000; // a keyframe
const WRAP_TS = 2 ** 33 / 90;
const [WRAP_FLV, WRAP_FLV_2] = [2 ** 31, 2 ** 32];

/** @type {{name: string, in: string[], clock: (container: string) => Clock, right?: Partial<Right>, bend?: (times: number[], kind: string) => number[]}[]} */
const TIMES = [
  { name: "wraps", in: ["ts"], clock: () => (_, ms) => ms + WRAP_TS - HALF },
  {
    name: "wraps at 2^31 ms",
    in: ["flv"],
    clock: () => (_, ms) => (ms + WRAP_FLV - HALF) % WRAP_FLV,
  },
  {
    name: "wraps at 2^32 ms",
    in: ["flv"],
    clock: () => (_, ms) => (ms + WRAP_FLV_2 - HALF) % WRAP_FLV_2,
  },
  {
    name: "begins again from 0",
    in: ["ts", "flv", "mkv", "mp4"],
    clock: () => (_, ms) => (ms < HALF ? ms : ms - HALF),
    right: { jumps: 1, soundJumps: 1, discontinuous: true },
  },
  {
    name: "one picture 3 h ahead",
    in: ["ts", "flv", "mkv", "mp4"],
    clock: () => (kind, ms, i) => (kind === "video" && i === 60 ? ms + 3 * HOUR : ms),
  },
  {
    name: "one picture 1.5 s back",
    in: ["ts", "flv", "mkv", "mp4"],
    clock: () => (kind, ms, i) => (kind === "video" && i === 70 ? ms - 1500 : ms),
  },
  {
    name: "one sound an hour ahead",
    in: ["ts", "flv", "mkv", "mp4"],
    clock: () => (kind, ms, i) => (kind === "audio" && i === 80 ? ms + HOUR : ms),
  },
  {
    name: "steps by 5 h",
    in: ["ts", "flv", "mkv", "mp4"],
    clock: () => (_, ms) => (ms < HALF ? ms : ms + 5 * HOUR),
    right: { jumps: 1, soundJumps: 1, discontinuous: true },
  },
  { name: "begins below 0", in: ["ts", "flv"], clock: () => (_, ms) => ms - 1500 },
  {
    name: "a hole of a minute",
    in: ["ts", "flv", "mkv", "mp4"],
    clock: () => (_, ms) => (ms < HALF ? ms : ms + 60_000),
    right: { jumps: 1, soundJumps: 1, discontinuous: true },
    bend: (times) => times.map((t) => (t < HALF ? t : t + 60_000)),
  },
  {
    name: "stands still for half a second",
    in: ["ts", "flv", "mkv", "mp4"],
    clock: () => (kind, ms) => (kind === "video" && ms > 1000 && ms < 1500 ? 1000 : ms),
    right: { jumps: 2 },
  },
  { name: "by the wall clock", in: ["mkv", "mp4", "ts"], clock: () => (_, ms) => ms + 1.7e12 },
  {
    name: "sound an hour later than pictures",
    in: ["ts", "flv", "mkv", "mp4"],
    clock: () => (kind, ms) => (kind === "audio" ? ms + HOUR : ms),
    right: { apart: undefined },
  },
  {
    name: "trembles by 10 ms",
    in: ["ts", "flv", "mkv", "mp4"],
    clock: () => (_, ms, i) => ms + (i % 3) * 5,
    right: { jumps: 200, soundJumps: 400 },
  },
];

/** @returns {Case[]} */
export function timeCases() {
  /** @type {Case[]} */ const out = [];
  for (const row of TIMES)
    for (const container of row.in)
      for (const codec of ["h264", "h264b"]) {
        out.push({
          name: `${container} ${codec} aac, ${row.name}`,
          container,
          codec,
          sound: "aac",
          kind: "time",
          bytes: async () =>
            CLOCKS[container](await muxed(container, [codec, "aac"]), row.clock(container)),
          right: async () => {
            const right = await plain(codec, "aac");
            if (row.bend) {
              // In order of decoding: what stands before is moved with the keyframe.
              const at = right.video.map((t) => t - right.video[0]);
              right.video = row.bend(at, "video").map((t) => t + right.video[0]);
              right.audio = row.bend(right.audio, "audio");
            }
            return { ...right, ...row.right };
          },
        });
      }
  for (const codec of ["h264", "h264b"])
    out.push({
      name: `ts ${codec} aac, no decoding times`,
      container: "ts",
      codec,
      sound: "aac",
      kind: "time",
      bytes: async () =>
        clockTs(await muxed("ts", [codec, "aac"]), (_, ms) => ms, { decodingTimes: false }),
      right: () => plain(codec, "aac"),
    });
  return out;
}
