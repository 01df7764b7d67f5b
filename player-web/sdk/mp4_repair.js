/**
 * Mends the sample durations that Chromium's MediaRecorder writes into MP4.
 *
 * The last Opus sample of each of its fragments claims 21 ms where 60 ms lie before the next one. MSE takes
 * a step of more than twice the last duration for a discontinuity, and then drops the pictures of *all*
 * tracks up to the next keyframe: every second GOP of such a stream. So a last sample that is shorter than
 * half of the one before it gets that one's duration. Nothing moves: only the field's four bytes change.
 *
 *     moof { traf { tfhd, tfdt, trun { flags, count, [data offset], [first flags], samples } } } mdat
 */
const MOOF = 0x6d6f6f66;
const TRAF = 0x74726166;
const TRUN = 0x7472756e;
const DATA_OFFSET = 0x1;
const FIRST_FLAGS = 0x4;
const DURATION = 0x100;
/** Fields of a sample that follow its duration: size, flags, composition offset. */
const OTHER_FIELDS = [0x200, 0x400, 0x800];

/**
 * @param {Uint8Array} bytes whole boxes; changed in place
 * @returns {number} how many durations were mended
 */
export function mendLastDurations(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let mended = 0;
  for (const moof of boxes(view, 0, view.byteLength, MOOF)) {
    for (const traf of boxes(view, moof.body, moof.end, TRAF)) {
      for (const trun of boxes(view, traf.body, traf.end, TRUN)) {
        if (mendRun(view, trun.body, trun.end)) mended += 1;
      }
    }
  }
  return mended;
}

/**
 * @param {DataView} view @param {number} from @param {number} to @param {number} wanted box type
 * @returns {Generator<{body: number, end: number}>}
 */
function* boxes(view, from, to, wanted) {
  for (let at = from; at + 8 <= to; ) {
    const size = view.getUint32(at);
    // 0 = to the end, 1 = 64 bits long: neither is a box that is looked for here.
    if (size < 8 || at + size > to) return;
    if (view.getUint32(at + 4) === wanted) yield { body: at + 8, end: at + size };
    at += size;
  }
}

/** @param {DataView} view @param {number} body @param {number} end */
function mendRun(view, body, end) {
  if (end - body < 8) return false;
  const flags = view.getUint32(body);
  const count = view.getUint32(body + 4);
  if (!(flags & DURATION) || count < 2) return false;
  const step = 4 + 4 * OTHER_FIELDS.filter((field) => flags & field).length;
  const first = body + 8 + (flags & DATA_OFFSET ? 4 : 0) + (flags & FIRST_FLAGS ? 4 : 0);
  const last = first + step * (count - 1);
  if (last + step > end) return false;
  const before = view.getUint32(last - step);
  if (view.getUint32(last) * 2 >= before) return false;
  view.setUint32(last, before);
  return true;
}
