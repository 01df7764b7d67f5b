/** H.264 that reorders nothing is made to say so, and nothing else of it changes. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { promptAvcC, promptPacket } from "../../player-web/sdk/h264_packets.js";
import { withoutReordering } from "../../player-web/sdk/h264_sps.js";

/** What is written: [value, bits], or a number for Exp-Golomb (9.1). @typedef {([number, number] | number)[]} Fields */

/** @param {Fields} fields */
function bitsOf(fields) {
  return fields
    .map((field) => {
      if (Array.isArray(field)) return field[0].toString(2).padStart(field[1], "0");
      const code = (field + 1).toString(2);
      return "0".repeat(code.length - 1) + code;
    })
    .join("");
}

/** Signed, as Exp-Golomb. @param {number} value */
const se = (value) => (value > 0 ? 2 * value - 1 : -2 * value);
const flag = (/** @type {number} */ value) => /** @type {[number, number]} */ ([value, 1]);

/** A NAL unit of these bits: stop bit, bytes, and no start code within (7.3.1). @param {string} bits */
function nal(bits) {
  const whole = `${bits}1`.padEnd(Math.ceil((bits.length + 1) / 8) * 8, "0");
  const plain = whole.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? [];
  const out = [0x67];
  for (const byte of plain) {
    if (byte <= 3 && out.at(-1) === 0 && out.at(-2) === 0) out.push(3);
    out.push(byte);
  }
  return Uint8Array.from(out);
}

const SIZE = /** @type {Fields} */ ([39, 22, flag(1), flag(1)]);
const HRD = /** @type {Fields} */ ([1, [0x34, 8], 99, 7, flag(0), 12, 8, flag(1), [0xabcde, 20]]);

/** @param {Fields} fields */
const of = (...fields) => fields;

/** Up to vui_parameters_present_flag. @type {Record<string, {fields: Fields, shows: boolean, references: number}>} */
const SETS = {
  "Baseline, order by type 0": {
    fields: [[66, 8], [0xc0, 8], [31, 8], 0, 4, 0, 4, 1, flag(0), ...SIZE, flag(0)],
    shows: true,
    references: 1,
  },
  "Main, order of output that of decoding": {
    fields: [[77, 8], [0, 8], [30, 8], 3, 0, 2, 2, flag(0), ...SIZE, flag(1), 0, 0, 0, 4],
    shows: true,
    references: 2,
  },
  "Main, order by type 0": {
    fields: [[77, 8], [0, 8], [30, 8], 0, 0, 0, 2, 4, flag(0), ...SIZE, flag(0)],
    shows: false,
    references: 4,
  },
  "Main, interlaced, order by type 1 with a cycle": {
    fields: [
      ...of(
        [77, 8],
        [0, 8],
        [30, 8],
        0,
        0,
        1,
        flag(0),
        se(-3),
        se(4),
        2,
        se(1),
        se(-1),
        3,
        flag(1),
      ),
      ...of(39, 22, flag(0), flag(1), flag(1), flag(0)),
    ],
    shows: false,
    references: 3,
  },
  "High with scaling matrices": {
    fields: [
      ...of([100, 8], [0, 8], [40, 8], 0, 1, 0, 0, flag(0), flag(1)),
      // A list of 16 that stops after two, none, one of 64 in which the last value goes on; the rest not there.
      ...of(flag(1), se(5), se(-13), flag(0), flag(0), flag(0), flag(0), flag(0)),
      ...of(flag(1), se(2), se(-10), flag(0)),
      ...of(0, 2, 2, flag(0), ...SIZE, flag(0)),
    ],
    shows: true,
    references: 2,
  },
  "High 4:4:4 with twelve lists": {
    fields: [
      ...of([244, 8], [0, 8], [40, 8], 0, 3, flag(0), 0, 0, flag(0), flag(1)),
      ...Array.from({ length: 12 }, () => flag(0)),
      ...of(0, 2, 1, flag(0), ...SIZE, flag(0)),
    ],
    shows: true,
    references: 1,
  },
};

/** What stands between vui_parameters_present_flag and bitstream_restriction_flag. @type {Record<string, Fields>} */
const VUIS = {
  "a short VUI": Array.from({ length: 8 }, () => flag(0)),
  "a long VUI": [
    ...of(flag(1), [255, 8], [4, 16], [3, 16], flag(1), flag(0)),
    ...of(flag(1), [5, 3], flag(1), flag(1), [1, 8], [1, 8], [1, 8], flag(1), 2, 2),
    ...of(flag(1), [1, 32], [0, 31], flag(1), flag(1)),
    ...of(flag(1), ...HRD, flag(1), ...HRD, flag(0), flag(1)),
  ],
};
const said = (/** @type {number} */ reordered, /** @type {number} */ buffered) => [
  ...of(flag(1), flag(1), 0, 0, 11, 11),
  ...of(reordered, buffered),
];
const NEW = (/** @type {number} */ references) => of(flag(1), flag(1), 0, 0, 16, 16, 0, references);

