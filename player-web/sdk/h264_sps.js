/**
 * H.264 sequence parameter sets that say that no picture is reordered, so that a decoder hands out each one at once
 * instead of waiting for what might come before it: `bitstream_restriction_flag`, `max_num_reorder_frames` = 0
 * (ITU-T H.264, 7.3.2.1.1 and E.1.1). All else stays as it is, bit by bit. What cannot be read stays as it is, too.
 */

/** Their sets say more about samples (7.3.2.1.1). */
const HIGH = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
const BASELINE = 66;
const EXTENDED_SAR = 255;
/** Moving vectors of any length, as if nothing had been said (E.2.1). */
const MV_LENGTH = 16;

class Bits {
  at = 0;
  #bytes;

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.#bytes = bytes;
  }

  bit() {
    const byte = this.#bytes[this.at >> 3];
    if (byte === undefined) throw new RangeError("a parameter set that ends too soon");
    const bit = (byte >> (7 - (this.at & 7))) & 1;
    this.at += 1;
    return bit;
  }

  /** @param {number} count */
  skip(count) {
    for (let i = 0; i < count; i += 1) this.bit();
  }

  /** @param {number} count up to 32 */
  u(count) {
    let value = 0;
    for (let i = 0; i < count; i += 1) value = value * 2 + this.bit();
    return value;
  }

  ue() {
    let zeros = 0;
    while (this.bit() === 0) {
      zeros += 1;
      if (zeros > 32) throw new RangeError("a number of more than 32 bits");
    }
    return 2 ** zeros - 1 + this.u(zeros);
  }

  se() {
    const code = this.ue();
    return code % 2 ? (code + 1) / 2 : -code / 2;
  }
}

class BitWriter {
  /** @type {number[]} */
  #bits = [];

  /** @param {number} value @param {number} count */
  u(value, count) {
    for (let i = count - 1; i >= 0; i -= 1) this.#bits.push(Math.floor(value / 2 ** i) % 2);
  }

  /** @param {number} value */
  ue(value) {
    const size = Math.floor(Math.log2(value + 1));
    this.u(0, size);
    this.u(value + 1, size + 1);
  }

  /** @param {Uint8Array} from @param {number} count from its first bit on */
  copy(from, count) {
    const bits = new Bits(from);
    for (let i = 0; i < count; i += 1) this.#bits.push(bits.bit());
  }

  /** With the stop bit. */
  finish() {
    this.#bits.push(1);
    const bytes = new Uint8Array(Math.ceil(this.#bits.length / 8));
    this.#bits.forEach((bit, i) => {
      bytes[i >> 3] |= bit << (7 - (i & 7));
    });
    return bytes;
  }
}

/**
 * @param {Uint8Array<ArrayBuffer>} sps a NAL unit, without start code or length
 * @param {boolean} known its maker reorders nothing; false = only if the set itself shows it: Baseline, or an order of
 *   output that is that of decoding (pic_order_cnt_type 2)
 * @returns {Uint8Array<ArrayBuffer>} the same object, if nothing is to be said
 */
export function withoutReordering(sps, known) {
  try {
    const rbsp = plainBytes(sps.subarray(1));
    const facts = read(rbsp);
    if (!known && facts.profile !== BASELINE && facts.orderType !== 2) return sps;
    if (facts.reordered === 0) return sps;
    const escaped = escapedBytes(write(rbsp, facts));
    const out = new Uint8Array(1 + escaped.length);
    out[0] = sps[0];
    out.set(escaped, 1);
    return out;
  } catch (error) {
    if (error instanceof RangeError) return sps;
    throw error;
  }
}

/**
 * What a set says that matters here.
 *
 * @typedef {object} SpsFacts
 * @property {number} profile
 * @property {number} orderType pic_order_cnt_type
 * @property {number} references max_num_ref_frames
 * @property {number} vuiAt bit of vui_parameters_present_flag
 * @property {boolean} vui
 * @property {number} restrictionAt bit of bitstream_restriction_flag; 0 = no VUI
 * @property {number} reorderedAt bit of max_num_reorder_frames; 0 = not said
 * @property {number | null} reordered max_num_reorder_frames; null = not said
 * @property {number} buffered max_dec_frame_buffering
 *
 * @param {Uint8Array} rbsp behind the NAL unit's header @returns {SpsFacts}
 */
