/** HLS: playlists and what they name, held against the rules of RFC 8216bis and what was published. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { decodeErrors, run } from "./lib/decode.mjs";
import { farthest, made, packetsOf, untilDerived, workerPid } from "./lib/derived.mjs";
import { HlsReader } from "./lib/hls.mjs";
import { container, wholeFile } from "./lib/media.mjs";
import { BarePublisher, HttpPublisher, sendInTime } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

/** @type {Server} */ let server;
before(async () => (server = await Server.start({ flags: ["--hls-segment", "1s"] })));
after(() => server.stop());

const SOURCE = "h264";
const TOLERANCE_US = 1001;
let count = 0;
const freshName = () => `hls/s${++count}`;

/** A film of so many seconds at its own pace, with keyframes each second. @param {string} stream @param {number} seconds */
function liveFilm(stream, seconds, at = server) {
  const to = `${at.origin}/publish/${stream}`;
  const picture = "testsrc2=size=320x180:rate=30";
  const video = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "30"];
  const args = ["-v", "error", "-re", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", "sine"];
  args.push("-t", String(seconds), ...video, "-pix_fmt", "yuv420p", "-c:a", "aac", "-f", "mpegts");
  return run("ffmpeg", [...args, to]);
}

/** Publishes so that a reader, who waits already, gets all of it. @param {string} stream @param {Buffer[]} chunks */
async function publish(stream, chunks) {
  const publisher = new HttpPublisher(server, stream);
  await publisher.sendAll(chunks.slice(0, 2));
  await untilDerived(server, `${stream}.${SOURCE}`);
  await publisher.sendAll(chunks.slice(2));
  await publisher.end();
}

for (const [name, codecs] of [
  ["avc1-aac.ts", /^avc1\.[0-9A-F]{6},mp4a\.40\.2$/],
  ["avc1-aac.flv", /^avc1\.[0-9A-F]{6},mp4a\.40\.2$/],
  ["avc1-only.ts", /^avc1\.[0-9A-F]{6}$/],
])
  test(`${name}: every packet, at its time`, async () => {
    const stream = freshName();
    const reader = new HlsReader(server, stream);
    const opened = reader.open("wait=15");
    const media = made(String(name));
    await publish(stream, media.chunks);
    await opened;
    assert.match(reader.variant?.CODECS ?? "", /** @type {RegExp} */ (codecs));
    assert.match(reader.variant?.RESOLUTION ?? "", /^\d+x\d+$/);
    await reader.readToEnd();
    const films = reader.films();
    assert.equal(films.length, 1);
    assert.equal(await decodeErrors(films[0]), "");
    const [want, got] = await Promise.all([packetsOf(wholeFile(media)), packetsOf(films[0])]);
    for (const codec of Object.keys(want)) {
      // What sound stands before the first keyframe is left out.
      const missing = want[codec].pts.length - got[codec].pts.length;
      assert.ok(missing === 0 || (codec === "aac" && missing <= 5), `${codec}: ${missing} missing`);
      const off = farthest(got[codec].pts, want[codec].pts.slice(missing));
      assert.ok(off <= TOLERANCE_US, `${codec}: ${off} µs off`);
    }
  });

test("a live stream, part by part: the playlists keep the rules, parts make the segments", async () => {
  const stream = freshName();
  const film = liveFilm(stream, 9);
  const reader = new HlsReader(server, stream);
  await reader.open("wait=15");
  const read = reader.readToEnd();
  // A player that knows of segments only, beside it.
  const url = `${server.origin}/live/${stream}/index.m3u8`;
  const args = ["-v", "error", "-live_start_index", "0", "-i", url];
  const played = run("ffmpeg", [...args, "-map", "0", "-f", "framecrc", "-"]);
  // Both come from one address; a key makes another one of them.
  const counted = (/** @type {number} */ wanted) =>
    until(
      async () => (await server.describe(stream))?.viewers === wanted,
      `${wanted} to be counted as viewers`,
    );
  await counted(1);
  await server.fetch(`/live/${stream}/index.m3u8?token=another`);
  await counted(2);
  assert.ok((await server.metric('framewire_viewers{mode="hls"}')) >= 1);
  await Promise.all([read, film]);

  // The last part comes with the end, and is listed no more.
  const withParts = reader.all.slice(0, -1).filter((s) => s.parts.length > 0);
  assert.ok(withParts.length >= 5, `${withParts.length} segments with parts`);
  for (const { uri, parts } of withParts) {
    const joined = parts.map((part) => reader.files.get(part.uri) ?? Buffer.alloc(0));
    const whole = reader.files.get(uri ?? "");
    assert.ok(whole && Buffer.concat(joined).equals(whole), `${uri} is its parts`);
    assert.ok(parts[0].independent);
  }
  assert.ok(reader.playlists > 20, `${reader.playlists} playlists`);
  const [bytes] = reader.films();
  assert.equal(await decodeErrors(bytes), "");
  const own = await packetsOf(bytes);
  const total = reader.all.reduce((sum, s) => sum + s.duration, 0);
  assert.ok(Math.abs(total - own.h264.pts.length / 30) < 0.1, `${total} s`);

  const { stdout, stderr } = await played;
  assert.equal(stderr, "");
  const frames = stdout.split("\n").filter((line) => /^0,/.test(line)).length;
  assert.equal(frames, own.h264.pts.length);
});

test("another epoch is a discontinuity with an init segment of its own", async () => {
  const stream = freshName();
  const reader = new HlsReader(server, stream);
  const opened = reader.open("wait=15");
  await publish(stream, container("chromium-avc3-canvas-resize.mp4").chunks);
  await opened;
  await reader.readToEnd();
  const films = reader.films();
  assert.ok(films.length >= 2);
  assert.ok(new Set(reader.all.map((s) => s.map)).size >= 2);
  for (const film of films) assert.equal(await decodeErrors(film), "");
});

