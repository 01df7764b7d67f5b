/** The headers that Chromium shows WebM without delay by, and which of them goes before which part. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readElement } from "../../player-web/sdk/ebml.js";
import { liveInit } from "../../player-web/sdk/live_init.js";
import { PromptHeader } from "../../player-web/sdk/prompt_header.js";
import { WebmWriter } from "../../player-web/sdk/webm_writer.js";

const SEGMENT = 0x18538067;
const INFO = 0x1549a966;
const TRACKS = 0x1654ae6b;
const TRACK_ENTRY = 0xae;
const CONTAINERS = [SEGMENT, INFO, TRACKS, TRACK_ENTRY];

/** All elements, with where they stand: "1549a966/4461". @param {Uint8Array} bytes */
function listed(bytes) {
  /** @type {Record<string, Uint8Array>} */ const found = {};
  /** @param {number} at @param {number} to @param {string} path */
  const read = (at, to, path) => {
    while (at < to) {
      const element = readElement(bytes, at);
      assert.ok(element, `an element at ${at}`);
      const { id, body, size } = element;
      const end = size < 0 ? to : body + size;
      assert.ok(end <= to, `the element at ${at} ends in ${path}`);
      const name = `${path}${id.toString(16)}`;
      found[name] = bytes.slice(body, end);
      if (CONTAINERS.includes(id)) read(body, end, `${name}/`);
      at = end;
    }
  };
  read(0, bytes.length, "");
  return found;
}

const DATE = "18538067/1549a966/4461";
const LASTS = "18538067/1654ae6b/ae/23e383";
const header = () => new WebmWriter().header({ codec: "vp8", width: 320, height: 240 });

/** The same with something put into Info or the track: sizes of eight bytes are counted up. @param {string} where @param {number[]} more */
function withMore(where, more) {
  const bytes = header();
  const at = { info: INFO, tracks: TRACKS, entry: TRACK_ENTRY };
  const view = new DataView(bytes.buffer);
  /** @param {number} id @param {number} from @param {number} to @returns {number} */
  const find = (id, from, to) => {
    for (let i = from; i < to; ) {
      const element = /** @type {{id: number, body: number, size: number}} */ (
        readElement(bytes, i)
      );
      if (element.id === id) return i;
      i = element.id === SEGMENT ? element.body : element.body + element.size;
    }
    throw new Error("not there");
  };
  const grow = (/** @type {number} */ i, /** @type {number} */ idBytes) => {
    const low = i + idBytes + 4;
    view.setUint32(low, view.getUint32(low) + more.length);
    return i + idBytes + 8;
  };
  let inside = 0;
  if (where === "info") inside = grow(find(at.info, 0, bytes.length), 4);
  else inside = grow(grow(find(at.tracks, 0, bytes.length), 4), 1);
  return Uint8Array.from([...bytes.slice(0, inside), ...more, ...bytes.slice(inside)]);
}

test("a date and a duration come into the header, and nothing else changes", () => {
  const before = listed(header());
  for (const [lastsMs, added] of /** @type {[number, string[]][]} */ ([
    [0, [DATE]],
    [1000, [DATE, LASTS]],
  ])) {
    const after = listed(liveInit(header(), lastsMs));
    const names = Object.keys(after).filter((name) => !(name in before));
    assert.deepEqual(names.sort(), added.sort());
    for (const name of Object.keys(before).filter((name) => !/(538067|a966|ae6b|ae)$/.test(name))) {
      assert.deepEqual(after[name], before[name], name);
    }
    assert.deepEqual([...after[DATE]], new Array(8).fill(0));
    if (lastsMs) assert.deepEqual([...after[LASTS]], [0x3b, 0x9a, 0xca, 0]);
  }
});

/** what, header, whether a date comes in, whether a duration does @type {[string, Uint8Array<ArrayBuffer>, boolean, boolean][]} */
const HEADERS = [
  ["it has a date", withMore("info", [0x44, 0x61, 0x81, 7]), false, true],
  ["it has a duration", withMore("info", [0x44, 0x89, 0x84, 0, 0, 0, 0]), false, true],
  ["its pictures' duration is told", withMore("entry", [0x23, 0xe3, 0x83, 0x81, 9]), true, false],
];
for (const [what, bytes, dated, lasting] of HEADERS) {
  test(`${what}: it stays`, () => {
    const before = listed(bytes);
    const after = listed(liveInit(bytes, 1000));
    if (dated) assert.ok(after[DATE]);
    else assert.deepEqual(after[DATE], before[DATE]);
    assert.equal(LASTS in after && !(LASTS in before), lasting);
  });
}

