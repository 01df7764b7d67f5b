import { FramewireError } from "./errors.js";
import { drop, owned, sizeOf } from "./picture_frames.js";

/**
 * Frames of an iterable, for PicturePublication: asked for one after the other, at most `fps` times a second, so that
 * one that always has another (a generator that draws) does not run away; the second once the first was taken. One
 * that was not taken gives way to the next. Its end is the stream's.
 *
 * @typedef {import('./picture_sources.js').Pictures} Pictures
 * @typedef {import('./picture_sources.js').Frame} Frame
 */

/** Timers come late, so the next frame is asked for a little early; in milliseconds. */
const EARLY_MS = 2;

/** @implements {Pictures} */
export class IteratedPictures {
  audio = null;
  #frames;
  #fps;
  #failed;
  /** @type {any} */
  #newest = null;
  #size = { width: 0, height: 0 };
  #stopped = false;
  #over = false;
  #wasTaken = () => {};
  #firstTaken = new Promise((/** @type {(value: void) => void} */ resolve) => {
    this.#wasTaken = resolve;
  });

  /**
   * @param {AsyncIterable<Frame> | Iterable<Frame>} frames
   * @param {number} fps 0 = each take() asks for one
   * @param {(why: FramewireError) => void} failed
   */
  constructor(frames, fps, failed) {
    const make = /** @type {any} */ (frames);
    /** @type {AsyncIterator<Frame> | Iterator<Frame>} */
    this.#frames = (make[Symbol.asyncIterator] ?? make[Symbol.iterator]).call(frames);
    this.#fps = fps;
    this.#failed = failed;
  }

  /** @param {() => void} onTick */
  async start(onTick) {
    const stepMs = 1000 / this.#fps;
    let dueMs = 0;
    while (await this.#pull()) {
      onTick();
      await this.#firstTaken;
      const now = performance.now();
      dueMs = Math.max(dueMs + stepMs, now - stepMs);
      // Always a task of its own, or an iterable that waits for nothing would let nothing else happen.
      await new Promise((go) => setTimeout(go, Math.max(0, dueMs - now - EARLY_MS)));
    }
    onTick();
  }

  /** @returns {Promise<boolean>} there is another one */
  async #pull() {
    try {
      const { value, done } = await this.#frames.next();
      if (done || this.#stopped) {
        if (!done) drop(value);
        this.#over = true;
        return false;
      }
      const frame = await owned(value);
      drop(this.#newest);
      this.#newest = frame;
      if (frame) this.#size = await sizeOf(frame);
      return true;
    } catch (cause) {
      this.#over = true;
      if (cause instanceof FramewireError) this.#failed(cause);
      else {
        const { message } = /** @type {Error} */ (cause);
        const text = `The frames have ended with an error: ${message}`;
        this.#failed(new FramewireError("bad-source", text, { cause }));
      }
      return false;
    }
  }

  async take() {
    if (this.#fps === 0) await this.#pull();
    const frame = this.#newest;
    this.#newest = null;
    this.#wasTaken();
    return frame;
  }

  size() {
    return this.#size;
  }

  stop() {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#wasTaken();
    if (!this.#over) Promise.resolve(this.#frames.return?.()).catch(() => {});
  }

  ended() {
    return this.#over && this.#newest === null;
  }
}
