/**
 * Streams of pictures as video: every picture format in every output, its times, colours and
 * transparency; another size in the middle, broken pictures, and an encoder that is too slow.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { decodeErrors } from "./lib/decode.mjs";
import { farthest, packetsOf, untilDerived, workerPid } from "./lib/derived.mjs";
import { pictureFixtures, rgbaFixture, sha256, wholeFile } from "./lib/media.mjs";
import { BarePublisher, V1Publisher } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";
import { decodedFrames, swatchPicture, worstSwatch } from "./lib/swatches.mjs";
import { BareViewer, HttpViewer, V1Viewer } from "./lib/viewer.mjs";
import { sleep, until } from "./lib/wait.mjs";

/** @type {Server} It is patient: a loaded machine may take its time, and loses no picture. */ let server;
before(
  async () => (server = await Server.start({ flags: ["--codec-idle", "1s", "--max-lag", "20s"] })),
);
after(() => server.stop());

let count = 0;
const freshName = () => `pictures/s${++count}`;
const FORMATS = ["png", "jpeg", "webp", "rgba"];
const OUTPUTS = { webm: "vp9", h264: "h264" };
const WIDTH = 320;
const HEIGHT = 180;
const STEP_US = 40_000;
const TOLERANCE_US = 1000; // WebM counts in milliseconds
const EBML = Buffer.from("1a45dfa3", "hex");

/** Opaque ones, but for one of png and webp. @param {string} format */
const fixture = (format) =>
  format === "rgba"
    ? opaque(rgbaFixture(10))
    : /** @type {import('./lib/media.mjs').Fixture} */ (
        pictureFixtures().find((f) => f.format === format)
      );

/** @param {import('./lib/media.mjs').Fixture} fixture @returns {import('./lib/media.mjs').Fixture} */
function opaque(fixture) {
  const chunks = fixture.chunks.map((c) => Buffer.from(c.map((b, i) => (i % 4 === 3 ? 255 : b))));
  return { ...fixture, chunks };
}

/**
 * Publishes pictures with times of their own so that a viewer, who is there already, gets all of them.
 * @param {string} stream @param {string} output @param {object} hello @param {Buffer[]} pictures
 */
async function publish(stream, output, hello, pictures, firstUs = 5_000_000) {
  const publisher = await V1Publisher.open(server, stream, {
    width: WIDTH,
    height: HEIGHT,
    ...hello,
  });
  for (const [i, picture] of pictures.entries()) {
    await publisher.send(picture, { ptsUs: firstUs + i * STEP_US });
    if (i === 0) await untilDerived(server, `${stream}.${output}`);
  }
  await publisher.untilAcked();
  await publisher.end();
}

/** @param {string} output @param {object} hello @param {Buffer[]} pictures */
async function made(output, hello, pictures) {
  const stream = freshName();
  const viewer = new HttpViewer(server, `${stream}.${output}?wait=15`);
  await publish(stream, output, hello, pictures);
  await viewer.ended();
  assert.equal(viewer.status, 200, viewer.bytes.toString("latin1").slice(0, 300));
  return viewer.bytes;
}

/** The runs of a body, each with its own header. @param {Buffer} webm */
function epochsOf(webm) {
  /** @type {Buffer[]} */ const out = [];
  for (let at = 0; at >= 0; ) {
    const next = webm.indexOf(EBML, at + 1);
    out.push(webm.subarray(at, next < 0 ? undefined : next));
    at = next;
  }
  return out;
}

describe("every picture, at its own time, in its colours", () => {
  for (const format of FORMATS)
    for (const [output, codec] of Object.entries(OUTPUTS)) {
      test(`${format} as ${output}`, async () => {
        const { chunks, hello } = fixture(format);
        // The one with a transparent corner begins the WebM anew: see below.
        const pictures = chunks.filter((_, i) => i !== 7 || format === "rgba");
        const film = await made(output, hello, pictures);
        assert.equal(await decodeErrors(film), "");
        const packets = await packetsOf(film);
        const want = pictures.map((_, i) => 5_000_000 + i * STEP_US);
        assert.ok(farthest(packets[codec].pts, want) <= TOLERANCE_US, `${packets[codec].pts}`);
        const { bytes } = await decodedFrames(film);
        assert.equal(bytes.length, pictures.length * WIDTH * HEIGHT * 3);
      });

      test(`${format} as ${output}: 8 colours within 3 of 255`, async () => {
        const picture = await swatchPicture(format, WIDTH, HEIGHT);
        const film = await made(output, { format }, Array(8).fill(picture));
        const { bytes, errors } = await decodedFrames(film);
        assert.equal(errors, "");
        const worst = worstSwatch(bytes, WIDTH, HEIGHT, 3);
        assert.ok(worst <= 3, `${worst} off`);
      });
    }
});

