import { last } from "./newer.js";

/**
 * How good, how large and how often pictures are while the network gives less than they need: first quality gives
 * way, then size, then rate; they come back in the other order. Pure: it is told when pictures were sent and
 * acknowledged, by any steady clock in milliseconds.
 *
 * @typedef {object} Level
 * @property {number} quality factor of the wished one, 0 to 1
 * @property {number} scale of both sides
 * @property {number} rate of the pictures a second
 */
const QUALITIES = [1, 0.8, 0.6, 0.45, 0.3];
const SCALES = [0.75, 0.5, 0.35];
const RATES = [0.5, 0.25, 0.125];

/** An acknowledgement that comes so much later than the soonest is a queue on the way. */
const LATE_MS = 60;
/** So many late ones of so many: a busy page, its own or the server's, is late now and then. */
const LATE_MOST = 3;
const LATE_OF = 6;
/** What is on its way for so long needs no others to tell that it is stuck. */
const STUCK_MS = 150;
/** Levels are not left again within this: what was sent before says nothing of them. */
const SETTLE_MS = 150;
/** How long all must be well before the next better level is tried, at first and after it failed. */
const CALM_MS = 400;
const CALM_MOST_MS = 3_000;
/** A better level that fails within this was one too many. */
const PROBE_MS = 1_500;
/** What each level has of the bytes of the one before, roughly. */
const STEP = 0.75;
/** Of what the network gives, so much is used. */
const USED = 0.8;
const RATE_SPAN_MS = 1_000;

export class PictureGovernor {
  #levels;
  #index = 0;
  #fps;
  /** The soonest that an acknowledgement came, in milliseconds. It is forgotten slowly: routes change. */
  #soonest = Number.POSITIVE_INFINITY;
  #changedAt = Number.NEGATIVE_INFINITY;
  #badAt = Number.NEGATIVE_INFINITY;
  #raisedAt = Number.NEGATIVE_INFINITY;
  #calm = CALM_MS;
  /** @type {{at: number, bytes: number}[]} lately acknowledged */
  #acked = [];
  /** Which of the last ones were late. @type {boolean[]} */
  #lates = [];

  /** @param {{fps: number, hasQuality: boolean, hasSize: boolean}} options what the type of picture lets be changed */
  constructor({ fps, hasQuality, hasSize }) {
    this.#fps = fps;
    const qualities = hasQuality ? QUALITIES : [1];
    const quality = /** @type {number} */ (last(qualities));
    const scales = hasSize ? SCALES : [];
    const scale = last(scales) ?? 1;
    /** @type {Level[]} */
    this.#levels = [
      ...qualities.map((q) => ({ quality: q, scale: 1, rate: 1 })),
      ...scales.map((s) => ({ quality, scale: s, rate: 1 })),
      ...RATES.map((rate) => ({ quality, scale, rate })),
    ];
  }

  get level() {
    return this.#levels[this.#index];
  }

  /** 0 = nothing has given way. */
  get steps() {
    return this.#index;
  }

  /** How many pictures may be on their way: what a round trip needs, and one. */
  get underWayMost() {
    if (!Number.isFinite(this.#soonest)) return 2;
    return Math.min(6, 2 + Math.floor((this.#soonest * this.#fps) / 1000));
  }

  /** The soonest answer, in milliseconds; 0 before the first. */
  get roundTripMs() {
    return Number.isFinite(this.#soonest) ? this.#soonest : 0;
  }

  /**
   * @param {number} now
   * @param {number} sentAt
   * @param {number} bytes
   */
  acknowledged(now, sentAt, bytes) {
    const took = now - sentAt;
    this.#soonest = Math.min(this.#soonest * 1.0005, took);
    this.#acked.push({ at: now, bytes });
    while (now - this.#acked[0].at > RATE_SPAN_MS) this.#acked.shift();
    const late = took - this.#soonest > LATE_MS;
    this.#lates.push(late);
    if (this.#lates.length > LATE_OF) this.#lates.shift();
    if (this.#lates.filter(Boolean).length >= LATE_MOST) this.#late(now);
    else if (!late) this.#onTime(now);
  }

  /** Something has been on its way for too long. @param {number} now @param {number} since */
  waiting(now, since) {
    if (now - since - this.roundTripMs > STUCK_MS) this.#late(now);
  }

  /** @param {number} now */
  #late(now) {
    this.#badAt = now;
    if (now - this.#changedAt < SETTLE_MS || this.#index === this.#levels.length - 1) return;
    if (now - this.#raisedAt < PROBE_MS) this.#calm = Math.min(CALM_MOST_MS, this.#calm * 2);
    this.#index = Math.min(this.#levels.length - 1, this.#index + this.#stepsFor(now));
    this.#changedAt = now;
    this.#lates = [];
  }

  /** How many levels down what the network gives will do, from what it gave lately. @param {number} now */
  #stepsFor(now) {
    const [first] = this.#acked;
    const span = first ? now - first.at : 0;
    if (span < 100 || this.#acked.length < 3) return 1;
    const bytes = this.#acked.reduce((sum, each) => sum + each.bytes, 0);
    const given = bytes / span;
    const needed = (bytes / this.#acked.length) * ((this.#fps * this.level.rate) / 1000);
    if (needed <= given) return 1;
    return Math.max(1, Math.min(4, Math.round(Math.log((USED * given) / needed) / Math.log(STEP))));
  }

  /** @param {number} now */
  #onTime(now) {
    if (this.#index === 0) return;
    const since = Math.max(this.#badAt, this.#changedAt);
    if (now - since < this.#calm) return;
    if (now - this.#badAt > 2 * PROBE_MS) this.#calm = CALM_MS; // the network is back
    this.#index -= 1;
    this.#changedAt = now;
    this.#raisedAt = now;
  }
}
