import { FramewireError } from "./errors.js";
import { HiddenTicks } from "./hidden_ticks.js";
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

/** No animation frame for so long: this is not painted, in the background or out of sight; in milliseconds. */
const UNPAINTED_TICK_MS = 250;
/** Pictures a second in the background, where it is not said how many are wanted. */
const USUAL_FPS = 30;
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
    const gapMs = 1000 / (fps || USUAL_FPS);
    if ("getTracks" in source) return new VideoPictures(playing(source), source, gapMs);
    if ("videoWidth" in source) return new VideoPictures(source, null, gapMs);
    if ("getContext" in source) return new CanvasPictures(source, gapMs);
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
 * is asked for late, after all of the page's own, is called last. Where animation frames don't come, by timers.
 *
 * @implements {Pictures}
 */
class CanvasPictures {
  audio = null;
  onTick = Boolean(globalThis.requestAnimationFrame);
  #canvas;
  #gapMs;
  /** @type {HiddenTicks | null} */
  #hidden = null;
  #stopped = false;
  #framedAt = performance.now();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #frame = 0;

  /** @param {HTMLCanvasElement | OffscreenCanvas} canvas @param {number} gapMs between pictures, in the background */
  constructor(canvas, gapMs) {
    this.#canvas = canvas;
    this.#gapMs = gapMs;
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
      this.#timer = setTimeout(() => tick(false), this.#unpaintedMs);
      if (this.onTick) this.#frame = requestAnimationFrame(() => tick(true));
    };
    channel.port1.onmessage = ask;
    this.#hidden = new HiddenTicks(this.#gapMs, () => tick(false));
    ask();
  }

  /** How long an animation frame is waited for. Timers of a worker are not held back in the background. */
  get #unpaintedMs() {
    if (globalThis.document) return UNPAINTED_TICK_MS;
    const comes = this.onTick && performance.now() - this.#framedAt < UNPAINTED_TICK_MS;
    return comes ? UNPAINTED_TICK_MS : IN_WORKER_TICK_MS;
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
    this.#hidden?.stop();
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
  #gapMs;
  /** @type {HiddenTicks | null} */
  #hidden = null;
  #stopped = false;

  /**
   * @param {HTMLVideoElement} video
   * @param {MediaStream | null} stream that it plays, if that was the source
   * @param {number} gapMs between pictures, in the background
   */
  constructor(video, stream, gapMs) {
    this.#video = video;
    this.#stream = stream;
    this.#gapMs = gapMs;
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
    this.#hidden = new HiddenTicks(this.#gapMs, onTick);
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
    this.#hidden?.stop();
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
