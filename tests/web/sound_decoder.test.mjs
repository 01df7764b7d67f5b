import assert from "node:assert/strict";
import { test } from "node:test";
import { planesOf } from "../../player-web/sdk/sound_decoder.js";

const TRUE = { left: [0, 0.5, -1, 0.25], right: [1 / 32768, -0.5, 0, 0.75] };

/**
 * As a browser has it; notes what it is asked for.
 * @param {string} format @param {number[][]} channels @param {string[]} asked
 */
function audioData(format, channels, asked) {
  return /** @type {AudioData} */ (
    /** @type {unknown} */ ({
      format,
      numberOfChannels: channels.length,
      numberOfFrames: channels[0].length,
      copyTo(/** @type {any} */ to, /** @type {any} */ wish) {
        asked.push(wish.format);
        const scale = wish.format === "s16-planar" ? 32768 : 1;
        to.set(channels[wish.planeIndex].map((value) => Math.min(32767, value * scale)));
      },
    })
  );
}

for (const [
  format,
  channels,
  convert,
  how,
] of /** @type {[string, number[][], boolean, string][]} */ ([
  ["f32", [TRUE.left], false, "f32-planar"],
  ["f32", [TRUE.left], true, "s16-planar"],
  ["f32", [TRUE.left, TRUE.right], true, "f32-planar"],
  ["f32-planar", [TRUE.left, TRUE.right], true, "s16-planar"],
  ["s16", [TRUE.left, TRUE.right], true, "f32-planar"],
]))
  test(`${channels.length} of ${format}${convert ? ", where copies are not safe" : ""}`, () => {
    /** @type {string[]} */ const asked = [];
    const planes = planesOf(audioData(format, channels, asked), convert);
    assert.deepEqual(
      planes.map((plane) => [...plane]),
      channels,
    );
    assert.deepEqual(asked, Array(channels.length).fill(how));
  });
