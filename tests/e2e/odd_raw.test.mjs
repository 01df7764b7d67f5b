/**
 * Bodies as people send them: raw video and sound, WAV, forms, cameras' multipart, gzip, pictures, containers that
 * came damaged (lib/odd_raw_*.mjs), each held against what is right of it in `.h264`, the origin and the recording.
 * Some of them here; all with FRAMEWIRE_PROVE=1.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { FRAMED, VIDEO, WAVES } from "./lib/odd_raw_bare.mjs";
import { BODIES, STILLS } from "./lib/odd_raw_bodies.mjs";
import { CONTAINERS } from "./lib/odd_raw_files.mjs";
import { tryRaw } from "./lib/odd_raw_run.mjs";
import { Server } from "./lib/server.mjs";

const SOME = new Set([
  "h264, B-frames",
  "h264, filler and ends of sequence",
  "h264, becomes larger",
  "hevc, open groups",
  "adts behind an ID3 tag with a picture",
  "adts, zeros between",
  "adts, becomes stereo of 44.1 kHz",
  "mp3, ID3v2 with a picture",
  "wav of 5.1, extensible",
  "wav of 64 bits",
  "wav with chunks behind the sound",
  "wav whose data is said to be 44100 long",
  "ts, 192 bytes a packet from inside one",
  "ts, noise in front",
  "flv, sizes of tags before are 0",
  "flv, metadata that is none",
  "mkv, attachments",
  "ogg, Opus chained",
  "a form whose file is MPEG-TS",
  "gzip of several members",
  "deflate",
  "mpjpeg without sizes",
  "mpjpeg, lines end with LF",
  "mpjpeg, nothing behind a picture",
  "jpeg without Huffman tables",
  "jpeg with a thumbnail in it",
  "apng",
  "webp, animated",
]);
const ALL = process.env.FRAMEWIRE_PROVE === "1";

/** @type {Server} */ let server;
/** @type {string} */ let dir;
before(async () => {
  dir = mkdtempSync(join(tmpdir(), "framewire-raw-"));
  server = await Server.start({
    flags: ["--record", "all", "--record-dir", dir, "--max-transcodes", "8"],
  });
});
after(async () => {
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe("bodies as people send them", { concurrency: 3 }, () => {
  const rows = [...VIDEO, ...FRAMED, ...WAVES, ...CONTAINERS, ...BODIES, ...STILLS];
  for (const [i, raw] of rows.entries())
    if (ALL || SOME.has(raw.name))
      test(raw.name, async () => assert.deepEqual(await tryRaw(server, `raw/s${i}`, raw), []));
  test("each of those named is there", () => {
    const names = rows.map(({ name }) => name);
    assert.deepEqual(
      [...SOME].filter((name) => !names.includes(name)),
      [],
    );
  });
});
