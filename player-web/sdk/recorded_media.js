import { AlphaProbe } from "./alpha_probe.js";
import { BitrateGovernor } from "./bitrate.js";
import { FramewireError } from "./errors.js";
import { HiddenWarning } from "./hidden_warning.js";
import { openSource } from "./sources.js";

/**
 * A film as it is recorded: one run of a source after another (sources.js), all its bytes in order, none left out;
 * while acknowledgements lag, at a lower bitrate.
 *
 * @typedef {import('./base_publication.js').Media} Media
 * @typedef {import('./base_publication.js').Control} Control
 */

/** So many failed recordings within RESTART_SPAN_MS, and it is no accident. */
const RESTARTS_MOST = 8;
const RESTART_SPAN_MS = 10_000;
/** A picture each: what waits in a recorder is late at every viewer. In milliseconds. */
const SLICE_MS = 20;
/** How often source and connection are looked at, in milliseconds. */
const WATCH_MS = 500;
/** A source that gives nothing for so long gets a warning, in milliseconds. */
const NO_DATA_MS = 5_000;
/** Data that comes more often than this is of pictures in motion, or of sound; in milliseconds. */
const MOVES_MS = 700;
const NO_DATA = {
  code: "no-data",
  message:
    "The source gives no pictures and no sound. Paint the canvas at least once, or check the device.",
};
/** Acknowledgements say nothing of the bitrate so soon after a new connection, in milliseconds. */
const CATCH_UP_MS = 3_000;

/** @implements {Media} */
export class RecordedMedia {
  #why;
  #control;
  #options;
  /** @type {import('./sources.js').Source} */
  #source;
  /** @type {import('./sources.js').Run | null} */
  #run = null;
  #alpha = new AlphaProbe();
  #governor;
  #watchTimer;
  #lastChunkAt = performance.now();
  #connectedAt = 0;
  #stopping = false;
  #hidden = new HiddenWarning();
  /** When data last came at a pace that pictures in motion give. */
  #movedAt = performance.now();
  /** @type {number[]} */
  #restarts = [];
  #recordings = 0;

  /**
   * @param {import('./sources.js').PublishSource} source
   * @param {import('./publish_types.js').PublishOptions} options
   * @param {Control} control
   * @param {string} why it is recorded, and not sent as packets
   */
  constructor(source, options, control, why) {
    this.#why = why;
    this.#control = control;
    this.#options = options;
    this.#source = openSource(source, options);
    this.#governor = new BitrateGovernor(options.videoBitsPerSecond ?? 2_500_000);
    this.#watchTimer = setInterval(() => this.#watch(), WATCH_MS);
  }

  get running() {
    return this.#run !== null;
  }

  get hello() {
    const { width, height } = this.#source.size;
    const { format, mimeType } = this.#source;
    return { format: format || undefined, mime: mimeType || undefined, width, height };
  }

