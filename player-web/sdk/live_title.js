import { FramewireError } from "./errors.js";

/**
 * What a publication is called, while it is live too: the newest title is told to the server, at most so often, and
 * again after a connection that may have lost it.
 */

/** The server takes no longer one, in bytes of UTF-8. */
const BYTES_MOST = 1_024;
const SAY_MS = 1_000;

export class LiveTitle {
  #say;
  /** @type {string | undefined} */
  #text;
  /** The server has it, or it is on its way. @type {string | undefined} */
  #said;
  #saidAt = Number.NEGATIVE_INFINITY;
  #live = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {string | undefined} text
   * @param {(message: import('./reconnecting_socket.js').Message) => boolean} say false = not connected
   */
  constructor(text, say) {
    this.#text = text;
    this.#say = say;
  }

  /** For a `publish` that is said now. */
  introduce() {
    this.#said = this.#text;
    return this.#text;
  }

  /** @param {unknown} text */
  set(text) {
    if (typeof text !== "string") {
      throw new FramewireError("bad-option", `The title is a text, not ${typeof text}.`);
    }
    const bytes = new TextEncoder().encode(text).length;
    if (bytes > BYTES_MOST) {
      throw new FramewireError(
        "limit-exceeded",
        `A title has at most ${BYTES_MOST} bytes; this one has ${bytes}.`,
      );
    }
    this.#text = text;
    this.#tell();
  }

  /** The server takes what is said from now on. @param {boolean} resumed so that the last title may be lost */
  begin(resumed) {
    this.#live = true;
    if (resumed) this.#said = undefined;
    this.#tell();
  }

  /** The connection is lost, or it is over. */
  pause() {
    this.#live = false;
    clearTimeout(this.#timer);
  }

  #tell() {
    clearTimeout(this.#timer);
    const title = this.#text;
    if (!this.#live || title === undefined || title === this.#said) return;
    const now = performance.now();
    const waitMs = this.#saidAt + SAY_MS - now;
    if (waitMs > 0) {
      this.#timer = setTimeout(() => this.#tell(), waitMs);
      return;
    }
    if (!this.#say({ type: "title", title })) return;
    this.#said = title;
    this.#saidAt = now;
  }
}