describe("transparency", () => {
  /** @param {number} swatch */
  const alphaOf = (swatch) => 255 - 36 * swatch;
  for (const format of ["png", "webp", "rgba"])
    test(`${format}: is kept by WebM`, async () => {
      const picture = await swatchPicture(format, WIDTH, HEIGHT, alphaOf);
      const film = await made("webm", { format }, Array(4).fill(picture));
      const decoder = "libvpx-vp9";
      const { bytes, errors } = await decodedFrames(film, { format: "rgba", decoder });
      assert.equal(errors, "");
      // Where nothing is left of a colour, nothing can be said of it: the last swatch has 3 of 255.
      const worst = worstSwatch(bytes, WIDTH, HEIGHT, 4, alphaOf);
      assert.ok(worst <= 3, `${worst} off`);
    });

  test("H.264 has the picture on black", async () => {
    const picture = await swatchPicture("png", WIDTH, HEIGHT, (swatch) =>
      swatch === 6 ? 128 : 255,
    );
    const film = await made("h264", { format: "png" }, [picture, picture]);
    const { bytes } = await decodedFrames(film);
    const at = (Math.floor(HEIGHT * 0.75) * WIDTH + Math.floor(WIDTH * 0.625)) * 3;
    for (let c = 0; c < 3; ++c) assert.ok(Math.abs(bytes[at + c] - 128) <= 3, `${bytes[at + c]}`);
  });

  test("the first transparent picture begins the WebM anew, with transparency to the end", async () => {
    const { chunks } = fixture("png");
    const epochs = epochsOf(await made("webm", { format: "png" }, chunks));
    assert.equal(epochs.length, 2);
    const [opaque, transparent] = await Promise.all(
      epochs.map((film) => decodedFrames(film, { format: "rgba", decoder: "libvpx-vp9" })),
    );
    assert.equal(opaque.errors + transparent.errors, "");
    const size = WIDTH * HEIGHT * 4;
    assert.equal(opaque.bytes.length, 7 * size);
    assert.equal(transparent.bytes.length, 3 * size);
    const alphas = transparent.bytes.subarray(0, size).filter((_, i) => i % 4 === 3);
    assert.ok(alphas.some((alpha) => alpha < 5) && alphas.some((alpha) => alpha > 250));
  });
});

describe("another size in the middle", () => {
  /** @type {Buffer[]} */ let pictures;
  before(async () => {
    const [wide, square] = await Promise.all([
      swatchPicture("jpeg", WIDTH, HEIGHT),
      swatchPicture("jpeg", 201, 201),
    ]);
    pictures = [wide, wide, wide, square, square, wide];
  });

  test("is another epoch", async () => {
    const stream = freshName();
    const viewer = await V1Viewer.open(server, `${stream}.h264`);
    await publish(stream, "h264", { format: "jpeg" }, pictures);
    await viewer.untilSaid("end");
    const epochs = viewer.said.filter((m) => m.type === "stream");
    const sizes = epochs.map((e) => `${e.tracks[0].width}x${e.tracks[0].height}`);
    assert.deepEqual(sizes, ["320x180", "202x202", "320x180"]);
    assert.deepEqual(
      viewer.media.map((part) => part.ptsUs),
      pictures.map((_, i) => 5_000_000 + i * STEP_US),
    );
    for (const [i, { epoch }] of epochs.entries()) {
      const film = viewer.parts.filter((part) => part.epoch === epoch).map((p) => p.payload);
      const { bytes, errors } = await decodedFrames(Buffer.concat(film));
      assert.equal(errors, "");
      const [width, height] = sizes[i].split("x").map(Number);
      assert.ok(worstSwatch(bytes, width, height, 3) <= 3);
    }
    await viewer.ws.close();
  });

  for (const resize of ["scale", "pad"])
    test(`is fitted in: ${resize}`, async () => {
      const film = await made("h264", { format: "jpeg", resize }, pictures);
      const { bytes, errors } = await decodedFrames(film);
      assert.equal(errors, "");
      const size = WIDTH * HEIGHT * 3;
      assert.equal(bytes.length, pictures.length * size);
      const square = bytes.subarray(3 * size, 4 * size);
      const left = (HEIGHT / 4) * WIDTH * 3 + 3 * 10;
      const want = resize === "pad" ? [0, 0, 0] : [255, 0, 0];
      for (let c = 0; c < 3; ++c) assert.ok(Math.abs(square[left + c] - want[c]) <= 3);
      if (resize === "scale") assert.ok(worstSwatch(bytes, WIDTH, HEIGHT, 3) <= 3);
    });
});

