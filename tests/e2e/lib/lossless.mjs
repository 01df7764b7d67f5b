/** A publisher of a lossless capture, without a browser: frames by credit, resume, result. */
import { readdirSync, readFileSync } from "node:fs";
import { counterFrame } from "./counter.mjs";
import { publishOptions } from "./publisher.mjs";
import { RawWs } from "./raw_ws.mjs";
import { buildMessage } from "./v1.mjs";
import { until } from "./wait.mjs";

/** @typedef {import('./server.mjs').Server} Server */

export const SIZE = { width: 320, height: 180 };
export const HELLO = { lossless: true, format: "rgba", fps: 30, ...SIZE };

const MORE = 4;
const CONFIG = 1; // kinds
const SOUND = 3;
const PIECE_BYTES = 100_000;

export class LosslessPublisher {
  /** @type {any[]} */ said = [];
  /** @type {Map<number, Buffer>} sent, and not acknowledged */ kept = new Map();
  credit = 0;
  /** the next frame */ next = 0;
  /** messages sent */ messages = 0;
  token = "";
  /** @type {any} */ recorded = null;
  /** @type {any} */ error = null;
  /** @type {any} */ ready = null;
  /** @type {any} */ ws = null;

  /** @param {Server} server @param {string} stream */
  constructor(server, stream) {
    this.server = server;
    this.stream = stream;
  }

  /** @param {Server} server @param {string} stream @param {object} [hello] */
  static async open(server, stream, hello = {}) {
    const publisher = new LosslessPublisher(server, stream);
    await publisher.#connect({ type: "publish", ...HELLO, ...hello });
    return publisher;
  }

  /** @param {object} greeting */
  async #connect(greeting) {
    const options = publishOptions(this.server, this.stream, { protocol: "framewire.v1" });
    const ws = await RawWs.open(options);
    this.ws = ws;
    this.ready = this.error = null;
    ws.on("message", ({ data }) => {
      if (ws === this.ws) this.#take(JSON.parse(data.toString()));
    });
    await ws.sendText(greeting);
    await until(() => this.ready || this.error || ws.closedWith, `an answer on ${this.stream}`);
  }

  /** @param {any} text */
  #take(text) {
    this.said.push(text);
    if (text.type === "ready") {
      this.ready = text;
      this.token = text.token;
      for (const n of this.kept.keys()) if (n < text.sequence) this.kept.delete(n);
    }
    if (text.type === "ack")
      for (const n of this.kept.keys()) if (n <= text.sequence) this.kept.delete(n);
    if (text.type === "credit") this.credit = text.frames;
    if (text.type === "recorded") this.recorded = text;
    if (text.type === "error") this.error = text;
  }

  /** One frame, once there is credit; its number. @param {Uint8Array} [payload] */
  async frame(payload) {
    await until(() => this.next < this.credit || this.error, `credit for frame ${this.next}`, {
      ms: 60_000,
      every: 2,
    });
    if (this.error) return -1;
    const number = this.next++;
    const bytes = payload ?? counterFrame(number, SIZE.width, SIZE.height);
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const piece = bytes.subarray(at, at + PIECE_BYTES);
      const message = buildMessage(this.messages, piece, { ptsUs: number });
      message[1] = at + PIECE_BYTES < bytes.length ? MORE : 0;
      this.kept.set(this.messages++, message);
      await this.ws.sendBinary(message).catch(() => {}); // cut: sent again by resume()
    }
    return number;
  }

  /** The next frame in one message, with a hash. @param {Uint8Array} bytes @param {number} hash */
  async hashed(bytes, hash) {
    await until(() => this.next < this.credit, "credit");
    const plain = buildMessage(this.messages, bytes, { ptsUs: this.next++ });
    const tail = Buffer.alloc(4);
    tail.writeUInt32BE(hash);
    const message = Buffer.concat([plain.subarray(0, 32), tail, plain.subarray(32)]);
    message[2] = 36;
    this.kept.set(this.messages++, message);
    await this.ws.sendBinary(message);
  }

  /** What frames of `packets` are. @param {Buffer} header */
  async config(header) {
    const message = buildMessage(this.messages, header);
    message[0] = CONFIG;
    this.kept.set(this.messages++, message);
    await this.ws.sendBinary(message).catch(() => {});
  }

  /** Sound beside the frames. @param {Buffer} samples whole ones @param {number} first the number of the first */
  async sound(samples, first) {
    const message = buildMessage(this.messages, samples, { ptsUs: first });
    message[0] = SOUND;
    this.kept.set(this.messages++, message);
    await this.ws.sendBinary(message).catch(() => {});
  }

  /** @param {number} count frames until so many were sent */
  async framesUpTo(count) {
    while (this.next < count && !this.error) await this.frame();
  }

  /** The connection is gone, without a word. */
  cut() {
    this.ws.socket.destroy();
  }

  async resume() {
    this.credit = 0;
    await this.#connect({ type: "resume", token: this.token });
    for (const message of this.kept.values()) await this.ws.sendBinary(message);
  }

  /** Says the end; the file's facts, or the error. */
  async finish() {
    await this.ws.sendText({ type: "end" });
    return this.result();
  }

  result() {
    return until(() => this.recorded || this.error, `the result of ${this.stream}`, { ms: 90_000 });
  }
}

/** Children of the server that make lossless captures. @param {Server} server @returns {number[]} */
export function captureChildren(server) {
  const out = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, "latin1").split("\0");
      if (words[1] === "capture" && words[2] === String(server.pid)) out.push(Number(name));
    } catch {} // it has just ended
  }
  return out;
}
