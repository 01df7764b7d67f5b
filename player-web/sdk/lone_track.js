/**
 * Of a stream's tracks one has stopped, and the other one goes on: what is buffered of all tracks no longer grows, and
 * newer media is taken all the same. No error tells it, and browsers stand still where the playhead has run dry.
 */

/** What is buffered stands for so long, in milliseconds. */
const STANDS_MS = 400;
/** So much newer is what was taken since, in seconds. */
const NEWER = 0.3;
/** Times may be those of the track that has stopped: then media has been taken for so long, in milliseconds. */
const TAKEN_MS = 2_000;

export class LoneTrack {
  #end = -1;
  #newest = 0;
  #since = 0;

  /**
   * @param {number} end of what is buffered, in seconds
   * @param {{time: number, at: number}} newest of what was taken: its time, in seconds of the same timeline; when it
   *   came, in milliseconds
   * @param {number} now in milliseconds
   * @returns {boolean} whether one track goes on alone
   */
  goesOn(end, newest, now) {
    if (end !== this.#end) {
      this.#end = end;
      this.#newest = newest.time;
      this.#since = now;
    }
    const newer = Math.min(newest.time - this.#newest, newest.time - end);
    return (
      (now - this.#since >= STANDS_MS && newer >= NEWER) || newest.at - this.#since >= TAKEN_MS
    );
  }
}