describe("other containers are made of the H.264", () => {
  for (const [output, codec] of Object.entries({ mp4: "h264", ts: "h264", flv: "h264" }))
    test(output, async () => {
      const { chunks } = fixture("jpeg");
      const stream = freshName();
      const viewer = new HttpViewer(server, `${stream}.${output}?wait=15`);
      const publisher = await V1Publisher.open(server, stream, { format: "jpeg" });
      await publisher.send(chunks[0], { ptsUs: 1_000_000 });
      await untilDerived(server, `${stream}.h264`);
      await until(() => viewer.chunks.length > 0, "the first picture", { ms: 15_000 });
      for (const [i, chunk] of chunks.slice(1).entries())
        await publisher.send(chunk, { ptsUs: 1_000_000 + (i + 1) * STEP_US });
      await publisher.untilAcked();
      await publisher.end();
      await viewer.ended();
      assert.equal(viewer.status, 200, viewer.bytes.toString("latin1").slice(0, 300));
      assert.equal(await decodeErrors(viewer.bytes), "");
      const want = chunks.map((_, i) => 1_000_000 + i * STEP_US);
      const { pts } = (await packetsOf(viewer.bytes))[codec];
      assert.ok(farthest(pts, want) <= TOLERANCE_US, `${pts}`);
    });
});

test("a rate in the hello gives the times", async () => {
  const { chunks } = fixture("jpeg");
  const film = await made("webm", { format: "jpeg", fps: 12.5 }, chunks);
  const want = chunks.map((_, i) => i * 80_000);
  assert.ok(farthest((await packetsOf(film)).vp9.pts, want) <= TOLERANCE_US);
});

test("pictures without any time are placed by when they came", async () => {
  const stream = freshName();
  const viewer = await BareViewer.open(server, `${stream}.webm`);
  const publisher = await BarePublisher.open(server, stream);
  const { chunks } = fixture("webp");
  await publisher.send(chunks[0]);
  await untilDerived(server, `${stream}.webm`);
  for (const chunk of chunks.slice(1, 5)) {
    await sleep(100);
    await publisher.send(chunk);
  }
  await publisher.end();
  await viewer.ended();
  const { pts } = (await packetsOf(viewer.bytes)).vp9;
  assert.equal(pts.length, 5);
  const steps = pts.slice(1).map((time, i) => time - pts[i]);
  assert.ok(Math.min(...steps) >= 1000, `${steps}`);
  assert.ok(pts[4] - pts[0] >= 4 * 99_000, `${steps}`);
});

test("a picture that is broken inside is left out, and nothing else", async () => {
  const { chunks } = fixture("png");
  const broken = Buffer.from(chunks[3]);
  broken.fill(0x55, broken.indexOf("IDAT") + 40, broken.indexOf("IDAT") + 4000);
  const pictures = [...chunks.slice(0, 3), broken, ...chunks.slice(4, 6)];
  const film = await made("webm", { format: "png" }, pictures);
  assert.equal(await decodeErrors(film), "");
  const want = [0, 1, 2, 4, 5].map((i) => 5_000_000 + i * STEP_US);
  assert.ok(farthest((await packetsOf(film)).vp9.pts, want) <= TOLERANCE_US);
  const said = "picture left out, 1 so far: decoding png";
  await until(() => server.output.includes(said), "that it is said");
});

for (const [flags, reason] of /** @type {[string[], RegExp][]} */ ([
  [["--no-transcode"], /nothing is encoded here/],
  [["--max-transcodes", "0"], /0 streams are encoded already, the limit/],
]))
  test(`${flags.join(" ")}: pictures stay pictures`, async (t) => {
    const other = await Server.start({ flags });
    t.after(() => other.stop());
    const { chunks, hello } = fixture("png");
    const publisher = await V1Publisher.open(other, "still", hello);
    await publisher.send(chunks[0]);
    for (const output of Object.keys(OUTPUTS)) {
      const response = await fetch(`${other.origin}/live/still.${output}`);
      assert.equal(response.status, 415);
      assert.match(await response.text(), reason);
    }
    assert.equal((await fetch(`${other.origin}/live/still.jpg`)).status, 200);
    await publisher.end();
  });

