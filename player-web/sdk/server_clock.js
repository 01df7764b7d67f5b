/**
 * The server's clock as seen from here: asked over the socket, as NTP does it. Of the last answers the one that came
 * soonest counts, since it can be wrong by half its round trip at most.
 *
 * Times are of the day, in milliseconds since 1970, by `performance`, which never jumps.
 */

/** Between the first questions, and then between all, in milliseconds. */
const ASK_MS = [250, 500, 1_000, 2_000];
const ASK_LATER_MS = 10_000;
const ANSWERS_MOST = 8;

export const timeOfDayMs = () => performance.timeOrigin + performance.now();

export class ServerClock {
  #say;
  #asked = 0;
  /** @type {{roundTripMs: number, offsetMs: number}[]} */
  #answers = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {(message: import('./reconnecting_socket.js').Message) => void} say */
  constructor(say) {
    this.#say = say;
  }

  /** A connection is there, perhaps to another server. */
  begin() {
    this.#answers = [];
    this.#asked = 0;
    this.#ask();
  }

  end() {
    clearTimeout(this.#timer);
  }

  /** @param {import('./reconnecting_socket.js').Message} message of any type */
  hear({ type, sent, server_us }) {
    if (type !== "clock") return;
    const now = timeOfDayMs();
    const offsetMs = server_us / 1000 - (sent + now) / 2;
    if (!Number.isFinite(offsetMs)) return;
    this.#answers.push({ roundTripMs: now - sent, offsetMs });
    if (this.#answers.length > ANSWERS_MOST) this.#answers.shift();
  }

  /** What makes a time of this page one of the server's; null: not known yet. @returns {number | null} */
  get offsetMs() {
    if (this.#answers.length === 0) return null;
    return this.#answers.reduce((a, b) => (b.roundTripMs < a.roundTripMs ? b : a)).offsetMs;
  }

  #ask() {
    clearTimeout(this.#timer);
    this.#say({ type: "clock", sent: timeOfDayMs() });
    this.#timer = setTimeout(() => this.#ask(), ASK_MS[this.#asked] ?? ASK_LATER_MS);
    this.#asked += 1;
  }
}
