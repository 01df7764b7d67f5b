/** Which rendition a player asks for, and what it does when that does not work. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Ways } from "../../player-web/sdk/ways.js";

const CHROMIUM = {
  canPlay: (/** @type {string} */ mime) =>
    /^(video|audio)\/(webm|mp4|mp2t)/.test(mime) && !/hvc1|avc1.*webm|matroska/.test(mime),
  canHls: true,
  canDecode: true,
};
const OLD = { ...CHROMIUM, canHls: false, canDecode: false };

/** @param {string} format @param {string} mime @param {string[]} [codecs] */
const info = (format, mime, codecs = []) => ({
  format,
  mime,
  tracks: codecs.map((codec) => ({ kind: "video", codec })),
});
/** @param {import('../../player-web/sdk/ways.js').Way | null} way */
const text = (way) => (way ? `${way.rendition} ${way.by}` : "none");

/** What a stream's first message leads to, asked for as `.webm` and refused there unless it is WebM. */
const FIRST = /** @type {[string, any, any, string][]} */ ([
  ["WebM", info("webm", "video/webm;codecs=vp8"), CHROMIUM, ".webm mse"],
  ["Matroska with H.264", info("webm", "video/x-matroska;codecs=avc1"), CHROMIUM, ".mp4 mse"],
  ["MP4", info("mp4", "video/mp4;codecs=avc1"), CHROMIUM, " mse"],
  ["MP4 with HEVC", info("mp4", "video/mp4;codecs=hvc1"), CHROMIUM, ".mp4 mse"],
  ["MPEG-TS", info("mpegts", "video/mp2t"), CHROMIUM, " mse"],
  ["FLV", info("flv", "video/x-flv"), CHROMIUM, ".mp4 mse"],
  ["JPEG", info("jpeg", ""), CHROMIUM, " canvas"],
  ["RGBA", info("rgba", ""), OLD, " canvas"],
  ["packets", info("packets", "", ["vp8", "opus"]), CHROMIUM, " webcodecs"],
  ["packets, no WebCodecs", info("packets", "", ["vp8"]), OLD, ".mp4 mse"],
  ["JPEG with PCM", info("packets", "", ["jpeg", "pcm-f32"]), OLD, " canvas"],
  ["binary", info("binary", ""), CHROMIUM, " raw"],
]);
for (const [name, stream, can, want] of FIRST) {
  test(`${name}: ${want}`, () => {
    const ways = new Ways(can);
    assert.equal(ways.rendition, ".webm");
    if (stream.format !== "webm") assert.equal(ways.refused("no Matroska")?.rendition, "");
    assert.equal(text(ways.take(stream)), want);
  });
}

test("each way that fails gives way to the next, down to HLS, and says why", () => {
  const ways = new Ways(CHROMIUM);
  ways.refused("no Matroska");
  const stream = info("mpegts", "video/mp2t");
  const taken = [ways.take(stream)];
  for (let i = 0; i < 4; i += 1) taken.push(ways.fail(`Failure ${i}.`));
  assert.deepEqual(taken.map(text), [" mse", ".mp4 mse", ".h264 mse", "hls hls", "none"]);
  assert.match(ways.told.why, /As published.*Failure 0.*\.mp4.*Failure 1/);
});

test("a rendition that is not there is a way that fails", () => {
  const ways = new Ways(OLD);
  ways.refused("no Matroska");
  ways.take(info("packets", "", ["vp8"]));
  assert.equal(text(ways.refused("cannot be held")), ".h264 mse");
  assert.equal(text(ways.refused("transcoding is off")), "none");
});

test("Ogg comes as .webm; where that cannot be made, as .mp4", () => {
  const ways = new Ways(CHROMIUM);
  assert.equal(text(ways.take(info("webm", "audio/webm;codecs=opus"))), ".webm mse");
  const other = new Ways(CHROMIUM);
  other.refused("no");
  assert.equal(text(other.take(info("ogg", ""))), ".webm mse");
  assert.equal(text(other.refused("no")), ".mp4 mse");
});

test("another publisher's format begins anew", () => {
  const ways = new Ways(CHROMIUM);
  ways.refused("no Matroska");
  ways.take(info("jpeg", ""));
  ways.fail("broken");
  assert.equal(ways.strayed, true);
  ways.startOver();
  assert.equal(ways.rendition, ".webm");
  assert.equal(text(ways.take(info("webm", "video/webm;codecs=vp8"))), ".webm mse");
});

test("what was published is left once, when it no longer goes on, and returned to where nothing else works", () => {
  const stream = info("mpegts", "video/mp2t");
  const ways = new Ways(CHROMIUM);
  ways.refused("no Matroska");
  ways.take(stream);
  assert.equal(ways.leave(), true);
  assert.equal(text(ways.fail("Its sound has stopped.")), ".mp4 mse");
  assert.equal(ways.leave(), false);
  assert.equal(text(ways.refused("nothing is encoded here")), ".h264 mse");
  assert.equal(text(ways.refused("nothing is encoded here")), " mse");
  assert.equal(text(ways.take(stream)), " mse");
  assert.equal(ways.leave(), false);
  assert.equal(text(ways.fail("It broke.")), "hls hls");
});
