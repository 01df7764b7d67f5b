/**
 * When pieces of sound were captured, by the clock of the page, from when they come: never too early, and late whenever
 * the page is busy. So the soonest of a second counts; what is late once moves no time. Pure.
 */

/** Pieces that are looked at together: a second of them. */
const SPAN = 100;
/** Less is not worth a step, in milliseconds. */
const STEP_MS = 1;
/** Nothing of this page is late by so much: the sound itself has paused, in milliseconds. */
const PAUSE_MS = 1_000;

export class SoundClock {
  /** When the sound's own time 0 was. */
  #zeroMs = Number.NaN;
  #soonestMs = Number.POSITIVE_INFINITY;
  #count = 0;

  /**
   * @param {number} at the sound's own time of a piece's first sample, in seconds
   * @param {number} durationMs of the piece
   * @param {number} nowMs when it came, which is after its last sample
   * @returns {number} when its first sample was captured, by the clock of `nowMs`
   */
  timeOf(at, durationMs, nowMs) {
    const zero = nowMs - durationMs - at * 1000;
    this.#soonestMs = Math.min(this.#soonestMs, zero);
    this.#count += 1;
    const later = zero - this.#zeroMs;
    if (!(later > -STEP_MS) || later > PAUSE_MS) this.#begin(zero);
    else if (this.#count >= SPAN) {
      // The two clocks do not run alike.
      const drifted = Math.abs(this.#soonestMs - this.#zeroMs) > STEP_MS;
      this.#begin(drifted ? this.#soonestMs : this.#zeroMs);
    }
    return this.#zeroMs + at * 1000;
  }

  /** The sound has stood still: what is known of its times is void. */
  restart() {
    this.#zeroMs = Number.NaN;
  }

  /** @param {number} zeroMs */
  #begin(zeroMs) {
    this.#zeroMs = zeroMs;
    this.#soonestMs = Number.POSITIVE_INFINITY;
    this.#count = 0;
  }
}
