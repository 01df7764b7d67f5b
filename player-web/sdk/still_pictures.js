/**
 * Since when pictures have been the same, by a small copy of each: what a page in the background paints in animation
 * frames stands still, though the canvas can be read as ever.
 */
const WIDTH = 32;
const HEIGHT = 18;
const LOOK_MS = 200;

export class StillPictures {
  #context =
    new OffscreenCanvas(WIDTH, HEIGHT).getContext("2d", { willReadFrequently: true }) ?? null;
  /** @type {Uint32Array} */
  #last = new Uint32Array(0);
  #changedMs = 0;
  #lookedMs = Number.NEGATIVE_INFINITY;

  /** @param {CanvasImageSource} picture @param {number} now in milliseconds, by any steady clock */
  look(picture, now) {
    if (now - this.#lookedMs < LOOK_MS || !this.#context) return;
    this.#lookedMs = now;
    this.#context.drawImage(picture, 0, 0, WIDTH, HEIGHT);
    const { data } = this.#context.getImageData(0, 0, WIDTH, HEIGHT);
    const words = new Uint32Array(data.buffer);
    if (words.some((word, i) => word !== this.#last[i])) this.#changedMs = now;
    this.#last = words;
  }

  /** How long they had been the same when they were looked at last. */
  get ms() {
    return this.#last.length > 0 ? this.#lookedMs - this.#changedMs : 0;
  }
}
