import { joined } from "./bytes.js";
import { INFO, readElement, readUint, SEGMENT } from "./ebml.js";

/**
 * Makes the header of a WebM stream one that Chromium shows without delay (RFC 9559, sections 5.1.2 and 5.1.4):
 *
 * - A Segment of unknown size, without a Duration and with a DateUTC, is live to it: each picture is shown when it is
 *   there, instead of when four are. No recorder writes the date. It is always the same here, for one that changes
 *   from run to run is an error.
 * - Without a DefaultDuration it keeps each picture back until the next one tells how long it lasts. The one written here
 *   is long, for a picture that comes later than twice its predecessor's duration is left out, up to a keyframe.
 */
const DATE_UTC = 0x4461;
const DURATION = 0x4489;
const TRACKS = 0x1654ae6b;
const TRACK_ENTRY = 0xae;
const TRACK_TYPE = 0x83;
const VIDEO = 1;
const DEFAULT_DURATION = 0x23e383;
const DATE = Uint8Array.from([0x44, 0x61, 0x88, 0, 0, 0, 0, 0, 0, 0, 0]);

/**
 * @param {Uint8Array<ArrayBuffer>} init EBML header, Segment of unknown size, Info, Tracks
 * @param {number} lastsMs how long its pictures are said to last where it does not say it; 0 = not said
 * @returns {Uint8Array<ArrayBuffer>} `init` itself where nothing is to be done
 */
export function liveInit(init, lastsMs) {
  const ebml = readElement(init, 0);
  const at = ebml && ebml.size >= 0 ? ebml.body + ebml.size : init.length;
  const segment = readElement(init, at);
  if (segment?.id !== SEGMENT || segment.size >= 0) return init;
  const elements = children(init, segment.body, init.length);
  if (!elements) return init;
  const out = [init.subarray(0, segment.body)];
  for (const element of elements) {
    if (element.id === INFO) out.push(dated(init, element));
    else if (element.id === TRACKS && lastsMs > 0) out.push(lasting(init, element, lastsMs));
    else out.push(element.whole);
  }
  return joined(out);
}

/** @typedef {{id: number, whole: Uint8Array<ArrayBuffer>, from: number, to: number}} Element `from`, `to`: its body */

/** @param {Uint8Array<ArrayBuffer>} bytes @param {number} from @param {number} to @returns {Element[] | null} null: not whole */
function children(bytes, from, to) {
  const elements = [];
  for (let at = from; at < to; ) {
    const element = readElement(bytes, at);
    if (!element || element.size < 0 || element.body + element.size > to) return null;
    const end = element.body + element.size;
    elements.push({ id: element.id, whole: bytes.subarray(at, end), from: element.body, to: end });
    at = end;
  }
  return elements;
}

/** @param {Uint8Array<ArrayBuffer>} bytes @param {Element} info */
function dated(bytes, { whole, from, to }) {
  const inner = children(bytes, from, to);
  if (!inner || inner.some(({ id }) => id === DATE_UTC || id === DURATION)) return whole;
  return element([0x15, 0x49, 0xa9, 0x66], bytes.subarray(from, to), DATE);
}

/** @param {Uint8Array<ArrayBuffer>} bytes @param {Element} tracks @param {number} lastsMs */
function lasting(bytes, { whole, from, to }, lastsMs) {
  const entries = children(bytes, from, to);
  if (!entries) return whole;
  const out = entries.map((entry) => {
    const inner = entry.id === TRACK_ENTRY && children(bytes, entry.from, entry.to);
    if (!inner || inner.some(({ id }) => id === DEFAULT_DURATION)) return entry.whole;
    const type = inner.find(({ id }) => id === TRACK_TYPE);
    if (!type || readUint(bytes, type.from, type.to - type.from) !== VIDEO) return entry.whole;
    const duration = Uint8Array.from([0x23, 0xe3, 0x83, 0x84, ...big(lastsMs * 1e6)]);
    return element([TRACK_ENTRY], bytes.subarray(entry.from, entry.to), duration);
  });
  if (out.every((entry, i) => entry === entries[i].whole)) return whole;
  return element([0x16, 0x54, 0xae, 0x6b], ...out);
}

/** With a size of eight bytes. @param {number[]} id @param {...Uint8Array<ArrayBuffer>} parts */
function element(id, ...parts) {
  const size = parts.reduce((sum, { length }) => sum + length, 0);
  return joined([Uint8Array.from([...id, 0x01, 0, 0, 0, ...big(size)]), ...parts]);
}

/** @param {number} value below 2^32 */
function big(value) {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff);
}
