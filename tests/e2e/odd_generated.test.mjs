/**
 * A part of the odd inputs that tests/media/odd/generate.mjs makes, each in every output. All of them, with a
 * table of what does not hold: run that by hand.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { CASES } from "./lib/odd_cases.mjs";
import { tryCase } from "./lib/odd_run.mjs";
import { Server } from "./lib/server.mjs";

const PART = [
  "ts h264b aac, wraps",
  "mkv h264 aac, one picture 3 h ahead",
  "mkv h264 aac, begins again from 0",
  "ts h264b aac, no decoding times",
  "flv h264 aac, sound comes late",
  "flv h264 speex",
  "mp4 av1 flac",
  "mkv h264 aac mp3, two sounds",
  "mkv h264 aac, pictures of an unknown codec",
  "mp4 h264 aac, turned by 90",
  "mp4 hevc aac, mirrored",
  "mkv h264 aac, shown as 4:3",
  "ts mpeg2i mp2, interlaced, oblong pixels",
  "webm vp9alpha opus",
  "flv h264b aac, configurations again and again",
  "mp4 h264b aac, as CMAF",
  "ts h264b aac, no access unit delimiters",
  "mkv h264b aac, sound laced as Xiph does",
];

/** @type {Server} */ let server;
/** @type {string} */ let dir;
before(async () => {
  dir = mkdtempSync(join(tmpdir(), "framewire-odd-"));
  server = await Server.start({
    flags: ["--record", "all", "--record-dir", dir, "--max-transcodes", "8"],
  });
});
after(async () => {
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe("odd inputs that are made", () => {
  for (const [i, name] of PART.entries())
    test(name, async () => {
      const input = CASES.find((one) => one.name === name);
      assert.ok(input, `there is no case "${name}"`);
      const verdicts = await tryCase(server, `odd/s${i}`, input);
      const bad = verdicts.filter((one) => !one.holds);
      assert.deepEqual(
        bad.map((one) => `${one.output}: ${one.why}`),
        [],
      );
    });
});
