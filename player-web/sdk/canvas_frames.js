import { FramewireError } from "./errors.js";
import { i420Bytes, layOnBlack, toI420 } from "./i420.js";
import { PACKET_ROOM } from "./packets.js";
import { FRAME_ROOM } from "./wire.js";

/**
 * The pixels of a canvas, as it is at the moment of the call: what `read()` does before its first await is
 * done in the task that drew, so a WebGL canvas needs no `preserveDrawingBuffer`.
 *
 * How `rgba` is read (milliseconds for 1280x720, software rendering, Chromium 156):
 * - WebGL: readPixels 5.0 (a VideoFrame of it 12.4); rows are turned over on the way into the frame;
 * - 2D: a VideoFrame's copyTo 3.1 (getImageData 5.3). With `willReadFrequently: true` getImageData, which
 *   Firefox does in 3.5 (copyTo 19);
 * - anything else by a VideoFrame, or where there is none by a second canvas.
 * PNG takes 9 to 33 and JPEG 6, mostly beside the page's thread; both send less. `i420` reads the same way, but for
 * a VideoFrame in its own order of colours, which takes 0.3, and makes planes of it in 3 to 6.
 *
 * @typedef {HTMLCanvasElement | OffscreenCanvas} AnyCanvas
 * @typedef {'i420' | 'rgba' | 'png' | 'jpeg' | 'webp'} FrameFormat
 *
 * @typedef {import('./packed_planes.js').PlanePacker} PlanePacker
 *
 * @typedef {object} FrameWish
 * @property {number} [imageQuality] of jpeg and webp, 0 to 1
 * @property {boolean} [alpha] rgba keeps transparency, which png and webp do anyway; else it may be laid on black
 *
 * @callback Room gives a place for a frame of so many bytes, behind FRAME_ROOM others
 * @param {number} bytes
 * @returns {Uint8Array<ArrayBuffer>}
 *
 * @typedef {object} FrameReader
 * @property {(room: Room) => Promise<Uint8Array<ArrayBuffer>>} read the room, with the frame in it; of `i420` behind
 *   PACKET_ROOM more
 *
 * @typedef {import('./i420.js').Pixels & {straight: boolean}} Taken straight: transparent colours are not laid on black
 *
 * @callback Words gives a place for a picture's pixels
 * @returns {Int32Array<ArrayBuffer>}
 *
 * @typedef {object} PixelSource
 * @property {(place: Words) => Promise<Taken>} take in this place, or in one of its own; good until the next call
 */

/** @param {unknown} cause */
function unreadable(cause) {
  const { message } = /** @type {Error} */ (cause);
  return new FramewireError(
    "unreadable-canvas",
    `The canvas cannot be read: ${message} Pictures from other sites need crossOrigin and their site's consent.`,
    { cause },
  );
}

/**
 * @param {AnyCanvas} canvas
 * @param {FrameFormat} format
 * @param {FrameWish} [wish]
 * @param {PlanePacker | null} [packer] of i420: null, it is not packed
 * @returns {FrameReader}
 */
export function openFrames(canvas, format, { imageQuality, alpha } = {}, packer = null) {
  if (format === "i420") return new PlanesReader(canvas, pixelsOf(canvas), packer);
  if (format !== "rgba") return new ImageReader(canvas, format, imageQuality);
  return pixelsOf(canvas, alpha);
}

/** @param {AnyCanvas} canvas @param {boolean} [alpha] @returns {FrameReader & PixelSource} */
function pixelsOf(canvas, alpha = false) {
  // getContext() gives back the context there is, and null for another kind.
  const context = /** @type {any} */ (
    canvas.getContext("2d") ?? canvas.getContext("webgl2") ?? canvas.getContext("webgl")
  );
  if (context && "readPixels" in context) return new WebGlReader(canvas, context, alpha);
  if (context && alpha) return new ImageDataReader(canvas, context);
  if (alpha) return new CopyReader(canvas, alpha);
  const plain = context?.getContextAttributes?.().willReadFrequently || !globalThis.VideoFrame;
  if (context && plain) return new ImageDataReader(canvas, context);
  return globalThis.VideoFrame ? new VideoFrameReader(canvas) : new CopyReader(canvas);
}

/** @param {Room} room @param {ArrayBuffer} frame */
function moveIn(room, frame) {
  const out = room(frame.byteLength);
  out.set(new Uint8Array(frame), FRAME_ROOM);
  return out;
}