test("--transcode-max-height: higher pictures are made smaller", async (t) => {
  const other = await Server.start({ flags: ["--transcode-max-height", "120"] });
  t.after(() => other.stop());
  const picture = await swatchPicture("png", WIDTH, HEIGHT);
  for (const [output, width] of /** @type {[string, number][]} */ ([
    ["webm", 213],
    ["h264", 214],
  ])) {
    const viewer = new HttpViewer(other, `${output}.${output}?wait=15`);
    const publisher = await V1Publisher.open(other, output, { format: "png" });
    await publisher.send(picture);
    await until(() => viewer.bytes.length > 0, "the head of the film");
    await publisher.end();
    await viewer.ended();
    const { bytes } = await decodedFrames(viewer.bytes);
    assert.equal(bytes.length, width * 120 * 3);
    assert.ok(worstSwatch(bytes, width, 120, 3) <= 3);
  }
});

test("an encoder that is behind skips; the origin loses no byte", async (t) => {
  const server = await Server.start({ flags: ["--max-lag", "500ms"] });
  t.after(() => server.stop());
  const stream = freshName();
  const { chunks, hello } = rgbaFixture(30); // 230 KB each: more than the worker's socket holds
  const origin = await BareViewer.open(server, stream);
  const derived = await V1Viewer.open(server, `${stream}.h264`);
  const publisher = await V1Publisher.open(server, stream, hello);
  await publisher.send(chunks[0]);
  await until(() => derived.media.length > 0, "the first picture");
  const worker = workerPid(server);
  process.kill(worker, "SIGSTOP");
  try {
    for (const [i, chunk] of chunks.entries()) {
      if (i > 0) await publisher.send(chunk, { ptsUs: i * STEP_US });
      await sleep(40);
    }
  } finally {
    process.kill(worker, "SIGCONT");
  }
  await until(() => derived.media.at(-1)?.ptsUs === 29 * STEP_US, "the newest picture");
  await publisher.untilAcked();
  await publisher.end();
  await origin.ended();
  await derived.untilSaid("end");
  assert.equal(sha256(origin.bytes), sha256(wholeFile({ ...rgbaFixture(30) })));
  assert.ok(derived.media.length < 25, `${derived.media.length} of 30`);
  assert.equal(await decodeErrors(derived.bytes), "");
  await derived.ws.close();
});

describe("in Chromium", { skip: !chromiumPath() && "no Chromium here" }, () => {
  /** @type {import('./lib/browsers.mjs').Browser} */ let chromium;
  before(async () => (chromium = await launchChromium()));
  after(() => chromium?.close());

  /** In a page: a canvas, painted and sent as JPEG ten times a second, to a bare WebSocket. @param {string} to */
  function push(to) {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [320, 180];
    const paint = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    const ws = new WebSocket(to);
    let frame = 0;
    setInterval(() => {
      if (ws.readyState !== WebSocket.OPEN) return;
      paint.fillStyle = `hsl(${(frame * 37) % 360} 80% 50%)`;
      paint.fillRect(0, 0, 320, 180);
      paint.fillStyle = "#fff";
      paint.fillRect((frame++ * 16) % 320, 60, 40, 60);
      canvas.toBlob((blob) => blob && ws.send(blob), "image/jpeg", 0.9);
    }, 100);
  }

  /** In a page: plays until four different pictures were seen. @param {string} src */
  async function watch(src) {
    const video = document.createElement("video");
    Object.assign(video, { muted: true, autoplay: true, src });
    document.body.replaceChildren(video);
    const canvas = new OffscreenCanvas(16, 9);
    const context = /** @type {OffscreenCanvasRenderingContext2D} */ (
      canvas.getContext("2d", { willReadFrequently: true })
    );
    /** @type {Map<string, number>} */ const seen = new Map();
    while (seen.size < 4) {
      await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
      context.drawImage(video, 0, 0, 16, 9);
      seen.set(context.getImageData(0, 0, 16, 9).data.join(), video.currentTime);
    }
    return { width: video.videoWidth, times: [...seen.values()] };
  }

  for (const output of ["webm", "mp4"])
    test(`a canvas sent as JPEG plays as ${output}`, { timeout: 60_000 }, async () => {
      const stream = freshName();
      const [studio, viewer] = [await chromium.open(), await chromium.open()];
      for (const page of [studio, viewer]) await page.goto(`${server.origin}/healthz`);
      await studio.evaluate(push, `${server.origin.replace("http", "ws")}/publish/${stream}`);
      await until(() => server.output.includes(`stream ${stream}: published`), "the stream");
      const { width, times } = await viewer.evaluate(watch, `/live/${stream}.${output}?wait=10`);
      assert.equal(width, 320);
      assert.ok(times[3] > times[0], `${times}`);
      await Promise.all([studio.close(), viewer.close()]);
    });
});
