import assert from "node:assert/strict";
import { test } from "node:test";
import { SoundPieces } from "../../player-web/sdk/sound_pieces.js";

const RATE = 48_000;
const SIZE = 480;

/** Sample n of channel c is n + c / 2. @param {number} from @param {number} count @param {number} channels */
const samples = (from, count, channels) =>
  Array.from({ length: channels }, (_, c) =>
    Float32Array.from({ length: count }, (__, i) => from + i + c / 2),
  );

for (const channels of [1, 2, 3]) {
  for (const cut of [1, 128, 441, 480, 512, 4_800]) {
    test(`${channels} channels in cuts of ${cut} give every sample once, at its time`, () => {
      const pieces = new SoundPieces(SIZE, RATE);
      const out = [];
      for (let n = 0; n < 4_800; n += cut) {
        const count = Math.min(cut, 4_800 - n);
        out.push(...pieces.push(samples(n, count, channels), 7 + n / RATE));
      }
      assert.equal(out.length, 10);
      out.forEach(({ planes, at }, k) => {
        assert.equal(planes.length, 2);
        assert.ok(Math.abs(at - 7 - (k * SIZE) / RATE) < 1e-9, String(at));
        planes.forEach((plane, c) => {
          const half = channels > 1 ? c / 2 : 0;
          assert.deepEqual(
            [plane.length, plane[0], plane[SIZE - 1]],
            [SIZE, k * SIZE + half, k * SIZE + SIZE - 1 + half],
          );
        });
      });
    });
  }
}

test("no piece goes over a hole, and the next begins behind it", () => {
  const pieces = new SoundPieces(SIZE, RATE);
  assert.equal(pieces.push(samples(0, 400, 1), 0).length, 0);
  const [piece, ...more] = pieces.push(samples(9_000, 600, 1), 9_000 / RATE);
  assert.equal(more.length, 0);
  assert.equal(piece.planes[0][0], 9_000);
  assert.ok(Math.abs(piece.at - 9_000 / RATE) < 1e-9);
});

test("times that are rounded are no hole", () => {
  const pieces = new SoundPieces(SIZE, RATE);
  let count = 0;
  for (let n = 0; n < 48_000; n += 128) {
    count += pieces.push(samples(n, 128, 2), Math.round((n / RATE) * 1000) / 1000).length;
  }
  assert.equal(count, 100);
});
