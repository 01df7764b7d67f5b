import { Backoff, mayReconnect } from "./backoff.js";
import { errorOfClose, FramewireError } from "./errors.js";
import { PROTOCOL } from "./wire.js";

/**
 * One `framewire.v1` socket after another: connects, hands out what arrives, and connects again while
 * the close code allows it. Knows nothing of media.
 *
 * @typedef {{type: string, [member: string]: any}} Message a JSON message of the wire
 *
 * @typedef {object} LinkHandlers
 * @property {() => string} url asked before each connection
 * @property {number} [retryMostMs] the longest wait between two attempts; default that of Backoff
 * @property {() => void} opened
 * @property {(message: Message) => void} text
 * @property {(message: ArrayBuffer) => void} [binary]
 * @property {(why: FramewireError, retryInMs: number) => void} lost connects again by itself
 * @property {(why: FramewireError) => void} refused the end: no more connections
 * @property {(why: FramewireError) => boolean} [mayRetry] connect again after this refusal all the same?
 */

/** A connection that is not open by then counts as lost, in milliseconds. */
const CONNECT_TIMEOUT_MS = 10_000;
/** A server that has not seen the end by then is not waited for, in milliseconds. */
const CLOSE_TIMEOUT_MS = 2_000;

export class Link {
  #handlers;
  #backoff;
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {{code: string, message: string} | null} */
  #told = null;
  #openedAt = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #stopped = false;

  /** @param {LinkHandlers} handlers */
  constructor(handlers) {
    this.#handlers = handlers;
    this.#backoff = new Backoff({ mostMs: handlers.retryMostMs });
    globalThis.addEventListener?.("online", this.#online);
    this.#connect();
  }

  get open() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** @param {Message | Uint8Array<ArrayBuffer> | Blob} message @returns {boolean} false = not connected */
  send(message) {
    if (!this.#socket || !this.open) return false;
    const binary = message instanceof Uint8Array || message instanceof Blob;
    this.#socket.send(binary ? message : JSON.stringify(message));
    return true;
  }

  /** Closes this socket and connects anew at once, say to another URL. */
  reconnect() {
    this.#drop();
    this.#connect();
  }

  /**
   * The end. Resolves once the server has seen it, and what was sent before, or does not answer.
   *
   * @param {number} [code]
   * @param {string} [reason]
   * @returns {Promise<void>}
   */
  stop(code = 1000, reason = "") {
    this.#stopped = true;
    clearTimeout(this.#timer);
    globalThis.removeEventListener?.("online", this.#online);
    return this.#drop(code, reason);
  }

  /** @param {number} [code] @param {string} [reason] @returns {Promise<void>} as stop() */
  #drop(code = 1000, reason = "") {
    const socket = this.#socket;
    this.#socket = null;
    clearTimeout(this.#timer);
    if (!socket) return Promise.resolve();
    socket.onopen = socket.onmessage = socket.onclose = null;
    if (socket.readyState === WebSocket.CLOSED) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
      socket.onclose = () => {
        clearTimeout(timer);
        resolve();
      };
      socket.close(code, reason);
    });
  }

  #connect() {
    this.#told = null;
    this.#openedAt = 0;
    const socket = new WebSocket(this.#handlers.url(), PROTOCOL);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (socket.readyState === WebSocket.CONNECTING) this.#closed({ code: 1006, reason: "" });
    }, CONNECT_TIMEOUT_MS);
    socket.onopen = () => {
      clearTimeout(this.#timer);
      this.#openedAt = performance.now();
      this.#handlers.opened();
    };
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") this.#text(data);
      else this.#handlers.binary?.(data);
    };
    socket.onclose = (event) => this.#closed(event);
  }

  /** @param {string} data */
  #text(data) {
    /** @type {Message} */
    let message;
    try {
      message = JSON.parse(data);
    } catch (cause) {
      const why = new FramewireError("protocol", "The server sent text that is no JSON.", {
        cause,
      });
      this.stop(4002, "bad-text");
      this.#handlers.refused(why);
      return;
    }
    if (message.type === "error") this.#told = { code: message.code, message: message.message };
    this.#handlers.text(message);
  }

  /** @param {{code: number, reason: string}} event */
  #closed(event) {
    const livedMs = this.#openedAt ? performance.now() - this.#openedAt : 0;
    this.#drop();
    if (this.#stopped) return;
    const why = errorOfClose(event, this.#told);
    if (!mayReconnect(event.code, this.#told?.code) && !this.#handlers.mayRetry?.(why)) {
      this.stop();
      this.#handlers.refused(why);
      return;
    }
    const retryInMs = this.#backoff.next(livedMs);
    this.#timer = setTimeout(() => this.#connect(), retryInMs);
    this.#handlers.lost(why, retryInMs);
  }

  /** The network is back: don't wait the rest of the delay. */
  #online = () => {
    if (!this.#socket && !this.#stopped) this.#connect();
  };
}
