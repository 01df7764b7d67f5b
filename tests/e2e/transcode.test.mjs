/**
 * What a container does not hold is encoded as H.264 and AAC, once for all who need it: the `h264`
 * rendition, and .mp4, .ts and .flv made from it.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { decodeErrors, run } from "./lib/decode.mjs";
import { farthest, isRunning, made, packetsOf, workerPid } from "./lib/derived.mjs";
import { container, pieces, wholeFile } from "./lib/media.mjs";
import { BarePublisher, sendInTime } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";
import { BareViewer, HttpViewer, V1Viewer } from "./lib/viewer.mjs";
import { sleep, until } from "./lib/wait.mjs";

/** @type {Server} */ let server;
before(async () => (server = await Server.start({ flags: ["--codec-idle", "1s"] })));
after(() => server.stop());

let count = 0;
const freshName = () => `enc/s${++count}`;
const TOLERANCE_US = 1001; // containers count in milliseconds, or in 1/90,000 s
const AUDIO_EDGE_US = 100_000; // what a decoder and an encoder need to begin and to end

// What is published, and how each of its codecs comes out.
const TABLE = [
  ["chromium-vp8-opus-camera.webm", { vp8: "h264", opus: "aac" }, "h264 mp4 ts flv"],
  ["chromium-vp9-canvas.webm", { vp9: "h264" }, "h264 flv"],
  ["chromium-av1-opus-camera.webm", { av1: "h264", opus: "aac" }, "ts"],
  ["chromium-vp8-pcm-camera.webm", { vp8: "h264", pcm_f32le: "aac" }, "mp4"],
  ["firefox-vp8-opus-camera.webm", { vp8: "h264", opus: "aac" }, "flv"],
  ["chromium-avc1-opus-camera-kf1000.mp4", { h264: "h264", opus: "aac" }, "flv"],
  ["avc1-aac.ts", { h264: "h264", aac: "aac" }, "h264"],
  ["mpeg1.ts", { mpeg1video: "h264" }, "flv"],
  ["mp3-only.flv", { mp3: "aac" }, "h264"],
  ["vorbis.ogg", { vorbis: "aac" }, "ts"],
];
const VIDEO = /vp8|vp9|av1|h264|mpeg1/;

/** Of what was made here in pieces so small that the first ones are far from all. @param {string} name */
function fixture(name) {
  if (/^(chromium|firefox)/.test(name)) return container(name);
  const media = made(name);
  return { ...media, chunks: pieces(wholeFile(media), 1000) };
}

/** How often the log says it. @param {string} text @param {Server} [of] */
const told = (text, of = server) => of.output.split(text).length - 1;

/**
 * Publishes little until the encoder is there, then the rest: what went before its first group is not made.
 * @param {string} stream @param {import('./lib/media.mjs').Fixture} media
 */
async function publish(stream, media) {
  const publisher = await BarePublisher.open(server, stream);
  let sent = 0;
  const asked = () => server.output.includes(`stream ${stream}.h264: published`);
  // The second half more slowly: on a busy machine the encoder comes late.
  for (; !asked() && sent < media.chunks.length; ++sent) {
    await publisher.send(media.chunks[sent]);
    if (sent > 1) await sleep(2 * sent < media.chunks.length ? 50 : 1000);
  }
  await publisher.sendAll(media.chunks.slice(sent));
  await publisher.end();
}

/** The times of the keyframes. @param {Buffer} bytes */
async function keyframesOf(bytes) {
  const args = ["-v", "error", "-select_streams", "v", "-show_entries", "packet=pts_time,flags"];
  const { stdout } = await run("ffprobe", [...args, "-of", "csv=p=0", "-"], bytes);
  const lines = stdout.split("\n").filter((line) => /,K/.test(line));
  return lines.map((line) => Math.round(Number(line.split(",")[0]) * 1e6));
}

