import { frameOf } from "./canvas_frames.js";
import { Emitter } from "./emitter.js";
import { FramewireError } from "./errors.js";
import { asFramewireError, errorOfServer, lost } from "./film_faults.js";
import { PacketMaker } from "./film_packets.js";
import { PixelMaker, usualFormat } from "./film_pixels.js";
import { FilmSound } from "./film_sound.js";
import { chooseWay, wayAtOnce } from "./film_way.js";
import { FirstFrame } from "./first_frame.js";
import { FrameWindow } from "./frame_window.js";
import { ReconnectingSocket } from "./reconnecting_socket.js";
import { checkFilm } from "./record_types.js";
import { locate } from "./urls.js";
import { FRAME_ROOM } from "./wire.js";
import { xxh32 } from "./xxh32.js";

/**
 * @typedef {import('./record_types.js').RecordCanvasOptions} RecordCanvasOptions
 * @typedef {import('./record_types.js').CanvasRecorderState} CanvasRecorderState
 * @typedef {import('./record_types.js').RecordProgress} RecordProgress
 * @typedef {import('./record_types.js').RecordedCanvas} RecordedCanvas
 */

/** A lost connection is waited for by nobody but the page; in milliseconds. */
const RETRY_MOST_MS = 2_500;

/**
 * A canvas being rendered into a file on the server, frame by frame. Events: those of CanvasRecorderEvents,
 * by `on(type, listener)` or, as the `detail` of a CustomEvent, by `addEventListener`.
 *
 * @extends {Emitter<import('./record_types.js').CanvasRecorderEvents>}
 */