function read(rbsp) {
  const bits = new Bits(rbsp);
  const profile = bits.u(8);
  bits.skip(16); // constraints, level
  bits.ue(); // seq_parameter_set_id
  if (HIGH.has(profile)) readSamples(bits);
  bits.ue(); // log2_max_frame_num_minus4
  const orderType = bits.ue();
  if (orderType === 0) bits.ue();
  else if (orderType === 1) {
    bits.skip(1);
    bits.se();
    bits.se();
    const cycle = bits.ue();
    for (let i = 0; i < cycle; i += 1) bits.se();
  }
  const references = bits.ue();
  bits.skip(1); // gaps_in_frame_num_value_allowed_flag
  bits.ue(); // width
  bits.ue(); // height
  if (bits.bit() === 0) bits.skip(1); // frame_mbs_only_flag, mb_adaptive_frame_field_flag
  bits.skip(1); // direct_8x8_inference_flag
  if (bits.bit()) for (let i = 0; i < 4; i += 1) bits.ue(); // frame_cropping
  const vuiAt = bits.at;
  const vui = bits.bit() === 1;
  const facts = { profile, orderType, references, vuiAt, vui };
  if (!vui) return { ...facts, restrictionAt: 0, reorderedAt: 0, reordered: null, buffered: 0 };
  readVui(bits);
  const restrictionAt = bits.at;
  if (!bits.bit()) return { ...facts, restrictionAt, reorderedAt: 0, reordered: null, buffered: 0 };
  bits.skip(1);
  for (let i = 0; i < 4; i += 1) bits.ue();
  const reorderedAt = bits.at;
  return { ...facts, restrictionAt, reorderedAt, reordered: bits.ue(), buffered: bits.ue() };
}

/** Chroma, depths, scaling matrices. @param {Bits} bits */
function readSamples(bits) {
  const chroma = bits.ue();
  if (chroma === 3) bits.skip(1);
  bits.ue();
  bits.ue();
  bits.skip(1);
  if (!bits.bit()) return;
  for (let i = 0; i < (chroma === 3 ? 12 : 8); i += 1) {
    if (!bits.bit()) continue;
    let last = 8;
    let next = 8;
    for (let j = 0; j < (i < 6 ? 16 : 64); j += 1) {
      if (next !== 0) next = (last + bits.se() + 256) % 256;
      last = next === 0 ? last : next;
    }
  }
}

/** Up to bitstream_restriction_flag (E.1.1). @param {Bits} bits */
function readVui(bits) {
  if (bits.bit() && bits.u(8) === EXTENDED_SAR) bits.skip(32);
  if (bits.bit()) bits.skip(1); // overscan
  if (bits.bit()) {
    bits.skip(4);
    if (bits.bit()) bits.skip(24); // colours
  }
  if (bits.bit()) {
    bits.ue();
    bits.ue(); // where chroma is
  }
  if (bits.bit()) bits.skip(65); // timing
  const nal = bits.bit();
  if (nal) readHrd(bits);
  const vcl = bits.bit();
  if (vcl) readHrd(bits);
  if (nal || vcl) bits.skip(1);
  bits.skip(1); // pic_struct_present_flag
}

/** @param {Bits} bits */
function readHrd(bits) {
  const count = bits.ue() + 1;
  bits.skip(8);
  for (let i = 0; i < count; i += 1) {
    bits.ue();
    bits.ue();
    bits.skip(1);
  }
  bits.skip(20);
}

/** @param {Uint8Array} rbsp @param {SpsFacts} facts */
function write(rbsp, facts) {
  const out = new BitWriter();
  if (facts.reorderedAt > 0) {
    out.copy(rbsp, facts.reorderedAt);
    out.ue(0);
    out.ue(facts.buffered);
    return out.finish();
  }
  if (facts.vui) out.copy(rbsp, facts.restrictionAt);
  else {
    out.copy(rbsp, facts.vuiAt);
    out.u(1, 1); // vui_parameters_present_flag
    out.u(0, 8); // nothing of aspect, overscan, signal, chroma, timing, HRD, HRD, pic_struct
  }
  out.u(1, 1); // bitstream_restriction_flag
  out.u(1, 1); // motion_vectors_over_pic_boundaries_flag
  out.ue(0); // max_bytes_per_pic_denom: no limit
  out.ue(0); // max_bits_per_mb_denom: no limit
  out.ue(MV_LENGTH);
  out.ue(MV_LENGTH);
  out.ue(0); // max_num_reorder_frames
  out.ue(facts.references); // max_dec_frame_buffering
  return out.finish();
}

/** Without the bytes that keep start codes from appearing (7.4.1.1). @param {Uint8Array} bytes */
function plainBytes(bytes) {
  const out = new Uint8Array(bytes.length);
  let length = 0;
  let zeros = 0;
  for (const byte of bytes) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    out[length] = byte;
    length += 1;
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return out.subarray(0, length);
}

/** @param {Uint8Array} bytes */
function escapedBytes(bytes) {
  /** @type {number[]} */
  const out = [];
  let zeros = 0;
  for (const byte of bytes) {
    if (zeros >= 2 && byte <= 3) {
      out.push(3);
      zeros = 0;
    }
    out.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Uint8Array.from(out);
}
