import { FramewireError } from "./errors.js";
import { Mp4Times } from "./mp4_times.js";
import { WebmTimes } from "./webm_times.js";

/**
 * A recorded file as parts with their times, so that it can be sent as if it happened now.
 *
 * @typedef {object} FilePart
 * @property {Uint8Array<ArrayBuffer>} bytes
 * @property {number} timeMs when it begins, in milliseconds of the file's own clock
 * @property {boolean} joins what follows an init segment may begin with it
 *
 * @typedef {object} FileReader
 * @property {(bytes: Uint8Array<ArrayBuffer>) => Cut[]} push the next bytes of the file; what they complete
 * @property {() => Uint8Array<ArrayBuffer>} rest bytes that complete nothing
 *
 * @typedef {FilePart & {init: boolean}} Cut `init`: it is (a piece of) the init segment
 */

/** Read from the file at a time, in bytes. */
const SLICE = 256 << 10;

export class FileParts {
  #blob;
  /** @type {FileReader} */
  #reader;
  #at = 0;
  /** @type {Cut[]} */
  #cuts = [];
  /** @type {Uint8Array<ArrayBuffer>[]} */
  #init = [];

  /**
   * @param {Blob} blob
   * @param {'webm' | 'mp4'} format
   */
  constructor(blob, format) {
    this.#blob = blob;
    this.#reader = format === "webm" ? new WebmTimes() : new Mp4Times();
  }

  /** All that was read of the init segment. */
  get init() {
    return this.#init;
  }

  /** @returns {Promise<FilePart | null>} the next part, init segments left out; null at the end */
  async next() {
    for (;;) {
      const cut = this.#cuts.shift();
      if (cut && !cut.init) return cut;
      if (cut) this.#init.push(cut.bytes);
      else if (!(await this.#read())) return null;
    }
  }

  async #read() {
    if (this.#at >= this.#blob.size) return false;
    let slice;
    try {
      slice = await this.#blob.slice(this.#at, this.#at + SLICE).arrayBuffer();
    } catch (cause) {
      throw new FramewireError(
        "unreadable-file",
        "The file can no longer be read: it was changed, moved or deleted. Choose it again.",
        { cause },
      );
    }
    this.#at += slice.byteLength;
    this.#cuts.push(...this.#reader.push(new Uint8Array(slice)));
    if (this.#at >= this.#blob.size) {
      const bytes = this.#reader.rest();
      if (bytes.length > 0) {
        this.#cuts.push({ bytes, timeMs: Number.NaN, joins: false, init: false });
      }
    }
    return true;
  }
}

/**
 * @param {Blob} blob
 * @returns {Promise<'webm' | 'mp4'>} by its first bytes
 */
export async function formatOfFile(blob) {
  const head = new Uint8Array(await blob.slice(0, 12).arrayBuffer());
  const text = String.fromCharCode(...head.subarray(4, 8));
  if (head[0] === 0x1a && head[1] === 0x45 && head[2] === 0xdf && head[3] === 0xa3) return "webm";
  if (text === "ftyp" || text === "styp") return "mp4";
  throw new FramewireError(
    "unsupported-file",
    "Only WebM and fragmented MP4 files can be streamed from a page. Convert it: ffmpeg -i FILE out.webm",
  );
}
