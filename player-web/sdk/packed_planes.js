import { i420Bytes } from "./i420.js";
import { MODULE } from "./planes_wasm.js";

/**
 * Planes packed without a loss (PROTOCOL.md, "Packed planes"): what a canvas shows is mostly areas, slopes and
 * edges, of which a third to a twentieth is left; of noise all, which is then sent as it is. Done by WebAssembly,
 * 16 bytes at a time: for 1280x720 the planes take 0.4 ms and packing them 0.9, where the planes alone take plain
 * JavaScript 3. A browser that has not its SIMD (Chromium 91, Firefox 89, Safari 16.4) packs nothing.
 *
 * @typedef {object} Plane
 * @property {number} bytes
 * @property {number} stride of a row
 *
 * @typedef {object} Kernels player-web/wasm/planes.c; places are offsets in `memory`
 * @property {WebAssembly.Memory} memory
 * @property {WebAssembly.Global} __heap_base
 * @property {(words: number, width: number, height: number, blueFirst: number, upward: number, y: number, u: number, v: number) => void} i420
 * @property {(words: number, count: number, green: number, first: number, third: number, alpha: number) => void} split
 * @property {(plane: number, count: number, stride: number, heads: number, block: number, to: number) => number} pack
 * @property {(from: number, count: number, to: number) => void} base64
 */

const BLOCK = 16;
const PAGE = 64 << 10;
/** A row has at least a block, so that what stands above a block is known before it. */
const LEAST_ROW = BLOCK;

const upTo = (/** @type {number} */ value, /** @type {number} */ step) =>
  Math.ceil(value / step) * step;
const blocksOf = (/** @type {Plane} */ { bytes }) => Math.ceil(bytes / BLOCK);

const isNarrow = (/** @type {Plane[]} */ planes) => planes.some((one) => one.stride < LEAST_ROW);

/** @param {number} width @param {number} height @returns {Plane[]} */
export function i420Planes(width, height) {
  const across = (width + 1) >> 1;
  const colour = { bytes: across * ((height + 1) >> 1), stride: across };
  return [{ bytes: width * height, stride: width }, colour, colour];
}

/** Green, red less green, blue less green, and alpha. @param {number} width @param {number} height @param {boolean} alpha @returns {Plane[]} */
export function colourPlanes(width, height, alpha) {
  return new Array(alpha ? 4 : 3).fill({ bytes: width * height, stride: width });
}

/** @type {WebAssembly.Module | null | undefined} null: this browser has none */
let compiled;

/** @returns {Kernels | null} with a memory of their own */
function kernels() {
  try {
    if (compiled === undefined) {
      compiled = new WebAssembly.Module(Uint8Array.from(atob(MODULE), (c) => c.charCodeAt(0)));
    }
    return compiled && /** @type {any} */ (new WebAssembly.Instance(compiled).exports);
  } catch {
    compiled = null; // no SIMD, or the page's policy allows no WebAssembly
    return null;
  }
}

/** The pixels of one size of picture, their planes, and these packed: all in the memory of one module. */
export class PlanePacker {
  #kernels;
  #planes;
  #width;
  #height;
  #at = { words: 0, heads: 0, data: 0 };
  /** @type {number[]} */
  #places = [];
  /** Before the heads there is room for what its caller says of them. */
  static ROOM = 2;

  /**
   * @param {number} width @param {number} height @param {Plane[]} planes
   * @returns {PlanePacker | null} null: this browser cannot, or not in this size
   */
  static open(width, height, planes) {
    if (width % 2 !== 0 || height % 2 !== 0 || isNarrow(planes)) return null;
    const found = kernels();
    try {
      return found && new PlanePacker(found, width, height, planes);
    } catch {
      return null; // no memory for it
    }
  }

  /** @param {Kernels} found @param {number} width @param {number} height @param {Plane[]} planes */
  constructor(found, width, height, planes) {
    this.#kernels = found;
    this.#planes = planes;
    this.#width = width;
    this.#height = height;
    let at = upTo(found.__heap_base.value, BLOCK);
    const take = (/** @type {number} */ bytes) => {
      const place = at;
      at += upTo(bytes, BLOCK);
      return place;
    };
    this.#at.words = take(width * height * 4);
    for (const { bytes, stride } of planes) {
      take(stride + 1); // zeros, as what stands before the first row
      this.#places.push(take(bytes));
    }
    take(BLOCK);
    const heads = Math.ceil(this.#blocks / 2);
    this.#at.heads = take(PlanePacker.ROOM + heads + (this.#blocks + 1) * BLOCK) + PlanePacker.ROOM;
    this.#at.data = this.#at.heads + heads;
    const missing = at + PAGE - found.memory.buffer.byteLength;
    if (missing > 0) found.memory.grow(Math.ceil(missing / PAGE));
  }

  get #blocks() {
    return this.#planes.reduce((sum, plane) => sum + blocksOf(plane), 0);
  }

  /** @param {number} width @param {number} height */
  fits(width, height) {
    return width === this.#width && height === this.#height;
  }

