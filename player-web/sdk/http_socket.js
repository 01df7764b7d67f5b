import { joined } from "./bytes.js";
import {
  BINARY,
  CLOSE,
  CONTINUATION,
  FrameReader,
  frameHeader,
  PING,
  PONG,
  TEXT,
} from "./ws_frames.js";

/**
 * What a WebSocket is, over plain HTTP, for networks that let none through: one GET whose answer does not end carries
 * what the server says, POSTs one after another carry what is said to it. PROTOCOL.md, "Without WebSockets".
 * Of a WebSocket it has what a ReconnectingSocket uses.
 */

/** How long the server may take for its part of the closing handshake, in milliseconds. */
const CLOSE_TIMEOUT_MS = 2_000;
/** A POST that is lost is sent again so many times, and so long after, in milliseconds. */
const TRIES = 4;
const RETRY_MS = 300;
/** Of an answer without one (RFC 6455, section 7.4.1). */
const NO_CODE = 1005;
const LOST = 1006;
/** As much as a page that is left may still send. */
const KEEPALIVE_BYTES = 16 << 10;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** @returns {boolean} whether this browser gives a body as it comes */
export function hasHttpSocket() {
  return (
    typeof fetch === "function" && typeof Response === "function" && "body" in Response.prototype
  );
}

/**
 * As a WebSocket does: who sends may write into its buffer again at once.
 * @param {ArrayBuffer | Uint8Array<ArrayBuffer>} data
 */
const copied = (data) =>
  data instanceof ArrayBuffer ? new Uint8Array(data.slice(0)) : data.slice();

export class HttpSocket {
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSING = 2;
  static CLOSED = 3;

  binaryType = "arraybuffer";
  readyState = HttpSocket.CONNECTING;
  /** @type {(() => void) | null} */ onopen = null;
  /** @type {((event: {data: string | ArrayBuffer}) => void) | null} */ onmessage = null;
  /** @type {((event: {code: number, reason: string}) => void) | null} */ onclose = null;

  #url;
  #abort = new AbortController();
  #token = "";
  #postBytes = 0;
  /** What is to be sent. @type {(Uint8Array<ArrayBuffer> | Blob)[]} */
  #queue = [];
  #queued = 0;
  /** Bytes that the server has. */
  #sent = 0;
  #posting = false;
  /** Of a message that comes in several frames. @type {Uint8Array<ArrayBuffer>[]} */
  #pieces = [];
  #opcode = 0;

  /** @param {string} url of the WebSocket */
  constructor(url) {
    const http = new URL(url.replace(/^ws/, "http"));
    http.searchParams.set("over", "http");
    this.#url = http.href;
    this.#read();
  }

  get bufferedAmount() {
    return this.#queued;
  }

  /** @param {string | Uint8Array<ArrayBuffer> | ArrayBuffer | Blob} data */
  send(data) {
    if (this.readyState !== HttpSocket.OPEN) return;
    if (typeof data === "string") this.#say(TEXT, encoder.encode(data));
    else this.#say(BINARY, data instanceof Blob ? data : copied(data));
  }

  /** @param {number} [code] @param {string} [reason] */
  close(code = 1000, reason = "") {
    if (this.readyState === HttpSocket.CONNECTING) this.#end(LOST, "");
    if (this.readyState !== HttpSocket.OPEN) return;
    this.#say(CLOSE, closePayload(code, reason));
    this.readyState = HttpSocket.CLOSING;
    setTimeout(() => this.#end(LOST, ""), CLOSE_TIMEOUT_MS);
  }

  async #read() {
    try {
      const response = await fetch(this.#url, { cache: "no-store", signal: this.#abort.signal });
      if (!response.ok || !response.body) throw new Error(`status ${response.status}`);
      const bytes = response.body.getReader();
      const frames = new FrameReader();
      for (;;) {
        const { done, value } = await bytes.read();
        if (done) break;
        for (const frame of frames.feed(value)) this.#take(frame);
        if (this.readyState === HttpSocket.CLOSED) return;
      }
    } catch {
      // Not there, refused, or cut: which of these a page is not told.
    }
    this.#end(LOST, "");
  }

  /** @param {import('./ws_frames.js').Frame} frame */
  #take({ opcode, fin, payload }) {
    if (opcode === PING) return this.#say(PONG, payload);
    if (opcode === CLOSE) return this.#closed(payload);
    if (opcode !== TEXT && opcode !== BINARY && opcode !== CONTINUATION) return;
    if (opcode !== CONTINUATION) this.#opcode = opcode;
    this.#pieces.push(payload);
    if (!fin) return;
    const whole = this.#pieces.length === 1 ? payload : joined(this.#pieces);
    this.#pieces = [];
    if (this.#opcode === TEXT) this.#text(decoder.decode(whole));
    else this.onmessage?.({ data: whole.buffer });
  }

  /** The first text is the tunnel's own. @param {string} data */
  #text(data) {
    if (this.readyState !== HttpSocket.CONNECTING) {
      this.onmessage?.({ data });
      return;
    }
    const { token, post_bytes } = JSON.parse(data);
    this.#token = token;
    this.#postBytes = post_bytes;
    this.readyState = HttpSocket.OPEN;
    this.onopen?.();
  }

