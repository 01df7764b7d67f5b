import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import "./globals.js";
import { framewire } from "../../player-web/sdk/at_server.js";
import { play } from "../../player-web/sdk/play.js";
import { checkPlay } from "../../player-web/sdk/play_types.js";
import { checkPublish } from "../../player-web/sdk/publish_types.js";
import { checkFilm } from "../../player-web/sdk/record_types.js";
import { subscribe } from "../../player-web/sdk/subscribe.js";

const video = { play: () => {} };
const film = (/** @type {any} */ options) => checkFilm({ fps: 30, url: "x", ...options });
const shown = (/** @type {any} */ options) => checkPlay(video, options);
const asked = (/** @type {any} */ options) => subscribe("wss://h/live/x", options);

// call, options, what the error names
const wrong = /** @type {[(options: any) => unknown, any, RegExp][]} */ ([
  [checkPublish, { fps: "30" }, /fps of publish\(\) is "30"\. It may be 0 or more/],
  [checkPublish, { fps: -1 }, /fps .* -1/],
  [checkPublish, { fps: Number.NaN }, /fps .* NaN/],
  [checkPublish, { codec: "hevc" }, /codec .* "hevc"\. It may be "vp8", "vp9", "av1", "h264"/],
  [checkPublish, { record: "yes" }, /record .* "yes"\. It may be true or false/],
  [checkPublish, { videoBitsPerSecond: 0 }, /videoBitsPerSecond .* 0\. .* above 0/],
  [checkPublish, { quality: 80 }, /quality .* 80\. It may be 0 to 1/],
  [checkPublish, { audio: {} }, /audio .* an object\. It may be a MediaStream/],
  [checkPublish, { title: 5 }, /title .* 5\. It may be a text/],
  [checkPublish, { giveUpMs: "1s" }, /giveUpMs/],
  [checkPublish, "cam", /options of publish\(\) are an object/],
  [checkPublish, null, /options of publish\(\) are an object/],
  [shown, { muted: 1 }, /muted of play\(\) is 1/],
  [shown, { targetMs: "fast" }, /targetMs/],
  [shown, { token: 5 }, /token of play\(\) is 5/],
  [shown, { refreshToken: "eyJ" }, /refreshToken of play\(\) is "eyJ"\. It may be a function/],
  [asked, { binaryType: "bytes" }, /binaryType of subscribe\(\) is "bytes"/],
  [
    film,
    { encode: "gpu" },
    /encode of recordCanvas\(\) is "gpu"\. It may be "page", "server", "auto"/,
  ],
  [film, { quality: "best" }, /quality/],
  [(server) => framewire(server), "host", /server is "host"/],
]);
for (const [call, options, message] of wrong) {
  test(`${message}`, () => {
    assert.throws(() => call(options), { name: "FramewireError", code: "bad-option", message });
  });
}

test("what is not given may be null or undefined", () => {
  checkPublish({ title: undefined, token: null, audio: null, fps: undefined });
  checkPublish(undefined);
  checkPublish({ giveUpMs: Number.POSITIVE_INFINITY });
});

const warn = console.warn;
afterEach(() => {
  console.warn = warn;
});
test("a name that is no option is told, with those that are", () => {
  /** @type {string[]} */ const lines = [];
  console.warn = (line) => lines.push(line);
  shown({ latncy: "low" });
  assert.equal(lines.length, 1);
  assert.match(lines[0], /play\(\) has no option "latncy"\. It has: .*latency/);
});

test("play() without its video says so", () => {
  const call = /** @type {any} */ (play);
  assert.throws(() => call("/watch/cam"), { code: "bad-source", message: /<video>/ });
});