/**
 * frame_rate_code of the first sequence header (ISO 11172-2, 2.4.3.2). ffprobe's r_frame_rate is that of fields
 * since FFmpeg 7. @param {Buffer} bytes
 */
function mpeg1RateCode(bytes) {
  const header = bytes.indexOf(Buffer.from([0, 0, 1, 0xb3]));
  assert.ok(header >= 0, "a sequence header");
  return bytes[header + 7] & 0x0f;
}

/** @param {Buffer} bytes */
async function sizeOf(bytes) {
  const args = ["-v", "error", "-select_streams", "v", "-show_entries", "stream=width,height"];
  return (await run("ffprobe", [...args, "-of", "csv=p=0:s=x", "-"], bytes)).stdout.trim();
}

describe("each picture at its own time, the sound beside it", () => {
  for (const [name, codecs, outputs] of /** @type {[string, Record<string, string>, string][]} */ (
    TABLE
  ))
    test(`${name} as ${outputs}`, async () => {
      const stream = freshName();
      const media = fixture(name);
      const source = wholeFile(media);
      const all = outputs.split(" ");
      const viewers = all.map((output) => new HttpViewer(server, `${stream}.${output}?wait=15`));
      await publish(stream, media);
      const want = await packetsOf(source);
      for (const viewer of viewers) {
        await viewer.ended();
        assert.equal(viewer.status, 200, viewer.bytes.toString("latin1").slice(0, 300));
        const got = await packetsOf(viewer.bytes);
        assert.deepEqual(Object.keys(got).sort(), Object.values(codecs).sort());
        let begin = 0;
        for (const [from, to] of Object.entries(codecs)) {
          const b = got[to].pts;
          const a = want[from].pts.slice(VIDEO.test(from) ? -b.length : 0);
          if (VIDEO.test(from)) {
            assert.ok(farthest(a, b) <= TOLERANCE_US, `${a.length} and ${b.length} ${from}`);
            assert.ok(a.length > 0.3 * want[from].pts.length, `${a.length} ${from}`);
            begin = a[0];
          } else {
            const first = Math.max(begin, want[from].pts[0]);
            // Sound whose first time lies below 0 is moved to begin at a second; its distances stay.
            const moved = want[from].pts[0] < 0 ? b[0] - first : 0;
            assert.ok(moved <= 1_100_000, `${from} is moved by ${moved}`);
            assert.ok(Math.abs(first + moved - b[0]) <= AUDIO_EDGE_US, `${from} begins at ${b[0]}`);
            // What seems moved may have begun with a later page; then it ends at its own time.
            const end = Number(a.at(-1)) - Number(b.at(-1));
            const least = Math.min(Math.abs(end), Math.abs(end + moved));
            assert.ok(least <= AUDIO_EDGE_US, `${from} ends ${end} µs apart`);
          }
        }
        assert.equal(await decodeErrors(viewer.bytes), "");
        const keys = new Set((await keyframesOf(viewer.bytes)).map((us) => Math.round(us / 2000)));
        for (const us of await keyframesOf(source))
          assert.ok(
            us < begin || [-1, 0, 1].some((off) => keys.has(Math.round(us / 2000) + off)),
            `no keyframe at ${us} µs`,
          );
      }
    });
});

test("viewers of .flv, .ts and .mp4 of a VP8 camera share one encoder", async () => {
  const stream = freshName();
  const outputs = ["flv", "ts", "mp4"];
  const viewers = outputs.flatMap((output) =>
    [1, 2].map(() => new HttpViewer(server, `${stream}.${output}?wait=15`)),
  );
  await publish(stream, container("chromium-vp8-opus-camera.webm"));
  await Promise.all(viewers.map((viewer) => viewer.ended()));
  assert.equal(told(`${stream}.h264: vp8 is encoded as h264`), 1);
  assert.equal(told(`${stream}.h264: opus is encoded as aac`), 1);
  for (const output of outputs)
    assert.equal(told(`stream ${stream}.${output}: made from ${stream}.h264`), 1);
});

