/**
 * Nobody is live, while what was before may still come: to whoever joins meanwhile, or is behind. A `waiting` message
 * says which parts those are (PROTOCOL.md, "Viewer"). Pure.
 */
export class Pause {
  #epoch;
  #next;

  /** @param {import('./reconnecting_socket.js').Message} waiting */
  constructor({ epoch = -1, next = 0 }) {
    this.#epoch = epoch;
    this.#next = next;
  }

  /**
   * Whether it was before the pause.
   *
   * @param {number} epoch
   * @param {number} [sequence] of a part; none: the epoch's beginning
   */
  covers(epoch, sequence = -1) {
    return epoch < this.#epoch || (epoch === this.#epoch && sequence < this.#next);
  }
}
