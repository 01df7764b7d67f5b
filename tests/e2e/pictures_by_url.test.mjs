/** Pictures pushed over HTTP or a bare WebSocket say what they are in the URL: format, size, rate. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { decodeErrors, run } from "./lib/decode.mjs";
import { farthest, packetsOf } from "./lib/derived.mjs";
import { rgbaFixture } from "./lib/media.mjs";
import { BarePublisher } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";
import { decodedFrames } from "./lib/swatches.mjs";
import { HttpViewer, V1Viewer } from "./lib/viewer.mjs";
import { until } from "./lib/wait.mjs";

/** @type {Server} It is patient: a loaded machine may take its time, and loses no picture. */ let server;
before(
  async () => (server = await Server.start({ flags: ["--codec-idle", "1s", "--max-lag", "20s"] })),
);
after(() => server.stop());

let count = 0;
const freshName = () => `pictures/s${++count}`;
const WIDTH = 320;
const HEIGHT = 180;
const STEP_US = 40_000;
const TOLERANCE_US = 1000; // containers count in milliseconds

describe("pictures pushed over HTTP say what they are in the URL", () => {
  const FPS = 30;
  const FRAMES = 60;
  const size = `${WIDTH}x${HEIGHT}`;
  /** @param {string[]} encoder @param {string} url */
  const push = (encoder, url) =>
    run("bash", [
      "-c",
      `set -o pipefail; ffmpeg -v error -re -f lavfi -i testsrc2=size=${size}:rate=${FPS} -frames:v ${FRAMES} ` +
        `${encoder.join(" ")} - | curl -sS --fail-with-body -T - '${url}'`,
    ]);

  for (const [format, encoder, query] of [
    [
      "rgba",
      ["-f", "rawvideo", "-pix_fmt", "rgba"],
      `&format=rgba&width=${WIDTH}&height=${HEIGHT}`,
    ],
    ["png", ["-f", "image2pipe", "-c:v", "png"], ""],
  ])
    test(`${format} by ffmpeg and curl`, async () => {
      const stream = freshName();
      const viewer = new HttpViewer(server, `${stream}.mp4?wait=15`);
      const pushed = await push(
        /** @type {string[]} */ (encoder),
        `${server.origin}/publish/${stream}?fps=${FPS}${query}`,
      );
      assert.equal(pushed.code, 0, pushed.stderr + pushed.stdout);
      await viewer.ended();
      assert.equal(await decodeErrors(viewer.bytes), "");
      const { pts } = (await packetsOf(viewer.bytes)).h264;
      assert.ok(pts.length >= FRAMES / 2, `${pts.length} pictures`);
      // Each at n / fps, to the last one.
      const first = FRAMES - pts.length;
      const want = pts.map((_, i) => Math.round(((first + i) * 1e6) / FPS));
      assert.ok(farthest(pts, want) <= TOLERANCE_US, `${pts}`);
      const { bytes } = await decodedFrames(viewer.bytes);
      assert.equal(bytes.length, pts.length * WIDTH * HEIGHT * 3);
    });

  test("what they say wrongly is named", async () => {
    for (const [query, status, says] of /** @type {[string, number, RegExp][]} */ ([
      ["fps=none", 400, /\\"fps\\" must be a number/],
      ["format=rgba&width=0&height=2", 400, /\\"width\\" must be a whole number/],
      ["format=bmp", 415, /\\"format\\" is none that is known/],
      ["format=rgba", 415, /needs a width and a height/],
      ["width=99999999", 413, /\\"width\\" is over/],
    ])) {
      const { code, stdout } = await run(
        "curl",
        [
          "-sS",
          "-w",
          "%{http_code}",
          "-T",
          "-",
          `${server.origin}/publish/${freshName()}?${query}`,
        ],
        Buffer.alloc(64),
      );
      assert.equal(code, 0);
      assert.match(stdout, says);
      assert.ok(stdout.endsWith(`${status}`), stdout);
    }
  });

  test("a bare WebSocket, too", async () => {
    const stream = freshName();
    const viewer = await V1Viewer.open(server, stream);
    const publisher = await BarePublisher.open(
      server,
      `${stream}?format=rgba&width=${WIDTH}&height=${HEIGHT}&fps=25`,
    );
    await publisher.sendAll(rgbaFixture(3).chunks);
    const said = await viewer.untilSaid("stream");
    assert.equal(said.format, "rgba");
    assert.equal(said.fps, 25);
    await until(() => viewer.media.length === 3, "3 pictures");
    assert.deepEqual(
      viewer.media.map((part) => Number(part.ptsUs)),
      [0, STEP_US, 2 * STEP_US],
    );
    await publisher.end();
    await viewer.ws.close();
    const refused = await BarePublisher.open(server, `${freshName()}?fps=x`);
    const { code, reason } = await refused.ws.closed();
    assert.equal(code, 1007);
    assert.equal(reason, "bad-text");
  });
});