test("a dead worker is a discontinuity, and the stream goes on", async () => {
  const stream = freshName();
  const film = liveFilm(stream, 8);
  const reader = new HlsReader(server, stream);
  await reader.open("wait=15");
  const read = reader.readToEnd();
  await until(() => reader.playlists > 3, "some parts");
  const pid = workerPid(server);
  process.kill(pid, "SIGKILL");
  await Promise.all([read, film]);
  const films = reader.films();
  assert.equal(films.length, 2);
  for (const each of films) assert.equal(await decodeErrors(each), "");
});

describe("requests", () => {
  /** @type {string} */ let stream;
  /** @type {HlsReader} */ let reader;
  /** @type {Promise<any>} */ let film;
  before(async () => {
    stream = freshName();
    film = liveFilm(stream, 8);
    reader = new HlsReader(server, stream);
    await reader.open("wait=15");
    await reader.reload();
  });
  after(() => film);

  test("that cannot be met soon are 400", async () => {
    const next = (reader.list?.segments.filter((s) => s.uri).at(-1)?.msn ?? 0) + 1;
    for (const query of ["_HLS_part=1", "_HLS_msn=x", `_HLS_msn=${next + 9}`, "_HLS_msn=-1"])
      assert.equal((await reader.get("media.m3u8", query)).status, 400, query);
  });

  test("for what is not there, and for what never was, are 404", async () => {
    for (const name of ["seg-1.m4s", "init-1.m4s", "part-1-0.m4s", "seg-x.m4s", "other.m3u8"])
      assert.equal((await reader.get(name)).status, 404, name);
    const nobody = await server.fetch("/live/nobody/index.m3u8");
    assert.equal(nobody.status, 404);
    assert.match(await nobody.text(), /there is no stream nobody/);
  });

  test("that wait hold nothing else up, and go when their client goes", async () => {
    const list = await reader.reload();
    const waiting = new AbortController();
    const uri = reader.url(list.hint ?? "");
    const hinted = Promise.all(Array.from({ length: 20 }, () => fetch(uri).then((r) => r.status)));
    const far = reader.url("media.m3u8", `_HLS_msn=${(list.segments.at(-1)?.msn ?? 0) + 1}`);
    const gone = fetch(far, { signal: waiting.signal }).catch(() => "gone");
    assert.equal((await server.fetch("/healthz")).status, 200);
    const statuses = await hinted;
    // All alike: the part, or 404 when the segment ended before it.
    assert.equal(new Set(statuses).size, 1);
    waiting.abort();
    assert.equal(await gone, "gone");
  });

  test("HEAD has no body, other sites need leave", async () => {
    const head = await fetch(reader.url("media.m3u8"), { method: "HEAD" });
    assert.equal(head.status, 200);
    assert.ok(Number(head.headers.get("content-length")) > 100);
    const origin = server.origin;
    const own = await fetch(reader.url("media.m3u8"), { headers: { origin } });
    assert.equal(own.headers.get("access-control-allow-origin"), origin);
    const foreign = await fetch(reader.url("media.m3u8"), {
      headers: { origin: "http://x.example" },
    });
    assert.equal(foreign.status, 403);
  });
});

test("a key goes with every URL", () =>
  Server.with({ flags: ["--watch-key", "a&b=c", "--hls-segment", "1s"] }, async (locked) => {
    const publisher = await BarePublisher.open(locked, "cam");
    const media = made("avc1-aac.ts");
    const atMs = media.chunks.map((_, i) => i * 60);
    const sending = sendInTime((chunk) => publisher.send(chunk), { ...media, atMs });
    assert.equal((await locked.fetch("/live/cam/index.m3u8")).status, 401);
    const reader = new HlsReader(locked, "cam", `token=${encodeURIComponent("a&b=c")}`);
    const text = await reader.open("wait=15");
    assert.match(text, /media\.m3u8\?token=a%26b%3Dc/);
    sending.then(() => publisher.end());
    await reader.readToEnd();
    const [segment] = reader.all;
    const bare = String(segment.uri).replace(/\?.*/, "");
    assert.equal((await locked.fetch(`/live/cam/${bare}`)).status, 401);
    assert.equal(await decodeErrors(reader.films()[0]), "");
  }));

test("what cannot be made is refused with its reason", () =>
  Server.with({ flags: ["--no-transcode"] }, async (own) => {
    const publisher = await BarePublisher.open(own, "cam");
    await publisher.sendAll(container("chromium-vp8-opus-camera.webm").chunks);
    const answer = await own.fetch("/live/cam/index.m3u8");
    assert.equal(answer.status, 415);
    const { error } = /** @type {any} */ (await answer.json());
    assert.equal(error.code, "unsupported-format");
    assert.match(error.message, /vp8/i);
    await publisher.end();
  }));

test("it ends when nobody asks any more", () =>
  Server.with({ flags: ["--codec-idle", "1s", "--hls-segment", "1s"] }, async (own) => {
    const film = liveFilm("cam", 9, own);
    await new HlsReader(own, "cam").open("wait=5");
    await until(async () => (await own.metric("framewire_hls_streams")) === 1, "HLS to be counted");
    await until(async () => (await own.metric("framewire_hls_streams")) === 0, "HLS to end");
    await until(() => /codec worker \d+ stopped/.test(own.output), "the worker to end");
    assert.ok(await own.describe("cam"), "while the stream goes on");
    await film;
  }));
