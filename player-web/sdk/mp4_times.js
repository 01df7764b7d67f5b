import { concat } from "./bytes.js";
import { FramewireError } from "./errors.js";

/**
 * Cuts fragmented MP4 (ISO/IEC 14496-12) into its fragments, each with the decode time of its first track;
 * bytes in, bytes out, nothing changed.
 *
 *     ftyp moov { trak { tkhd, mdia { mdhd } } ..., mvex }  (moof { traf { tfhd, tfdt } } mdat) ...
 *
 * @typedef {import("./file_parts.js").FileReader} FileReader
 */

/** A box larger than this is no fragment's, in bytes. */
const BOX_MOST = 64 << 20;
const CONVERT =
  "Convert it: ffmpeg -i FILE -c copy -movflags +frag_keyframe+empty_moov+default_base_moof out.mp4";

/** @implements {FileReader} */
export class Mp4Times {
  /** @type {Uint8Array<ArrayBuffer>} */
  #held = new Uint8Array(0);
  /** Ticks per second of each track. @type {Map<number, number>} */
  #timescales = new Map();
  #hasInit = false;
  #timeMs = 0;

  /** @param {Uint8Array<ArrayBuffer>} bytes @returns {import('./file_parts.js').Cut[]} */
  push(bytes) {
    const held = concat(this.#held, bytes);
    const view = new DataView(held.buffer, held.byteOffset, held.byteLength);
    /** @type {import('./file_parts.js').Cut[]} */
    const cuts = [];
    let from = 0;
    for (let at = 0; at + 16 <= held.length; ) {
      const type = typeOf(view, at);
      let size = view.getUint32(at);
      if (size === 1) size = Number(view.getBigUint64(at + 8));
      if (type === "mdat" && !this.#hasInit) throw notFragmented();
      if (size < 8 || size > BOX_MOST) {
        throw new FramewireError("unsupported-file", `This MP4 file is damaged. ${CONVERT}`);
      }
      if (at + size > held.length) break;
      if (type === "moov") this.#readTracks(view, at + 8, at + size);
      if (type === "moof") this.#readTime(view, at + 8, at + size);
      at += size;
      if (type === "moov" || type === "mdat") {
        const init = type === "moov";
        cuts.push({ bytes: held.slice(from, at), timeMs: this.#timeMs, joins: !init, init });
        from = at;
      }
    }
    this.#held = held.slice(from);
    return cuts;
  }

  rest() {
    return this.#held;
  }

  /** @param {DataView} view @param {number} from @param {number} to */
  #readTracks(view, from, to) {
    if (!find(view, from, to, "mvex")) throw notFragmented();
    this.#hasInit = true;
    for (const trak of boxes(view, from, to, "trak")) {
      const tkhd = find(view, trak.body, trak.end, "tkhd");
      const mdia = find(view, trak.body, trak.end, "mdia");
      const mdhd = mdia && find(view, mdia.body, mdia.end, "mdhd");
      if (!tkhd || !mdhd) continue;
      const id = view.getUint32(tkhd.body + (view.getUint8(tkhd.body) === 1 ? 20 : 12));
      const timescale = view.getUint32(mdhd.body + (view.getUint8(mdhd.body) === 1 ? 20 : 12));
      this.#timescales.set(id, timescale || 1000);
    }
  }

  /** @param {DataView} view @param {number} from @param {number} to */
  #readTime(view, from, to) {
    const traf = find(view, from, to, "traf");
    const tfhd = traf && find(view, traf.body, traf.end, "tfhd");
    const tfdt = traf && find(view, traf.body, traf.end, "tfdt");
    if (!tfhd || !tfdt) return;
    const ticks =
      view.getUint8(tfdt.body) === 1
        ? Number(view.getBigUint64(tfdt.body + 4))
        : view.getUint32(tfdt.body + 4);
    const timescale = this.#timescales.get(view.getUint32(tfhd.body + 4)) ?? 1000;
    this.#timeMs = (ticks * 1000) / timescale;
  }
}

function notFragmented() {
  return new FramewireError("unsupported-file", `This MP4 file is not fragmented. ${CONVERT}`);
}

/** @param {DataView} view @param {number} at */
function typeOf(view, at) {
  return String.fromCharCode(...[4, 5, 6, 7].map((i) => view.getUint8(at + i)));
}

/** @param {DataView} view @param {number} from @param {number} to @param {string} wanted */
function find(view, from, to, wanted) {
  return boxes(view, from, to, wanted).next().value;
}

/**
 * @param {DataView} view @param {number} from @param {number} to @param {string} wanted
 * @returns {Generator<{body: number, end: number}, undefined>}
 */
function* boxes(view, from, to, wanted) {
  for (let at = from; at + 8 <= to; ) {
    const size = view.getUint32(at);
    if (size < 8 || at + size > to) return;
    if (typeOf(view, at) === wanted) yield { body: at + 8, end: at + size };
    at += size;
  }
}
