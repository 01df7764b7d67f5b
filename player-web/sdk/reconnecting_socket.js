import { Backoff, mayReconnect } from "./backoff.js";
import { errorOfClose, FramewireError } from "./errors.js";
import { HttpSocket, hasHttpSocket } from "./http_socket.js";
import { statusOf } from "./refusal.js";
import { Renewal } from "./renewal.js";
import { PROTOCOL } from "./wire.js";

/**
 * One `framewire.v1` socket after another: connects, hands out what arrives, and connects again while
 * the close code allows it. Where no WebSocket opens it goes by HTTP, and back as soon as one does. Knows nothing of
 * media.
 *
 * @typedef {{type: string, [member: string]: any}} Message a JSON message of the wire
 *
 * @typedef {object} LinkHandlers
 * @property {() => string} url asked before each connection
 * @property {number} [retryMostMs] the longest wait between two attempts; default that of Backoff
 * @property {import('./renewal.js').RefreshToken} [refreshToken] asked for a token before the first connection whose URL
 *   has none, and before the present one ends
 * @property {number} [giveUpMs] a server that was not reached once by then is given up; default 10000
 * @property {() => void} opened
 * @property {(message: Message) => void} text
 * @property {(message: ArrayBuffer) => void} [binary]
 * @property {(why: FramewireError, retryInMs: number) => void} lost connects again by itself
 * @property {() => void} [moves] another connection takes this one's place, by a WebSocket where it was HTTP: what was
 *   sent may not have arrived, and nothing is to be sent on the next one before its first message
 * @property {(why: FramewireError) => void} refused the end: no more connections
 * @property {number[]} [quotaRetriesMs] when to ask again after `over-quota`; default as a viewer
 * @property {(why: FramewireError) => boolean} [mayRetry] connect again after this refusal all the same?
 */

/** A connection that is not open by then counts as lost, in milliseconds. */
const CONNECT_TIMEOUT_MS = 10_000;
const CONNECT_LEAST_MS = 1_000;
/** The code of a WebSocket that did not open, or was lost (RFC 6455, section 7.1.5). */
const NEVER_OPEN = 1006;
/** A WebSocket that may be blocked: HTTP is tried after so long, in milliseconds. */
const BLOCKED_AFTER_MS = 4_000;
/** How often it is looked whether one is let through by now, in milliseconds. */
const LOOK_EVERY_MS = 30_000;
/** A server that has not seen the end by then is not waited for, in milliseconds. */
const CLOSE_TIMEOUT_MS = 2_000;

/** A server that nobody has reached yet; in milliseconds. */
const GIVE_UP_MS = 10_000;

/**
 * A page that was loaded anew, or is on another network, is counted twice until the server has missed its old
 * connection, for which it looks at each of these; in milliseconds. On two devices it stays refused.
 */
const QUOTA_RETRIES_MS = [500, 1_500, 3_000, 5_000];

export class ReconnectingSocket {
  #handlers;
  #begunAt = performance.now();
  /** It was there. */
  #reached = false;
  /** This outage has its line in the console. */
  #outageTold = false;
  #backoff;
  /** @type {WebSocket | HttpSocket | null} */
  #socket = null;
  /** WebSockets do not open: by HTTP then. */
  #overHttp = false;
  /** A WebSocket was open once. */
  #socketWorked = false;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #look;
  /** `retry_ms`: sooner it would be refused again. @type {{code: string, message: string, retry_ms?: number} | null} */
  #told = null;
  #openedAt = 0;
  #url = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #stopped = false;
  /** @type {Renewal | null} */
  #renewal = null;
  /** A connection was refused for its token, and another one asked for since. */
  #renewed = false;
  /** Asked again after `over-quota`, so many times. */
  #quotaTries = 0;