export class CanvasRecorder extends Emitter {
  #canvas;
  #options;
  #size;
  #window = new FrameWindow();
  /** @type {import('./film_pixels.js').FilmMaker | null} it is not decided yet who makes the frames */
  #maker = null;
  /** @type {import('./film_way.js').FilmWay | null} likewise */
  #way = null;
  #decided = Promise.resolve();
  #first = new FirstFrame();
  /** @type {FilmSound | null} */
  #sound = null;
  #socket;
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
    checkFilm(options);
    this.#canvas = canvas;
    this.#options = options;
    this.#size = { width, height };
    if (options.audio) this.#sound = new FilmSound(options.audio);
    const way = wayAtOnce(options);
    this.#place = locate(options.url, options);
    this.#socket = new ReconnectingSocket({
      url: this.#place.publishSocket,
      retryMostMs: RETRY_MOST_MS,
      giveUpMs: options.giveUpMs,
      refreshToken: options.refreshToken,
      quotaRetriesMs: [],
      opened: () => this.#greet(),
      text: (message) => this.#onText(message),
      lost: () => {
        this.#live = false;
        this.#reconnects += 1;
        this.#setState("reconnecting");
      },
      refused: (why) => this.#fail(why),
    });
    if (way) this.#go(way);
    else {
      const wish = { ...options, ...this.#size };
      this.#decided = chooseWay(wish, this.#place.echoSocket(), () => this.#first.seen()).then(
        (chosen) => this.#go(chosen),
        (cause) => this.#fail(asFramewireError(cause)),
      );
    }
  }

  /** @param {import('./film_way.js').FilmWay} way it is decided */
  #go(way) {
    if (this.#failure) return;
    const { imageQuality, fps, alpha } = this.#options;
    const port = {
      fps,
      size: this.#size,
      window: this.#window,
      push: (/** @type {Uint8Array<ArrayBuffer>} */ room) => this.#push(room),
      untilCredit: (/** @type {number} */ frame) => this.#untilCredit(frame),
      change: () => this.#change(),
      wake: () => this.#wake(),
      fail: (/** @type {FramewireError} */ why) => this.#fail(why),
    };
    this.#way = way;
    this.#maker = way.codec
      ? new PacketMaker(this.#canvas, port, way.codec)
      : new PixelMaker(this.#canvas, port, usualFormat(this.#size, this.#options), {
          imageQuality,
          alpha,
        });
    if (this.#socket.open) this.#greet();
  }

  #greet() {
    this.#live = false; // until this connection has said where it goes on
    if (this.#maker) this.#socket.send(this.#hello(this.#maker)); // else once it is decided
  }

  /** That it has changed meanwhile, no type checker sees. */
  #makerNow() {
    return this.#maker;
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
    const { encode = "", why = "" } = this.#way ?? {};
    const { format = "", codec = this.#options.codec ?? "" } = this.#maker?.hello ?? {};
    const sent = { frames, credit, waitingBytes, reconnects: this.#reconnects };
    return { encode, why, format, codec, ...sent };
  }

  /**
   * The canvas as it is now is the next frame; call it in the task that drew it. Resolves when the next one
   * may be drawn: as fast as page or server encode, and no faster.
   *
   * @returns {Promise<void>} rejects with a FramewireError when there is no going on
   */
  async frame() {
    this.#check();
    this.#taken += 1;
    this.#pending = true;
    try {
      if (this.#maker) {
        await this.#maker.take(); // has read the canvas when it returns
      } else {
        const early = frameOf(this.#canvas, 0);
        this.#first.show(early);
        await this.#decided;
        this.#first.gone();
        const maker = this.#makerNow();
        if (maker) await maker.take(early);
        else early.close();
      }
      if (this.#failure) throw this.#failure;
      await nextTask();
    } catch (cause) {
      const why = asFramewireError(cause);
      this.#fail(why);
      throw this.#failure ?? why;
    } finally {
      this.#pending = false;
    }
  }

  /** @param {Uint8Array<ArrayBuffer>} room the next frame */
  #push(room) {
    const hash = this.#options.hash ? xxh32(room.subarray(FRAME_ROOM)) : null;
    this.#pushSound(this.#window.frames + 1); // of the time that it is shown
    this.#window.push(room, hash);
    this.#flush();
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
    if (this.#taken === 0) this.#first.gone();
    await this.#flushMaker();
    if (this.#failure) throw this.#failure;
    this.#pushSound(this.#window.frames);
    this.#flush();
    this.#finishing = true;
    if (this.#live) {
      this.#socket.send({ type: "end" });
      this.#setState("finishing");
    }
    while (!this.#recorded) await this.#change();
    return /** @type {RecordedCanvas} */ (this.#recorded);
  }

  /**
   * The end, and nothing is kept. What is awaited is rejected with the code `cancelled`.
   * @returns {Promise<void>} the server knows: the stream's name is free again
   */
  cancel() {
    if (this.#over) return Promise.resolve();
    if (this.#maker) this.#socket.send({ type: "cancel" });
    return this.#end(new FramewireError("cancelled", "The recording was cancelled."), "cancelled");
  }

  /** What the encoder holds. No frame comes any more. */
  async #flushMaker() {
    this.#pending = true;
    try {
      await this.#decided;
      await this.#maker?.flush();
    } catch (cause) {
      this.#fail(asFramewireError(cause));
    } finally {
      this.#pending = false;
    }
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

  /** @param {import('./film_pixels.js').FilmMaker} maker */
  #hello(maker) {
    if (this.#token) return { type: "resume", token: this.#token };
    const { fps, frames, container, codec, quality, hash, alpha, title } = this.#options;
    const audio = this.#sound?.hello;
    const wish = { fps, frames, container, codec, quality, hash, alpha, audio, title };
    return { type: "publish", lossless: true, ...this.#size, ...wish, ...maker.hello };
  }

  /** @param {import('./reconnecting_socket.js').Message} message */
  #onText(message) {
    switch (message.type) {
      case "ready":
        this.#onReady(message);
        break;
      case "credit":
        this.#window.grant(message.frames);
        this.#maker?.granted();
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

  /** @param {import('./reconnecting_socket.js').Message} ready */
  #onReady(ready) {
    if (this.#token && !this.#window.resume(ready.sequence ?? 0)) {
      this.#fail(lost());
      return;
    }
    this.#token = ready.token;
    this.#live = true;
    this.#setState(this.#finishing ? "finishing" : "recording");
    this.#flush();
    if (this.#finishing) this.#socket.send({ type: "end" });
  }

  /** @param {import('./reconnecting_socket.js').Message} message */
  #onRecorded({ url, frames, bytes, duration_ms, hashed = 0, incomplete = "" }) {
    const file = {
      url: new URL(url, this.#place.watchUrl()).href,
      frames,
      bytes,
      duration: duration_ms / 1000,
      hashed,
      incomplete,
      encode: this.#way?.encode ?? "server",
      why: this.#way?.why ?? "",
    };
    if (frames < this.#taken) {
      this.#partial = file; // the error follows
      return;
    }
    this.#recorded = file;
    this.#maker?.close();
    this.#socket.stop();
    this.#setState("done");
  }

  #flush() {
    if (this.#live) this.#window.send((message) => this.#socket.send(message));
  }

  /** @param {number} frame */
  async #untilCredit(frame) {
    while (frame >= this.#window.credit) await this.#change();
  }

  /** There is news. @returns {Promise<void>} rejects when there is no going on */
  async #change() {
    if (this.#failure) throw this.#failure;
    await new Promise((/** @type {(value: void) => void} */ resolve) => {
      this.#waiting.push(resolve);
    });
    if (this.#failure) throw this.#failure;
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
    this.#first.gone();
    this.#live = false;
    this.#maker?.close();
    const closed = this.#socket.stop();
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
