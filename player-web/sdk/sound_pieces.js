/**
 * Samples as they come, cut into pieces of one length: two planes each. A hole in their times throws away the piece
 * that was begun, so that each piece is of one time. Pure.
 *
 * @typedef {{planes: Float32Array<ArrayBuffer>[], at: number}} SoundPiece `at`: of the first sample, in seconds
 */
const CHANNELS = 2;
/** Times are rounded; less than this is no hole, in seconds. */
const HOLE_S = 0.003;

export class SoundPieces {
  #size;
  #rate;
  #filled = 0;
  #at = 0;
  #nextAt = Number.NaN;
  /** @type {Float32Array<ArrayBuffer>[]} */
  #planes = [];

  /** @param {number} size of a piece, in samples @param {number} rate samples a second */
  constructor(size, rate) {
    this.#size = size;
    this.#rate = rate;
  }

  /**
   * @param {Float32Array[]} planes one for each channel, of one length; the first two are taken, one alone twice
   * @param {number} at the time of their first sample, in seconds
   * @returns {SoundPiece[]} those that are whole now
   */
  push(planes, at) {
    const whole = [];
    if (!(Math.abs(at - this.#nextAt) < HOLE_S)) this.#filled = 0;
    const { length } = planes[0];
    for (let done = 0; done < length; ) {
      if (this.#filled === 0) this.#begin(at + done / this.#rate);
      const count = Math.min(length - done, this.#size - this.#filled);
      for (let channel = 0; channel < CHANNELS; channel += 1) {
        const plane = planes[Math.min(channel, planes.length - 1)];
        this.#planes[channel].set(plane.subarray(done, done + count), this.#filled);
      }
      done += count;
      this.#filled += count;
      if (this.#filled === this.#size) {
        whole.push({ planes: this.#planes, at: this.#at });
        this.#filled = 0;
      }
    }
    this.#nextAt = at + length / this.#rate;
    return whole;
  }

  /** @param {number} at */
  #begin(at) {
    this.#planes = Array.from({ length: CHANNELS }, () => new Float32Array(this.#size));
    this.#at = at;
  }
}
