/**
 * How many bits per second to record with, judged by how old the oldest chunk is that the server has not
 * acknowledged: much too old, and the connection is slower than the recording; young for long, and more may
 * be tried. Each change costs viewers a new epoch, so they are few: a raise that proved wrong is not tried
 * again for twice as long.
 */

/** A lag above this, seen twice, is too much; one below CALM_LAG_MS is none. In milliseconds. */
const HIGH_LAG_MS = 1_500;
const CALM_LAG_MS = 400;
/** A change needs this long to show, in milliseconds. */
const SETTLE_MS = 6_000;
const RAISE_AFTER_MS = 15_000;
const RAISE_AFTER_MOST_MS = 240_000;
const LOWER_BY = 0.6;
const RAISE_BY = 1.4;
/** Below this no bitrate is worth sending, in bits per second. */
const LEAST = 150_000;

export class BitrateGovernor {
  #most;
  #bits;
  #changedAt = Number.NEGATIVE_INFINITY;
  #raisedAt = Number.NEGATIVE_INFINITY;
  #raiseAfterMs = RAISE_AFTER_MS;
  #calmSince = Number.NaN;
  #highBefore = false;

  /** @param {number} most what was asked for, in bits per second */
  constructor(most) {
    this.#most = most;
    this.#bits = most;
  }

  get bits() {
    return this.#bits;
  }

  /**
   * A few times a second.
   *
   * @param {number} nowMs any steady clock
   * @param {number} lagMs age of the oldest chunk that is not acknowledged; 0 = there is none
   * @returns {boolean} whether `bits` changed
   */
  sample(nowMs, lagMs) {
    const high = lagMs > HIGH_LAG_MS;
    const lasting = high && this.#highBefore;
    this.#highBefore = high;
    if (lagMs > CALM_LAG_MS) this.#calmSince = Number.NaN;
    else if (Number.isNaN(this.#calmSince)) this.#calmSince = nowMs;
    if (nowMs - this.#changedAt < SETTLE_MS) return false;
    if (lasting) return this.lower(nowMs);
    if (this.#bits < this.#most && nowMs - this.#calmSince >= this.#raiseAfterMs) {
      this.#raisedAt = nowMs;
      return this.#change(nowMs, Math.min(this.#most, this.#bits * RAISE_BY));
    }
    return false;
  }

  /**
   * The connection proved too slow.
   *
   * @param {number} nowMs
   * @returns {boolean} whether `bits` changed
   */
  lower(nowMs) {
    if (nowMs - this.#raisedAt < this.#raiseAfterMs * 2) {
      this.#raiseAfterMs = Math.min(RAISE_AFTER_MOST_MS, this.#raiseAfterMs * 2);
    }
    return this.#change(nowMs, Math.max(Math.min(LEAST, this.#most), this.#bits * LOWER_BY));
  }

  /** @param {number} nowMs @param {number} bits */
  #change(nowMs, bits) {
    const before = this.#bits;
    this.#bits = Math.round(bits);
    this.#changedAt = nowMs;
    this.#calmSince = Number.NaN;
    return this.#bits !== before;
  }
}
