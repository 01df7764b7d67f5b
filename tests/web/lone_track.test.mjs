/** When a player takes one of a stream's tracks for gone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LoneTrack } from "../../player-web/sdk/lone_track.js";

const STEP_MS = 250;

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {(s: number) => number} end what is buffered of all tracks, by the seconds that have passed
 * @property {(s: number) => number} time of the newest media that was taken
 * @property {(s: number) => number} [came] when, in seconds
 * @property {number | null} alone when it is told, in seconds; null = never
 */
/** @type {Row[]} */
const ROWS = [
  { name: "all tracks go on", end: (s) => s, time: (s) => s, alone: null },
  { name: "one of them comes 0.8 s late", end: (s) => s - 0.8, time: (s) => s, alone: null },
  { name: "one of them stops at 2 s", end: (s) => Math.min(s, 2), time: (s) => s, alone: 2.5 },
  {
    name: "it stops, and the times are its own",
    end: (s) => Math.min(s, 2),
    time: (s) => Math.min(s, 2),
    alone: 4,
  },
  {
    name: "nothing comes any more",
    end: (s) => Math.min(s, 2),
    time: (s) => Math.min(s, 2),
    came: (s) => Math.min(s, 2),
    alone: null,
  },
  {
    name: "fragments of two seconds",
    end: (s) => Math.floor(s / 2) * 2,
    time: (s) => Math.floor(s / 2) * 2,
    came: (s) => Math.floor(s / 2) * 2,
    alone: null,
  },
  { name: "times that begin anew from 0", end: (s) => s, time: (s) => s % 3, alone: null },
];

const atOnce = (/** @type {number} */ s) => s;

for (const { name, end, time, came = atOnce, alone } of ROWS)
  test(name, () => {
    const track = new LoneTrack();
    let told = null;
    for (let ms = 0; ms <= 12_000 && told === null; ms += STEP_MS) {
      const s = ms / 1000;
      if (track.goesOn(end(s), { time: time(s), at: came(s) * 1000 }, ms)) told = s;
    }
    assert.equal(told, alone);
  });
