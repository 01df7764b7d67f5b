/** A recording has a chapter behind each gap, and FLAC in MP4 a file with an index like any other. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "./lib/decode.mjs";
import { CLOCKS } from "./lib/odd_clock.mjs";
import { muxed } from "./lib/odd_media.mjs";
import { BarePublisher } from "./lib/publisher.mjs";
import { finished, recorder, withFolder } from "./lib/recordings.mjs";

const [GAP_FROM_MS, GAP_MS] = [2000, 60_000];

/** @param {string} file @returns {Promise<any[]>} */
async function chaptersOf(file) {
  const args = ["-v", "error", "-show_chapters", "-of", "json", file];
  const { stdout, stderr } = await run("ffprobe", args);
  assert.equal(stderr, "");
  return JSON.parse(stdout).chapters;
}

test("chapters behind gaps", async () => {
  await withFolder(async (dir) => {
    const server = await recorder(dir);
    for (const [form, codecs, extension] of /** @type {[string, string[], string][]} */ ([
      ["mp4", ["h264", "flac"], "mp4"],
      ["mkv", ["vp8", "flac"], "mkv"],
      ["webm", ["vp8", "opus"], "webm"],
    ])) {
      const plain = await muxed(form, codecs);
      const late = CLOCKS[form](plain, (_, ms) => (ms < GAP_FROM_MS ? ms : ms + GAP_MS));
      for (const [bytes, starts] of /** @type {[Buffer, number[]][]} */ ([
        [plain, []],
        [late, [0, GAP_FROM_MS + GAP_MS]],
      ])) {
        const stream = `chapters/${extension}-${starts.length}`;
        const publisher = await BarePublisher.open(server, stream);
        for (let at = 0; at < bytes.length; at += 30_000)
          await publisher.send(bytes.subarray(at, at + 30_000));
        await publisher.end();
        const [film] = await finished(server, stream);
        assert.equal(film.state, "done", film.error);
        assert.equal(film.error, undefined, stream);
        assert.equal(film.format, extension);
        const chapters = await chaptersOf(join(dir, film.id));
        assert.equal(chapters.length, starts.length, `${stream}: ${JSON.stringify(chapters)}`);
        for (const [i, start] of starts.entries()) {
          const off = Number(chapters[i].start_time) * 1000 - start;
          assert.ok(Math.abs(off) < 100, `${stream}: chapter ${i} is ${off} ms off`);
        }
      }
    }
    await server.stop();
  });
});
