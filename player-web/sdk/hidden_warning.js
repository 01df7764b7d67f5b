/**
 * Whether the pictures of a page in the background stand still there, which is said once for each time. Pure: it is told
 * what there is, by any steady clock in milliseconds.
 */
const STILL_MS = 3_000;

export const HIDDEN = {
  code: "hidden",
  message:
    "This page is in the background, and its pictures stand still: browsers paint no animation frames there. Paint by a timer in a worker, on an OffscreenCanvas, or keep the page in sight.",
};

export class HiddenWarning {
  #hiddenAt = Number.POSITIVE_INFINITY;
  #told = false;
  standing = false;

  /**
   * @param {boolean} hidden the page is
   * @param {number} stillMs how long its pictures have been the same
   * @param {number} now
   * @returns {boolean} it is to be said now
   */
  look(hidden, stillMs, now) {
    this.#hiddenAt = hidden ? Math.min(this.#hiddenAt, now) : Number.POSITIVE_INFINITY;
    this.standing = Math.min(stillMs, now - this.#hiddenAt) >= STILL_MS;
    const says = this.standing && !this.#told;
    this.#told = hidden && (this.#told || says);
    return says;
  }
}
