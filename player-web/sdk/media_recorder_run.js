import { FramewireError } from "./errors.js";

/**
 * One MediaRecorder run: an init segment and what follows, as chunks in order.
 *
 * `blob.arrayBuffer()` is asynchronous, so chunks go through one chain. Nothing is delivered twice and
 * nothing is left out between `start` and `done`.
 *
 * @typedef {object} RecordingOptions
 * @property {string} mimeType
 * @property {number} timesliceMs
 * @property {number} keyframeMs honoured by Chromium
 * @property {number} videoBitsPerSecond
 * @property {number} audioBitsPerSecond
 */

/** A painter that pauses leaves finished pictures in the recorder; ask for them after this long. */
const QUIET_MS = 250;
/** A recorder that does not finish within this is given up: some never do, in Firefox those of sound that never comes. */
const STOP_MS = 3_000;

export class MediaRecorderRun {
  #recorder;
  /** @type {Promise<void>} */
  #chain = Promise.resolve();
  /** @type {(why: FramewireError | null) => void} */
  #finish = () => {};
  #lastDataAt = performance.now();
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #quietTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #stopTimer;
  /** @type {FramewireError | null} */
  #failure = null;
  /** Something of it is lost. */
  torn = false;

  /**
   * @param {MediaStream} stream
   * @param {RecordingOptions} options
   * @param {(chunk: Uint8Array<ArrayBuffer>, captureUs: number) => void} onChunk
   */
  constructor(stream, options, onChunk) {
    /** Resolves after the last chunk; with the reason if nobody called stop(). */
    this.done = new Promise((/** @type {(why: FramewireError | null) => void} */ resolve) => {
      this.#finish = resolve;
    });
    const settings = {
      mimeType: options.mimeType,
      videoBitsPerSecond: options.videoBitsPerSecond,
      audioBitsPerSecond: options.audioBitsPerSecond,
      videoKeyFrameIntervalDuration: options.keyframeMs,
    };
    this.#recorder = new MediaRecorder(stream, settings);
    this.#recorder.ondataavailable = ({ data }) => {
      if (data.size === 0) return;
      this.#lastDataAt = performance.now();
      const captureUs = Math.round((performance.timeOrigin + this.#lastDataAt) * 1000);
      const bytes = data.arrayBuffer();
      this.#chain = this.#chain.then(async () => {
        try {
          const chunk = new Uint8Array(await bytes);
          if (!this.torn) onChunk(chunk, captureUs);
        } catch (cause) {
          this.#tear(cause);
        }
      });
    };
    this.#recorder.onerror = (event) => {
      const cause = /** @type {any} */ (event).error;
      this.#failure = new FramewireError(
        "recorder-failed",
        `The recorder failed${cause?.message ? `: ${cause.message}` : ""}.`,
        { cause },
      );
      this.stop();
    };
    this.#recorder.onstop = () => this.#stopped();
    this.#recorder.start(options.timesliceMs);
    // MP4 comes a GOP at a time, and asking for less gives empty chunks.
    if (options.mimeType.includes("webm")) {
      this.#quietTimer = setInterval(() => this.#flushWhenQuiet(), QUIET_MS);
    }
  }

  /** A chunk cannot be read (the browser has run out of memory or disk): none that follows may be sent. @param {unknown} cause */
  #tear(cause) {
    this.torn = true;
    this.#failure ??= new FramewireError(
      "recorder-failed",
      "What was recorded cannot be read. The browser may be out of memory.",
      { cause },
    );
    this.stop();
  }

  /** @returns {Promise<FramewireError | null>} after the last chunk */
  stop() {
    // After an error Chromium is inactive already, and its `stop` event is still to come.
    this.#stopTimer ??= setTimeout(() => this.#stopped(), STOP_MS);
    if (this.#recorder.state !== "inactive") this.#recorder.stop();
    return this.done;
  }

  #stopped() {
    clearInterval(this.#quietTimer);
    clearTimeout(this.#stopTimer);
    this.#chain.then(() => this.#finish(this.#failure));
  }

  #flushWhenQuiet() {
    const quiet = performance.now() - this.#lastDataAt > QUIET_MS;
    if (quiet && this.#recorder.state === "recording") this.#recorder.requestData();
  }
}
