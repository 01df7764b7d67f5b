/** Planes and packing by WebAssembly: the same as by plain JavaScript, and without a loss. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { i420Bytes, toI420 } from "../../player-web/sdk/i420.js";
import {
  colourPlanes,
  i420Planes,
  PACKED_I420,
  PlanePacker,
  unpackI420,
  unpackPlanes,
} from "../../player-web/sdk/packed_planes.js";

let seed = 1;
const random = () => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) | 0;
  return seed;
};

/** Pixels of a picture, of which little is left to all. @type {[string, (x: number, y: number) => number, number][]} */
const PICTURES = [
  ["one colour", () => 0xff336699 | 0, 0.05],
  ["a slope", (x, y) => (255 << 24) | ((x & 255) << 16) | ((y & 255) << 8) | ((x + y) & 255), 0.5],
  ["edges", (x, y) => (x % 9 < 4 || y % 7 === 0 ? -1 : 255 << 24), 1],
  ["noise", random, 1.1],
];
const SIZES = [
  [32, 2],
  [34, 6],
  [46, 10],
  [320, 180],
];

/** @param {number} width @param {number} height @param {(x: number, y: number) => number} picture */
const drawn = (width, height, picture) =>
  Int32Array.from({ length: width * height }, (_, i) => picture(i % width, (i / width) | 0));

test("the module is of the source that lies beside it", () => {
  const tool = fileURLToPath(new URL("../../tools/web-wasm", import.meta.url));
  assert.equal(spawnSync(process.execPath, [tool, "--check"]).status, 0, "run tools/web-wasm");
});

for (const [name, picture, left] of PICTURES)
  test(`I420 of ${name}`, () => {
    for (const [width, height] of SIZES) {
      const packer = PlanePacker.open(width, height, i420Planes(width, height));
      assert.ok(packer);
      const words = drawn(width, height, picture);
      for (const blueFirst of [false, true])
        for (const upward of [false, true]) {
          const planes = new Uint8Array(i420Bytes(width, height));
          toI420({ words, blueFirst, upward }, width, height, planes);
          packer.words.set(words);
          packer.toI420({ blueFirst, upward });
          const copy = new Uint8Array(planes.length);
          packer.copyPlanes(copy);
          assert.deepEqual(copy, planes);
          const packed = packer.pack().slice();
          assert.deepEqual(unpackPlanes(packed, i420Planes(width, height)), planes);
          if (width === 320)
            assert.ok(packed.length < left * planes.length, `${packed.length} of ${planes.length}`);
        }
    }
  });

for (const alpha of [false, true])
  for (const [name, picture] of PICTURES)
    test(`colours${alpha ? " and alpha" : ""} of ${name}, in base64`, () => {
      for (const [width, height] of SIZES) {
        const shapes = colourPlanes(width, height, alpha);
        const packer = PlanePacker.open(width, height, shapes);
        assert.ok(packer);
        const words = drawn(width, height, picture);
        const bytes = new Uint8Array(words.buffer);
        for (const blueFirst of [false, true]) {
          packer.words.set(words);
          packer.toColours(blueFirst);
          const { length } = packer.pack();
          const text = Buffer.from(packer.toBase64(length)).toString("latin1");
          const [planes, zeros, ...packed] = Buffer.from(text, "base64");
          assert.equal(Buffer.from([planes, zeros, ...packed]).toString("base64"), text);
          assert.equal(planes, alpha ? 4 : 3);
          const whole = Uint8Array.from(packed.slice(0, packed.length - zeros));
          /** @type {Uint8Array | null} */ const got = unpackPlanes(whole, shapes);
          assert.ok(got);
          const count = width * height;
          const [red, blue] = blueFirst ? [2, 0] : [0, 2];
          for (let i = 0; i < count; i += 1) {
            const green = /** @type {number} */ (got[i]);
            assert.equal(green, bytes[4 * i + 1]);
            assert.equal((got[count + i] + green) & 255, bytes[4 * i + red]);
            assert.equal((got[2 * count + i] + green) & 255, bytes[4 * i + blue]);
            if (alpha) assert.equal(got[3 * count + i], bytes[4 * i + 3]);
          }
        }
      }
    });

test("what is none is none", () => {
  const shapes = i420Planes(32, 4);
  const packer = PlanePacker.open(32, 4, shapes);
  assert.ok(packer);
  packer.words.set(drawn(32, 4, random));
  packer.toI420({ blueFirst: false, upward: false });
  const good = packer.pack().slice();
  assert.ok(unpackPlanes(good, shapes));
  assert.equal(unpackPlanes(good.subarray(0, good.length - 1), shapes), null, "cut off");
  assert.equal(unpackPlanes(Uint8Array.from([...good, 0]), shapes), null, "a byte too many");
  assert.equal(unpackPlanes(Uint8Array.from([7, ...good.slice(1)]), shapes), null, "no such width");
  assert.equal(unpackPlanes(new Uint8Array(0), shapes), null);
});

test("a picture of `i420-packed` may be as it is", () => {
  const plain = new Uint8Array(i420Bytes(32, 4)).fill(9);
  assert.equal(unpackI420(plain, 32, 4, PACKED_I420), plain);
  assert.equal(unpackI420(plain, 32, 4, "i420"), plain);
  assert.equal(unpackI420(plain.subarray(1), 32, 4, "i420"), null);
});

test("not of sides that are odd, or narrow", () => {
  for (const [width, height] of [
    [33, 4],
    [32, 5],
    [30, 4],
  ])
    assert.equal(PlanePacker.open(width, height, i420Planes(width, height)), null);
});
