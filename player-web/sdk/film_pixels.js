import { openFrames, PlanesReader, pixelsOfFrame } from "./canvas_frames.js";
import { BT709, i420Bytes } from "./i420.js";
import { i420Planes, PACKED_I420, PlanePacker } from "./packed_planes.js";
import { PACKET_ROOM, packetsHeader, writePacketHead } from "./packets.js";
import { FRAME_ROOM } from "./wire.js";

/**
 * The frames of a film as pictures, for the server to encode. Both makers, this one and PacketMaker, take what
 * the canvas is at the moment of the call, and hand it on in order.
 *
 * @typedef {object} FilmPort the recorder, as its maker sees it
 * @property {{width: number, height: number}} size
 * @property {number} fps
 * @property {import('./frame_window.js').FrameWindow} window
 * @property {(room: Uint8Array<ArrayBuffer>) => void} push the next frame, for which there is credit
 * @property {(frame: number) => Promise<void>} untilCredit rejects when there is no going on
 * @property {() => Promise<void>} change resolves when there is news; likewise
 * @property {() => void} wake there is news
 * @property {(why: import('./errors.js').FramewireError) => void} fail
 *
 * @typedef {object} FilmMaker
 * @property {{format: string, codec?: string, container?: string}} hello members of the `publish`
 * @property {(early?: VideoFrame) => Promise<void>} take the canvas, or what it was; resolves when the next may come
 * @property {() => void} granted there is more credit
 * @property {() => Promise<void>} flush all that was taken has been handed on
 * @property {() => void} close
 */

/** What a server takes as one picture; larger ones are sent as PNG. */
const LARGEST_BYTES = (16 << 20) - PACKET_ROOM;

/** @param {number} frame @param {number} fps @returns {number} microseconds */
export const timeOf = (frame, fps) => Math.round((frame * 1e6) / fps);

/**
 * How frames are sent: as the page says, or as they are usually.
 *
 * @param {{width: number, height: number}} size
 * @param {import('./record_types.js').RecordCanvasOptions} options
 * @returns {import('./canvas_frames.js').FrameFormat}
 */
export function usualFormat({ width, height }, { format, quality, alpha }) {
  if (format) return format;
  if (alpha) return "png"; // the planes of i420 have none
  if (quality === "lossless") return width * height * 4 <= LARGEST_BYTES ? "rgba" : "png";
  return i420Bytes(width, height) <= LARGEST_BYTES ? "i420" : "png";
}

/** @implements {FilmMaker} */
export class PixelMaker {
  #canvas;
  #port;
  #format;
  #wish;
  /** @type {PlanePacker | null} of i420, where the browser can */
  #packer = null;
  /** @type {import('./canvas_frames.js').FrameReader | null} */
  #reader = null;
  #room = (/** @type {number} */ bytes) => this.#port.window.room(bytes);

  /**
   * @param {import('./canvas_frames.js').AnyCanvas} canvas
   * @param {FilmPort} port
   * @param {import('./canvas_frames.js').FrameFormat} format
   * @param {import('./canvas_frames.js').FrameWish} wish
   */
  constructor(canvas, port, format, wish) {
    this.#canvas = canvas;
    this.#port = port;
    this.#format = format;
    this.#wish = wish;
    this.hello = { format: format === "i420" ? "packets" : format };
    if (format !== "i420") return;
    const { width, height } = port.size;
    this.#packer = PlanePacker.open(width, height, i420Planes(width, height));
  }

  /** @param {VideoFrame} [early] */
  async take(early) {
    const { window, fps, push, untilCredit } = this.#port;
    const reader = early ? this.#earlyReader(early) : this.#open();
    const room = await reader.read(this.#room); // has read the canvas when it returns
    const number = window.frames;
    await untilCredit(number);
    if (this.#format === "i420") {
      if (number === 0) this.#describe();
      writePacketHead(room, FRAME_ROOM, {
        key: true,
        timestamp: timeOf(number, fps),
        duration: timeOf(number + 1, fps) - timeOf(number, fps),
        bytes: room.byteLength - FRAME_ROOM - PACKET_ROOM,
      });
    }
    push(room);
  }

  granted() {}
  async flush() {}
  close() {}

  #open() {
    this.#reader ??= openFrames(this.#canvas, this.#format, this.#wish, this.#packer);
    return this.#reader;
  }

  /** Of a canvas that may be another by now. @param {VideoFrame} early */
  #earlyReader(early) {
    const { width, height } = this.#port.size;
    if (this.#format === "i420") {
      const source = {
        take: (/** @type {import('./canvas_frames.js').Words} */ place) =>
          pixelsOfFrame(early, place()),
      };
      return new PlanesReader({ width, height }, source, this.#packer);
    }
    const copy = new OffscreenCanvas(width, height);
    copy.getContext("2d")?.drawImage(early, 0, 0);
    early.close();
    return openFrames(copy, this.#format, this.#wish);
  }

  #describe() {
    const { width, height } = this.#port.size;
    const codec = this.#packer ? PACKED_I420 : "i420";
    const config = { codec, codedWidth: width, codedHeight: height, colorSpace: BT709 };
    this.#port.window.pushConfig(packetsHeader([/** @type {VideoDecoderConfig} */ (config)]));
  }
}
