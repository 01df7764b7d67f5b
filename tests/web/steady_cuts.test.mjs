import assert from "node:assert/strict";
import { test } from "node:test";
import { SteadyCuts } from "../../player-web/sdk/steady_cuts.js";

/** @param {number} time */
const cluster = (time) => [
  0x1f,
  0x43,
  0xb6,
  0x75,
  0x01,
  0xff,
  0xff,
  0xff,
  0xff,
  0xff,
  0xff,
  0xff,
  0xe7,
  0x84,
  (time >> 24) & 255,
  (time >> 16) & 255,
  (time >> 8) & 255,
  time & 255,
];
/** @param {number} track @param {number} relative @param {number} fill */
const simpleBlock = (track, relative, fill) => [
  0xa3,
  0x88,
  0x80 | track,
  (relative >> 8) & 255,
  relative & 255,
  0,
  fill,
  fill,
  fill,
  fill,
];
/** @param {number} track @param {number} relative @param {number} fill */
const blockGroup = (track, relative, fill) => [
  0xa0,
  0x88,
  0xa1,
  0x86,
  0x80 | track,
  (relative >> 8) & 255,
  relative & 255,
  0,
  fill,
  fill,
];

/** @param {number[][]} parts @returns {{pieces: number[][], cuts: SteadyCuts}} */
function pushAll(parts) {
  const cuts = new SteadyCuts();
  const pieces = parts.flatMap((part, i) => cuts.push(new Uint8Array(part), i * 1000));
  return { pieces: pieces.map(({ bytes }) => [...bytes]), cuts };
}

test("even frames pass, but for the newest one", () => {
  const parts = [
    [...cluster(1000), ...simpleBlock(1, 0, 1), ...simpleBlock(1, 33, 2), ...simpleBlock(1, 66, 3)],
    [...simpleBlock(1, 100, 4), ...simpleBlock(1, 133, 5)],
  ];
  const { pieces, cuts } = pushAll(parts);
  assert.deepEqual(pieces[0], parts[0].slice(0, -10));
  assert.deepEqual(pieces.flat(), parts.flat().slice(0, -10));
  assert.deepEqual(
    cuts.flush().map(({ bytes }) => [...bytes]),
    [parts.flat().slice(-10)],
  );
});

test("no append ends behind two frames painted at once", () => {
  const times = [0, 33, 66, 70, 103, 136];
  const blocks = times.map((t, i) => simpleBlock(1, t, i));
  const { pieces } = pushAll([[...cluster(0), ...blocks.slice(0, 4).flat()], blocks[4], blocks[5]]);
  // 66 to 70 is fine as the interval over a cut (it is short), 70 to 103 is not, 103 to 136 is.
  assert.equal(pieces[0].length, cluster(0).length + 30);
  assert.equal(pieces[1].length, 20);
});

test("a Cluster may begin an append whatever went before, and sound goes with the picture before it", () => {
  const first = [
    ...cluster(0),
    ...blockGroup(2, 0, 1),
    ...simpleBlock(1, 10, 9),
    ...blockGroup(2, 4, 2),
    ...simpleBlock(1, 20, 9),
  ];
  const second = [...cluster(500), ...blockGroup(2, 0, 3)];
  const { pieces } = pushAll([first, second]);
  assert.deepEqual(pieces, [first]);
});

test("no append ends behind the first frame or sound of a Cluster, however even those before it", () => {
  const even = [0, 40, 80].flatMap((t) => [...simpleBlock(1, t, 1), ...simpleBlock(2, t, 2)]);
  const old = [...cluster(0), ...even];
  const keyframe = [...cluster(120), ...simpleBlock(1, 0, 3), ...simpleBlock(2, 5, 4)];
  const frame = simpleBlock(1, 40, 5);
  const other = [...simpleBlock(1, 80, 6), ...simpleBlock(2, 65, 7)];
  const last = simpleBlock(1, 120, 8);
  const { pieces } = pushAll([old, keyframe, frame, other, last]);
  assert.deepEqual(pieces, [old.slice(0, -20), old.slice(-20), [...keyframe, ...frame, ...other]]);
});

test("a sound that is late counts as a hole too", () => {
  const parts = [
    [...cluster(0), ...simpleBlock(1, 0, 1), ...simpleBlock(2, 0, 2)],
    [...simpleBlock(2, 10, 2), ...simpleBlock(1, 40, 3)],
    [...simpleBlock(1, 80, 4), ...simpleBlock(2, 70, 5)],
  ];
  const { pieces } = pushAll(parts);
  assert.deepEqual(pieces, []);
});

test("sound is not held up by a picture that stands still", () => {
  const sound = [0, 60, 120, 180, 240, 300, 360].map((t) => simpleBlock(2, t, 7));
  const { pieces } = pushAll([[...cluster(0), ...simpleBlock(1, 0, 1)], ...sound]);
  assert.equal(pieces.length, 1);
  assert.equal(pieces[0].length, cluster(0).length + 10 + 70);
});

test("nothing is held for long", () => {
  const times = [0, 200, 205, 600];
  const { pieces } = pushAll([cluster(0), ...times.map((t, i) => simpleBlock(1, t, i))]);
  assert.equal(pieces.flat().length, cluster(0).length + 40);
});

test("what is no such stream passes as it is", () => {
  const { pieces } = pushAll([
    [0, 0, 0, 1],
    [2, 3],
  ]);
  assert.deepEqual(pieces, [
    [0, 0, 0, 1],
    [2, 3],
  ]);
});

test("keeps the time of the first part that it holds", () => {
  const cuts = new SteadyCuts();
  assert.deepEqual(cuts.push(new Uint8Array([...cluster(0), ...simpleBlock(1, 0, 1)]), 7), []);
  const [piece] = cuts.push(new Uint8Array([...cluster(40), ...simpleBlock(1, 0, 2)]), 40_000);
  assert.equal(piece.ptsUs, 7);
  assert.equal(cuts.flush()[0].ptsUs, 40_000);
});