/** @implements {FrameReader} */
class ImageReader {
  /** @param {AnyCanvas} canvas @param {FrameFormat} format @param {number} [quality] */
  constructor(canvas, format, quality) {
    this.canvas = canvas;
    this.type = `image/${format}`;
    this.quality = quality;
  }
  /** @param {Room} room */
  async read(room) {
    const blob = await this.#blob();
    if (blob?.type !== this.type) {
      throw new FramewireError(
        "unsupported-recorder",
        `This browser makes no ${this.type} of a canvas.`,
      );
    }
    return moveIn(room, await blob.arrayBuffer());
  }
  /** @returns {Promise<Blob | null>} */
  #blob() {
    const { canvas, type, quality } = this;
    try {
      if ("convertToBlob" in canvas) return canvas.convertToBlob({ type, quality });
      return new Promise((resolve) => canvas.toBlob(resolve, type, quality));
    } catch (cause) {
      return Promise.reject(unreadable(cause));
    }
  }
}

/** @implements {FrameReader} */
export class PlanesReader {
  #size;
  #source;
  #packer;
  #words = new Int32Array(0);
  #place = () => this.#packer?.words ?? this.#ownWords();
  /**
   * @param {{width: number, height: number}} size
   * @param {PixelSource} source
   * @param {PlanePacker | null} packer null: they are not packed
   */
  constructor({ width, height }, source, packer) {
    this.#size = { width, height };
    this.#source = source;
    this.#packer = packer;
  }
  /** @param {Room} room */
  async read(room) {
    const pixels = await this.#source.take(this.#place);
    if (pixels.straight) layOnBlack(pixels.words);
    return this.#packer ? this.#pack(this.#packer, pixels, room) : this.#planes(pixels, room);
  }
  /** @param {Taken} pixels @param {Room} room */
  #planes(pixels, room) {
    const { width, height } = this.#size;
    const out = room(PACKET_ROOM + i420Bytes(width, height));
    toI420(pixels, width, height, out.subarray(FRAME_ROOM + PACKET_ROOM));
    return out;
  }
  /** @param {PlanePacker} packer @param {Taken} pixels @param {Room} room */
  #pack(packer, pixels, room) {
    const { words } = packer;
    if (pixels.words.buffer !== words.buffer) words.set(pixels.words);
    packer.toI420(pixels);
    const packed = packer.pack();
    const whole = i420Bytes(this.#size.width, this.#size.height);
    const out = room(PACKET_ROOM + Math.min(packed.length, whole));
    const to = out.subarray(FRAME_ROOM + PACKET_ROOM);
    if (packed.length < whole) to.set(packed);
    else packer.copyPlanes(to);
    return out;
  }
  #ownWords() {
    const { width, height } = this.#size;
    if (this.#words.length === 0) this.#words = new Int32Array(width * height);
    return this.#words;
  }
}

