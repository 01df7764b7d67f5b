import assert from "node:assert/strict";
import { test } from "node:test";
import { StatsRows } from "../../player-web/elements/stats_rows.js";
import { wordsFor } from "../../player-web/elements/words.js";
import { peakDb } from "../../player-web/pages/level_meter.js";
import { problemOf } from "../../player-web/pages/problems.js";
import {
  clockText,
  codecText,
  rateText,
  secondsOf,
  sizeText,
  spanText,
} from "../../player-web/pages/texts.js";

/** what, value, text @type {[(value: any) => string, any, string][]} */
const rows = [
  [clockText, 0, "0:00"],
  [clockText, 59_999, "0:59"],
  [clockText, 60_000, "1:00"],
  [clockText, 3_723_000, "1:02:03"],
  [spanText, 59 * 60_000, "59 min"],
  [spanText, 125 * 60_000, "2 h 5 min"],
  [sizeText, 0, "0 B"],
  [sizeText, 999, "999 B"],
  [sizeText, 1000, "1.0 kB"],
  [sizeText, 9_960_000, "10 MB"],
  [sizeText, 999_600, "1.0 MB"],
  [sizeText, 3.14e12, "3.1 TB"],
  [rateText, 999_000, "999 kb/s"],
  [rateText, 2_500_000, "2.5 Mb/s"],
  [codecText, "vp09.00.31.08", "VP9"],
  [codecText, "Opus", "Opus"],
  [codecText, "avc1.42E01E", "H.264"],
  [codecText, "theora", "theora"],
  [(text) => String(secondsOf(text)), "20", "20"],
  [(text) => String(secondsOf(text)), " 1:30.5 ", "90.5"],
  [(text) => String(secondsOf(text)), "1:00:01", "3601"],
  [(text) => String(secondsOf(text)), "5s", "NaN"],
  [(text) => String(secondsOf(text)), "-1", "NaN"],
  [(text) => String(secondsOf(text)), "1:2:3:4", "NaN"],
];
for (const [what, value, text] of rows) {
  test(`${what.name}(${value}) is ${text}`, () => assert.equal(what(value), text));
}

test("every state and reason of a player has words", () => {
  const states = /** @type {const} */ ([
    "connecting",
    "waiting",
    "live",
    "stalled",
    "reconnecting",
    "ended",
    "error",
    "stopped",
  ]);
  for (const state of states) assert.ok(wordsFor(state, "").title, state);
  const reasons = ["no-publisher", "publisher-lost", "publisher-error", "next-group"];
  const titles = new Set(reasons.map((reason) => wordsFor("waiting", reason).title));
  assert.equal(titles.size, reasons.length);
  assert.equal(wordsFor("error", "The reason.", "overloaded").text, "The reason.");
});

test("what goes wrong with a source is told by its kind", () => {
  const denied = new DOMException("", "NotAllowedError");
  assert.match(problemOf(denied, "camera").title, /blocked/);
  assert.match(problemOf(denied, "screen").title, /screen/);
  assert.equal(problemOf(new Error("Oh."), "camera").text, "Oh.");
});

test("the level meter's scale", () => {
  assert.equal(peakDb(new Float32Array(8)), -60);
  assert.equal(Math.round(peakDb(Float32Array.of(0, -0.5, 0.1))), -6);
  assert.equal(peakDb(Float32Array.of(2)), 0);
});

test("rates in the statistics are over the last seconds, and begin anew with another player", () => {
  const rows = new StatsRows();
  const stats = /** @type {any} */ ({ bytes: 0, framesShown: 0, framesDropped: 0, latencyMs: 400 });
  const player = /** @type {any} */ ({
    stats,
    info: { format: "webm", tracks: [{ codec: "vp8" }] },
  });
  const video = /** @type {any} */ ({ videoWidth: 640, videoHeight: 360 });
  const read = (/** @type {number} */ now) =>
    Object.fromEntries(
      rows.read(
        {
          ...player,
          stats: {
            ...stats,
            bufferedMs: 0,
            playbackRate: 1,
            way: { rendition: "", by: "mse", why: "" },
          },
        },
        video,
        now,
      ),
    );
  for (let now = 0; now <= 10_000; now += 500) {
    stats.bytes = now < 5_000 ? now * 1000 : 5_000_000 + (now - 5_000) * 125;
    stats.framesShown = (now / 1000) * 30;
    read(now);
  }
  const late = read(10_500);
  assert.equal(late.Codecs, "vp8 in webm");
  assert.match(late.Received, /^\d{3} kb\/s$/);
  assert.match(late["Pictures a second"], /^2\d$/);
  stats.bytes = 10;
  assert.equal(read(11_000).Received, "0 kb/s");
});
