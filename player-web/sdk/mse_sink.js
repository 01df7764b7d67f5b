import { FramewireError } from "./errors.js";
import { listRanges } from "./gaps.js";
import { last } from "./newer.js";

/**
 * A video element fed by Media Source Extensions: an ordered queue of init segments and media, put on one
 * timeline that only goes on. Knows neither sockets nor policy.
 *
 * Each `begin()` starts a run (an epoch, or a new connection). The first keeps its own times; each later
 * one is moved by `timestampOffset` to where the last one ended, so the element never sees a jump.
 *
 * @typedef {{mime?: string, bytes: Uint8Array<ArrayBuffer>, ptsUs: number, lasts?: number}} Entry `mime`: begins a run;
 *   `lasts`: from here on the newest range seems to go on by so much, in seconds
 *
 * @typedef {object} SinkHandlers
 * @property {() => void} beforeAppend
 * @property {() => void} appended
 * @property {(why: FramewireError) => void} failed this sink is dead for good; make another
 */

/** Appends are joined up to this many bytes. */
const JOIN_BYTES = 1 << 20;
/** What stays behind the playhead, and how much more may gather before it is cut, in seconds. */
const KEEP_BEHIND = 10;
const TRIM_STEP = 5;

/** MediaSource, or what Safari on iPhone has instead. @returns {typeof MediaSource | undefined} */
function mediaSourceClass() {
  return /** @type {any} */ (globalThis).ManagedMediaSource ?? globalThis.MediaSource;
}

/** @param {string} mime @returns {boolean} */
export function canPlay(mime) {
  return mediaSourceClass()?.isTypeSupported(mime) ?? false;
}

export class MseSink {
  #video;
  #handlers;
  #source;
  #objectUrl;
  /** @type {SourceBuffer | null} */
  #buffer = null;
  #mime = "";
  /** @type {Entry[]} */
  #queue = [];
  #dead = false;
  #lasts = 0;
  /** Seconds added to the times of the present run. */
  offset = 0;

