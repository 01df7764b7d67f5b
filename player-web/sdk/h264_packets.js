import { joined } from "./bytes.js";
import { withoutReordering } from "./h264_sps.js";

/**
 * The parameter sets of H.264 as WebCodecs has them: in an avcC (ISO/IEC 14496-15, 5.3.3.1) before NAL units behind
 * lengths, or among NAL units behind start codes. Rewritten, they say that nothing is reordered (h264_sps.js).
 *
 * @typedef {Uint8Array<ArrayBuffer>} Bytes
 */
const SPS = 7;
const AVCC_SETS_AT = 5;

/** Whether a WebCodecs codec string is H.264. @param {string} codec */
export const isH264 = (codec) => /^avc[13]\./.test(codec);

/**
 * @param {Bytes} avcc
 * @param {boolean} known nothing is reordered; false = only if the sets show it
 * @returns {Bytes} the same object, if nothing is to be said
 */
export function promptAvcC(avcc, known) {
  const count = (avcc[AVCC_SETS_AT] ?? 0) & 31;
  /** @type {Bytes[]} */
  const parts = [avcc.subarray(0, AVCC_SETS_AT + 1)];
  let at = AVCC_SETS_AT + 1;
  let changed = false;
  for (let i = 0; i < count; i += 1) {
    const end = at + 2 + ((avcc[at] << 8) | avcc[at + 1]);
    if (!(end <= avcc.length)) return avcc;
    const before = avcc.subarray(at + 2, end);
    const after = withoutReordering(before, known);
    changed ||= after !== before;
    parts.push(Uint8Array.of(after.length >> 8, after.length & 255), after);
    at = end;
  }
  return changed ? joined([...parts, avcc.subarray(at)]) : avcc;
}

/**
 * The same for the sets in a key packet.
 *
 * @param {Bytes} data
 * @param {Bytes | null} avcc null = NAL units behind start codes
 * @param {boolean} known
 * @returns {Bytes}
 */
export function promptPacket(data, avcc, known) {
  /** @type {Bytes[]} */
  const parts = [];
  let changed = false;
  for (const { from, at, end } of avcc ? byLengths(data, (avcc[4] & 3) + 1) : byStartCodes(data)) {
    const before = data.subarray(at, end);
    const after = (before[0] & 31) === SPS ? withoutReordering(before, known) : before;
    if (after === before) {
      parts.push(data.subarray(from, end));
      continue;
    }
    changed = true;
    parts.push(avcc ? lengthOf(after, at - from) : data.subarray(from, at), after);
  }
  return changed ? joined(parts) : data;
}

/** @typedef {{from: number, at: number, end: number}} Unit `from`: with its length or start code */

/** @param {Bytes} data @param {number} size of a length @returns {Generator<Unit>} */
function* byLengths(data, size) {
  for (let from = 0; from < data.length; ) {
    const at = from + size;
    let length = 0;
    for (let i = from; i < at; i += 1) length = length * 256 + (data[i] ?? 0);
    const end = Math.min(data.length, at + length);
    yield { from, at, end };
    from = end;
  }
}

/** @param {Bytes} data @returns {Generator<Unit>} */
function* byStartCodes(data) {
  let from = 0;
  let at = behindStartCode(data, 0);
  while (at > 0) {
    const next = behindStartCode(data, at);
    let end = next > 0 ? next - 3 : data.length;
    if (next > 0 && data[end - 1] === 0) end -= 1; // of a start code of four bytes
    yield { from, at, end };
    from = end;
    at = next;
  }
}

/** @param {Bytes} data @param {number} from @returns {number} 0 = there is none */
function behindStartCode(data, from) {
  for (let i = data.indexOf(1, from); i >= 0; i = data.indexOf(1, i + 1)) {
    if (i >= from + 2 && data[i - 1] === 0 && data[i - 2] === 0) return i + 1;
  }
  return 0;
}

/** @param {Bytes} unit @param {number} size @returns {Bytes} */
function lengthOf(unit, size) {
  const out = new Uint8Array(size);
  for (let i = size - 1, rest = unit.length; i >= 0; i -= 1, rest = Math.floor(rest / 256)) {
    out[i] = rest % 256;
  }
  return out;
}
