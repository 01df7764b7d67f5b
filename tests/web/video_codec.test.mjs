/** Which codec packets are encoded with, by how fast this machine proves to be. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseCodec, codecString, encoderConfig } from "../../player-web/sdk/video_codec.js";

const WISH = { width: 1280, height: 720, fps: 30, bitrate: 2_500_000 };
const NEVER = Number.POSITIVE_INFINITY;

/** milliseconds by codec, what was asked for, what failed before, what is chosen, and why @type {[Record<string, number>, string | undefined, string[], string | null, RegExp][]} */
const ROWS = [
  [{ h264: 8, vp8: 5, vp9: 5, av1: 5 }, undefined, [], "h264", /^h264 takes 8\.0 ms/],
  [
    { h264: 35, vp8: 9, vp9: 5, av1: 5 },
    undefined,
    [],
    "vp8",
    /h264 takes 35\.0 ms.*too long.*vp8 takes 9/,
  ],
  [
    { h264: NEVER, vp8: 2000, vp9: 12, av1: 5 },
    undefined,
    [],
    "vp9",
    /vp8 takes 2000.*too long.*vp9/,
  ],
  [{ h264: NEVER, vp8: 90, vp9: 240, av1: 400 }, undefined, [], "vp8", /It is the fastest/],
  [{ h264: 8, vp8: 9, vp9: 9, av1: 9 }, undefined, ["h264"], "vp8", /^vp8 takes/],
  [{ h264: 8, vp8: 5, vp9: 250, av1: 5 }, "vp9", [], "vp9", /asked for; vp9 takes 250/],
  [
    { h264: 8, vp8: NEVER, vp9: 5, av1: 5 },
    "vp8",
    [],
    null,
    /encodes no pictures of 1280 × 720 \(vp8\)/,
  ],
  [{ h264: NEVER, vp8: NEVER, vp9: NEVER, av1: NEVER }, undefined, [], null, /none/],
];
for (const [times, asked, failed, codec, why] of ROWS) {
  test(`${JSON.stringify(times)}, ${asked ?? "any"}, without ${failed}: ${codec}`, async () => {
    const speed = async (/** @type {string} */ name) => times[name];
    const choice = await chooseCodec(WISH, asked, speed, new Set(/** @type {any} */ (failed)));
    assert.equal(choice.codec, codec);
    assert.match(choice.why, why);
  });
}

test("those that come after one that is fast enough are not tried", async () => {
  /** @type {string[]} */ const tried = [];
  const speed = async (/** @type {string} */ name) => {
    tried.push(name);
    return name === "h264" ? 100 : 1;
  };
  await chooseCodec(WISH, undefined, speed);
  assert.deepEqual(tried, ["h264", "vp8"]);
});

test("a codec that is none is an error that names those there are", async () => {
  await assert.rejects(
    chooseCodec(WISH, "mpeg2", async () => 1),
    (/** @type {any} */ error) => {
      assert.equal(error.code, "bad-option");
      assert.match(error.message, /"mpeg2".*h264, vp8, vp9, av1/);
      return true;
    },
  );
});

/** @type {['h264' | 'vp8' | 'vp9' | 'av1', number, number, number, string][]} */
const STRINGS = [
  ["vp8", 640, 360, 30, "vp8"],
  ["h264", 640, 360, 30, "avc1.42e01e"],
  ["h264", 1280, 720, 30, "avc1.42e01f"],
  ["h264", 1280, 720, 60, "avc1.42e020"],
  ["h264", 1920, 1080, 30, "avc1.42e028"],
  ["h264", 1920, 1080, 60, "avc1.42e02a"],
  ["h264", 3840, 2160, 30, "avc1.42e033"],
  ["h264", 8000, 6000, 60, "avc1.42e034"],
  ["vp9", 640, 360, 30, "vp09.00.30.08"],
  ["vp9", 1920, 1080, 30, "vp09.00.40.08"],
  ["av1", 1280, 720, 30, "av01.0.05M.08"],
  ["av1", 3840, 2160, 30, "av01.0.12M.08"],
];
for (const [name, width, height, fps, want] of STRINGS) {
  test(`${name} of ${width}x${height} at ${fps}: ${want}`, () => {
    assert.equal(codecString(name, { width, height, fps }), want);
  });
}

test("an encoder is asked for no delay, H.264 in lengths, and for what the track's hint says", () => {
  const config = encoderConfig("h264", { ...WISH, contentHint: "text" });
  const { latencyMode, framerate, avc, contentHint } = /** @type {any} */ (config);
  assert.deepEqual(
    { latencyMode, framerate, avc, contentHint },
    {
      latencyMode: "realtime",
      framerate: 30,
      avc: { format: "avc" },
      contentHint: "text",
    },
  );
  assert.ok(!("contentHint" in encoderConfig("vp8", { ...WISH, contentHint: "" })));
});
