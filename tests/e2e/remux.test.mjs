/**
 * Another container for the same packets: every published codec in every container that holds it, the
 * named reason where one does not, and what happens when the codec worker dies.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { countFrames, decodeErrors, run } from "./lib/decode.mjs";
import {
  farthest,
  isRunning,
  made,
  packetsOf,
  untilDerived,
  workerPid,
  worstSeam,
} from "./lib/derived.mjs";
import { container, sha256, wholeFile } from "./lib/media.mjs";
import { BarePublisher, sendInTime } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";
import { BareViewer, HttpViewer, V1Viewer } from "./lib/viewer.mjs";
import { sleep, until } from "./lib/wait.mjs";

/** @type {Server} */ let server;
before(async () => (server = await Server.start({ flags: ["--codec-idle", "1s"] })));
after(() => server.stop());

let count = 0;
const freshName = () => `remux/s${++count}`;
const TOLERANCE_US = 1001; // containers count in milliseconds, or in 1/90,000 s

const FITS = [
  ["chromium-h264-opus-camera.webm", "mp4 ts"],
  ["chromium-vp9-canvas.webm", "mp4"],
  ["chromium-av1-opus-camera.webm", "mp4"],
  ["chromium-avc1-opus-camera.mp4", "mp4 ts"],
  ["chromium-vp9-opus-camera.mp4", "webm mp4"],
  ["chromium-av01-opus-camera.mp4", "webm"],
  ["avc1-aac.ts", "mp4 flv ts"],
  ["avc1-aac.flv", "mp4 ts flv"],
  ["avc1-aac-frag.mp4", "flv ts"],
  ["avc1-only.ts", "flv mp4"],
  ["aac-only.ts", "mp4"],
  ["mp3-only.flv", "ts"],
];
// Where the operator wants nothing encoded.
const REFUSED = [
  ["chromium-vp8-opus-camera.webm", "mp4", /^MP4 for browsers holds .*; this stream has vp8 /],
  [
    "chromium-vp8-opus-camera.webm",
    "flv",
    /^FLV holds H.264, AAC and MP3 .*; this stream has vp8 /,
  ],
  ["chromium-av1-opus-camera.webm", "ts", /^MPEG-TS holds .*; this stream has av1 /],
  ["chromium-avc1-opus-camera.mp4", "flv", /^FLV holds .*; this stream has opus /],
];

/** @param {string} name */
const fixture = (name) => (/^(chromium|firefox)/.test(name) ? container(name) : made(name));

/** Publishes so that a viewer, who is there already, gets all of it. @param {string} stream @param {string} output @param {import('./lib/media.mjs').Fixture} media */
async function publish(stream, output, media) {
  const publisher = await BarePublisher.open(server, stream);
  await publisher.sendAll(media.chunks.slice(0, 2));
  await untilDerived(server, `${stream}.${output}`);
  await publisher.sendAll(media.chunks.slice(2));
  await publisher.end();
}

/** Each from a `moof` of its own on; the first one with the header. @param {Buffer} mp4 */
function fragmentsOf(mp4) {
  const starts = [0];
  for (let at = mp4.indexOf("moof"); at >= 0; at = mp4.indexOf("moof", at + 4)) starts.push(at - 4);
  starts.splice(1, 1);
  return starts.map((start, i) => mp4.subarray(start, starts[i + 1]));
}

/** @typedef {Awaited<ReturnType<typeof packetsOf>>} Packets */
/** @param {Packets} packets */
const countOf = (packets) => Object.values(packets).reduce((sum, { pts }) => sum + pts.length, 0);

/** WebM for browsers begins with a picture: sound before it is left out. @param {Packets} want @param {string} codec @param {string} output */
function expected(want, codec, output) {
  const picture = Object.keys(want).find((name) => /^(vp9|av1|h264)$/.test(name));
  const from = output === "webm" && picture ? want[picture].pts[0] : -Infinity;
  return want[codec].pts.filter((time) => time >= from);
}

