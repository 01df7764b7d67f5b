import { FramewireError } from "./errors.js";
import { IteratedPictures } from "./iterated_pictures.js";
import { snapshot } from "./picture_frames.js";

/**
 * Where pictures come from, for PicturePublication: each says when there may be a new one, and takes it when asked.
 *
 * @typedef {VideoFrame | ImageBitmap | ImageData | Blob | OffscreenCanvas | HTMLCanvasElement | HTMLVideoElement | HTMLImageElement} Frame
 * @typedef {HTMLCanvasElement | OffscreenCanvas | HTMLVideoElement | MediaStream | AsyncIterable<Frame> | Iterable<Frame> | null} PictureSource
 *
 * @typedef {object} Pictures
 * @property {(onTick: () => void) => void} start `onTick` each time there may be a new picture
 * @property {() => Promise<import('./picture_encoder.js').Image | null>} take a picture of its own, which the taker
 *   closes; null: there is none yet
 * @property {() => {width: number, height: number}} size 0 while it is not known
 * @property {() => void} stop
 * @property {MediaStream | null} audio
 * @property {(() => boolean)} ended
 * @property {boolean} [onTick] it is to be taken within `onTick`: what a WebGL canvas shows is gone thereafter
 */

/** No animation frame for so long: a page in the background, which is not painted; in milliseconds. */
const HIDDEN_TICK_MS = 250;
const IN_WORKER_TICK_MS = 4;

/**
 * @param {PictureSource} source
 * @param {{fps: number, failed: (why: FramewireError) => void}} options `fps`: at most so many are wanted; 0 = none but
 *   by take()
 * @returns {Pictures}
 */
export function openPictures(source, { fps, failed }) {
  if (source === null) return new NoPictures();
  if (typeof source === "object") {
    if ("getTracks" in source) return new VideoPictures(playing(source), source);
    if ("videoWidth" in source) return new VideoPictures(source, null);
    if ("getContext" in source) return new CanvasPictures(source);
    if (Symbol.asyncIterator in source || Symbol.iterator in source) {
      return new IteratedPictures(source, fps, failed);
    }
  }
  throw new FramewireError(
    "bad-source",
    "Give a canvas, an OffscreenCanvas, a video element, a MediaStream or an async iterable of frames; or null and call frame(picture).",
  );
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

/**
 * Behind whatever is painted in an animation frame, and before WebGL's picture is handed on and gone: a callback that
 * is asked for late, after all of the page's own, is called last. Where animation frames don't come (a page in the
 * background), by a timer.
 *
 * @implements {Pictures}
 */
class CanvasPictures {
  audio = null;
  onTick = Boolean(globalThis.requestAnimationFrame);
  #canvas;
  #stopped = false;
  #framedAt = performance.now();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #frame = 0;

  /** @param {HTMLCanvasElement | OffscreenCanvas} canvas */
  constructor(canvas) {
    this.#canvas = canvas;
  }

  /** @param {() => void} onTick */
  start(onTick) {
    const channel = new MessageChannel();
    let tickedAt = 0;
    const tick = (/** @type {boolean} */ framed) => {
      const now = performance.now();
      if (framed) this.#framedAt = now;
      if (this.#stopped || now - tickedAt < 1) return;
      tickedAt = now;
      onTick();
      channel.port2.postMessage(null);
    };
    const ask = () => {
      if (this.#stopped) return;
      this.#forget();
      this.#timer = setTimeout(() => tick(false), this.#hiddenMs);
      if (this.onTick) this.#frame = requestAnimationFrame(() => tick(true));
    };
    channel.port1.onmessage = ask;
    ask();
  }

  /** How long an animation frame is waited for. Timers of a worker are not held back in the background. */
  get #hiddenMs() {
    if (globalThis.document) return HIDDEN_TICK_MS;
    const comes = this.onTick && performance.now() - this.#framedAt < HIDDEN_TICK_MS;
    return comes ? HIDDEN_TICK_MS : IN_WORKER_TICK_MS;
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
    this.#forget();
  }

  #forget() {
    clearTimeout(this.#timer);
    if (this.onTick) cancelAnimationFrame(this.#frame);
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
