/**
 * Whether a screen that has died is built anew, or gives way to the next way of showing the stream. One that has shown
 * pictures for a while has proved its way; one that keeps dying has not. Pure.
 */

/** So many dead screens within a minute, and it is no accident. */
const REBUILDS_MOST = 5;
const SPAN_MS = 60_000;
/** A screen that died before it showed this much is not built again, in milliseconds. */
const PROVEN_MS = 3_000;

export class ScreenTrials {
  /** @type {number[]} when each died */
  #deaths = [];
  #paintedAt = Number.NaN;

  /** Another screen, which has shown nothing yet. */
  begin() {
    this.#paintedAt = Number.NaN;
  }

  /** @param {number} nowMs any steady clock */
  painted(nowMs) {
    if (Number.isNaN(this.#paintedAt)) this.#paintedAt = nowMs;
  }

  /**
   * @param {number} nowMs
   * @param {boolean} forGood it says itself that it cannot
   * @returns {boolean} true: the next way; false: the same anew
   */
  died(nowMs, forGood) {
    this.#deaths = this.#deaths.filter((at) => nowMs - at < SPAN_MS);
    this.#deaths.push(nowMs);
    const proven = nowMs - this.#paintedAt > PROVEN_MS;
    if (!forGood && proven && this.#deaths.length <= REBUILDS_MOST) return false;
    this.#deaths = [];
    return true;
  }
}