  /** @param {LinkHandlers} handlers */
  constructor(handlers) {
    this.#handlers = handlers;
    this.#backoff = new Backoff({ mostMs: handlers.retryMostMs });
    globalThis.addEventListener?.("online", this.#online);
    const { refreshToken, url } = handlers;
    if (refreshToken) this.#renewal = new Renewal(refreshToken, (message) => this.send(message));
    if (refreshToken && !hasKey(url())) this.#connectAnew();
    else this.#connect();
  }

  get open() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** By what the present connection goes, or the last one. @returns {'websocket' | 'http'} */
  get transport() {
    return this.#overHttp ? "http" : "websocket";
  }

  /** @param {Message | Uint8Array<ArrayBuffer> | Blob} message @returns {boolean} false = not connected */
  send(message) {
    if (!this.#socket || !this.open) return false;
    const binary = message instanceof Uint8Array || message instanceof Blob;
    this.#socket.send(binary ? message : JSON.stringify(message));
    return true;
  }

  /** The newest one that the page was asked for; '' = none. */
  get token() {
    return this.#renewal?.token ?? "";
  }

  /** The newest token in a URL of this server. @param {string} url */
  dress(url) {
    return this.#renewal?.dress(url) ?? url;
  }

  /** Closes this socket and connects anew at once, say to another URL. */
  reconnect() {
    this.#drop();
    this.#connect();
  }

  /** Closes this socket; the next is connected by reconnect(). */
  pause() {
    this.#drop();
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
    this.#renewal?.end();
    globalThis.removeEventListener?.("online", this.#online);
    return this.#drop(code, reason);
  }

  /** @param {number} [code] @param {string} [reason] @returns {Promise<void>} as stop() */
  #drop(code = 1000, reason = "") {
    const socket = this.#socket;
    this.#socket = null;
    clearTimeout(this.#timer);
    clearInterval(this.#look);
    this.#renewal?.pause();
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

  /** With a token that the page is asked for. */
  #connectAnew() {
    this.#renewal?.fresh().then(
      () => {
        if (!this.#stopped && !this.#socket) this.#connect();
      },
      (cause) => {
        if (this.#stopped) return;
        this.stop();
        this.#handlers.refused(
          new FramewireError("unauthorized", "refreshToken gave no token.", { cause }),
        );
      },
    );
  }

  #connect() {
    this.#told = null;
    this.#openedAt = 0;
    this.#url = this.dress(this.#handlers.url());
    const socket = this.#overHttp ? new HttpSocket(this.#url) : new WebSocket(this.#url, PROTOCOL);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (socket.readyState === WebSocket.CONNECTING) this.#closed({ code: 1006, reason: "" });
    }, this.#patienceMs());
    socket.onopen = () => {
      clearTimeout(this.#timer);
      this.#openedAt = performance.now();
      this.#reached = true;
      this.#outageTold = false;
      if (this.#overHttp) this.#look = setInterval(() => this.#lookForSockets(), LOOK_EVERY_MS);
      else this.#socketWorked = true;
      this.#handlers.opened();
    };
    socket.onmessage = (/** @type {{data: any}} */ { data }) => {
      if (typeof data === "string") this.#text(data);
      else this.#handlers.binary?.(data);
    };
    socket.onclose = (/** @type {{code: number, reason: string}} */ event) => this.#closed(event);
  }

  #patienceMs() {
    const patience =
      this.#mayGoByHttp() && !this.#socketWorked ? BLOCKED_AFTER_MS : CONNECT_TIMEOUT_MS;
    return Math.min(patience, Math.max(CONNECT_LEAST_MS, this.#giveUpInMs()));
  }

  #mayGoByHttp() {
    return !this.#overHttp && hasHttpSocket();
  }

  /** The echo costs the server least, and is nobody's stream. */
  #lookForSockets() {
    const look = new WebSocket(this.dress(this.#url).replace(/\/(live|publish)\/[^?]*/, "/echo"));
    look.onopen = () => {
      look.close();
      if (this.#stopped || !this.#overHttp) return;
      this.#overHttp = false;
      this.#handlers.moves?.();
      this.reconnect();
    };
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
    if (message.type === "error") this.#told = /** @type {any} */ (message);
    else {
      this.#renewed = false;
      this.#quotaTries = 0;
    }
    this.#renewal?.hear(message);
    this.#handlers.text(message);
  }

  /** @param {{code: number, reason: string}} event */
  #closed(event) {
    const livedMs = this.#openedAt ? performance.now() - this.#openedAt : 0;
    const blocked = !this.#openedAt && event.code === NEVER_OPEN && this.#mayGoByHttp();
    this.#drop();
    if (this.#stopped) return;
    if (blocked) {
      this.#overHttp = true;
      this.#connect();
      return;
    }
    if (!this.#openedAt) this.#overHttp = false; // the server is away: a WebSocket first, when it is back
    const why = errorOfClose(event, this.#told, hasKey(this.#url));
    const ended = why.code === "token-expired" || why.code === "key-removed";
    if (this.#renewal && ended && !this.#renewed) {
      this.#renewed = true;
      this.#handlers.lost(why, 0);
      this.#connectAnew();
      return;
    }
    const { quotaRetriesMs = QUOTA_RETRIES_MS } = this.#handlers;
    const quotaRetryMs = why.code === "over-quota" && quotaRetriesMs[this.#quotaTries];
    if (quotaRetryMs) {
      this.#quotaTries += 1;
      this.#timer = setTimeout(() => this.#connect(), quotaRetryMs);
      this.#handlers.lost(why, quotaRetryMs);
      return;
    }
    if (!mayReconnect(event.code, this.#told?.code) && !this.#handlers.mayRetry?.(why)) {
      this.stop();
      this.#handlers.refused(why);
      return;
    }
    const leftMs = this.#giveUpInMs();
    if (leftMs <= 0) {
      this.#giveUp();
      return;
    }
    const soonestMs = Math.max(this.#backoff.next(livedMs), this.#told?.retry_ms ?? 0);
    const retryInMs = Math.min(soonestMs, leftMs);
    this.#timer = setTimeout(() => this.#connect(), retryInMs);
    this.#tellOutage(why);
    this.#handlers.lost(why, retryInMs);
  }

  /** Whoever was there once is waited for, however long. */
  #giveUpInMs() {
    if (this.#reached) return Number.POSITIVE_INFINITY;
    const { giveUpMs = GIVE_UP_MS } = this.#handlers;
    return this.#begunAt + giveUpMs - performance.now();
  }

  /** Unless it only has no room. */
  async #giveUp() {
    const status = await statusOf(this.#url);
    if (this.#stopped || this.#socket) return;
    if (status === 429 || status === 503) {
      this.#begunAt = performance.now();
      this.#connect();
      return;
    }
    this.stop();
    this.#handlers.refused(unreachable(this.#url));
  }

  /** @param {FramewireError} why */
  #tellOutage(why) {
    if (this.#outageTold) return;
    this.#outageTold = true;
    console.warn(`framewire: ${shown(this.#url)}: ${why.message} Trying again until it is back.`);
  }

  /** The network is back: don't wait the rest of the delay. */
  #online = () => {
    if (!this.#socket && !this.#stopped) this.#connect();
  };
}

/** @param {string} url */
const hasKey = (url) => {
  const { searchParams } = new URL(url);
  return searchParams.has("token") || searchParams.has("sign");
};

/** Without its key. @param {string} url */
const shown = (url) => url.split("?")[0];

/** @param {string} url @returns {FramewireError} */
function unreachable(url) {
  return new FramewireError("unreachable", `${shown(url)} could not be reached. ${hintFor(url)}`);
}

/** @param {string} url */
function hintFor(url) {
  const { origin, protocol } = new URL(url);
  if (globalThis.navigator?.onLine === false) return "This device is offline.";
  if (globalThis.location?.protocol === "https:" && protocol === "ws:") {
    return "A page of https: may only reach wss:.";
  }
  const health = `${origin.replace(/^ws/, "http")}/healthz`;
  return `Does ${health} answer in this browser? If it does, a proxy may let no WebSocket through.`;
}
