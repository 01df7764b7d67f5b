/** Single pictures of a stream: /live/NAME.jpg of every origin, and /live/NAME.mjpeg of pictures. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { run } from "./lib/decode.mjs";
import { made, untilDerived } from "./lib/derived.mjs";
import { container, pictureFixtures, rgbaFixture, wholeFile } from "./lib/media.mjs";
import { BarePublisher, V1Publisher } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";
import { decodedFrames, swatchPicture, worstSwatch } from "./lib/swatches.mjs";
import { HttpViewer } from "./lib/viewer.mjs";
import { sleep, until } from "./lib/wait.mjs";

/** @typedef {import('./lib/media.mjs').Fixture} Fixture */

/** @type {Server} */ let server;
before(async () => (server = await Server.start({ flags: ["--codec-idle", "1s"] })));
after(() => server.stop());

let count = 0;
const freshName = () => `posters/s${++count}`;
const SIDE = { width: 320, height: 180 };
/** Between a picture and what is left of it as a JPEG, of 255, on average over a small copy of it. */
const CLOSE = 6;

/** @param {string} stream @param {string} [query] @param {Record<string, string>} [headers] */
async function poster(stream, query = "", headers = {}) {
  const response = await fetch(`${server.origin}/live/${stream}.jpg${query}`, { headers });
  return { response, jpeg: Buffer.from(await response.arrayBuffer()) };
}

