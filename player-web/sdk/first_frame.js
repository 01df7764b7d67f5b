/** A film's first frame, for who has to see it before it is decided what becomes of it. */
export class FirstFrame {
  /** @type {VideoFrame | null} */
  #frame = null;
  #over = false;
  /** @type {((frame: VideoFrame | null) => void) | null} */
  #wants = null;

  /** @returns {Promise<VideoFrame | null>} to be closed; null: there will be none */
  seen() {
    if (this.#frame || this.#over) return Promise.resolve(this.#frame?.clone() ?? null);
    return new Promise((resolve) => {
      this.#wants = resolve;
    });
  }

  /** @param {VideoFrame} frame its owner's, until gone() */
  show(frame) {
    this.#frame = frame;
    this.#answer();
  }

  /** It is somebody else's now, or never comes. */
  gone() {
    this.#frame = null;
    this.#over = true;
    this.#answer();
  }

  #answer() {
    this.#wants?.(this.#frame?.clone() ?? null);
    this.#wants = null;
  }
}
