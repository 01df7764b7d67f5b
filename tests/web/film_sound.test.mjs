import assert from "node:assert/strict";
import { test } from "node:test";
import { FilmSound } from "../../player-web/sdk/film_sound.js";
import { FRAME_ROOM } from "../../player-web/sdk/wire.js";

const STEREO = { sampleRate: 100, numberOfChannels: 2 };
/** @param {FilmSound} sound @param {number} seconds */
function upTo(sound, seconds) {
  /** @type {[number, number[]][]} */ const out = [];
  const room = (/** @type {number} */ bytes) => new Uint8Array(FRAME_ROOM + bytes);
  sound.upTo(seconds, room, (bytes, first) => {
    out.push([first, [...new Float32Array(bytes.buffer.slice(FRAME_ROOM))]]);
  });
  return out;
}

test("sound goes out as far as the frames have come, sample by sample", () => {
  const sound = new FilmSound(STEREO);
  assert.deepEqual(sound.hello, { codec: "pcm-f32", sample_rate: 100, channels: 2 });
  assert.deepEqual(upTo(sound, 1), [], "nothing has come");
  const mine = Float32Array.of(1, 2, 3, 4, 5, 6);
  sound.add(mine);
  mine.fill(0);
  sound.add(Float32Array.of(7, 8));
  assert.deepEqual(upTo(sound, 0.02), [[0, [1, 2, 3, 4]]]);
  assert.deepEqual(upTo(sound, 0.02), []);
  assert.deepEqual(upTo(sound, 9), [
    [2, [5, 6]],
    [3, [7, 8]],
  ]);
});

test("an AudioBuffer is interleaved, and one of another form refused", () => {
  const buffer = (/** @type {number[][]} */ channels, sampleRate = 100) =>
    /** @type {AudioBuffer} */ (
      /** @type {unknown} */ ({
        sampleRate,
        numberOfChannels: channels.length,
        length: channels[0].length,
        getChannelData: (/** @type {number} */ n) => Float32Array.from(channels[n]),
      })
    );
  const sound = new FilmSound(
    buffer([
      [1, 2],
      [3, 4],
    ]),
  );
  assert.deepEqual(upTo(sound, 1), [[0, [1, 3, 2, 4]]]);
  for (const wrong of [buffer([[1]]), buffer([[1], [2]], 99), Float32Array.of(1)])
    assert.throws(() => sound.add(wrong), { code: "bad-source" });
  assert.throws(() => new FilmSound({ sampleRate: 0, numberOfChannels: 1 }), {
    code: "bad-source",
  });
});
