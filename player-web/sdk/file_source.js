import { FramewireError } from "./errors.js";
import { FileParts, formatOfFile } from "./file_parts.js";

/**
 * A recorded file, sent as if it happened now: each part at its time. A run that follows a lost one goes on
 * where the file is, behind the file's own init segment.
 */

/** Sent this much before its time, so that a viewer never waits for it; in milliseconds. */
const AHEAD_MS = 300;
/** Later than this, the file's clock is put back instead of sending in a rush; in milliseconds. */
const LATE_MS = 1_000;
const POLL_MS = 20;

/**
 * @typedef {import("./sources.js").Source} Source
 * @implements {Source}
 */
export class FileSource {
  #blob;
  /** @type {Promise<FileParts> | null} */
  #parts = null;
  /** When the file's time 0 is, by performance.now(). */
  #zero = Number.NaN;
  ended = false;
  adapts = false;
  changed = "";
  size = {};
  /** @type {'webm' | 'mp4' | ''} */
  format = "";

  /** @param {Blob} blob */
  constructor(blob) {
    if (blob.size === 0) throw new FramewireError("unsupported-file", "This file is empty.");
    this.#blob = blob;
  }

  get mimeType() {
    return this.#blob.type || (this.format && `video/${this.format}`);
  }

  /** @param {import('./sources.js').RunSettings} settings @returns {import('./sources.js').Run} */
  start(settings) {
    let stopped = false;
    const done = this.#send(settings, () => stopped).then(
      () => null,
      (error) => {
        this.ended = true;
        return error;
      },
    );
    return {
      done,
      stop: () => {
        stopped = true;
        return done;
      },
    };
  }

  close() {
    this.ended = true;
  }

  async #open() {
    this.format = await formatOfFile(this.#blob);
    return new FileParts(this.#blob, this.format);
  }

  /** @param {import('./sources.js').RunSettings} settings @param {() => boolean} stopped */
  async #send({ onChunk, hasRoom }, stopped) {
    this.#parts ??= this.#open();
    const parts = await this.#parts;
    let begun = false;
    while (!stopped()) {
      const part = await parts.next();
      if (!part) {
        this.ended = true;
        return;
      }
      if (!begun && !part.joins) continue;
      await this.#until(part.timeMs, hasRoom, stopped);
      if (stopped()) return;
      if (!begun) for (const init of parts.init) onChunk(init, 0);
      begun = true;
      onChunk(part.bytes, Math.round((performance.timeOrigin + performance.now()) * 1000));
    }
  }

  /** @param {number} timeMs @param {() => boolean} hasRoom @param {() => boolean} stopped */
  async #until(timeMs, hasRoom, stopped) {
    if (Number.isNaN(timeMs)) return;
    if (Number.isNaN(this.#zero)) this.#zero = performance.now() - timeMs;
    for (;;) {
      const wait = this.#zero + timeMs - AHEAD_MS - performance.now();
      if (stopped() || (wait <= 0 && hasRoom())) break;
      await new Promise((resolve) => setTimeout(resolve, Math.max(POLL_MS, wait)));
    }
    const late = performance.now() - (this.#zero + timeMs);
    if (late > LATE_MS) this.#zero += late;
  }
}