test("nobody watches: both jobs and the worker go, and come back when asked", async () => {
  const stream = freshName();
  const media = container("chromium-vp8-opus-camera.webm");
  const publisher = await BarePublisher.open(server, stream);
  await publisher.sendAll(media.chunks.slice(0, -4));
  for (const round of [1, 2]) {
    const viewer = await BareViewer.open(server, `${stream}.ts`);
    await until(() => viewer.messages.length > 3, "parts");
    await until(
      async () => (await server.metric("framewire_derived_streams")) === 2,
      "the metric to count both jobs",
    );
    const worker = workerPid(server);
    await viewer.ws.close();
    await until(() => !isRunning(worker), "the worker to go");
    await until(
      async () => (await server.metric("framewire_derived_streams")) === 0,
      "the metric to count none",
    );
    // In the same turn: the encoder does not outlast the one who needed it.
    const log = server.output;
    assert.equal(told(`stream ${stream}.ts: derived no longer`), round);
    assert.equal(told(`stream ${stream}.h264: derived no longer`), round);
    assert.ok(
      log.lastIndexOf(`stream ${stream}.ts: derived no longer`) <
        log.lastIndexOf(`stream ${stream}.h264: derived no longer`),
    );
  }
  await publisher.end();
});

test("another size is another epoch", async () => {
  const stream = freshName();
  const viewer = await V1Viewer.open(server, `${stream}.mp4`);
  await publish(stream, container("chromium-vp8-canvas-resize.webm"));
  await viewer.untilSaid("end");
  const epochs = viewer.said.filter((m) => m.type === "stream");
  const sizes = epochs.map((e) => `${e.tracks[0].width}x${e.tracks[0].height}`);
  assert.deepEqual(sizes, ["640x360", "320x320", "640x180"]);
  for (const { epoch } of epochs) {
    const parts = viewer.parts.filter((part) => part.epoch === epoch);
    assert.equal(await decodeErrors(Buffer.concat(parts.map((p) => p.payload))), "");
  }
  await viewer.ws.close();
});

test("mpeg1 keeps the size it began with, and its rate is one that MPEG-1 knows", async () => {
  const stream = freshName();
  const viewer = new HttpViewer(server, `${stream}.mpeg1?wait=15`);
  const media = container("chromium-vp8-canvas-resize.webm");
  const publisher = await BarePublisher.open(server, stream);
  await publisher.sendAll(media.chunks);
  await publisher.end();
  await viewer.ended();
  const [want, got] = await Promise.all([packetsOf(wholeFile(media)), packetsOf(viewer.bytes)]);
  assert.deepEqual(Object.keys(got), ["mpeg1video"]);
  // A picture that comes 25 ms or less after another is left out.
  const times = want.vp8.pts.filter((us) =>
    got.mpeg1video.pts.some((made) => Math.abs(us - made) <= TOLERANCE_US),
  );
  assert.equal(times.length, got.mpeg1video.pts.length);
  assert.ok(times.length > 0.9 * want.vp8.pts.length, `${times.length} pictures`);
  const args = ["-v", "error", "-show_entries", "stream=width,height:frame=pict_type"];
  const { stdout } = await run("ffprobe", [...args, "-of", "json", "-"], viewer.bytes);
  const { streams, frames } = JSON.parse(stdout);
  assert.deepEqual([streams[0].width, streams[0].height], [640, 360]);
  assert.equal(mpeg1RateCode(viewer.bytes), 5, "5 is 30 pictures a second");
  const types = new Set(frames.map((/** @type {any} */ frame) => frame.pict_type));
  assert.deepEqual([...types].sort(), ["I", "P"]);
  assert.equal(await decodeErrors(viewer.bytes), "");
});

