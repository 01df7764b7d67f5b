import assert from "node:assert/strict";
import { test } from "node:test";
import decodeQR from "qr/decode.js";
import { qrCode, qrPath } from "../../player-web/pages/qr.js";

const SCALE = 4;

/** Drawn from the SVG path, as a browser would: RGBA. @param {{size: number, path: string}} code */
function paint({ size, path }) {
  const side = size * SCALE;
  const data = new Uint8Array(side * side * 4).fill(255);
  for (const [, x, y, run] of path.matchAll(/M(\d+) (\d+)h(\d+)v1H\d+z/g)) {
    for (let row = Number(y) * SCALE; row < (Number(y) + 1) * SCALE; row += 1) {
      const from = row * side + Number(x) * SCALE;
      for (let i = from; i < from + Number(run) * SCALE; i += 1) data.fill(0, i * 4, i * 4 + 3);
    }
  }
  return { width: side, height: side, data };
}

const links = [
  "a",
  "http://127.0.0.1:8080/watch/cam",
  "https://video.example.org/watch/studio/camera-2",
  "https://example.org/watch/übung/🎥",
  `https://example.org/watch/${"segment/".repeat(30)}end`,
];
for (const text of [
  ...links,
  ...[14, 15, 180, 181, 700, 2331].map((n) => "Ab9-/".repeat(n).slice(0, n)),
]) {
  const bytes = new TextEncoder().encode(text).length;
  test(`another decoder reads ${bytes} bytes, ${text.slice(0, 32)}`, () => {
    assert.equal(decodeQR(paint(qrPath(qrCode(text)))), text);
  });
}

test("the smallest version that holds the text is taken", () => {
  const sizes = [14, 15, 26, 27, 2331].map((n) => qrCode("x".repeat(n)).length);
  assert.deepEqual(sizes, [21, 25, 25, 29, 177]);
});

test("every version is read", () => {
  let before = 0;
  for (let length = 10; length < 2300; length += 13) {
    const modules = qrCode("q".repeat(length));
    if (modules.length === before) continue;
    before = modules.length;
    assert.equal(decodeQR(paint(qrPath(modules))), "q".repeat(length));
  }
  assert.equal(before, 177);
});

test("a spot on it does not matter", () => {
  const text = "http://127.0.0.1:8080/watch/cam";
  const modules = qrCode(text);
  // 30 of 841 modules, side by side: some four codewords, of the eight that can be mended.
  for (let y = 12; y < 17; y += 1) for (let x = 12; x < 18; x += 1) modules[y][x] = !modules[y][x];
  assert.equal(decodeQR(paint(qrPath(modules))), text);
});

test("what does not fit is refused", () => {
  assert.throws(() => qrCode("x".repeat(2332)), /2332 bytes/);
});