for (const [name, { fields, shows, references }] of Object.entries(SETS)) {
  for (const known of [true, false]) {
    const changes = known || shows;
    /** @type {[string, Fields, Fields | null][]} what it is, its end, and its end afterwards; null = the same */
    const rows = [
      ["no VUI", [flag(0)], [flag(1), [0, 8], ...NEW(references)]],
      ...Object.entries(VUIS).flatMap(
        ([vui, middle]) =>
          /** @type {[string, Fields, Fields | null][]} */ ([
            [
              `${vui}, nothing said`,
              [flag(1), ...middle, flag(0)],
              [flag(1), ...middle, ...NEW(references)],
            ],
            [
              `${vui}, two reordered`,
              [flag(1), ...middle, ...said(2, 4)],
              [flag(1), ...middle, ...said(0, 4)],
            ],
            [`${vui}, none reordered`, [flag(1), ...middle, ...said(0, 1)], null],
          ]),
      ),
    ];
    for (const [what, before, after] of rows) {
      test(`${name}, ${what}, ${known ? "known" : "as it shows"}`, () => {
        const set = nal(bitsOf([...fields, ...before]));
        const got = withoutReordering(set, known);
        if (!changes || !after) assert.equal(got, set);
        else assert.deepEqual([...got], [...nal(bitsOf([...fields, ...after]))]);
        assert.equal(withoutReordering(got, known), got, "once is enough");
      });
    }
  }
}

test("what is cut off, or no set at all, stays as it is", () => {
  const whole = nal(
    bitsOf([...SETS["Baseline, order by type 0"].fields, flag(1), ...VUIS["a long VUI"], flag(0)]),
  );
  for (let length = 0; length < whole.length - 1; length += 1) {
    const cut = whole.slice(0, length);
    assert.equal(withoutReordering(cut, true), cut, `${length} bytes`);
  }
  const noise = Uint8Array.from({ length: 40 }, () => 0);
  assert.equal(withoutReordering(noise, true), noise);
});

/** A browser's own, and what it gave with it. @param {string} name */
function recorded(name) {
  const at = (/** @type {string} */ ext) =>
    new URL(`../media/browser/webcodecs/${name}.${ext}`, import.meta.url);
  const { decoderConfig, chunks } = JSON.parse(readFileSync(at("json"), "utf8"));
  const { offset, size } = chunks[0];
  return {
    avcc: new Uint8Array(Buffer.from(decoderConfig.description_hex ?? "", "hex")),
    key: new Uint8Array(readFileSync(at("bin")).subarray(offset, offset + size)),
  };
}

/** A set that says nothing, and what it becomes. */
const BEFORE = nal(bitsOf([...SETS["Baseline, order by type 0"].fields, flag(0)]));
const AFTER = nal(
  bitsOf([...SETS["Baseline, order by type 0"].fields, flag(1), [0, 8], ...NEW(1)]),
);

test("an avcC: its sets, with their lengths, and all that stands around them", () => {
  const head = [1, 66, 0xc0, 31, 0xff];
  const make = (/** @type {Uint8Array} */ sps) =>
    Uint8Array.from([
      ...head,
      0xe2,
      ...[0, sps.length, ...sps],
      ...[0, sps.length, ...sps],
      1,
      0,
      2,
      0x68,
      1,
    ]);
  assert.deepEqual([...promptAvcC(make(BEFORE), false)], [...make(AFTER)]);
  const same = make(AFTER);
  assert.equal(promptAvcC(same, false), same);
  const cut = make(BEFORE).slice(0, 12);
  assert.equal(promptAvcC(cut, true), cut);
  const { avcc } = recorded("avc1-avcc");
  assert.ok(avcc.length > 20);
  const [once, twice] = [promptAvcC(avcc, true), promptAvcC(promptAvcC(avcc, true), true)];
  assert.deepEqual([...once], [...twice]);
});

test("packets behind start codes, and behind lengths", () => {
  const slice = Uint8Array.from([0x65, 1, 2, 0, 0, 3, 1, 9]);
  const annexB = (/** @type {Uint8Array} */ sps) =>
    Uint8Array.from([0, 0, 0, 1, ...sps, 0, 0, 1, 0x68, 5, 0, 0, 0, 1, ...slice]);
  assert.deepEqual([...promptPacket(annexB(BEFORE), null, false)], [...annexB(AFTER)]);
  const same = annexB(AFTER);
  assert.equal(promptPacket(same, null, true), same);
  for (const size of [1, 2, 4]) {
    const avcc = Uint8Array.from([1, 66, 0, 31, 0xfc | (size - 1), 0xe0, 0]);
    const unit = (/** @type {Uint8Array} */ bytes) => [
      ...Array(size - 1).fill(0),
      bytes.length,
      ...bytes,
    ];
    const lengths = (/** @type {Uint8Array} */ sps) =>
      Uint8Array.from([...unit(sps), ...unit(slice)]);
    assert.deepEqual([...promptPacket(lengths(BEFORE), avcc, false)], [...lengths(AFTER)]);
  }
  const { key } = recorded("avc1-annexb");
  const prompt = promptPacket(key, null, true);
  assert.deepEqual([...promptPacket(prompt, null, true)], [...prompt]);
  const broken = Uint8Array.from([0, 0, 0, 200, 0x67, 1, 2]);
  assert.equal(promptPacket(broken, Uint8Array.from([1, 66, 0, 31, 0xff, 0xe0, 0]), true), broken);
});
