/** What a recording says of itself: its title, and when it began. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "./lib/decode.mjs";
import { muxed } from "./lib/odd_media.mjs";
import { V1Publisher } from "./lib/publisher.mjs";
import { finished, recorder, withFolder } from "./lib/recordings.mjs";

const TITLE = "Tea & talk, 3 o'clock";

/** @param {string} file @returns {Promise<Record<string, string>>} */
async function tagsOf(file) {
  const args = ["-v", "error", "-show_format", "-of", "json", file];
  const { stdout, stderr } = await run("ffprobe", args);
  assert.equal(stderr, "");
  return JSON.parse(stdout).format.tags;
}

test("titles and dates", async () => {
  await withFolder(async (dir) => {
    const server = await recorder(dir);
    for (const [extension, codecs] of /** @type {[string, string[]][]} */ ([
      ["mp4", ["h264", "aac"]],
      ["mkv", ["vp8", "flac"]],
      ["webm", ["vp8", "opus"]],
    ])) {
      const bytes = await muxed(extension, codecs);
      for (const title of [TITLE, ""]) {
        const stream = `tags/${extension}${title ? "" : "-none"}`;
        const publisher = await V1Publisher.open(server, stream, title ? { title } : {});
        for (let at = 0; at < bytes.length; at += 30_000)
          await publisher.send(bytes.subarray(at, at + 30_000));
        await publisher.end();
        const [film] = await finished(server, stream);
        assert.equal(film.state, "done", film.error);
        assert.equal(film.error, undefined, stream);
        assert.equal(film.format, extension);
        assert.equal(/** @type {any} */ (film).title, title || undefined);
        const tags = await tagsOf(join(dir, film.id));
        assert.equal(tags.title, title || stream);
        assert.equal(tags.creation_time.slice(0, 19), film.began.slice(0, 19));
      }
    }
    await server.stop();
  });
});