describe("the same packets, at the same times", () => {
  for (const [name, outputs] of FITS)
    for (const output of outputs.split(" "))
      test(`${name} as ${output}`, async () => {
        const stream = freshName();
        const media = fixture(name);
        const viewer = new HttpViewer(server, `${stream}.${output}?wait=15`);
        await publish(stream, output, media);
        await viewer.ended();
        assert.equal(viewer.status, 200, viewer.bytes.toString("latin1").slice(0, 300));
        assert.ok(viewer.complete);
        const [want, got] = await Promise.all([
          packetsOf(wholeFile(media)),
          packetsOf(viewer.bytes),
        ]);
        assert.deepEqual(Object.keys(got).sort(), Object.keys(want).sort());
        for (const [codec, { pts }] of Object.entries(got)) {
          const off = farthest(pts, expected(want, codec, output).slice(-pts.length));
          assert.ok(off <= TOLERANCE_US, `${codec}: ${pts.length} packets, ${off} µs off`);
        }
        assert.ok(countOf(got) >= 0.85 * countOf(want));
        if (!/aac-only|webm/.test(name + output)) assert.equal(countOf(got), countOf(want));
        assert.equal(await decodeErrors(viewer.bytes), "");
      });
});

describe("MP4 in long fragments, whose pictures all come before their sound", () => {
  for (const [
    flags,
    together,
    seconds,
    rate,
  ] of /** @type {[string, number, number, number][]} */ ([
    ["default_base_moof", 1, 2, 25],
    ["default_base_moof+separate_moof", 2, 2, 25],
    ["default_base_moof", 1, 10, 60],
  ]))
    test(`${flags}, ${seconds} s, ${rate} pictures a second`, async () => {
      const { out: film } = await run(
        "ffmpeg",
        `-v error -f lavfi -i testsrc2=size=192x108:rate=${rate} -f lavfi -i sine=sample_rate=48000
         -t ${2.5 * seconds} -c:v libx264 -preset ultrafast -g ${seconds * rate} -bf 0 -pix_fmt yuv420p -c:a aac -f mp4
         -movflags frag_keyframe+empty_moov+${flags} -`.split(/\s+/),
      );
      const stream = freshName();
      const viewer = new HttpViewer(server, `${stream}.mp4?wait=15`);
      const publisher = await BarePublisher.open(server, stream);
      for (const [i, fragment] of fragmentsOf(film).entries()) {
        await publisher.send(fragment);
        if (i % together === together - 1) await sleep(300); // all that came is read, and more may come
      }
      await publisher.end();
      await viewer.ended();
      assert.equal(viewer.bytes.toString("latin1").split("ftyp").length, 2, "one beginning");
      const [want, got] = await Promise.all([packetsOf(film), packetsOf(viewer.bytes)]);
      assert.equal(countOf(got), countOf(want));
      assert.equal(await decodeErrors(viewer.bytes), "");
    });
});

describe("what does not fit is refused with its reason", () => {
  /** @type {Server} */ let strict;
  before(async () => (strict = await Server.start({ flags: ["--no-transcode"] })));
  after(() => strict.stop());
  for (const [name, output, reason] of REFUSED)
    test(`${name} as ${output}`, async () => {
      const stream = freshName();
      const http = new HttpViewer(strict, `${stream}.${output}?wait=15`);
      const v1 = await V1Viewer.open(strict, `${stream}.${output}`);
      const publisher = await BarePublisher.open(strict, stream);
      await publisher.sendAll(fixture(String(name)).chunks);
      const error = await v1.untilSaid("error");
      assert.equal(error.code, "unsupported-format");
      assert.match(error.message, /** @type {RegExp} */ (reason));
      assert.equal((await v1.ws.closed()).code, 1003);
      await http.ended();
      assert.equal(http.status, 415);
      assert.equal(JSON.parse(http.bytes.toString()).error.message, error.message);
      await publisher.end();
    });
});