  /**
   * @param {HTMLVideoElement} video
   * @param {SinkHandlers} handlers
   */
  constructor(video, handlers) {
    const Source = mediaSourceClass();
    if (!Source) {
      throw new FramewireError(
        "unsupported-player",
        "This browser has no Media Source Extensions.",
      );
    }
    this.#video = video;
    this.#handlers = handlers;
    this.#source = new Source();
    this.#source.addEventListener("sourceopen", this.#opened, { once: true });
    video.addEventListener("error", this.#videoFailed);
    video.disableRemotePlayback = true; // a ManagedMediaSource does not open otherwise
    this.#objectUrl = URL.createObjectURL(this.#source);
    video.src = this.#objectUrl;
  }

  /** @param {string} mime @param {Uint8Array<ArrayBuffer>} init */
  begin(mime, init) {
    this.#queue.push({ mime, bytes: init, ptsUs: 0, lasts: 0 });
    this.#pump();
  }

  /** The same run goes on with another header. @param {Uint8Array<ArrayBuffer>} init @param {number} lasts what the newest picture is said to last, in seconds */
  anew(init, lasts) {
    this.#queue.push({ bytes: init, ptsUs: 0, lasts });
    this.#pump();
  }

  /** @param {Uint8Array<ArrayBuffer>} media @param {number} ptsUs */
  append(media, ptsUs) {
    this.#queue.push({ bytes: media, ptsUs });
    this.#pump();
  }

  /** Everything given so far is in the buffer. */
  get idle() {
    return this.#queue.length === 0 && !this.#buffer?.updating;
  }

  /** What is buffered; nothing once the source has closed, which may be before the element says why. */
  get ranges() {
    if (this.#dead || !this.#buffer || this.#source.readyState === "closed") return [];
    const ranges = listRanges(this.#buffer.buffered);
    const newest = last(ranges);
    if (newest) newest.end = Math.max(newest.start, newest.end - this.#lasts);
    return ranges;
  }

  /** Where the newest buffered range ends, in seconds; 0 = nothing there. */
  get end() {
    return last(this.ranges)?.end ?? 0;
  }

  close() {
    this.#dead = true;
    this.#queue = [];
    this.#video.removeEventListener("error", this.#videoFailed);
    URL.revokeObjectURL(this.#objectUrl);
  }

  #opened = () => {
    this.#pump();
  };

  #videoFailed = () => {
    const { error } = this.#video;
    if (error) this.#fail(error.message || `media error ${error.code}`, error);
  };

  /** @param {string} what @param {unknown} cause */
  #fail(what, cause) {
    if (this.#dead) return;
    this.close();
    this.#handlers.failed(
      new FramewireError("player-failed", `The player gave up: ${what}`, { cause }),
    );
  }

  #pump() {
    if (this.#dead || this.#source.readyState !== "open") return;
    try {
      while (this.#queue.length > 0 && !this.#buffer?.updating) {
        if (this.#queue[0].mime !== undefined && !this.#startRun(this.#queue[0].mime)) return;
        this.#appendNext();
      }
    } catch (cause) {
      this.#fail(cause instanceof Error ? cause.message : String(cause), cause);
    }
  }

  /** @param {string} mime @returns {boolean} false = not yet: the first media after the init must come */
  #startRun(mime) {
    if (!this.#buffer) {
      this.#source.duration = Number.POSITIVE_INFINITY; // Firefox's recordings say 0
      this.#buffer = this.#source.addSourceBuffer(mime);
      this.#buffer.mode = "segments";
      this.#buffer.addEventListener("updateend", this.#updated);
    } else {
      const first = this.#queue[1];
      if (!first) return false;
      // The old run may end in the middle of an element, which only abort() forgives.
      this.#buffer.abort();
      if (mime !== this.#mime) this.#buffer.changeType(mime);
      this.offset = Math.max(this.end, this.#video.currentTime) - first.ptsUs / 1e6;
      this.#buffer.timestampOffset = this.offset;
    }
    this.#mime = mime;
    return true;
  }

  #appendNext() {
    const buffer = /** @type {SourceBuffer} */ (this.#buffer);
    let count = 1;
    let size = this.#queue[0].bytes.byteLength;
    for (; count < this.#queue.length; count += 1) {
      const { mime, bytes } = this.#queue[count];
      if (mime !== undefined || size + bytes.byteLength > JOIN_BYTES) break;
      size += bytes.byteLength;
    }
    this.#handlers.beforeAppend();
    try {
      buffer.appendBuffer(join(this.#queue.slice(0, count), size));
    } catch (error) {
      if (!(error instanceof DOMException && error.name === "QuotaExceededError")) throw error;
      if (!this.#trim(1, 0)) throw error;
      return;
    }
    this.#lasts =
      last(this.#queue.slice(0, count).filter(({ lasts }) => lasts !== undefined))?.lasts ??
      this.#lasts;
    this.#queue.splice(0, count);
  }

  #updated = () => {
    if (this.#dead) return;
    this.#handlers.appended();
    if (this.#dead) return;
    if (!this.#trim(KEEP_BEHIND, TRIM_STEP)) this.#pump();
  };

  /**
   * @param {number} keep @param {number} step seconds
   * @returns {boolean} whether a removal is under way
   */
  #trim(keep, step) {
    const start = this.ranges[0]?.start;
    const until = this.#video.currentTime - keep;
    if (!this.#buffer || this.#buffer.updating) return false;
    if (start === undefined || until - start <= step) return false;
    this.#buffer.remove(0, until);
    return true;
  }
}

/** @param {Entry[]} entries @param {number} size @returns {Uint8Array<ArrayBuffer>} */
function join(entries, size) {
  if (entries.length === 1) return entries[0].bytes;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const { bytes } of entries) {
    whole.set(bytes, at);
    at += bytes.byteLength;
  }
  return whole;
}
