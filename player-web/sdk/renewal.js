/**
 * A token that is renewed while it is used: `refreshToken` of the page is asked for another one in time, and that goes
 * out on the same socket (PROTOCOL.md, "Tokens"). A socket that is opened later takes the newest one.
 *
 * @typedef {() => string | Promise<string>} RefreshToken
 */

/** So long before its end a token is renewed, or at half of its time; pages in the background wake once a minute. */
const AHEAD_MS = 90_000;
/** After one that failed, or was refused, at least; in milliseconds. */
const AGAIN_MS = 5_000;
/** The longest a timer can be; in milliseconds. */
const TIMER_MOST_MS = 2 ** 31 - 1;

export class Renewal {
  #refresh;
  #send;
  /** The newest one; '' = none was asked for yet. */
  #token = "";
  #endsAt = Number.POSITIVE_INFINITY;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {Promise<string> | null} */
  #asking = null;
  #ended = false;

  /**
   * @param {RefreshToken} refresh of the page
   * @param {(message: {type: string, token: string}) => boolean} send false: not connected
   */
  constructor(refresh, send) {
    this.#refresh = refresh;
    this.#send = send;
  }

  get token() {
    return this.#token;
  }

  /** A URL with the newest token in place of its own, if it has one. @param {string} url */
  dress(url) {
    if (!this.#token) return url;
    const to = new URL(url);
    for (const name of ["expires", "sign"]) to.searchParams.delete(name); // a signed link: the token is enough
    to.searchParams.set("token", this.#token);
    return to.href;
  }

  /** Asks the page for a token; of calls at a time one does. @returns {Promise<string>} rejects as the page's does */
  fresh() {
    this.#asking ??= (async () => {
      try {
        const token = await this.#refresh();
        if (typeof token !== "string" || !token) throw new TypeError("refreshToken gave no text.");
        this.#token = token;
        return token;
      } finally {
        this.#asking = null;
      }
    })();
    return this.#asking;
  }

  /** @param {import('./reconnecting_socket.js').Message} message of the server */
  hear(message) {
    if (message.type === "warning" && message.code === "token-refused") this.#plan(AGAIN_MS);
    if (message.type !== "token") return;
    clearTimeout(this.#timer);
    if (typeof message.valid_ms !== "number") return; // it has no end
    this.#endsAt = performance.now() + message.valid_ms;
    this.#plan(message.valid_ms - Math.min(AHEAD_MS, message.valid_ms / 2));
  }

  /** The socket is gone: the next one's server says how long its token is good. */
  pause() {
    clearTimeout(this.#timer);
  }

  end() {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  /** @param {number} inMs */
  #plan(inMs) {
    clearTimeout(this.#timer);
    if (this.#ended) return;
    this.#timer = setTimeout(() => this.#renew(), Math.min(inMs, TIMER_MOST_MS));
  }

  async #renew() {
    try {
      const token = await this.fresh();
      if (!this.#ended) this.#send({ type: "token", token });
    } catch (cause) {
      console.warn("framewire: refreshToken failed, and is asked again.", cause);
      const leftMs = this.#endsAt - performance.now();
      this.#plan(Math.max(AGAIN_MS, Math.min(leftMs / 2, AHEAD_MS)));
    }
  }
}