test("a bare viewer of .webm gets it derived or is refused, a v1 viewer is told to choose", async () => {
  const stream = freshName();
  const http = new HttpViewer(server, `${stream}.webm?wait=15`);
  const v1 = await V1Viewer.open(server, `${stream}.webm`);
  const publisher = await BarePublisher.open(server, stream);
  await publisher.sendAll(container("chromium-avc1-opus-camera.mp4").chunks);
  assert.match((await v1.untilSaid("error")).message, /not published as Matroska/);
  await http.ended();
  assert.equal(http.status, 415);
  assert.match(http.bytes.toString(), /WebM holds .*; this stream has h264/);
  await publisher.end();
});

test("Chromium's MP4 has holes of 39 ms in its sound, ours has none", async () => {
  const stream = freshName();
  const media = container("chromium-avc1-opus-camera-kf1000.mp4");
  const viewer = new HttpViewer(server, `${stream}.mp4?wait=15`);
  await publish(stream, "mp4", media);
  await viewer.ended();
  const opusTimescale = 48_000;
  const theirs = worstSeam(wholeFile(media), opusTimescale);
  const ours = worstSeam(viewer.bytes, opusTimescale);
  assert.ok(theirs > 30_000, `${theirs} µs in what was published`);
  assert.ok(ours < 3000, `${ours} µs`);
});

for (const name of ["chromium-h264-canvas-resize.webm", "chromium-avc3-canvas-resize.mp4"])
  test(`${name}: another size is another epoch of the mp4`, async () => {
    const stream = freshName();
    const viewer = await V1Viewer.open(server, `${stream}.mp4`);
    await publish(stream, "mp4", container(name));
    await viewer.untilSaid("end");
    const epochs = viewer.said.filter((m) => m.type === "stream");
    const sizes = epochs.map((e) => `${e.tracks[0].width}x${e.tracks[0].height}`);
    assert.ok(new Set(sizes).size >= 2, sizes.join(" "));
    for (const { epoch } of epochs) {
      const parts = viewer.parts.filter((part) => part.epoch === epoch);
      assert.equal(await decodeErrors(Buffer.concat(parts.map((p) => p.payload))), "");
    }
    await viewer.ws.close();
  });

// ffmpeg, VLC and curl read one init segment, and then whatever comes.
for (const name of ["chromium-h264-canvas-resize.webm", "chromium-avc3-canvas-resize.mp4"])
  for (const output of ["mp4", "ts"])
    test(`${name}: all of .${output} decodes with the init it begins with`, async () => {
      const stream = freshName();
      const media = container(name);
      const viewer = new HttpViewer(server, `${stream}.${output}?wait=15`);
      await publish(stream, output, media);
      await viewer.ended();
      assert.equal(await decodeErrors(viewer.bytes), "");
      assert.equal(await countFrames(viewer.bytes), await countFrames(wholeFile(media)));
    });

test("parameter sets that the packets only repeat begin no epoch", async () => {
  const stream = freshName();
  const viewer = await V1Viewer.open(server, `${stream}.mp4`);
  await publish(stream, "mp4", made("avc1-aac.ts"));
  await viewer.untilSaid("end");
  assert.equal(viewer.said.filter((m) => m.type === "stream").length, 1);
  await viewer.ws.close();
});

test("who joins late begins at a keyframe, and one muxer serves all", async () => {
  const stream = freshName();
  const media = container("chromium-avc1-opus-camera-kf1000.mp4");
  const publisher = await BarePublisher.open(server, stream);
  const sending = sendInTime((chunk) => publisher.send(chunk), media, { speed: 2 });
  await sleep(1500);
  /** @type {V1Viewer[]} */ const viewers = [];
  for (let i = 0; i < 3; ++i) {
    viewers.push(await V1Viewer.open(server, `${stream}.mp4`));
    await until(() => viewers[i].media.length > 0, "a part");
    await sleep(200);
  }
  await sending;
  await publisher.end();
  for (const viewer of viewers) {
    await viewer.untilSaid("end");
    viewer.checkOrder();
    assert.ok(viewer.media[0].groupStart);
    assert.equal(await decodeErrors(viewer.bytes), "");
    assert.equal(viewer.said.find((m) => m.type === "stream").rendition, "mp4");
    await viewer.ws.close();
  }
  const tails = viewers.map((v) => sha256(v.media.at(-1)?.payload ?? Buffer.alloc(0)));
  assert.equal(new Set(tails).size, 1);
  assert.equal(server.output.split(`stream ${stream}.mp4: derived,`).length - 1, 1);
});