/** @implements {FrameReader} @implements {PixelSource} */
class ImageDataReader {
  /** @param {AnyCanvas} canvas @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} context */
  constructor(canvas, context) {
    this.canvas = canvas;
    this.context = context;
  }
  /** @param {Room} room */
  async read(room) {
    return moveIn(room, this.#pixels());
  }
  async take() {
    const context = /** @type {CanvasRenderingContext2D} */ (this.context);
    const straight = context.getContextAttributes?.().alpha !== false;
    return { words: new Int32Array(this.#pixels()), blueFirst: false, upward: false, straight };
  }
  #pixels() {
    const { width, height } = this.canvas;
    try {
      return this.context.getImageData(0, 0, width, height).data.buffer;
    } catch (cause) {
      throw unreadable(cause);
    }
  }
}

/** Colours as they are without their transparency. @param {Uint8Array} rgba premultiplied */
function divideByAlpha(rgba) {
  for (let i = 0; i < rgba.length; i += 4) {
    const alpha = rgba[i + 3];
    if (alpha === 0 || alpha === 255) continue;
    for (let c = i; c < i + 3; c += 1) {
      rgba[c] = Math.min(255, Math.round((rgba[c] * 255) / alpha));
    }
  }
}

/**
 * A canvas without VideoFrame and without a context that can be read.
 *
 * @implements {FrameReader} @implements {PixelSource}
 */
class CopyReader {
  /** @param {AnyCanvas} canvas @param {boolean} [alpha] */
  constructor(canvas, alpha = false) {
    this.canvas = canvas;
    this.alpha = alpha;
    const copy = new OffscreenCanvas(canvas.width, canvas.height);
    const settings = { willReadFrequently: true, alpha };
    this.context = /** @type {OffscreenCanvasRenderingContext2D} */ (
      copy.getContext("2d", settings)
    );
    this.reader = new ImageDataReader(copy, this.context);
  }
  /** @param {Room} room */
  read(room) {
    this.#copy();
    return this.reader.read(room);
  }
  take() {
    this.#copy();
    return this.reader.take();
  }
  #copy() {
    const { width, height } = this.canvas;
    if (this.alpha) this.context.clearRect(0, 0, width, height);
    this.context.drawImage(this.canvas, 0, 0);
  }
}

/** @implements {FrameReader} @implements {PixelSource} */
class VideoFrameReader {
  /** @param {AnyCanvas} canvas */
  constructor(canvas) {
    this.canvas = canvas;
  }
  /** @param {Room} room */
  async read(room) {
    const { width, height } = this.canvas;
    const out = room(width * height * 4);
    const frame = this.#take();
    try {
      await frame.copyTo(out.subarray(FRAME_ROOM), /** @type {any} */ ({ format: "RGBA" }));
    } finally {
      frame.close();
    }
    return out;
  }
  /** @param {Words} place */
  async take(place) {
    return pixelsOfFrame(this.#take(), place());
  }
  #take() {
    return frameOf(this.canvas, 0);
  }
}

/**
 * The canvas as it is now.
 *
 * @param {AnyCanvas} canvas @param {number} timestamp in microseconds @param {number} [duration]
 */
export function frameOf(canvas, timestamp, duration) {
  try {
    return new VideoFrame(canvas, { timestamp, duration, alpha: "discard" });
  } catch (cause) {
    throw unreadable(cause);
  }
}

/** The colours of a canvas as it lays them in memory: RGB in some order. */
const OWN_ORDER = new Set(["RGBA", "RGBX", "BGRA", "BGRX"]);

/** @param {VideoFrame} frame is closed @param {Int32Array<ArrayBuffer>} words @returns {Promise<Taken>} */
export async function pixelsOfFrame(frame, words) {
  try {
    const format = OWN_ORDER.has(frame.format ?? "") ? frame.format : null;
    const options = format ? undefined : /** @type {any} */ ({ format: "RGBA" });
    await frame.copyTo(words, options);
    const blueFirst = format?.startsWith("B") === true;
    return { words, blueFirst, upward: false, straight: false };
  } finally {
    frame.close();
  }
}

/** @implements {FrameReader} @implements {PixelSource} */
class WebGlReader {
  /** @param {AnyCanvas} canvas @param {WebGL2RenderingContext} gl @param {boolean} alpha */
  constructor(canvas, gl, alpha) {
    this.canvas = canvas;
    this.gl = gl;
    this.alpha = alpha;
    this.pixels = new Uint8Array(0);
  }
  /** @param {Room} room */
  async read(room) {
    const { width, height } = this.canvas;
    if (this.pixels.length === 0) this.pixels = new Uint8Array(width * height * 4);
    this.#readPixels(width, height, this.pixels);
    const row = width * 4;
    const whole = room(row * height);
    const out = whole.subarray(FRAME_ROOM);
    for (let y = 0; y < height; y += 1) {
      out.set(this.pixels.subarray((height - 1 - y) * row, (height - y) * row), y * row);
    }
    this.#settleAlpha(out);
    return whole;
  }
  /** What shows is premultiplied, if its context does not say otherwise: its colours are those over black. @param {Uint8Array} rgba */
  #settleAlpha(rgba) {
    const { alpha, premultipliedAlpha } = this.gl.getContextAttributes() ?? {};
    if (!alpha) return;
    if (!this.alpha) for (let i = 3; i < rgba.length; i += 4) rgba[i] = 255;
    else if (premultipliedAlpha) divideByAlpha(rgba);
  }
  /** @param {Words} place */
  async take(place) {
    const words = place();
    const pixels = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    this.#readPixels(this.canvas.width, this.canvas.height, pixels);
    return { words, blueFirst: false, upward: true, straight: false };
  }
  /** What is bound is bound again: engines remember what they bound. @param {number} width @param {number} height @param {Uint8Array} pixels */
  #readPixels(width, height, pixels) {
    const gl = /** @type {any} WebGL 1 has less */ (this.gl);
    const two = "READ_FRAMEBUFFER" in gl;
    const target = two ? gl.READ_FRAMEBUFFER : gl.FRAMEBUFFER;
    const bound = gl.getParameter(two ? gl.READ_FRAMEBUFFER_BINDING : gl.FRAMEBUFFER_BINDING);
    const buffer = two ? gl.getParameter(gl.PIXEL_PACK_BUFFER_BINDING) : null;
    gl.bindFramebuffer(target, null);
    if (buffer) gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
    if (buffer) gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
    gl.bindFramebuffer(target, bound);
    if (gl.isContextLost()) {
      throw new FramewireError("unreadable-canvas", "The WebGL context of the canvas is lost.");
    }
  }
}
