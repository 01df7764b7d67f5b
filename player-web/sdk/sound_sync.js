/**
 * How much longer sound has to wait for the pictures beside it: they are larger, and over a narrow network, or on a
 * busy machine, they come when their sound has been heard. Told of each picture how late it came for its sound. Pure.
 */

const SPAN_MS = 1_000;
/** Fewer pictures in a span say nothing. */
const PICTURES_LEAST = 5;
/** Of so many pictures all but the latest are waited for. */
const SHARE = 0.8;
/** Late by more than this is worth a pause of the sound; early by more, for long, is delay that nobody needs. */
const LATE_MS = 20;
const EARLY_MS = 100;
const CALM_SPANS = 10;
/** Sound waits no longer than this. */
const MOST_MS = 900;

export class SoundSync {
  /** @type {number[]} of this span */
  #lates = [];
  #sinceMs = Number.NaN;
  /** How late they were in the span before. */
  #before = Number.NEGATIVE_INFINITY;
  #calm = 0;
  #extraMs = 0;

  /**
   * A picture has come.
   *
   * @param {number} nowMs any steady clock
   * @param {number} lateMs since its sound was heard; negative: it will be
   * @returns {number} so much longer is the sound to wait, in milliseconds; negative: less; 0: as it is
   */
  picture(nowMs, lateMs) {
    if (!(nowMs - this.#sinceMs < SPAN_MS)) {
      const change = this.#lates.length < PICTURES_LEAST ? 0 : this.#judge();
      this.#lates = [];
      this.#sinceMs = nowMs;
      this.#extraMs += change;
      if (change !== 0) return change;
    }
    this.#lates.push(lateMs);
    return 0;
  }

  /** Another stream, or another beginning of it. */
  restart() {
    this.#lates = [];
    this.#sinceMs = Number.NaN;
    this.#before = Number.NEGATIVE_INFINITY;
    this.#calm = 0;
  }

  #judge() {
    const sorted = this.#lates.sort((a, b) => a - b);
    const late = sorted[Math.floor((sorted.length - 1) * SHARE)];
    // Late for two spans: a page that was busy once is no reason.
    const steady = Math.min(late, this.#before);
    this.#before = late;
    if (steady > LATE_MS) {
      this.#before = Number.NEGATIVE_INFINITY; // what comes now is judged anew
      this.#calm = 0;
      return Math.min(MOST_MS - this.#extraMs, steady);
    }
    this.#calm = late < -EARLY_MS ? this.#calm + 1 : 0;
    if (this.#calm < CALM_SPANS || this.#extraMs <= 0) return 0;
    this.#calm = 0;
    return -Math.min(this.#extraMs, -late - EARLY_MS / 2);
  }
}