test("the worker killed: a viewer of .flv made from .h264 goes on", async () => {
  const stream = freshName();
  const media = container("chromium-vp8-opus-camera.webm");
  const origin = await BareViewer.open(server, stream);
  const derived = await V1Viewer.open(server, `${stream}.mp4`);
  const publisher = await BarePublisher.open(server, stream);
  const sending = sendInTime((chunk) => publisher.send(chunk), media, { speed: 2 });
  await until(() => derived.media.length > 20, "parts before the kill");
  const worker = workerPid(server);
  process.kill(worker, "SIGKILL");
  const had = derived.media.length;
  await until(() => workerPid(server) !== worker, "another worker");
  await until(() => derived.media.length > had + 20, "parts after the kill");
  await sending;
  await publisher.end();
  await derived.untilSaid("end");
  await origin.ended();
  assert.deepEqual(origin.bytes, wholeFile(media));
  const last = derived.media.at(-1);
  const parts = derived.parts.filter((part) => part.epoch === last?.epoch);
  assert.equal(await decodeErrors(Buffer.concat(parts.map((p) => p.payload))), "");
  await derived.ws.close();
});

/** @param {string[]} flags @param {string} name @param {string} output */
async function watchedOn(flags, name, output) {
  return Server.with({ flags }, async (other) => {
    const viewer = new HttpViewer(other, `cam.${output}?wait=15`);
    const publisher = await BarePublisher.open(other, "cam");
    await publisher.sendAll(fixture(name).chunks.slice(0, 3));
    await until(() => viewer.bytes.length > 0, "an answer");
    await publisher.sendAll(fixture(name).chunks.slice(3));
    await publisher.end();
    await viewer.ended();
    return viewer;
  });
}

describe("the operator decides", () => {
  test("--no-transcode: what does not fit is refused with its reason", async () => {
    for (const [output, reason] of [
      [
        "flv",
        /^FLV holds H\.264, AAC and MP3 .*; this stream has vp8 .*, and nothing is encoded anew here$/,
      ],
      [
        "h264",
        /^This MP4 holds H\.264 .*; this stream has vp8 .*, and nothing is encoded anew here$/,
      ],
    ]) {
      const viewer = await watchedOn(
        ["--no-transcode"],
        "chromium-vp8-opus-camera.webm",
        String(output),
      );
      assert.equal(viewer.status, 415);
      const { error } = JSON.parse(viewer.bytes.toString());
      assert.match(error.message, /** @type {RegExp} */ (reason));
    }
  });

  test("--max-transcodes: what is more is refused, also to whom needs it", async () => {
    const viewer = await watchedOn(
      ["--max-transcodes", "0"],
      "chromium-vp8-opus-camera.webm",
      "flv",
    );
    assert.equal(viewer.status, 415);
    assert.match(viewer.bytes.toString(), /0 streams are encoded already, the limit/);
  });

  test("--transcode-max-height and --transcode-kbps", async () => {
    const viewer = await watchedOn(
      ["--transcode-max-height", "180", "--transcode-kbps", "100"],
      "chromium-vp9-canvas.webm",
      "h264",
    );
    assert.equal(await sizeOf(viewer.bytes), "320x180");
    const seconds = 7;
    const kbps = (viewer.bytes.length * 8) / 1000 / seconds;
    assert.ok(kbps < 200, `${kbps} kb/s`);
  });
});

test("HEVC is encoded as H.264 for those who ask for it", async () => {
  const stream = freshName();
  const viewer = new HttpViewer(server, `${stream}.h264?wait=15`);
  const publisher = await BarePublisher.open(server, stream);
  await publisher.sendAll(made("hevc.ts").chunks);
  await publisher.end();
  await viewer.ended();
  assert.equal(viewer.status, 200, viewer.bytes.toString("latin1").slice(0, 300));
  const { h264, ...others } = await packetsOf(viewer.bytes);
  assert.ok(h264.pts.length > 0);
  assert.deepEqual(others, {});
});