  get stats() {
    return {
      mimeType: this.#source.mimeType,
      /** What is recorded with now: the option, or less while the connection is slow. */
      videoBitsPerSecond: this.#governor.bits,
      recordings: this.#recordings,
      /** How the stream is made, and why so. */
      way: { as: /** @type {const} */ ("recording"), by: "MediaRecorder", why: this.#why },
    };
  }

  begin() {
    this.discard();
    const { timesliceMs = SLICE_MS, audioBitsPerSecond = 64_000, keyframeMs } = this.#options;
    const source = this.#source;
    try {
      const run = source.start({
        timesliceMs,
        audioBitsPerSecond,
        keyframeMs: keyframeMs ?? (source.format === "mp4" ? 500 : 1000),
        videoBitsPerSecond: this.#governor.bits,
        onChunk: (chunk, captureUs) => {
          if (this.#run === run) this.#onChunk(chunk, captureUs);
        },
        hasRoom: () => this.#control.window.unsentBytes < this.#bufferBytes / 2,
      });
      this.#run = run;
      this.#recordings += 1;
      this.#lastChunkAt = performance.now();
      run.done.then((why) => {
        if (this.#run === run) this.#ended(why, run.torn === true);
      });
    } catch (error) {
      this.#control.end(/** @type {FramewireError} */ (error));
    }
  }

  discard() {
    const run = this.#run;
    this.#run = null;
    run?.stop();
  }

  async drain() {
    this.#stopping = true;
    await this.#run?.stop();
  }

  close() {
    clearInterval(this.#watchTimer);
    this.#source.close();
  }

  room() {}

  /** @param {import('./sources.js').PublishSource} source */
  replace(source) {
    const before = this.#source;
    this.#source = openSource(source, this.#options);
    before.close();
    this.#alpha = new AlphaProbe();
    if (!this.#run) return;
    if (this.#source.format === before.format && before.format) this.#run.stop();
    else this.#control.publishAnew("replaced");
  }

  /**
   * The recorder gave up (a resized canvas in Firefox, a changed track in Chromium), was stopped for
   * another bitrate or source, or its source ended. All of its data has been kept; the next recording
   * simply follows it in the same byte stream. What is torn in the middle ends that stream.
   *
   * @param {FramewireError | null} why
   * @param {boolean} torn
   */
  #ended(why, torn) {
    if (this.#stopping) return;
    if (this.#source.ended) {
      if (why) this.#control.end(why);
      else this.#control.stop();
      return;
    }
    const now = performance.now();
    this.#restarts = this.#restarts.filter((at) => now - at < RESTART_SPAN_MS);
    this.#restarts.push(now);
    if (this.#restarts.length > RESTARTS_MOST) {
      const tired = new FramewireError("recorder-failed", "The recorder keeps stopping.");
      this.#control.end(why ?? tired);
      return;
    }
    if (torn) this.#control.publishAnew("torn");
    else this.begin();
  }

  /** Pictures that stand still give nothing, or are said again once a second (Firefox). In milliseconds. */
  get #movesMs() {
    return Math.max(MOVES_MS, 2 * (this.#options.timesliceMs ?? SLICE_MS));
  }

  get #bufferBytes() {
    return this.#options.bufferBytes ?? 8 << 20;
  }

  /** @param {Uint8Array} chunk @param {number} captureUs */
  #onChunk(chunk, captureUs) {
    const now = performance.now();
    const { window } = this.#control;
    if (now - this.#lastChunkAt < this.#movesMs) this.#movedAt = now;
    this.#lastChunkAt = now;
    window.push(chunk, captureUs, now);
    this.#control.flush();
    if (this.#source.format === "webm" && this.#alpha.push(chunk)) {
      this.#control.emit("warning", {
        code: "alpha",
        message:
          "Each picture carries a second, transparent one. Draw the canvas with getContext('2d', {alpha: false}).",
      });
    }
    if (window.unsentBytes > this.#bufferBytes) {
      if (this.#control.connected() && this.#governor.lower(now)) this.#tellBitrate();
      this.#control.publishAnew("too-slow");
    }
  }

  #tellBitrate() {
    this.#control.emit("bitrate", this.#governor.bits);
  }

  /** Looks after source and bitrate. */
  #watch() {
    const run = this.#run;
    const now = performance.now();
    if (!this.#control.connected()) this.#connectedAt = now;
    if (!run || this.#stopping || !this.#control.connected()) return;
    if (this.#source.ended) {
      run.stop(); // what it still holds goes out before the end
      return;
    }
    const { changed } = this.#source;
    if (changed) {
      this.#control.emit("warning", { code: "source-changed", message: changed });
      run.stop();
      return;
    }
    const hidden = globalThis.document?.hidden === true;
    const says = this.#hidden.look(hidden, now - this.#movedAt, now);
    this.#control.stands(this.#hidden.standing, says);
    if (now - this.#lastChunkAt > NO_DATA_MS && !hidden) {
      this.#lastChunkAt = Number.POSITIVE_INFINITY; // said once, until there is some
      this.#control.emit("warning", NO_DATA);
    }
    if (!this.#source.adapts || this.#options.adaptive === false) return;
    if (now - this.#connectedAt < CATCH_UP_MS) return;
    if (this.#governor.sample(now, this.#control.window.lagMs(now))) {
      this.#tellBitrate();
      run.stop();
    }
  }
}
