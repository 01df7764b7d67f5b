import { FramewireError } from "./errors.js";

/**
 * What the people of a stream say to one another beside its media (PROTOCOL.md, "Side channel"): puts the
 * texts of one publication or player into words and reads those that come.
 *
 * @typedef {object} SideMessage
 * @property {any} data what was sent: any JSON value
 * @property {string} sender who, as the server numbers it; another one after each new connection
 * @property {string} name what the sender calls itself, not verified; '' = nothing
 * @property {{name: string, metadata?: any}} [user] who the sender is, as the operator's own login server says: verified
 * @property {'publisher' | 'viewer'} role of the sender
 * @property {boolean} own sent by this very object
 * @property {number} mediaTimeUs time of the newest picture when the server passed it on, in microseconds
 *   of the stream's own clock; compare with `Player.mediaTimeUs`
 * @property {number} epoch which that time belongs to
 * @property {number} sentAtMs when the server passed it on, in milliseconds since 1970
 * @property {boolean} history it was said before this player joined (--chat-history)
 *
 * @typedef {object} SendOptions
 * @property {string} [name] what to be called; at most 64 bytes; default: the `name` option
 *
 * @typedef {object} Muting
 * @property {string} sender
 * @property {boolean} muted
 */

/** No control message may be longer, whatever the server allows for a text, in bytes. */
const MESSAGE_BYTES_MOST = 15 << 10;

/** As many as a server keeps at most. */
const HEARD_MOST = 1_000;

/** What somebody may who is told of nothing else. @type {import('./moderator.js').Rights} */
export const NO_RIGHTS = Object.freeze({ moderate: false, manage: false, server: false });

export class SideChannel {
  #name;
  #say;
  /** Every id this page has had: an answer may come after a new connection. @type {Set<string>} */
  #own = new Set();
  /** What came last, so that nothing is told twice. @type {Set<string>} */
  #heard = new Set();
  /** The present one; '' before the first text of a viewer. */
  sender = "";
  rights = NO_RIGHTS;

  /**
   * @param {string} name the default one
   * @param {(message: import('./reconnecting_socket.js').Message) => boolean} say false = not connected
   */
  constructor(name, say) {
    this.#name = name;
    this.#say = say;
  }

  /** @param {unknown} data @param {SendOptions} [options] */
  send(data, { name = this.#name } = {}) {
    if (data === undefined || typeof data === "function" || typeof data === "symbol") {
      throw new FramewireError("bad-message", "Send a value that JSON can carry.");
    }
    const message = { type: "message", data, name: name || undefined };
    const bytes = new TextEncoder().encode(JSON.stringify(message)).length;
    if (bytes > MESSAGE_BYTES_MOST) {
      throw new FramewireError(
        "limit-exceeded",
        `A message of ${bytes} bytes is too long for the side channel. Send a URL to it instead.`,
      );
    }
    this.#tell(message);
  }

  /** @param {string} sender @param {boolean} muted */
  mute(sender, muted) {
    this.#tell({ type: "mute", sender, muted });
  }

  /** @param {string} sender what the server calls us from now on */
  named(sender) {
    this.sender = sender;
    this.#own.add(sender);
  }

  /**
   * Tells what a text of the server's says, if it is one of these.
   *
   * @param {import('./reconnecting_socket.js').Message} message
   * @param {(type: any, detail: any) => void} emit
   */
  hear(message, emit) {
    switch (message.type) {
      case "sender":
        this.named(message.sender);
        break;
      case "message":
        if (this.#isNew(message)) {
          emit("message", { ...readSideMessage(message), own: this.#own.has(message.sender) });
        }
        break;
      case "rights":
        this.rights = {
          moderate: message.moderate === true,
          manage: message.manage === true,
          server: message.server === true,
        };
        emit("rights", this.rights);
        break;
      case "cleared":
        emit("cleared", true);
        break;
      case "slow":
        emit("slowmode", message.interval_ms);
        break;
      case "muted":
        emit("mutedsender", { sender: message.sender, muted: message.muted });
        break;
      case "warning":
        emit("warning", { code: message.code, message: message.message });
        break;
    }
  }

  /**
   * After a new connection the server tells again what was said before it.
   * @param {import('./reconnecting_socket.js').Message} message of type `message`
   */
  #isNew({ sender, wall_ms, data, history }) {
    const key = JSON.stringify([sender, wall_ms, data]);
    if (history && this.#heard.has(key)) return false;
    this.#heard.add(key);
    if (this.#heard.size > HEARD_MOST) {
      for (const oldest of this.#heard) {
        this.#heard.delete(oldest);
        break;
      }
    }
    return true;
  }

  /** @param {import('./reconnecting_socket.js').Message} message */
  #tell(message) {
    if (this.#say(message)) return;
    throw new FramewireError(
      "not-connected",
      "There is no connection just now. Send it again when the state is live.",
    );
  }
}

/** @param {any} message of type `message` @returns {SideMessage} */
export function readSideMessage(message) {
  const { data, sender, name, user, role, epoch, pts, wall_ms, history = false } = message;
  const known = user && { user };
  const when = { epoch, mediaTimeUs: pts, sentAtMs: wall_ms, history };
  return { data, sender, name, role, own: false, ...when, ...known };
}
