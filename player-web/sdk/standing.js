/**
 * Whether the publisher's page is in the background, and its pictures stand still there: as its messages say, as long as it
 * says so.
 */

/** It is said again each 5 s. */
const HOLDS_MS = 15_000;
/** What ends it without a word. */
const OTHERS = ["stream", "waiting", "end"];

export class Standing {
  #tell;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  still = false;

  /** @param {(still: boolean) => void} tell each change */
  constructor(tell) {
    this.#tell = tell;
  }

  /** @param {import('./reconnecting_socket.js').Message} message any */
  hear(message) {
    if (message.type === "still") this.#set(message.still === true);
    else if (OTHERS.includes(message.type)) this.#set(false);
  }

  end() {
    this.#set(false);
  }

  /** @param {boolean} still */
  #set(still) {
    clearTimeout(this.#timer);
    if (still) this.#timer = setTimeout(() => this.#set(false), HOLDS_MS);
    if (still === this.still) return;
    this.still = still;
    this.#tell(still);
  }
}