test("nobody watches: after --codec-idle job and worker are gone, and come back when asked", async () => {
  const stream = freshName();
  const media = container("chromium-avc1-opus-camera-kf1000.mp4");
  const publisher = await BarePublisher.open(server, stream);
  await publisher.sendAll(media.chunks.slice(0, -2));
  const first = await V1Viewer.open(server, `${stream}.mp4`);
  await until(() => first.media.length > 0, "a part");
  const worker = workerPid(server);
  assert.ok(isRunning(worker));
  await first.ws.close();
  await until(() => !isRunning(worker), "the worker to go", { ms: 10_000 });
  const begun = () => server.output.split(`stream ${stream}.mp4: derived,`).length - 1;
  await sleep(2500); // two times the idle time and a tick
  assert.equal(begun(), 1, "made again although nobody asked");
  await until(
    async () => (await server.metric("framewire_derived_streams")) === 0,
    "the metric to say so",
  );
  const second = await V1Viewer.open(server, `${stream}.mp4`);
  await until(() => second.media.length > 0, "a part of the second job");
  await second.ws.close();
  await publisher.end();
});

test("the worker killed: the origin loses no byte, derived viewers go on in a new epoch", async () => {
  const stream = freshName();
  const media = container("chromium-avc1-opus-camera-kf1000.mp4");
  const origin = await BareViewer.open(server, stream);
  const derived = await V1Viewer.open(server, `${stream}.mp4`);
  const publisher = await BarePublisher.open(server, stream);
  const sending = sendInTime((chunk) => publisher.send(chunk), media, { speed: 2 });
  for (let kills = 1; kills <= 2; ++kills) {
    const had = derived.media.length;
    await until(() => derived.media.length > had + 3, "parts before the kill");
    const worker = workerPid(server);
    process.kill(worker, "SIGKILL");
    await until(() => workerPid(server) !== worker, "another worker");
    await derived.untilSaid("stream", kills + 1);
  }
  await sending;
  await publisher.end();
  await derived.untilSaid("end");
  await origin.ended();
  assert.equal(sha256(origin.bytes), sha256(wholeFile(media)));
  const last = derived.media.at(-1);
  const parts = derived.parts.filter((part) => part.epoch === last?.epoch);
  assert.ok(parts.find((part) => part.kind === 2)?.groupStart);
  assert.equal(await decodeErrors(Buffer.concat(parts.map((p) => p.payload))), "");
  assert.ok((await server.metric("framewire_codec_worker_deaths_total")) >= 0);
  await derived.ws.close();
});

test("media that is broken ends its own derived viewers' epoch, and nothing else", async () => {
  const media = container("chromium-avc1-opus-camera-kf1000.mp4");
  const good = freshName();
  const beside = await BareViewer.open(server, `${good}.mp4`);
  const neighbour = await BarePublisher.open(server, good);
  await neighbour.sendAll(media.chunks.slice(0, 3));
  await until(() => beside.messages.length > 3, "the stream beside");

  const stream = freshName();
  const viewer = await V1Viewer.open(server, `${stream}.mp4`);
  const publisher = await BarePublisher.open(server, stream);
  // The boxes stay whole, what is in them does not.
  const broken = media.chunks.map((chunk, i) => {
    const copy = Buffer.from(chunk);
    const data = copy.indexOf("mdat");
    if (i > 1 && data > 0) for (let at = data + 40; at < copy.length; at += 97) copy[at] ^= 0xff;
    return copy;
  });
  await publisher.sendAll(broken);
  await publisher.end();
  await viewer.untilSaid("end");
  await viewer.ws.close();

  await neighbour.sendAll(media.chunks.slice(3));
  await neighbour.end();
  assert.equal((await beside.ended()).code, 1000);
  assert.equal(await decodeErrors(beside.bytes), "");
});