/** Small copies of a film's keyframes, as RGB. @param {Buffer} film */
async function small(film) {
  const filter = ["-vf", "select='eq(pict_type,I)',scale=16:9", "-fps_mode", "passthrough"];
  const output = [...filter, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"];
  return (await run("ffmpeg", ["-v", "error", "-i", "-", ...output], film)).out;
}

/** @param {Buffer} a @param {Buffer} b */
const difference = (a, b) => a.reduce((sum, v, i) => sum + Math.abs(v - b[i]), 0) / a.length;

/** @param {Buffer} jpeg */
async function sizeOf(jpeg) {
  const args = ["-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0", "-"];
  return (await run("ffprobe", args, jpeg)).stdout.trim().replace(",", "x");
}

describe("a poster is the newest keyframe", () => {
  for (const name of [
    "chromium-vp8-opus-camera.webm",
    "chromium-vp9-canvas.webm",
    "chromium-av1-opus-camera.webm",
    "chromium-h264-opus-camera.webm",
    "chromium-avc1-opus-camera-kf1000.mp4",
    "avc1-aac.ts",
    "avc1-aac.flv",
  ])
    test(name, async () => {
      const stream = freshName();
      const media = name.startsWith("chromium") ? container(name) : made(name);
      const publisher = await BarePublisher.open(server, stream);
      await publisher.sendAll(media.chunks);
      const { response, jpeg } = await poster(stream);
      assert.equal(response.status, 200, jpeg.toString());
      assert.equal(response.headers.get("content-type"), "image/jpeg");
      const last = (await small(wholeFile(media))).subarray(-16 * 9 * 3);
      // What it begins with may be one keyframe older: the newest comes within a second.
      await until(
        async () => difference(await small((await poster(stream)).jpeg), last) < CLOSE,
        "the newest keyframe",
        { every: 200 },
      );
      await publisher.end();
    });

  for (const format of ["png", "webp", "rgba"])
    test(`${format}: in its colours`, async () => {
      const stream = freshName();
      const publisher = await V1Publisher.open(server, stream, { format, ...SIDE });
      await publisher.send(await swatchPicture(format, SIDE.width, SIDE.height));
      const { jpeg } = await poster(stream);
      const { bytes, errors } = await decodedFrames(jpeg);
      assert.equal(errors, "");
      assert.ok(worstSwatch(bytes, SIDE.width, SIDE.height, 3) <= 4);
      await publisher.end();
    });

  test("a published JPEG stays as it is", async () => {
    const stream = freshName();
    const { chunks } = jpegs();
    const publisher = await V1Publisher.open(server, stream, { format: "jpeg" });
    await publisher.send(chunks[0]);
    assert.deepEqual((await poster(stream)).jpeg, chunks[0]);
    await publisher.send(chunks[1]);
    await until(async () => (await poster(stream)).jpeg.equals(chunks[1]), "the newer picture");
    await publisher.end();
  });
});

/** @returns {Fixture} */
const jpegs = () => /** @type {Fixture} */ (pictureFixtures().find((f) => f.format === "jpeg"));

test("its width is bounded, and never more than the picture's", async () => {
  const stream = freshName();
  const publisher = await BarePublisher.open(server, stream);
  await publisher.sendAll(container("chromium-vp8-opus-camera.webm").chunks);
  for (const [query, size] of [
    ["", "640x360"],
    ["?width=1", "160x90"],
    ["?width=161", "320x180"],
    ["?width=1000000", "640x360"],
    ["?width=1000", "640x360"],
    ["?width=-3", "640x360"],
  ])
    assert.equal(await sizeOf((await poster(stream, query)).jpeg), size, query);
  await publisher.end();
});

test("a poster has a tag, and is not sent twice", async () => {
  const stream = freshName();
  const publisher = await BarePublisher.open(server, stream);
  await publisher.sendAll(container("chromium-vp8-opus-camera.webm").chunks);
  const { response } = await poster(stream);
  const tag = response.headers.get("etag") ?? "";
  assert.match(tag, /^"[0-9a-f]{16}"$/);
  assert.equal(response.headers.get("cache-control"), "private, max-age=1");
  const again = await poster(stream, "", { "if-none-match": tag });
  assert.equal(again.response.status, 304);
  assert.equal(again.jpeg.length, 0);
  const head = await fetch(`${server.origin}/live/${stream}.jpg`, { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(head.headers.get("etag"), tag);
  assert.equal((await poster(stream, "", { "if-none-match": '"another"' })).response.status, 200);
  await publisher.end();
});

test("what has no picture is refused, and who is not there is not found", async () => {
  const stream = freshName();
  const publisher = await BarePublisher.open(server, stream);
  await publisher.sendAll(container("chromium-opus-audio.webm").chunks);
  const sound = await poster(stream);
  assert.equal(sound.response.status, 415);
  assert.match(sound.jpeg.toString(), /there is no picture in this stream/);
  assert.equal((await poster("posters/nobody")).response.status, 404);
  const early = poster("posters/early", "?wait=15");
  const later = await V1Publisher.open(server, "posters/early", { format: "jpeg" });
  await later.send(jpegs().chunks[0]);
  assert.equal((await early).response.status, 200);
  await later.end();
  await publisher.end();
});

describe("MJPEG", () => {
  /** The pictures of a multipart body. @param {Buffer} body */
  function pictures(body) {
    /** @type {Buffer[]} */ const out = [];
    for (let at = 0; ; ) {
      const end = body.indexOf("\r\n\r\n", at);
      if (end < 0) return out;
      const head = body.toString("latin1", at, end);
      assert.match(head, /--framewire\r\nContent-Type: image\/jpeg\r\nContent-Length: \d+$/);
      const length = Number(head.split(" ").at(-1));
      out.push(body.subarray(end + 4, end + 4 + length));
      at = end + 4 + length;
    }
  }

  /** @param {string} format @param {Buffer[]} published */
  async function received(format, published) {
    const stream = freshName();
    const viewer = new HttpViewer(server, `${stream}.mjpeg?wait=15`);
    const publisher = await V1Publisher.open(server, stream, { format, ...SIDE });
    await publisher.send(published[0]);
    await untilDerived(server, `${stream}.mjpeg`);
    await viewer.answered();
    for (const picture of published.slice(1)) await publisher.send(picture);
    await publisher.untilAcked();
    await publisher.end();
    await viewer.ended();
    assert.equal(viewer.headers["content-type"], "multipart/x-mixed-replace; boundary=framewire");
    return pictures(viewer.bytes);
  }

  test("a published JPEG goes out as it is", async () => {
    const { chunks } = jpegs();
    assert.deepEqual(await received("jpeg", chunks), chunks);
  });

  for (const format of ["png", "webp", "rgba"])
    test(`${format} is encoded, every picture`, async () => {
      const picture = await swatchPicture(format, SIDE.width, SIDE.height);
      const got = await received(format, Array(6).fill(picture));
      assert.equal(got.length, 6);
      const { bytes, errors } = await decodedFrames(Buffer.concat(got));
      assert.equal(errors, "");
      assert.ok(worstSwatch(bytes, SIDE.width, SIDE.height, 3) <= 4);
    });

  test("is refused of what is video already", async () => {
    const stream = freshName();
    const publisher = await BarePublisher.open(server, stream);
    await publisher.sendAll(container("chromium-vp8-opus-camera.webm").chunks);
    const response = await fetch(`${server.origin}/live/${stream}.mjpeg`);
    assert.equal(response.status, 415);
    assert.match(await response.text(), /MJPEG is made of PNG.*; this stream is webm/);
    await publisher.end();
  });
});

describe("in Chromium", { skip: !chromiumPath() && "no Chromium here" }, () => {
  /** @type {import('./lib/browsers.mjs').Browser} */ let chromium;
  before(async () => (chromium = await launchChromium()));
  after(() => chromium?.close());

  test("an <img> shows the MJPEG moving", { timeout: 60_000 }, async () => {
    const stream = freshName();
    const publisher = await V1Publisher.open(server, stream, rgbaFixture().hello);
    const { chunks } = rgbaFixture(10);
    const page = /** @type {any} */ (await chromium.open());
    await page.goto(`${server.origin}/healthz`);
    await publisher.send(chunks[0]);
    let done = false;
    const sending = (async () => {
      for (let i = 1; !done; ++i) {
        await publisher.send(chunks[i % chunks.length]);
        await sleep(50);
      }
    })();
    const seen = await page.evaluate(async (/** @type {string} */ src) => {
      const img = new Image();
      img.src = src;
      document.body.replaceChildren(img);
      const canvas = new OffscreenCanvas(16, 9);
      const context = /** @type {OffscreenCanvasRenderingContext2D} */ (
        canvas.getContext("2d", { willReadFrequently: true })
      );
      /** @type {Set<string>} */ const pictures = new Set();
      while (pictures.size < 4) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        if (!img.naturalWidth) continue;
        context.drawImage(img, 0, 0, 16, 9);
        pictures.add(context.getImageData(0, 0, 16, 9).data.join());
      }
      return img.naturalWidth;
    }, `/live/${stream}.mjpeg`);
    done = true;
    await sending;
    await publisher.end();
    await page.close();
    assert.equal(seen, SIDE.width);
  });
});
