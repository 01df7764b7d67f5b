import { FramewireError } from "./errors.js";
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
 * PNG takes 9 to 33 and JPEG 6, mostly beside the page's thread; both send less.
 *
 * @typedef {HTMLCanvasElement | OffscreenCanvas} AnyCanvas
 * @typedef {'rgba' | 'png' | 'jpeg' | 'webp'} FrameFormat
 *
 * @callback Room gives a place for a frame of so many bytes, behind FRAME_ROOM others
 * @param {number} bytes
 * @returns {Uint8Array<ArrayBuffer>}
 *
 * @typedef {object} FrameReader
 * @property {(room: Room) => Promise<Uint8Array<ArrayBuffer>>} read the room, with the frame in it
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
 * @param {number} [imageQuality] of jpeg and webp, 0 to 1
 * @returns {FrameReader}
 */
export function openFrames(canvas, format, imageQuality) {
  if (format !== "rgba") return new ImageReader(canvas, format, imageQuality);
  // getContext() gives back the context there is, and null for another kind.
  const context = /** @type {any} */ (
    canvas.getContext("2d") ?? canvas.getContext("webgl2") ?? canvas.getContext("webgl")
  );
  if (context && "readPixels" in context) return new WebGlReader(canvas, context);
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
class ImageDataReader {
  /** @param {AnyCanvas} canvas @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} context */
  constructor(canvas, context) {
    this.canvas = canvas;
    this.context = context;
  }
  /** @param {Room} room */
  async read(room) {
    const { width, height } = this.canvas;
    try {
      return moveIn(room, this.context.getImageData(0, 0, width, height).data.buffer);
    } catch (cause) {
      throw unreadable(cause);
    }
  }
}

/** A canvas without VideoFrame and without a context that can be read. @implements {FrameReader} */
class CopyReader {
  /** @param {AnyCanvas} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    const copy = new OffscreenCanvas(canvas.width, canvas.height);
    const settings = { willReadFrequently: true, alpha: false };
    this.context = /** @type {OffscreenCanvasRenderingContext2D} */ (
      copy.getContext("2d", settings)
    );
    this.reader = new ImageDataReader(copy, this.context);
  }
  /** @param {Room} room */
  read(room) {
    this.context.drawImage(this.canvas, 0, 0);
    return this.reader.read(room);
  }
}

/** @implements {FrameReader} */
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
  #take() {
    try {
      return new VideoFrame(this.canvas, { timestamp: 0, alpha: "discard" });
    } catch (cause) {
      throw unreadable(cause);
    }
  }
}

/** @implements {FrameReader} */
class WebGlReader {
  /** @param {AnyCanvas} canvas @param {WebGL2RenderingContext} gl */
  constructor(canvas, gl) {
    this.canvas = canvas;
    this.gl = gl;
    this.pixels = new Uint8Array(canvas.width * canvas.height * 4);
  }
  /** @param {Room} room */
  async read(room) {
    const { width, height } = this.canvas;
    this.#readPixels(width, height);
    const row = width * 4;
    const whole = room(row * height);
    const out = whole.subarray(FRAME_ROOM);
    for (let y = 0; y < height; y += 1) {
      out.set(this.pixels.subarray((height - 1 - y) * row, (height - y) * row), y * row);
    }
    // What shows is premultiplied: its colours are those over black.
    if (this.gl.getContextAttributes()?.alpha) for (let i = 3; i < out.length; i += 4) out[i] = 255;
    return whole;
  }
  /** What is bound is bound again: engines remember what they bound. @param {number} width @param {number} height */
  #readPixels(width, height) {
    const gl = /** @type {any} WebGL 1 has less */ (this.gl);
    const two = "READ_FRAMEBUFFER" in gl;
    const target = two ? gl.READ_FRAMEBUFFER : gl.FRAMEBUFFER;
    const bound = gl.getParameter(two ? gl.READ_FRAMEBUFFER_BINDING : gl.FRAMEBUFFER_BINDING);
    const buffer = two ? gl.getParameter(gl.PIXEL_PACK_BUFFER_BINDING) : null;
    gl.bindFramebuffer(target, null);
    if (buffer) gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, this.pixels);
    if (buffer) gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
    gl.bindFramebuffer(target, bound);
    if (gl.isContextLost()) {
      throw new FramewireError("unreadable-canvas", "The WebGL context of the canvas is lost.");
    }
  }
}
