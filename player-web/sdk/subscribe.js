import { Emitter } from "./emitter.js";
import { FramewireError } from "./errors.js";
import { checkOptions, oneOf, text } from "./options.js";
import { Pause } from "./pause.js";
import { ReconnectingSocket } from "./reconnecting_socket.js";
import { locate } from "./urls.js";
import { decodePart, KIND_INIT } from "./wire.js";

/**
 * The messages of a stream as they are, for pages that know what to do with them.
 *
 * @typedef {object} SubscribeOptions
 * @property {string} [token] watch key; default: `?token=` of the URL
 * @property {() => string | Promise<string>} [refreshToken] asked for a new token before the present one ends, and, without
 *   `token`, for the first one: the connection goes on, and nobody notices
 * @property {string | URL} [server] as of `play()`
 * @property {number} [giveUpMs] as of `play()`
 * @property {'arraybuffer' | 'blob'} [binaryType] what `data` is; default arraybuffer
 * @property {string} [rendition] such as `.mp4`; default: as published
 *
 * @typedef {object} StreamMessage
 * @property {ArrayBuffer | Blob} data what was published, with its boundaries
 * @property {boolean} init it is what a decoder needs first, and no message of its own
 * @property {boolean} groupStart whoever joins may begin here
 * @property {boolean} leadIn before the newest: decode, don't show
 * @property {number} epoch
 * @property {number} sequence
 * @property {number} ptsUs in the stream's own clock
 * @property {number} captureUs when it was captured, or the server received it, by the server's clock, since 1970
 * @property {boolean} captured captured it is
 *
 * @typedef {object} SubscriptionEvents
 * @property {StreamMessage} message
 * @property {{reason: string, from: number, to: number}} skipped messages `from` to before `to` were left out; reason
 *   `lag`, `ring`, `overload`, or `reconnect`
 * @property {import('./reconnecting_socket.js').Message} stream a new epoch: format, mime, tracks
 * @property {import('./play.js').PlayState} state
 * @property {FramewireError} error the end, and why
 */

const KINDS = { binaryType: oneOf("arraybuffer", "blob"), rendition: text };

/** @extends {Emitter<SubscriptionEvents>} */
export class Subscription extends Emitter {
  #socket;
  #blob;
  /** @type {import('./play.js').PlayState} */
  #state = "connecting";
  #epoch = 0;
  /** The next number; -1 = none has come since the stream began. */
  #next = -1;
  /** @type {Pause | null} the last one */
  #pause = null;
  /** The connection was lost since the last message. */
  #resumes = false;
  /** @type {(why: FramewireError | null) => void} */
  #resolveClosed = () => {};

  /** @param {string | URL} url @param {SubscribeOptions} [options] */
  constructor(url, options = {}) {
    super();
    checkOptions("subscribe()", options, KINDS);
    const { binaryType = "arraybuffer", rendition = "" } = options;
    const place = locate(url, options);
    this.#blob = binaryType === "blob";
    /** Resolves with null after stop(), with the error otherwise. Never rejects. */
    this.closed = new Promise((/** @type {(why: FramewireError | null) => void} */ resolve) => {
      this.#resolveClosed = resolve;
    });
    this.#socket = new ReconnectingSocket({
      url: () => place.liveSocket(rendition),
      giveUpMs: options.giveUpMs,
      refreshToken: options.refreshToken,
      opened: () => {
        this.#pause = null; // of another connection, and perhaps another server
        this.#setState("connecting");
      },
      text: (message) => this.#onText(message),
      binary: (message) => this.#onPart(message),
      lost: () => {
        this.#resumes = this.#next >= 0;
        this.#setState("reconnecting");
      },
      refused: (why) => this.#end(why),
    });
    queueMicrotask(() => this.#state === "connecting" && this.emit("state", "connecting"));
  }

  get state() {
    return this.#state;
  }

  stop() {
    this.#end(null);
    return this.closed;
  }

  /** @param {import('./reconnecting_socket.js').Message} message */
  #onText(message) {
    switch (message.type) {
      case "waiting":
        this.#pause = new Pause(message);
        this.#setState("waiting");
        break;
      case "stream":
        this.emit("stream", message);
        if (!this.#pause?.covers(message.epoch)) this.#setState("live");
        break;
      case "skipped":
        this.#next = Math.max(this.#next, message.to ?? 0);
        this.#tellSkipped(message.reason, message.from ?? 0, message.to ?? 0);
        break;
      case "end":
        this.#next = -1; // numbers begin anew
        this.#pause = null;
        this.#resumes = false;
        this.#setState("ended");
        break;
    }
  }

  /** @param {ArrayBuffer} bytes */
  #onPart(bytes) {
    const { kind, payload, ...part } = decodePart(bytes);
    const init = kind === KIND_INIT;
    if (!init) {
      // What a joiner is given again after a lost connection has been here before.
      if (this.#resumes && part.epoch < this.#epoch) this.#next = -1; // another stream by now
      if (this.#resumes && part.sequence < this.#next && part.epoch === this.#epoch) return;
      if (this.#resumes && this.#next >= 0 && part.sequence > this.#next) {
        this.#tellSkipped("reconnect", this.#next, part.sequence);
      }
      this.#resumes = false;
      this.#next = part.sequence + 1;
      this.#epoch = part.epoch;
    }
    const old = init || this.#pause?.covers(part.epoch, part.sequence);
    if (this.#state === "waiting" && !old) this.#setState("live");
    const own = payload.buffer.slice(payload.byteOffset);
    this.emit("message", { ...part, init, data: this.#blob ? new Blob([own]) : own });
  }

  /** @param {string} reason @param {number} from @param {number} to */
  #tellSkipped(reason, from, to) {
    this.emit("skipped", { reason, from, to });
  }

  /** @param {FramewireError | null} why */
  #end(why) {
    if (["error", "stopped"].includes(this.#state)) return;
    this.#socket.stop();
    if (why) this.emit("error", why);
    this.#setState(why ? "error" : "stopped");
    this.#resolveClosed(why);
  }

  /** @param {import('./play.js').PlayState} state */
  #setState(state) {
    if (this.#state === state) return;
    this.#state = state;
    this.emit("state", state);
  }
}

/**
 * Receives the messages of a stream, of any format, each with its times.
 *
 * @param {string | URL} url `/watch/NAME`, a whole URL, or the bare name
 * @param {SubscribeOptions} [options]
 * @returns {Subscription}
 */
export function subscribe(url, options) {
  return new Subscription(url, options);
}
