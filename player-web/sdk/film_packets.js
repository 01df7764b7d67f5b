import { frameOf } from "./canvas_frames.js";
import { FramewireError } from "./errors.js";
import { timeOf } from "./film_pixels.js";
import { PACKET_ROOM, packetsHeader, writePacketHead } from "./packets.js";
import { FRAME_ROOM } from "./wire.js";

/**
 * The frames of a film, encoded in the page: a packet of each, in order, none left out. What the browser's
 * encoder gives is looked at: a packet that is not the next frame's ends the film with an error.
 *
 * @typedef {import('./film_pixels.js').FilmMaker} FilmMaker
 * @typedef {import('./film_pixels.js').FilmPort} FilmPort
 * @typedef {import('./film_codecs.js').FilmCodec} FilmCodec
 */

/** Frames that the encoder has not begun. */
const MOST_QUEUED = 3;
/** Packets that wait for credit, at most. */
const MOST_AHEAD = 16;
const KEYFRAME_SECONDS = 2;

/** @implements {FilmMaker} */
export class PacketMaker {
  #canvas;
  #port;
  #codec;
  #keyEvery;
  /** @type {VideoEncoder | null} */
  #encoder = null;
  /** @type {Uint8Array<ArrayBuffer>[]} */
  #ready = [];
  #taken = 0;
  #made = 0;
  /** @type {Uint8Array<ArrayBuffer> | null} what was said of the packets */
  #header = null;

  /**
   * @param {import('./canvas_frames.js').AnyCanvas} canvas
   * @param {FilmPort} port
   * @param {FilmCodec} codec
   */
  constructor(canvas, port, codec) {
    this.#canvas = canvas;
    this.#port = port;
    this.#codec = codec;
    this.#keyEvery = Math.max(1, Math.ceil(port.fps * KEYFRAME_SECONDS));
    this.hello = { format: "packets", codec: codec.name, container: codec.container };
  }

  /** @param {VideoFrame} [early] */
  async take(early) {
    const { fps, change } = this.#port;
    const number = this.#taken;
    const timestamp = timeOf(number, fps);
    const frame = early ?? frameOf(this.#canvas, timestamp, timeOf(number + 1, fps) - timestamp);
    this.#taken += 1;
    this.#encoder ??= this.#open();
    const encoder = this.#encoder;
    try {
      encoder.encode(frame, { keyFrame: number % this.#keyEvery === 0, ...this.#codec.perFrame });
    } finally {
      frame.close();
    }
    // Not by what it was given: an encoder may hold many frames back, to look ahead.
    while (encoder.encodeQueueSize > MOST_QUEUED || this.#ready.length >= MOST_AHEAD) {
      await change();
    }
  }

  granted() {
    const { window, push } = this.#port;
    while (this.#ready.length > 0 && window.frames < window.credit) {
      push(/** @type {Uint8Array<ArrayBuffer>} */ (this.#ready.shift()));
    }
  }

  async flush() {
    if (this.#encoder?.state === "configured") await this.#encoder.flush();
    if (this.#made !== this.#taken) {
      throw failed(`it gave ${this.#made} packets for ${this.#taken} frames`);
    }
    while (this.#ready.length > 0) await this.#port.change();
  }

  close() {
    this.#ready = [];
    if (this.#encoder && this.#encoder.state !== "closed") this.#encoder.close();
  }

  #open() {
    const encoder = new VideoEncoder({
      output: (chunk, metadata) => this.#take(chunk, metadata),
      error: (cause) => this.#port.fail(failed(cause.message, cause)),
    });
    encoder.ondequeue = () => this.#port.wake();
    encoder.configure(this.#codec.config);
    return encoder;
  }

  /** @param {EncodedVideoChunk} chunk @param {EncodedVideoChunkMetadata} [metadata] */
  #take(chunk, metadata) {
    const { fps, fail, wake } = this.#port;
    const number = this.#made;
    const timestamp = timeOf(number, fps);
    if (Math.abs(chunk.timestamp - timestamp) > 1) {
      fail(failed(`it gave the packet of ${chunk.timestamp} µs where frame ${number} is due`));
      return;
    }
    const config = metadata?.decoderConfig ?? (this.#header ? null : this.#codec.config);
    if (config && !this.#describe(config)) return;
    const bytes = chunk.byteLength;
    const room = new Uint8Array(FRAME_ROOM + PACKET_ROOM + bytes);
    const duration = timeOf(number + 1, fps) - timestamp;
    writePacketHead(room, FRAME_ROOM, { key: chunk.type === "key", timestamp, duration, bytes });
    chunk.copyTo(room.subarray(FRAME_ROOM + PACKET_ROOM));
    this.#made += 1;
    this.#ready.push(room);
    this.granted();
    wake();
  }

  /** @param {Partial<VideoDecoderConfig>} config @returns {boolean} false: that is the end */
  #describe({ codec, description, colorSpace }) {
    const { width, height } = this.#port.size;
    const facts = { codec: codec ?? "", codedWidth: width, codedHeight: height };
    const header = packetsHeader([{ ...facts, description, colorSpace }]);
    if (!this.#header) {
      this.#header = header;
      this.#port.window.pushConfig(header);
    } else if (header.some((byte, at) => byte !== this.#header?.[at])) {
      this.#port.fail(failed("it changed its settings in the middle of the film"));
      return false;
    }
    return true;
  }
}

/** @param {string} why @param {unknown} [cause] */
function failed(why, cause) {
  return new FramewireError(
    "encoder-failed",
    `This browser's encoder failed: ${why}. Ask for encode: "server".`,
    { cause },
  );
}
