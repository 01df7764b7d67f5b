import { FramewireError } from "./errors.js";

/**
 * Where pictures come from, for PicturePublication: each says when there may be a new one, and takes it when asked.
 *
 * @typedef {VideoFrame | ImageBitmap | ImageData | Blob | OffscreenCanvas | HTMLCanvasElement} Frame
 * @typedef {HTMLCanvasElement | OffscreenCanvas | HTMLVideoElement | MediaStream | AsyncIterable<Frame> | null} PictureSource
 *
 * @typedef {object} Pictures
 * @property {(onTick: () => void) => void} start `onTick` each time there may be a new picture
 * @property {() => Promise<import('./picture_encoder.js').Image | null>} take a picture of its own, which the taker
 *   closes; null: there is none yet
 * @property {() => {width: number, height: number}} size 0 while it is not known
 * @property {() => void} stop
 * @property {MediaStream | null} audio
 * @property {(() => boolean)} ended
 */

/** A page in the background is not painted, and gets no animation frames; in milliseconds. */
const HIDDEN_TICK_MS = 250;
const IN_WORKER_TICK_MS = 4;

/** @param {PictureSource} source @returns {Pictures} */
export function openPictures(source) {
  if (source === null) return new NoPictures();
  if (typeof source === "object") {
    if ("getTracks" in source) return new VideoPictures(playing(source), source);
    if ("videoWidth" in source) return new VideoPictures(source, null);
    if ("getContext" in source) return new CanvasPictures(source);
    if (Symbol.asyncIterator in source) return new IteratedPictures(source);
  }
  throw new FramewireError(
    "bad-source",
    "Give a canvas, an OffscreenCanvas, a video element, a MediaStream or an async iterable of frames; or null and call frame(picture).",
  );
}

/**
 * A copy of what is shown now. A VideoFrame is taken at once; a bitmap is, too, where it is of a canvas.
 *
 * @param {any} source @returns {Promise<VideoFrame | ImageBitmap | null>}
 */
export async function snapshot(source) {
  try {
    if (globalThis.VideoFrame) {
      return new VideoFrame(source, { timestamp: Math.round(performance.now() * 1000) });
    }
    return await createImageBitmap(source);
  } catch (error) {
    if (/** @type {any} */ (error).name === "SecurityError") {
      throw new FramewireError(
        "unreadable-canvas",
        "The canvas shows something of another site, so it cannot be read.",
        { cause: error },
      );
    }
    return null; // nothing painted yet
  }
}

/** @implements {Pictures} */
class NoPictures {
  audio = null;
  start() {}
  async take() {
    return null;
  }
  size() {
    return { width: 0, height: 0 };
  }
  stop() {}
  ended() {
    return false;
  }
}

/** @implements {Pictures} */
class CanvasPictures {
  audio = null;
  #canvas;
  #stopped = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {HTMLCanvasElement | OffscreenCanvas} canvas */
  constructor(canvas) {
    this.#canvas = canvas;
  }

  /** @param {() => void} onTick */
  start(onTick) {
    if (!globalThis.document) {
      const tick = () => {
        if (this.#stopped) return;
        onTick();
        this.#timer = setTimeout(tick, IN_WORKER_TICK_MS);
      };
      tick();
      return;
    }
    // Behind whatever the page paints in this animation frame, and before WebGL's picture is handed on and gone:
    // a callback that is asked for late, after all of the page's own, is called last.
    const ask = () => {
      if (this.#stopped) return;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(tick, HIDDEN_TICK_MS);
      requestAnimationFrame(tick);
    };
    let askedAt = 0;
    const tick = () => {
      if (this.#stopped || performance.now() - askedAt < 1) return;
      askedAt = performance.now();
      onTick();
      channel.port2.postMessage(null);
    };
    const channel = new MessageChannel();
    channel.port1.onmessage = ask;
    ask();
  }

  take() {
    return snapshot(this.#canvas);
  }

  size() {
    const { width, height } = this.#canvas;
    return { width, height };
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  ended() {
    return false;
  }
}

/** @implements {Pictures} */
class VideoPictures {
  audio;
  #video;
  #stream;
  #stopped = false;

  /** @param {HTMLVideoElement} video @param {MediaStream | null} stream that it plays, if that was the source */
  constructor(video, stream) {
    this.#video = video;
    this.#stream = stream;
    this.audio = stream && stream.getAudioTracks().length > 0 ? stream : null;
  }

  /** @param {() => void} onTick */
  start(onTick) {
    const tick = () => {
      if (this.#stopped) return;
      onTick();
      if (this.#video.requestVideoFrameCallback) this.#video.requestVideoFrameCallback(tick);
      else requestAnimationFrame(tick);
    };
    tick();
  }

  async take() {
    return this.#video.readyState >= 2 ? snapshot(this.#video) : null;
  }

  size() {
    const { videoWidth: width, videoHeight: height } = this.#video;
    return { width, height };
  }

  stop() {
    this.#stopped = true;
    if (this.#stream) this.#video.srcObject = null;
  }

  ended() {
    const tracks = this.#stream?.getTracks() ?? null;
    return tracks?.every(({ readyState }) => readyState === "ended") ?? false;
  }
}

/** @implements {Pictures} */
class IteratedPictures {
  audio = null;
  #frames;
  /** @type {Frame | null} */
  #newest = null;
  #size = { width: 0, height: 0 };
  #stopped = false;
  #over = false;

  /** @param {AsyncIterable<Frame>} frames */
  constructor(frames) {
    this.#frames = frames;
  }

  /** @param {() => void} onTick */
  async start(onTick) {
    for await (const frame of this.#frames) {
      if (this.#stopped) break;
      if (this.#newest && "close" in this.#newest) this.#newest.close(); // a newer one takes its place
      this.#newest = frame;
      this.#size = await sizeOf(frame);
      onTick();
    }
    this.#over = true;
    onTick();
  }

  async take() {
    const frame = this.#newest;
    this.#newest = null;
    return frame;
  }

  size() {
    return this.#size;
  }

  stop() {
    this.#stopped = true;
  }

  ended() {
    return this.#over && this.#newest === null;
  }
}

/** @param {any} frame @returns {Promise<{width: number, height: number}>} */
export async function sizeOf(frame) {
  if (frame instanceof Blob) {
    const bitmap = await createImageBitmap(frame);
    const { width, height } = bitmap;
    bitmap.close();
    return { width, height };
  }
  return { width: frame.displayWidth ?? frame.width, height: frame.displayHeight ?? frame.height };
}

/** @param {MediaStream} stream */
function playing(stream) {
  if (!globalThis.document) {
    throw new FramewireError("bad-source", "A worker has no MediaStreams. Send it frames instead.");
  }
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.srcObject = stream;
  video.play().catch(() => {}); // goes on when there is something
  return video;
}
