import { FramewireError } from "./errors.js";
import { StillPictures } from "./still_pictures.js";

/**
 * A canvas, an element or an iterable as frames with times: looked at whenever there may be something new
 * (picture_sources.js), at most `fps` times a second, and once a second if there is not.
 *
 * @typedef {import('./picture_sources.js').Pictures} Pictures
 *
 * @typedef {object} Looker
 * @property {() => boolean} mayTake asked before each picture; false = it is left out
 * @property {(frame: VideoFrame, atMs: number) => void} give `atMs`: as performance.now()
 * @property {(why: FramewireError) => void} failed
 */

/** A picture that stands still is given again so often, in milliseconds. */
const KEEP_ALIVE_MS = 1_000;
/** Animation frames come a little early and late of their time, in milliseconds. */
const SLACK_MS = 4;

export class LookedAt {
  #pictures;
  #gapMs;
  #looker;
  #dueMs = 0;
  #givenMs = 0;
  #stopped = false;
  /** Looked at in the background. @type {StillPictures | null} */
  #still = null;

  /** @param {Pictures} pictures @param {number} fps @param {Looker} looker */
  constructor(pictures, fps, looker) {
    this.#pictures = pictures;
    this.#gapMs = 1000 / fps;
    this.#looker = looker;
    pictures.start(() => this.look());
  }

  /** @param {boolean} [late] nothing new is known of */
  look(late = false) {
    const now = performance.now();
    if (this.#stopped || now < this.#dueMs - SLACK_MS) return;
    if (late && now - this.#givenMs < KEEP_ALIVE_MS) return;
    this.#dueMs = Math.max(this.#dueMs + this.#gapMs, now + this.#gapMs / 2);
    if (this.#looker.mayTake()) this.#take(now);
  }

  /** How long its pictures have been the same, in the background. */
  get stillMs() {
    return this.#still?.ms ?? 0;
  }

  stop() {
    this.#stopped = true;
    this.#pictures.stop();
  }

  /** @param {number} now */
  async #take(now) {
    try {
      const taken = await this.#pictures.take();
      if (!taken) return;
      const frame = await frameOf(taken);
      if (this.#stopped) {
        frame.close();
        return;
      }
      this.#givenMs = now;
      if (globalThis.document?.hidden) {
        this.#still ??= new StillPictures();
        this.#still.look(frame, now);
      } else this.#still = null;
      this.#looker.give(frame, now);
    } catch (cause) {
      const text = `The picture cannot be taken: ${/** @type {Error} */ (cause).message}`;
      const why = new FramewireError("recorder-failed", text, { cause });
      this.#looker.failed(cause instanceof FramewireError ? cause : why);
    }
  }
}

/** @param {any} image @returns {Promise<VideoFrame>} */
async function frameOf(image) {
  if (image instanceof VideoFrame) return image;
  const encoded = image instanceof Blob || image instanceof ImageData;
  const drawn = encoded ? await createImageBitmap(image) : image;
  const frame = new VideoFrame(drawn, { timestamp: 0 });
  if ("close" in drawn) drawn.close();
  return frame;
}
