import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseRecorderType } from "../../player-web/sdk/recorder_type.js";

/** @param {RegExp} pattern */
const supports = (pattern) => (/** @type {string} */ type) => pattern.test(type);
const chromium = supports(
  /^(video\/webm;codecs=vp[89]|video\/mp4;codecs=(avc[13]|vp9)[^,]*)(,opus)?$|^audio\/(webm|mp4);codecs=opus$|^video\/mp4$/,
);
const firefox = supports(/^video\/webm;codecs=vp8(,opus)?$|^audio\/webm;codecs=opus$/);
const safari = supports(
  /^video\/mp4(;codecs=avc1[^,]*(,mp4a.40.2)?)?$|^audio\/mp4;codecs=mp4a.40.2$/,
);

const rows = /** @type {[string, (t: string) => boolean, any, string][]} */ ([
  ["Chromium", chromium, { video: true, audio: true, height: 360 }, "video/webm;codecs=vp8,opus"],
  [
    "Chromium, 720p",
    chromium,
    { video: true, audio: true, height: 720 },
    "video/webm;codecs=vp9,opus",
  ],
  ["Chromium, no audio", chromium, { video: true, audio: false }, "video/webm;codecs=vp8"],
  [
    "Chromium, mp4",
    chromium,
    { video: true, audio: true, format: "mp4" },
    "video/mp4;codecs=avc3.42E01E,opus",
  ],
  [
    "Chromium, vp9 by wish",
    chromium,
    { video: true, audio: true, codec: "vp9" },
    "video/webm;codecs=vp9,opus",
  ],
  [
    "Chromium, h264 means MP4",
    chromium,
    { video: true, audio: true, codec: "h264" },
    "video/mp4;codecs=avc3.42E01E,opus",
  ],
  [
    "Safari, h264",
    safari,
    { video: true, audio: true, codec: "h264" },
    "video/mp4;codecs=avc1.42E01E,mp4a.40.2",
  ],
  ["Firefox", firefox, { video: true, audio: true, height: 720 }, "video/webm;codecs=vp8,opus"],
  ["Firefox, no audio", firefox, { video: true, audio: false }, "video/webm;codecs=vp8"],
  ["Firefox, audio only", firefox, { video: false, audio: true }, "audio/webm;codecs=opus"],
  ["Safari", safari, { video: true, audio: true }, "video/mp4;codecs=avc1.42E01E,mp4a.40.2"],
  ["Safari, audio only", safari, { video: false, audio: true }, "audio/mp4;codecs=mp4a.40.2"],
]);

for (const [name, isTypeSupported, wish, expected] of rows) {
  test(name, () => assert.equal(chooseRecorderType(wish, isTypeSupported).mimeType, expected));
}

test("a browser without the format is told apart from any other failure", () => {
  assert.throws(() => chooseRecorderType({ video: true, audio: true, format: "mp4" }, firefox), {
    name: "FramewireError",
    code: "unsupported-recorder",
  });
});

for (const wish of /** @type {any[]} */ ([
  { codec: "vp9" },
  { codec: "h264" },
  { codec: "h264", format: "webm" },
  { codec: "vp8", format: "mp4" },
])) {
  test(`Firefox, ${JSON.stringify(wish)}: the error says what to leave out`, () => {
    assert.throws(() => chooseRecorderType({ video: true, audio: true, ...wish }, firefox), {
      code: "unsupported-recorder",
      message: /Leave codec and format to the SDK/,
    });
  });
}