  /** Where the pixels go, a word each. */
  get words() {
    const { words } = this.#at;
    return new Int32Array(this.#kernels.memory.buffer, words, this.#width * this.#height);
  }

  /** Of `words`, as toI420(). @param {{blueFirst: boolean, upward: boolean}} order */
  toI420({ blueFirst, upward }) {
    const [y, u, v] = this.#places;
    const order = /** @type {const} */ ([Number(blueFirst), Number(upward)]);
    this.#kernels.i420(this.#at.words, this.#width, this.#height, ...order, y, u, v);
  }

  /** Of `words`. @param {boolean} blueFirst */
  toColours(blueFirst) {
    const [green, red, blue, alpha = 0] = this.#places;
    const [first, third] = blueFirst ? [blue, red] : [red, blue];
    const count = this.#width * this.#height;
    this.#kernels.split(this.#at.words, count, green, first, third, alpha);
  }

  /** @returns {Uint8Array<ArrayBuffer>} good until the next call */
  pack() {
    const { heads, data } = this.#at;
    let block = 0;
    let to = data;
    this.#planes.forEach((plane, n) => {
      to = this.#kernels.pack(this.#places[n], plane.bytes, plane.stride, heads, block, to);
      block += blocksOf(plane);
    });
    return this.#view(heads, to - heads);
  }

  /** As they are. @param {Uint8Array} to */
  copyPlanes(to) {
    let at = 0;
    this.#planes.forEach(({ bytes }, n) => {
      to.set(this.#view(this.#places[n], bytes), at);
      at += bytes;
    });
  }

  /**
   * What pack() gave, in base64: two bytes before it, the number of planes and that of zeros at the end.
   *
   * @param {number} length of what it gave @returns {Uint8Array<ArrayBuffer>} ASCII
   */
  toBase64(length) {
    const from = this.#at.heads - PlanePacker.ROOM;
    const whole = PlanePacker.ROOM + length;
    const count = upTo(whole, 12);
    const to = upTo(from + count, BLOCK) + BLOCK;
    const missing = to + (count / 3) * 4 - this.#kernels.memory.buffer.byteLength;
    if (missing > 0) this.#kernels.memory.grow(Math.ceil(missing / PAGE));
    const bytes = this.#view(from, count);
    bytes.fill(0, whole);
    bytes.set([this.#planes.length, count - whole]);
    this.#kernels.base64(from, count, to);
    return this.#view(to, (count / 3) * 4);
  }

  /** @param {number} at @param {number} length @returns {Uint8Array<ArrayBuffer>} */
  #view(at, length) {
    return new Uint8Array(this.#kernels.memory.buffer, at, length);
  }
}

/** The values of a block of each width: 0, 1, 2, 4 and 8 bits. */
const BLOCK_BYTES = [0, 2, 4, 8, 16];
const BITS = [0, 1, 2, 4, 8];

/**
 * @param {Uint8Array} packed
 * @param {Plane[]} planes
 * @returns {Uint8Array<ArrayBuffer> | null} the planes, one behind the other; null: it is none
 */
export function unpackPlanes(packed, planes) {
  if (isNarrow(planes)) return null;
  const blocks = planes.reduce((sum, plane) => sum + blocksOf(plane), 0);
  const out = new Uint8Array(planes.reduce((sum, { bytes }) => sum + bytes, 0));
  let from = (blocks + 1) >> 1;
  let block = 0;
  let start = 0;
  for (const { bytes, stride } of planes) {
    const room = new Uint8Array(stride + 1 + upTo(bytes, BLOCK));
    for (let at = stride + 1; at < stride + 1 + bytes; at += BLOCK, block += 1) {
      const head = (packed[block >> 1] >> (4 * (block & 1))) & 15;
      const width = head & 7;
      if (width > 4 || from + BLOCK_BYTES[width] > packed.length) return null;
      const bits = BITS[width];
      for (let i = 0; i < BLOCK; i += 1) {
        const place = i * bits;
        const value = bits && (packed[from + (place >> 3)] >> (place & 7)) & ((1 << bits) - 1);
        const to = at + i;
        const above = head & 8 ? 0 : room[to - stride] - room[to - stride - 1];
        room[to] = room[to - 1] + above + ((value >> 1) ^ -(value & 1));
      }
      from += BLOCK_BYTES[width];
    }
    out.set(room.subarray(stride + 1, stride + 1 + bytes), start);
    start += bytes;
  }
  return from === packed.length ? out : null;
}

/** The codec of pictures in planes, these packed where that makes fewer bytes of them. */
export const PACKED_I420 = "i420-packed";

/**
 * @template {Uint8Array} T
 * @param {T} data @param {number} width @param {number} height @param {string} codec `i420` or PACKED_I420
 * @returns {T | Uint8Array<ArrayBuffer> | null} the planes; null: it is no such picture
 */
export function unpackI420(data, width, height, codec) {
  if (data.length === i420Bytes(width, height)) return data;
  return codec === PACKED_I420 ? unpackPlanes(data, i420Planes(width, height)) : null;
}
