/**
 * Odd streams that people really send (tests/media/odd), in every output: a row says what is right of a
 * file. Times: milliseconds; the largest error of a distance between two packets, copied as they are.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { judge, watchOdd } from "./lib/odd.mjs";
import { Server } from "./lib/server.mjs";

/**
 * @typedef {object} Row
 * @property {string} file
 * @property {string} outputs
 * @property {number} pictures
 * @property {number} [sounds] 0 = none
 * @property {number} [apart] how much later the sound begins than the pictures
 * @property {number} [jumps] distances that are not the step, each within 100 ms of it
 * @property {number} [discontinuities] of HLS
 * @property {number} [step] between sounds
 */
const ALL = "mp4 ts flv h264 hls rec";
/** @type {Row[]} */
const ROWS = [
  {
    file: "ts-times-back.ts",
    outputs: ALL,
    pictures: 250,
    sounds: 472,
    apart: -21,
    jumps: 1,
    discontinuities: 1,
  },
  { file: "ts-pts-outlier.ts", outputs: ALL, pictures: 125, sounds: 236, apart: -21 },
  { file: "ts-wrap-near.ts", outputs: ALL, pictures: 125, sounds: 236, apart: -21 },
  { file: "flv-wrap-2-31-ms.flv", outputs: ALL, pictures: 125, sounds: 236, apart: -21 },
  { file: "mkv-wall-clock.mkv", outputs: ALL, pictures: 125, sounds: 236, apart: -21 },
  { file: "mkv-h264-bframes.mkv", outputs: ALL, pictures: 125, sounds: 236, apart: -21 },
  { file: "ts-aac-promised.ts", outputs: ALL, pictures: 125, sounds: 0 },
  {
    file: "flv-sound-late.flv",
    outputs: "mp4 ts flv h264 rec",
    pictures: 125,
    sounds: 128,
    apart: 2283,
  },
  { file: "ts-nine-streams.ts", outputs: ALL, pictures: 125, sounds: 236, apart: -21 },
];
const COPIED_MS = 2;
const JUMP_MS = 100;

/** @type {Server} */ let server;
/** @type {Server} */ let recorder;
/** @type {string} */ let dir;
before(async () => {
  dir = mkdtempSync(join(tmpdir(), "framewire-odd-"));
  server = await Server.start();
  recorder = await Server.start({ flags: ["--record", "all", "--record-dir", dir] });
});
after(async () => {
  await server.stop();
  await recorder.stop();
  rmSync(dir, { recursive: true, force: true });
});

let count = 0;

/** @param {import('./lib/odd.mjs').Measured} got @param {number} want @param {number} jumps @param {number} step @param {string} what */
function check(got, want, jumps, step, what) {
  assert.equal(got.count, want, `${what}: packets`);
  assert.equal(got.squashed, 0, `${what}: squashed`);
  assert.ok(got.worst <= COPIED_MS, `${what}: ${got.worst} ms off`);
  assert.equal(got.jumps.length, jumps, `${what}: distances ${got.jumps}`);
  for (const distance of got.jumps)
    assert.ok(Math.abs(distance - step) <= JUMP_MS, `${what}: a distance of ${distance} ms`);
}

describe("every packet once, at its time", () => {
  for (const row of ROWS)
    for (const output of row.outputs.split(" "))
      test(`${row.file} as ${output}`, async () => {
        const { file, pictures, sounds = 0, apart, jumps = 0, step = 1024 / 48 } = row;
        const stream = `odd/s${++count}`;
        const watched = await watchOdd(output === "rec" ? recorder : server, stream, file, output);
        assert.equal(watched.status, 200, watched.text);
        const got = await judge(watched, { sound: step });
        check(got.video, pictures, jumps, 40, "pictures");
        // HLS begins with a picture, also anew: sounds that are earlier are left out.
        const most =
          output === "hls" && apart !== undefined && apart < 0 ? 1 + watched.discontinuities : 0;
        const early = Math.max(0, Math.min(most, sounds - got.audio.count));
        check(got.audio, sounds - early, Math.max(0, early - 1), step, "sounds");
        if (apart !== undefined)
          assert.ok(
            Math.abs(got.apart - apart - (early ? step : 0)) <= COPIED_MS,
            `sound is ${got.apart} ms later`,
          );
        assert.equal(got.errors, "");
        if (output === "hls")
          assert.equal(watched.discontinuities, row.discontinuities ?? 0, watched.text);
        if (output === "rec") assert.match(watched.text, /"state":"done"/);
      });
});