test("sound lasts as long as it says", () => {
  const sound = header();
  const type = sound.findIndex(
    (byte, i) => byte === 0x83 && sound[i + 1] === 1 && sound[i + 8] === 1,
  );
  sound[type + 9] = 2;
  assert.equal(LASTS in listed(liveInit(sound, 1000)), false);
});

test("what is no such header stays as it is", () => {
  const whole = header();
  const known = header();
  const segment = known.findIndex((_, i) => readElement(known, i)?.id === SEGMENT);
  known.set([0x01, 0, 0, 0, 0, 0, 0, known.length - segment - 12], segment + 4);
  assert.equal(liveInit(known, 1000), known, "a Segment of a known size");
  for (let length = 0; length < whole.length; length += 1) {
    const part = whole.slice(0, length);
    const out = liveInit(part, 1000);
    assert.ok(out === part || listed(out), `cut at ${length}`);
  }
  for (let i = 0; i < 3000; i += 1) {
    const bent = header();
    bent[(i * 7) % bent.length] = (i * 31) & 255;
    bent[(i * 13 + 5) % bent.length] = (i * 17) & 255;
    liveInit(bent, 1000);
  }
});

/** Blocks of one track. @param {number} time @param {boolean} [key] */
const picture = (time, key = false) => {
  const head = key
    ? [
        0x1f,
        0x43,
        0xb6,
        0x75,
        1,
        ...new Array(7).fill(255),
        0xe7,
        0x84,
        0,
        0,
        time >> 8,
        time & 255,
      ]
    : [];
  const relative = key ? 0 : time - picture.cluster;
  if (key) picture.cluster = time;
  return Uint8Array.from([
    ...head,
    0xa3,
    0x85,
    0x81,
    relative >> 8,
    relative & 255,
    key ? 0x80 : 0,
    9,
  ]);
};
picture.cluster = 0;

/**
 * what, times of pictures, one in so many is a keyframe, where another header goes before which picture: a long one, a plain one
 * @type {[string, number[], number, [number, number][]][]}
 */
const STREAMS = [
  ["30 a second", Array.from({ length: 90 }, (_, n) => n * 33), 30, [[30, 1000]]],
  ["8 a second", Array.from({ length: 40 }, (_, n) => n * 125), 8, [[16, 1000]]],
  ["4 a second", Array.from({ length: 40 }, (_, n) => n * 250), 4, []],
  ["one in 1.5 s", Array.from({ length: 9 }, (_, n) => n * 1500), 1, []],
  [
    "one that is 1.4 s late",
    Array.from({ length: 200 }, (_, n) => n * 33 + (n >= 45 ? 1400 : 0)),
    30,
    [
      [30, 1000],
      [45, 0],
    ],
  ],
  [
    "one that is 0.9 s late",
    Array.from({ length: 90 }, (_, n) => n * 33 + (n >= 45 ? 900 : 0)),
    30,
    [[30, 1000]],
  ],
  [
    "a clock that goes back",
    Array.from({ length: 90 }, (_, n) => n * 33 + (n < 45 ? 9000 : 0)),
    30,
    [
      [30, 1000],
      [45, 0],
    ],
  ],
];
for (const [what, times, keys, headers] of STREAMS) {
  test(`${what}: the headers on the way`, () => {
    const prompt = new PromptHeader(header());
    assert.ok(DATE in listed(prompt.first) && !(LASTS in listed(prompt.first)));
    /** @type {[number, number][]} */ const seen = [];
    times.forEach((time, n) => {
      // After what is late the page's recorder begins with a keyframe.
      const key = n % keys === 0 || (n > 0 && Math.abs(time - times[n - 1]) >= 1000);
      const next = prompt.look(picture(time, key), key);
      if (!next) return;
      seen.push([n, next.lastsMs]);
      assert.equal(LASTS in listed(next.bytes), next.lastsMs > 0);
    });
    assert.deepEqual(seen, headers);
  });
}

test("bytes that are no blocks change nothing", () => {
  const prompt = new PromptHeader(header());
  for (let i = 0; i < 2000; i += 1) {
    const bytes = Uint8Array.from({ length: i % 40 }, (_, n) => (i * 37 + n * 101) & 255);
    prompt.look(bytes, false);
  }
});
