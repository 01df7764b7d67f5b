/**
 * How many bits a second pictures are encoded with, and how many may be on their way, while the network gives less
 * than they need. A change costs nothing but sharpness, so it is quick. Pure: it is told when packets were sent and
 * acknowledged, by any steady clock in milliseconds.
 */

/** An acknowledgement that comes so much later than the soonest is a queue on the way. */
const LATE_MS = 100;
/** What may be on its way beyond a round trip, in milliseconds: the rest would only be old when it arrives. */
const QUEUE_MS = 120;
/** Changes need so long to show, in milliseconds. */
const SETTLE_MS = 400;
/** So many late ones, and this share of all: a busy page is late now and then. */
const LATE_LEAST = 3;
const LATE_SHARE = 0.2;
const LOWER_BY = 0.8;
const RAISE_BY = 1.15;
/** All must be well for so long before more is tried, at first and after it failed; in milliseconds. */
const CALM_MS = 1_000;
const CALM_MOST_MS = 16_000;
/** More that fails within this was too much. */
const PROBE_MS = 3_000;
/** Of what the network gives, so much is used. */
const USED = 0.85;
const RATE_SPAN_MS = 1_000;
/** Below this no bitrate is worth sending, in bits a second. */
const LEAST = 100_000;

export class PacketGovernor {
  #most;
  #fps;
  #adaptive;
  #bits;
  /** The soonest that an acknowledgement came. It is forgotten slowly: routes change. */
  #soonest = Number.POSITIVE_INFINITY;
  #changedAt = Number.NEGATIVE_INFINITY;
  #raisedAt = Number.NEGATIVE_INFINITY;
  #badAt = Number.NEGATIVE_INFINITY;
  #calmMs = CALM_MS;
  /** Lately acknowledged. @type {{at: number, bytes: number, late: boolean}[]} */
  #acked = [];

  /** @param {{most: number, fps: number, adaptive?: boolean}} options `most`: the bitrate that is wished for */
  constructor({ most, fps, adaptive = true }) {
    this.#most = most;
    this.#bits = most;
    this.#fps = fps;
    this.#adaptive = adaptive;
  }

  get bits() {
    return this.#bits;
  }

  /** How many pictures may be on their way. */
  get underWayMost() {
    const roundTrip = Number.isFinite(this.#soonest) ? this.#soonest : QUEUE_MS;
    return 2 + Math.ceil(((roundTrip + QUEUE_MS) * this.#fps) / 1000);
  }

  /**
   * @param {number} now
   * @param {number} sentAt
   * @param {number} bytes
   * @returns {boolean} whether `bits` has changed
   */
  acknowledged(now, sentAt, bytes) {
    const took = now - sentAt;
    this.#soonest = Math.min(this.#soonest * 1.0005, took);
    const late = took - this.#soonest > LATE_MS;
    this.#acked.push({ at: now, bytes, late });
    while (now - this.#acked[0].at > RATE_SPAN_MS) this.#acked.shift();
    if (!this.#adaptive) return false;
    return late ? this.#late(now) : this.#onTime(now);
  }

  /** @param {number} now */
  #late(now) {
    this.#badAt = now;
    const late = this.#acked.filter((each) => each.late).length;
    if (now - this.#changedAt < SETTLE_MS || late < LATE_LEAST) return false;
    if (late / this.#acked.length < LATE_SHARE) return false;
    if (now - this.#raisedAt < PROBE_MS) this.#calmMs = Math.min(CALM_MOST_MS, this.#calmMs * 2);
    const spanMs = Math.max(200, now - this.#acked[0].at);
    const gives = (this.#acked.reduce((sum, { bytes }) => sum + bytes, 0) * 8_000) / spanMs;
    return this.#change(now, Math.min(this.#bits * LOWER_BY, gives * USED));
  }

  /** @param {number} now */
  #onTime(now) {
    const since = Math.max(this.#badAt, this.#changedAt);
    if (this.#bits >= this.#most || now - since < this.#calmMs) return false;
    if (now - this.#raisedAt > 4 * PROBE_MS) this.#calmMs = CALM_MS;
    this.#raisedAt = now;
    return this.#change(now, this.#bits * RAISE_BY);
  }

  /** @param {number} now @param {number} bits */
  #change(now, bits) {
    const before = this.#bits;
    const least = Math.min(LEAST, this.#most);
    this.#bits = Math.round(Math.min(this.#most, Math.max(least, bits)));
    this.#changedAt = now;
    return this.#bits !== before;
  }
}
