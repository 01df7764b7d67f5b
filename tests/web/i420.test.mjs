/** RGB to planes: BT.709, limited range, in whatever order pixels and rows lie; and of what sides. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { i420Bytes, layOnBlack, toI420 } from "../../player-web/sdk/i420.js";

const COLOURS = [
  [0, 0, 0],
  [255, 255, 255],
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [1, 2, 3],
  [200, 90, 40],
  [128, 128, 128],
];

/** ITU-R BT.709-6, 3.2 to 3.5, 8 bits. @param {number[]} rgb */
function exact([r, g, b]) {
  const y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  const u = (b - y) / 1.8556;
  const v = (r - y) / 1.5748;
  return [16 + (y * 219) / 255, 128 + (u * 224) / 255, 128 + (v * 224) / 255];
}

/** @param {number[]} rgb @param {boolean} blueFirst @param {number} [alpha] */
const word = ([r, g, b], blueFirst, alpha = 255) =>
  (alpha << 24) | ((blueFirst ? r : b) << 16) | (g << 8) | (blueFirst ? b : r);

for (const blueFirst of [false, true])
  for (const upward of [false, true])
    test(`colours, blue first: ${blueFirst}, rows upward: ${upward}`, () => {
      for (const rgb of COLOURS) {
        const words = new Int32Array(4).fill(word(rgb, blueFirst));
        const out = new Uint8Array(i420Bytes(2, 2));
        toI420({ words, blueFirst, upward }, 2, 2, out);
        const [y, u, v] = exact(rgb);
        for (const [at, value] of [y, y, y, y, u, v].entries())
          assert.ok(Math.abs(out[at] - value) <= 0.51, `${rgb}: ${out[at]} at ${at}, not ${value}`);
      }
    });

test("each pixel has its own Y, each 2x2 their mean U and V, at every size", () => {
  for (const [width, height] of [
    [1, 1],
    [2, 2],
    [3, 2],
    [2, 3],
    [5, 7],
    [8, 6],
  ]) {
    const rgbAt = (/** @type {number} */ x, /** @type {number} */ y) => [
      (x * 61 + y * 7) & 255,
      (x * 17 + y * 113) & 255,
      (x * 5 + y * 31) & 255,
    ];
    for (const upward of [false, true]) {
      const words = new Int32Array(width * height);
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
          words[(upward ? height - 1 - y : y) * width + x] = word(rgbAt(x, y), false);
      const out = new Uint8Array(i420Bytes(width, height));
      toI420({ words, blueFirst: false, upward }, width, height, out);
      const [across, down] = [(width + 1) >> 1, (height + 1) >> 1];
      const near = (/** @type {number} */ at, /** @type {number} */ value) =>
        assert.ok(
          Math.abs(out[at] - value) <= 0.6,
          `${width}x${height} ${upward}: ${out[at]} at ${at}, not ${value}`,
        );
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) near(y * width + x, exact(rgbAt(x, y))[0]);
      for (let y = 0; y < down; y++)
        for (let x = 0; x < across; x++) {
          const four = [0, 1, 2, 3].map((i) =>
            rgbAt(Math.min(2 * x + (i & 1), width - 1), Math.min(2 * y + (i >> 1), height - 1)),
          );
          const mean = [0, 1, 2].map((c) => four.reduce((sum, rgb) => sum + rgb[c], 0) / 4);
          near(width * height + y * across + x, exact(mean)[1]);
          near(width * height + across * (down + y) + x, exact(mean)[2]);
        }
    }
  }
});

test("straight alpha is laid on black", () => {
  const words = Int32Array.from([
    word([200, 100, 50], false, 255),
    word([200, 100, 50], false, 128),
    word([200, 100, 50], false, 0),
  ]);
  layOnBlack(words);
  assert.deepEqual(
    [...words],
    [word([200, 100, 50], false), word([100, 50, 25], false), word([0, 0, 0], false)],
  );
});
