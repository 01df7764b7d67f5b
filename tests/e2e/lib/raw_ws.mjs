/**
 * A WebSocket client on a bare TCP or TLS socket: any header, any frame, no politeness added.
 * It answers pings and close frames as RFC 6455 asks, unless told not to.
 */
import { createHash, randomBytes } from "node:crypto";
import { EventEmitter } from "node:events";
import net from "node:net";
import tls from "node:tls";
import { deferred, within } from "./wait.mjs";
import { closePayload, encodeFrame, FrameParser, Opcode } from "./ws_frame.mjs";

/**
 * @typedef {object} OpenOptions
 * @property {number} port
 * @property {string} [host]
 * @property {boolean} [tls] self-signed certificates are accepted
 * @property {string} [path]
 * @property {string} [method]
 * @property {string} [httpVersion]
 * @property {string} [protocol] Sec-WebSocket-Protocol
 * @property {string} [origin]
 * @property {string} [token] Authorization: Bearer
 * @property {Record<string, string | null>} [headers] added or, with null, left out
 * @property {boolean} [answerPings] default true
 */

/** @typedef {{binary: boolean, data: Buffer, fragments: number}} Message */
/** @typedef {{code: number, reason: string, clean: boolean}} Closed */
/** @typedef {{status: number, headers: Record<string, string>, rest: Buffer}} Head */

/** @param {Buffer} data @returns {Head | null} null: the head is not complete */
export function parseHead(data) {
  const end = data.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const [first, ...lines] = data.subarray(0, end).toString("latin1").split("\r\n");
  /** @type {Record<string, string>} */
  const headers = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { status: Number(first.split(" ")[1]), headers, rest: data.subarray(end + 4) };
}

/** @param {OpenOptions} o @param {string} key */
function handshake(o, key) {
  /** @type {Record<string, string | null | undefined>} */
  const headers = {
    Host: `${o.host ?? "127.0.0.1"}:${o.port}`,
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Key": key,
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Protocol": o.protocol,
    Origin: o.origin,
    Authorization: o.token && `Bearer ${o.token}`,
    ...o.headers,
  };
  const lines = Object.entries(headers).filter(([, value]) => typeof value === "string");
  const start = `${o.method ?? "GET"} ${o.path ?? "/"} HTTP/${o.httpVersion ?? "1.1"}`;
  return [start, ...lines.map(([name, value]) => `${name}: ${value}`), "", ""].join("\r\n");
}

/** @param {{port: number, host?: string, tls?: boolean}} o @returns {net.Socket} */
export function connectSocket(o) {
  const host = o.host ?? "127.0.0.1";
  const socket = o.tls
    ? tls.connect({ port: o.port, host, rejectUnauthorized: false })
    : net.connect({ port: o.port, host });
  socket.setNoDelay(true);
  return socket;
}

/** Events: `message` (Message), `frame` (Frame), `closed` (Closed). */
export class RawWs extends EventEmitter {
  /** @type {Head} */ head = { status: 0, headers: {}, rest: Buffer.alloc(0) };
  /** @type {Message[]} received and kept; turn off with keep = false */ messages = [];
  keep = true;
  receivedBytes = 0;
  pings = 0;
  /** @type {Closed | null} */ closedWith = null;
  #parser = new FrameParser();
  /** @type {Buffer[]} */ #pieces = [];
  #opcode = 0;
  #closed = deferred();
  /** @type {Closed} */ #close = { code: 1006, reason: "", clean: false };
  #sentClose = false;

  /** @param {net.Socket} socket @param {OpenOptions} options */
  constructor(socket, options) {
    super();
    this.socket = socket;
    this.options = options;
    this.setMaxListeners(0);
  }

  /** Sends the handshake; done when the head of the answer is in, be it 101 or not.
   * @param {OpenOptions} options @returns {Promise<RawWs>} */
  static async request(options) {
    const ws = new RawWs(connectSocket(options), options);
    const key = randomBytes(16).toString("base64");
    ws.socket.write(handshake(options, key));
    await within(ws.#readHead(), `an answer to the handshake of ${options.path}`);
    if (ws.head.status === 101) ws.#checkAccept(key);
    return ws;
  }

  /** As request(), but anything other than 101 is an error. @param {OpenOptions} options */
  static async open(options) {
    const ws = await RawWs.request(options);
    if (ws.head.status !== 101) {
      const body = await ws.body();
      throw new Error(
        `handshake of ${options.path} answered ${ws.head.status}: ${body.toString()}`,
      );
    }
    return ws;
  }

  #readHead() {
    return new Promise((resolve, reject) => {
      let data = Buffer.alloc(0);
      const fail = (/** @type {any} */ e) =>
        reject(e instanceof Error ? e : new Error("closed before an answer"));
      const onData = (/** @type {Buffer} */ chunk) => {
        data = Buffer.concat([data, chunk]);
        const head = parseHead(data);
        if (!head) return;
        this.head = head;
        this.socket.off("data", onData).off("error", fail).off("close", fail);
        if (head.status === 101) this.#start();
        resolve(undefined);
      };
      this.socket.on("data", onData).on("error", fail).on("close", fail);
    });
  }

