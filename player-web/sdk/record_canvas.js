import { openFrames } from "./canvas_frames.js";
import { Emitter } from "./emitter.js";
import { FramewireError } from "./errors.js";
import { FilmSound } from "./film_sound.js";
import { FrameWindow } from "./frame_window.js";
import { Link } from "./link.js";
import { locate } from "./urls.js";
import { FRAME_ROOM } from "./wire.js";
import { xxh32 } from "./xxh32.js";

/**
 * @typedef {object} RecordCanvasOptions
 * @property {string | URL} url `/publish/NAME`, a whole URL, or the bare name
 * @property {number} fps frames a second of the film: frame n is shown at n / fps
 * @property {number} [frames] how many there will be: for the ETA, and a film with fewer is marked as such
 * @property {'mp4' | 'webm'} [container] default mp4
 * @property {'h264' | 'vp8' | 'vp9' | 'av1'} [codec] default h264, in WebM vp9
 * @property {'draft' | 'good' | 'high' | 'lossless'} [quality] default high, which is hardly to be told from
 *   the frames; `lossless` is exact but for the step from RGB to YUV 4:4:4
 * @property {import('./canvas_frames.js').FrameFormat} [format] how frames are sent. Default rgba, which is
 *   exact and the least work; for frames of more than 16 MiB png
 * @property {number} [imageQuality] of jpeg and webp, 0 to 1
 * @property {boolean} [hash] check on the server that each frame is what was read here; default false
 * @property {AudioBuffer | import('./film_sound.js').SoundForm} [audio] the film's sound from its first frame on; or
 *   what it will be like, when it comes by `audio()`
 * @property {string} [token] publish key; default: `?token=` of the URL
 * @property {string} [title] of the stream, for people; default none
 *
 * @typedef {'connecting' | 'recording' | 'reconnecting' | 'finishing' | 'done' | 'cancelled' | 'error'}
 *   CanvasRecorderState
 *
 * @typedef {object} RecordProgress
 * @property {number} frames that the server has taken
 * @property {number} encoded frames that are in the file
 * @property {number} fps encoded in a second, lately
 * @property {number | null} etaMs until all are; null: not known
 *
 * @typedef {object} RecordedCanvas
 * @property {string} url of the file
 * @property {number} frames in it
 * @property {number} duration in seconds
 * @property {number} bytes
 * @property {number} hashed frames that the server has checked, with `hash`
 * @property {string} incomplete why it ends too soon; "" = it does not
 *
 * @typedef {object} CanvasRecorderEvents
 * @property {CanvasRecorderState} state the new one
 * @property {RecordProgress} progress
 * @property {FramewireError} error the end, and why
 */

/** A lost connection is waited for by nobody but the page; in milliseconds. */
const RETRY_MOST_MS = 2_500;
const RGBA_MOST_BYTES = 16 << 20;

/**
 * A canvas being rendered into a file on the server, frame by frame. Events: those of CanvasRecorderEvents,
 * by `on(type, listener)` or, as the `detail` of a CustomEvent, by `addEventListener`.
 *
 * @extends {Emitter<CanvasRecorderEvents>}
 */
export class CanvasRecorder extends Emitter {
  #canvas;
  #options;
  #size;
  /** @type {import('./canvas_frames.js').FrameFormat} */
  #format;
  /** @type {import('./canvas_frames.js').FrameReader | null} */
  #reader = null;
  #window = new FrameWindow();
  #room = (/** @type {number} */ bytes) => this.#window.room(bytes);
  /** @type {FilmSound | null} */
  #sound = null;
  #link;
  #place;
  #token = "";
  #live = false;
  #taken = 0;
  #pending = false;
  #finishing = false;
  /** @type {CanvasRecorderState} */
  #state = "connecting";
  /** @type {FramewireError | null} */
  #failure = null;
  /** @type {RecordedCanvas | null} */
  #recorded = null;
  /** @type {RecordedCanvas | null} of a recording that failed */
  #partial = null;
  /** @type {RecordProgress} */
  #progress = { frames: 0, encoded: 0, fps: 0, etaMs: null };
  #reconnects = 0;
  /** @type {(() => void)[]} */
  #waiting = [];

