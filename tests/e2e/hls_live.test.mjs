/**
 * HLS of a stream that is live already: dates that are the wall clock of receipt, a first list that has
 * enough in it, and hints that come true.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { run } from "./lib/decode.mjs";
import { HlsReader } from "./lib/hls.mjs";
import { BarePublisher, sendInTime } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const FPS = 25;
const CLOSE_MS = 100;
let count = 0;

/**
 * A film in fragmented MP4, a message for each picture, so that it is known when each was received.
 * @param {number} seconds @param {number} group pictures from keyframe to keyframe @param {string[]} [video]
 */
async function filmByPicture(
  seconds,
  group,
  video = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency"],
) {
  const picture = `testsrc2=size=320x180:rate=${FPS}`;
  const args = ["-v", "error", "-f", "lavfi", "-i", picture, "-t", String(seconds), ...video];
  args.push(
    "-g",
    String(group),
    "-keyint_min",
    String(group),
    "-sc_threshold",
    "0",
    "-pix_fmt",
    "yuv420p",
  );
  args.push("-movflags", "empty_moov+default_base_moof+frag_every_frame", "-f", "mp4", "-");
  const { out: bytes } = await run("ffmpeg", args);
  /** @type {Buffer[]} */ const chunks = [];
  for (let at = 0, from = 0; at + 8 <= bytes.length; ) {
    at += bytes.readUInt32BE(at);
    const next = bytes.toString("latin1", at + 4, at + 8);
    if (next !== "moof" && at < bytes.length) continue;
    chunks.push(bytes.subarray(from, at));
    from = at;
  }
  // ftyp and moov come with the first picture.
  const [head, first, ...rest] = chunks;
  const messages = [Buffer.concat([head, first]), ...rest];
  const atMs = messages.map((_, i) => (i * 1000) / FPS);
  return { name: "film", format: "mp4", chunks: messages, atMs, hello: {}, needsHello: false };
}

/** Publishes it at its pace. @param {Server} server @param {string} stream @param {Awaited<ReturnType<typeof filmByPicture>>} film */
async function publishInTime(server, stream, film) {
  const publisher = await BarePublisher.open(server, stream);
  /** @type {number[]} */ const sentAt = [];
  const done = sendInTime((chunk) => {
    sentAt.push(Date.now());
    return publisher.send(chunk);
  }, film).then(() => publisher.end());
  return { sentAt, done };
}

describe("of a stream that is live already", () => {
  /** @type {Server} */ let server;
  before(async () => (server = await Server.start()));
  after(() => server.stop());

  const VP9 = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"];
  for (const [what, group, joinAt, video] of /** @type {[string, number, number, string[]?][]} */ ([
    ["H.264, a keyframe every 8 s, joined 7 s behind one", 8 * FPS, 7 * FPS],
    ["H.264, a keyframe every second", FPS, 4 * FPS],
    ["H.264, right from the start", 2 * FPS, 1],
    ["VP9, encoded anew", 8 * FPS, 6 * FPS, VP9],
  ]))
    test(`${what}: each date is when its picture was received`, async (t) => {
      const stream = `dates${++count}`;
      const film = await filmByPicture(joinAt / FPS + 10, group, video);
      const { sentAt, done } = await publishInTime(server, stream, film);
      await until(() => sentAt.length >= joinAt, "the pictures to be on their way", { ms: 60_000 });
      const reader = new HlsReader(server, stream);
      await reader.open("wait=15");
      await reader.reload();
      const read = reader.readToEnd();
      await Promise.all([read, done]);
      let from = 0;
      let worst = 0;
      const first =
        film.chunks.length - Math.round(reader.all.reduce((s, e) => s + e.duration, 0) * FPS);
      for (const segment of reader.all) {
        const picture = first + Math.round(from * FPS);
        const off = segment.wallMs - sentAt[picture];
        worst = Math.abs(off) > Math.abs(worst) ? off : worst;
        from += segment.duration;
      }
      t.diagnostic(
        `${reader.all.length} segments from picture ${first}, farthest date ${worst} ms off`,
      );
      assert.ok(reader.all.length >= 3);
      assert.ok(Math.abs(worst) <= CLOSE_MS, `a date is ${worst} ms off`);
    });

  test("a stream that has just begun: a browser's own player waits for three segments", async () => {
    const stream = `young${++count}`;
    const film = await filmByPicture(9, FPS);
    const { done } = await publishInTime(server, stream, film);
    const url = `${server.origin}/live/${stream}/index.m3u8?wait=15`;
    const answer = await fetch(url, { headers: { range: "bytes=0-" } });
    assert.equal(answer.status, 200);
    const reader = new HlsReader(server, stream);
    await reader.open();
    const list = await reader.reload();
    assert.ok(list.segments.filter((s) => s.uri).length >= 3);
    await reader.readToEnd();
    await done;
  });

  test("what is hinted at comes, and is what the list says afterwards", async (t) => {
    const stream = `hints${++count}`;
    const film = await filmByPicture(16, 2 * FPS);
    const { done } = await publishInTime(server, stream, film);
    const reader = new HlsReader(server, stream);
    await reader.open("wait=15");
    /** @type {Map<string, Promise<{status: number, body: Buffer}>>} */ const hinted = new Map();
    reader.onList = (list) => {
      if (list.hint && !hinted.has(list.hint)) hinted.set(list.hint, reader.get(list.hint));
    };
    await reader.readToEnd();
    await done;
    const listed = new Set(reader.all.flatMap((s) => s.parts.map((p) => p.uri)));
    let [came, wrong] = [0, 0];
    for (const [uri, answer] of hinted) {
      const { status, body } = await answer;
      if (!listed.has(uri)) {
        ++wrong;
        continue;
      }
      ++came;
      assert.equal(status, 200, uri);
      assert.ok(body.equals(/** @type {Buffer} */ (reader.files.get(uri))), uri);
    }
    t.diagnostic(`${came} hints came true, ${wrong} did not`);
    assert.ok(came > 20);
    // The last one, whose stream ended before it.
    assert.ok(wrong <= 1, `${wrong} hints did not come true`);
  });
});