  /** @param {string} key */
  #checkAccept(key) {
    const accept = createHash("sha1")
      .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest("base64");
    if (this.head.headers["sec-websocket-accept"] !== accept)
      throw new Error("wrong Sec-WebSocket-Accept");
  }

  #start() {
    /** Held until those who wait for request() have put their listeners on. @type {Buffer[] | null} */
    let held = [this.head.rest];
    this.socket.on("data", (/** @type {any} */ chunk) => {
      if (held) held.push(chunk);
      else this.#feed(chunk);
    });
    setImmediate(() => {
      const first = Buffer.concat(held ?? []);
      held = null;
      this.#feed(first);
    });
    this.socket.on("error", () => {});
    this.socket.on("close", () => {
      this.closedWith = this.#close;
      this.#closed.resolve(this.#close);
      this.emit("closed", this.#close);
    });
  }

  /** @param {Buffer} chunk */
  #feed(chunk) {
    this.receivedBytes += chunk.length;
    for (const frame of this.#parser.feed(chunk)) {
      this.emit("frame", frame);
      if (frame.opcode >= 8) this.#control(frame);
      else this.#data(frame);
    }
  }

  /** @param {import('./ws_frame.mjs').Frame} frame */
  #control(frame) {
    if (frame.opcode === Opcode.ping) {
      ++this.pings;
      if (this.options.answerPings !== false) this.sendFrame(Opcode.pong, frame.payload);
    }
    if (frame.opcode !== Opcode.close) return;
    const code = frame.payload.length >= 2 ? frame.payload.readUInt16BE(0) : 1005;
    this.#close = { code, reason: frame.payload.subarray(2).toString(), clean: true };
    if (!this.#sentClose) this.sendFrame(Opcode.close, frame.payload.subarray(0, 2));
    this.socket.end();
  }

  /** @param {import('./ws_frame.mjs').Frame} frame */
  #data(frame) {
    if (frame.opcode !== Opcode.continuation) this.#opcode = frame.opcode;
    this.#pieces.push(frame.payload);
    if (!frame.fin) return;
    const data = this.#pieces.length === 1 ? this.#pieces[0] : Buffer.concat(this.#pieces);
    const message = {
      binary: this.#opcode === Opcode.binary,
      data,
      fragments: this.#pieces.length,
    };
    this.#pieces = [];
    if (this.keep) this.messages.push(message);
    this.emit("message", message);
  }

  /** The whole body of an answer that was not 101. */
  async body() {
    const length = Number(this.head.headers["content-length"] ?? Infinity);
    let data = this.head.rest;
    const end = new Promise((resolve) => this.socket.once("close", resolve).once("end", resolve));
    this.socket.on("data", (chunk) => {
      data = Buffer.concat([data, /** @type {any} */ (chunk)]);
      if (data.length >= length) this.socket.destroy();
    });
    this.socket.on("error", () => {});
    if (data.length >= length) this.socket.destroy();
    await within(end, "the end of the error body", 10_000);
    return data;
  }

  /** @param {Uint8Array | string} bytes @returns {Promise<void>} when the kernel took them */
  write(bytes) {
    if (this.socket.destroyed) return Promise.resolve();
    return new Promise((resolve) => this.socket.write(bytes, () => resolve()));
  }

  /** @param {number} opcode @param {Uint8Array | string} [data] @param {import('./ws_frame.mjs').FrameOptions} [options] */
  sendFrame(opcode, data, options) {
    return this.write(encodeFrame(opcode, data, options));
  }

  /** @param {Uint8Array} data */
  sendBinary(data) {
    return this.sendFrame(Opcode.binary, data);
  }

  /** @param {string | object} data objects go as JSON */
  sendText(data) {
    return this.sendFrame(Opcode.text, typeof data === "string" ? data : JSON.stringify(data));
  }

  /** The close handshake. @param {number} [code] @param {string} [reason] */
  close(code = 1000, reason = "") {
    this.#sentClose = true;
    this.sendFrame(Opcode.close, closePayload(code, reason));
    return this.closed();
  }

  /** Gone without a word, as when the network goes. */
  cut() {
    if (this.options.tls) this.socket.destroy();
    else this.socket.resetAndDestroy();
  }

  /** @param {number} [ms] @returns {Promise<Closed>} */
  closed(ms = 15_000) {
    return within(this.#closed.promise, `the server to close ${this.options.path}`, ms);
  }
}