  /** @param {Uint8Array<ArrayBuffer>} payload of the server's close frame */
  #closed(payload) {
    const code = payload.length < 2 ? NO_CODE : (payload[0] << 8) | payload[1];
    if (this.readyState === HttpSocket.OPEN) this.#say(CLOSE, payload.slice(0, 2));
    this.#end(code, decoder.decode(payload.subarray(2)));
  }

  /** @param {number} opcode @param {Uint8Array<ArrayBuffer> | Blob} payload */
  #say(opcode, payload) {
    const size = payload instanceof Blob ? payload.size : payload.byteLength;
    const header = frameHeader(opcode, size);
    this.#queue.push(header, payload);
    this.#queued += header.length + size;
    this.#pump();
  }

  /** One POST after another, each of what waits. */
  async #pump() {
    if (this.#posting || !this.#token) return;
    this.#posting = true;
    while (this.#queue.length > 0 && this.#token) {
      const gathered = this.#gather();
      const bytes = gathered instanceof Uint8Array ? gathered : await gathered;
      if (!(await this.#post(bytes))) {
        this.#end(LOST, "");
        break;
      }
      this.#sent += bytes.length;
      this.#queued -= bytes.length;
    }
    this.#posting = false;
  }

  /** What goes in the next POST. At once where it can be: a page that is left waits for nothing. */
  #gather() {
    /** @type {(Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>)[]} */
    const pieces = [];
    for (let room = this.#postBytes; room > 0 && this.#queue.length > 0; ) {
      const first = this.#queue[0];
      const size = first instanceof Blob ? first.size : first.length;
      const taken = Math.min(size, room);
      if (first instanceof Blob) {
        pieces.push(
          first
            .slice(0, taken)
            .arrayBuffer()
            .then((bytes) => new Uint8Array(bytes)),
        );
      } else {
        pieces.push(first.subarray(0, taken));
      }
      if (taken === size) this.#queue.shift();
      else this.#queue[0] = first instanceof Blob ? first.slice(taken) : first.subarray(taken);
      room -= taken;
    }
    if (pieces.every((piece) => piece instanceof Uint8Array)) return joined(pieces);
    return Promise.all(pieces).then(joined);
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes @returns {Promise<boolean>} the server has them */
  async #post(bytes) {
    const url = `${this.#url}&tunnel=${this.#token}&at=${this.#sent}`;
    const keepalive = bytes.length <= KEEPALIVE_BYTES;
    for (let tries = 0; tries < TRIES; tries += 1) {
      try {
        const { ok, status } = await fetch(url, { method: "POST", body: bytes, keepalive });
        if (ok || status < 500) return ok;
      } catch {
        // The network: the same bytes again, whose place says whether they have come.
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      if (this.readyState === HttpSocket.CLOSED) return false;
    }
    return false;
  }

  /** @param {number} code @param {string} reason */
  #end(code, reason) {
    if (this.readyState === HttpSocket.CLOSED) return;
    this.readyState = HttpSocket.CLOSED;
    this.#abort.abort();
    this.onclose?.({ code, reason });
  }
}

/** @param {number} code @param {string} reason @returns {Uint8Array<ArrayBuffer>} */
function closePayload(code, reason) {
  return joined([new Uint8Array([code >> 8, code & 0xff]), encoder.encode(reason)]);
}