  /**
   * @param {import('./canvas_frames.js').AnyCanvas} canvas
   * @param {RecordCanvasOptions} options
   */
  constructor(canvas, options) {
    super();
    const { width, height } = canvas ?? {};
    if (!canvas || !("getContext" in canvas) || !width || !height) {
      throw new FramewireError("bad-source", "Give a canvas or an OffscreenCanvas with a size.");
    }
    if (!(options.fps > 0)) {
      throw new FramewireError("bad-source", "Say how many frames a second the film has: fps.");
    }
    this.#canvas = canvas;
    this.#options = options;
    this.#size = { width, height };
    if (options.audio) this.#sound = new FilmSound(options.audio);
    this.#format = options.format ?? (width * height * 4 <= RGBA_MOST_BYTES ? "rgba" : "png");
    this.#place = locate(options.url, { token: options.token });
    this.#link = new Link({
      url: this.#place.publishSocket,
      retryMostMs: RETRY_MOST_MS,
      opened: () => this.#link.send(this.#hello()),
      text: (message) => this.#onText(message),
      lost: () => {
        this.#live = false;
        this.#reconnects += 1;
        this.#setState("reconnecting");
      },
      refused: (why) => this.#fail(why),
    });
  }

  get state() {
    return this.#state;
  }

  /** Frames that were drawn: the number of the next one. */
  get frames() {
    return this.#taken;
  }

  get progress() {
    return this.#progress;
  }

  get stats() {
    const { frames, credit, waitingBytes } = this.#window;
    return { format: this.#format, frames, credit, waitingBytes, reconnects: this.#reconnects };
  }

  /**
   * The canvas as it is now is the next frame; call it in the task that drew it. Resolves when the next one
   * may be drawn: as fast as the server encodes, and no faster.
   *
   * @returns {Promise<void>} rejects with a FramewireError when there is no going on
   */
  async frame() {
    this.#check();
    this.#taken += 1;
    this.#pending = true;
    try {
      this.#reader ??= openFrames(this.#canvas, this.#format, this.#options.imageQuality);
      const room = await this.#reader.read(this.#room); // has read the canvas when it returns
      await this.#untilCredit(this.#window.frames);
      const hash = this.#options.hash ? xxh32(room.subarray(FRAME_ROOM)) : null;
      this.#pushSound(this.#window.frames + 1); // of the time that it is shown
      this.#window.push(room, hash);
      this.#flush();
      await nextTask();
      if (this.#taken !== this.#options.frames) await this.#untilCredit(this.#window.frames);
    } catch (cause) {
      const why = asFramewireError(cause);
      this.#fail(why);
      throw why;
    } finally {
      this.#pending = false;
    }
  }

  /**
   * Sound that follows what came before: of the frames from the first one on, before they are drawn, or when they are.
   * What is missing at the end is silence, what is more than the frames is left out.
   *
   * @param {import('./film_sound.js').Samples} samples
   */
  audio(samples) {
    if (!this.#sound) {
      throw new FramewireError("bad-source", "Say `audio` when the recording begins.");
    }
    this.#sound.add(samples);
  }

  /** @param {number} frames */
  #pushSound(frames) {
    const seconds = frames / this.#options.fps;
    const room = (/** @type {number} */ bytes) => new Uint8Array(FRAME_ROOM + bytes);
    this.#sound?.upTo(seconds, room, (bytes, first) => this.#window.pushSound(bytes, first));
  }

  /**
   * No frame follows. Waits for the file.
   *
   * @returns {Promise<RecordedCanvas>} rejects with a FramewireError; `partial` of it is the file with what
   *   there is, if there is one
   */
  async finish() {
    if (!this.#failure && this.#pending) {
      throw new FramewireError("frame-pending", "Await the last frame() before finish().");
    }
    this.#pushSound(this.#window.frames);
    this.#flush();
    this.#finishing = true;
    if (this.#live) {
      this.#link.send({ type: "end" });
      this.#setState("finishing");
    }
    while (!this.#recorded && !this.#failure) await this.#change();
    if (this.#failure) throw this.#failure;
    return /** @type {RecordedCanvas} */ (this.#recorded);
  }

  /**
   * The end, and nothing is kept. What is awaited is rejected with the code `cancelled`.
   *
   * @returns {Promise<void>} the server knows: the stream's name is free again
   */
  cancel() {
    if (this.#over) return Promise.resolve();
    this.#link.send({ type: "cancel" });
    return this.#end(new FramewireError("cancelled", "The recording was cancelled."), "cancelled");
  }

  get #over() {
    return this.#failure !== null || this.#recorded !== null;
  }

  #check() {
    if (this.#failure) throw this.#failure;
    if (this.#finishing) throw new FramewireError("cancelled", "finish() was called already.");
    if (this.#pending) {
      throw new FramewireError("frame-pending", "Await each frame() before the next one.");
    }
    const { width, height } = this.#canvas;
    if (width !== this.#size.width || height !== this.#size.height) {
      throw new FramewireError(
        "canvas-changed",
        `The canvas was ${this.#size.width}x${this.#size.height} and is ${width}x${height}: a film has one size.`,
      );
    }
  }

  #hello() {
    if (this.#token) return { type: "resume", token: this.#token };
    const { fps, frames, container, codec, quality, hash, title } = this.#options;
    const audio = this.#sound?.hello;
    const wish = { fps, frames, container, codec, quality, hash, audio, title };
    return { type: "publish", lossless: true, format: this.#format, ...this.#size, ...wish };
  }

  /** @param {import('./link.js').Message} message */
  #onText(message) {
    switch (message.type) {
      case "ready":
        this.#onReady(message);
        break;
      case "credit":
        this.#window.grant(message.frames);
        break;
      case "ack":
        this.#window.acknowledge(message.sequence);
        break;
      case "progress": {
        const { frames, encoded, fps, eta_ms: etaMs = null } = message;
        this.#progress = { frames, encoded, fps, etaMs };
        this.emit("progress", this.#progress);
        break;
      }
      case "recorded":
        this.#onRecorded(message);
        break;
      case "error":
        this.#fail(errorOfServer(message, this.#place.watchUrl()));
        break;
    }
    this.#wake();
  }

  /** @param {import('./link.js').Message} ready */
  #onReady(ready) {
    if (this.#token && !this.#window.resume(ready.sequence ?? 0)) {
      this.#fail(lost());
      return;
    }
    this.#token = ready.token;
    this.#live = true;
    this.#setState(this.#finishing ? "finishing" : "recording");
    this.#flush();
    if (this.#finishing) this.#link.send({ type: "end" });
  }

  /** @param {import('./link.js').Message} message */
  #onRecorded({ url, frames, bytes, duration_ms, hashed = 0, incomplete = "" }) {
    const file = {
      url: new URL(url, this.#place.watchUrl()).href,
      frames,
      bytes,
      duration: duration_ms / 1000,
      hashed,
      incomplete,
    };
    if (frames < this.#taken) {
      this.#partial = file; // the error follows
      return;
    }
    this.#recorded = file;
    this.#link.stop();
    this.#setState("done");
  }

  #flush() {
    if (this.#live) this.#window.send((message) => this.#link.send(message));
  }

  /** @param {number} frame */
  async #untilCredit(frame) {
    while (!this.#failure && frame >= this.#window.credit) await this.#change();
    if (this.#failure) throw this.#failure;
  }

  #change() {
    return new Promise((/** @type {(value: void) => void} */ resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #wake() {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** @param {FramewireError} why @returns {void} */
  #fail(why) {
    if (this.#over) return;
    if (this.#partial) Object.assign(why, { partial: this.#partial });
    this.#end(why, "error");
    this.emit("error", why);
  }

  /** @param {FramewireError} why @param {CanvasRecorderState} state @returns {Promise<void>} */
  #end(why, state) {
    this.#failure = why;
    this.#live = false;
    const closed = this.#link.stop();
    this.#setState(state);
    this.#wake();
    return closed;
  }

  /** @param {CanvasRecorderState} state */
  #setState(state) {
    if (this.#state === state) return;
    this.#state = state;
    this.emit("state", state);
  }
}

function lost() {
  return new FramewireError(
    "capture-lost",
    "The server has forgotten this recording: it restarted, or waited too long for the connection.",
  );
}

/** @param {import('./link.js').Message} message @param {string} where */
function errorOfServer({ code, message }, where) {
  if (code === "resume-unknown") return lost();
  return new FramewireError(code, message || `The server refused ${where}: ${code}.`);
}

/** @param {unknown} cause */
function asFramewireError(cause) {
  if (cause instanceof FramewireError) return cause;
  const { message } = /** @type {Error} */ (cause);
  return new FramewireError("recorder-failed", `The frame could not be read: ${message}`, {
    cause,
  });
}

/** Lets the page paint, and messages in; not held back in hidden tabs, as timers are. */
function nextTask() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve(undefined);
    };
    port2.postMessage(null);
  });
}

/**
 * Renders a canvas into a film on the server, every frame of it: however slow page, network or encoder are,
 * nothing is left out and nothing comes twice.
 *
 *     const recorder = recordCanvas(canvas, { url: "/publish/film", fps: 30, frames: 600 });
 *     for (let n = 0; n < 600; n += 1) {
 *       draw(n / 30);
 *       await recorder.frame();
 *     }
 *     const { url } = await recorder.finish();
 *
 * Throws a FramewireError if URL or canvas are not fit for it; what goes wrong later rejects frame() and
 * finish(), and comes as an `error` event.
 *
 * @param {import('./canvas_frames.js').AnyCanvas} canvas with a 2D, WebGL or WebGPU context; in a worker an
 *   OffscreenCanvas
 * @param {RecordCanvasOptions | string | URL} options or the URL, as for publish()
 * @param {Omit<RecordCanvasOptions, 'url'>} [more] behind a URL
 * @returns {CanvasRecorder}
 */
export function recordCanvas(canvas, options, more) {
  const isUrl = typeof options === "string" || options instanceof URL;
  const all = isUrl ? { .../** @type {any} */ (more ?? {}), url: options } : options;
  return new CanvasRecorder(canvas, all);
}
