/**
 * When to connect again after a lost connection: the delay doubles from `firstMs` to `mostMs`, half of
 * it by chance, so that the viewers of a restarted server do not come back in one instant.
 * A connection that lived `stableMs` starts the count anew.
 */
export class Backoff {
  #firstMs;
  #mostMs;
  #stableMs;
  #random;
  #failures = 0;

  /**
   * @param {{firstMs?: number, mostMs?: number, stableMs?: number, random?: () => number}} [options]
   *   in milliseconds; defaults 250, 10000, 5000
   */
  constructor({ firstMs = 250, mostMs = 10_000, stableMs = 5_000, random = Math.random } = {}) {
    this.#firstMs = firstMs;
    this.#mostMs = mostMs;
    this.#stableMs = stableMs;
    this.#random = random;
  }

  /**
   * @param {number} livedMs how long the lost connection had been open; 0 = it never was
   * @returns {number} milliseconds to wait
   */
  next(livedMs) {
    if (livedMs >= this.#stableMs) this.#failures = 0;
    const whole = Math.min(this.#mostMs, this.#firstMs * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 30);
    return Math.round(whole / 2 + (whole / 2) * this.#random());
  }
}

/** Refusals that would only be said again. A reset connection may hide the close code that goes with them. */
const FINAL_ERRORS = new Set([
  "bad-name",
  "banned",
  "forbidden",
  "foreign-origin",
  "over-quota",
  "key-removed",
  "kicked",
  "stream-ended",
  "stream-taken",
  "taken-over",
  "token-expired",
  "unauthorized",
  "unsupported-format",
]);

/**
 * Whether a close may be answered by connecting again. Anything that would only be refused again (a
 * policy, a broken rule, a limit) is final.
 *
 * @param {number} code of the close event; 1005 = none given, 1006 = lost or never open
 * @param {string} [error] code of the server's `error` message, if one came
 */
export function mayReconnect(code, error = "") {
  if (FINAL_ERRORS.has(error)) return false;
  switch (code) {
    case 1001: // going away
    case 1005:
    case 1006:
    case 1011: // the server's fault
    case 1012: // restarting
    case 1013: // too slow, overloaded
    case 1014: // a proxy lost its server
      return true;
    default:
      return code >= 4000;
  }
}
