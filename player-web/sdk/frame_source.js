import { FramewireError } from "./errors.js";
import { WebmWriter } from "./webm_writer.js";

/**
 * An OffscreenCanvas by way of WebCodecs, which works in a worker, where there is no MediaRecorder. Its
 * picture is taken `frameRate` times a second, whether it was painted anew or not; no sound.
 *
 * @typedef {import("./sources.js").Source} Source
 * @typedef {import("./sources.js").Run} Run
 */
const CODECS = { vp8: "vp8", vp9: "vp09.00.10.08" };
/** More pictures than this are not put before an encoder that is behind. */
const QUEUE_MOST = 2;

/** @implements {Source} */
export class FrameSource {
  #canvas;
  #frameRate;
  /** @type {'vp8' | 'vp9'} */
  #codec;
  /** @type {'webm'} */
  format = "webm";
  ended = false;
  adapts = true;
  changed = "";

  /**
   * @param {OffscreenCanvas} canvas
   * @param {import('./publish_types.js').PublishOptions} options
   */
  constructor(canvas, { frameRate = 30, codec = "vp8", format = "webm" }) {
    if (!globalThis.VideoEncoder) {
      throw new FramewireError(
        "unsupported-recorder",
        "This browser has no VideoEncoder. Publish a canvas of the page instead.",
      );
    }
    if (format !== "webm" || (codec !== "vp8" && codec !== "vp9")) {
      throw new FramewireError(
        "unsupported-recorder",
        "An OffscreenCanvas is published as WebM, with the codec vp8 or vp9.",
      );
    }
    this.#canvas = canvas;
    this.#frameRate = frameRate;
    this.#codec = codec;
  }

  get mimeType() {
    return `video/webm;codecs=${this.#codec}`;
  }

  get size() {
    const { width, height } = this.#canvas;
    return { width, height };
  }

  /** @param {import('./sources.js').RunSettings} settings @returns {import('./sources.js').Run} */
  start(settings) {
    return new FrameRun(this.#canvas, this.#codec, this.#frameRate, settings);
  }

  close() {
    this.ended = true;
  }
}

/** @implements {Run} */
class FrameRun {
  #canvas;
  #settings;
  #size;
  #encoder;
  #writer = new WebmWriter();
  /** @type {Uint8Array | null} goes out with the first picture */
  #header;
  #timer;
  #startedAt = performance.now();
  #keyAt = Number.NEGATIVE_INFINITY;
  /** @type {(why: FramewireError | null) => void} */
  #finish = () => {};

  /**
   * @param {OffscreenCanvas} canvas
   * @param {'vp8' | 'vp9'} codec
   * @param {number} frameRate
   * @param {import('./sources.js').RunSettings} settings
   */
  constructor(canvas, codec, frameRate, settings) {
    this.done = new Promise((/** @type {(why: FramewireError | null) => void} */ resolve) => {
      this.#finish = resolve;
    });
    const { width, height } = canvas;
    this.#canvas = canvas;
    this.#settings = settings;
    this.#size = { width, height };
    this.#encoder = new VideoEncoder({
      output: (chunk) => this.#onChunk(chunk),
      error: (cause) => this.#fail(cause),
    });
    this.#encoder.configure({
      codec: CODECS[codec],
      width,
      height,
      bitrate: settings.videoBitsPerSecond,
      framerate: frameRate,
      latencyMode: "realtime",
    });
    this.#header = this.#writer.header({ codec, width, height });
    this.#timer = setInterval(() => this.#take(), 1000 / frameRate);
    this.#take();
  }

  async stop() {
    clearInterval(this.#timer);
    if (this.#encoder.state === "configured") {
      await this.#encoder.flush().catch(() => {});
      this.#close();
    }
    this.#finish(null);
    return this.done;
  }

  #take() {
    if (this.#encoder.state !== "configured" || this.#encoder.encodeQueueSize > QUEUE_MOST) return;
    const { width, height } = this.#canvas;
    if (width !== this.#size.width || height !== this.#size.height) {
      this.stop(); // the next run has the new size
      return;
    }
    const now = performance.now();
    const frame = this.#frame(now);
    if (!frame) return;
    const keyFrame = now - this.#keyAt >= this.#settings.keyframeMs;
    if (keyFrame) this.#keyAt = now;
    this.#encoder.encode(frame, { keyFrame });
    frame.close();
  }

  /** @param {number} now */
  #frame(now) {
    const timestamp = Math.round((now - this.#startedAt) * 1000);
    try {
      return new VideoFrame(this.#canvas, { timestamp, alpha: "discard" });
    } catch {
      return null; // nothing has been painted yet
    }
  }

  /** @param {EncodedVideoChunk} chunk */
  #onChunk(chunk) {
    const bytes = new Uint8Array(chunk.byteLength);
    chunk.copyTo(bytes);
    const timeMs = Math.round(chunk.timestamp / 1000);
    const taken = performance.timeOrigin + this.#startedAt + chunk.timestamp / 1000;
    const block = this.#writer.frame({ timeMs, key: chunk.type === "key", bytes });
    if (this.#header) this.#settings.onChunk(this.#header, 0);
    this.#header = null;
    this.#settings.onChunk(block, Math.round(taken * 1000));
  }

  /** @param {DOMException} cause */
  #fail(cause) {
    clearInterval(this.#timer);
    this.#finish(
      new FramewireError("recorder-failed", `The encoder failed: ${cause.message}`, { cause }),
    );
  }

  #close() {
    if (this.#encoder.state !== "closed") this.#encoder.close();
  }
}
