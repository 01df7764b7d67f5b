/** Publishers: bare WebSocket, `framewire.v1` with acknowledgements and resume, and a chunked HTTP body. */
import http from "node:http";
import https from "node:https";
import { RawWs } from "./raw_ws.mjs";
import { buildMessage } from "./v1.mjs";
import { deferred, sleep, until, within } from "./wait.mjs";

/** @typedef {import('./server.mjs').Server} Server */
/** @typedef {Partial<import('./raw_ws.mjs').OpenOptions>} Extra */

/** @param {Server} server @param {string} stream @param {Extra} [extra] */
export const publishOptions = (server, stream, extra) => ({
  port: server.port,
  tls: server.scheme === "https",
  path: `/publish/${stream}`,
  ...extra,
});

/** Media bytes in binary messages and nothing else: `new WebSocket(url)` plus `send(blob)`. */
export class BarePublisher {
  /** @param {RawWs} ws */
  constructor(ws) {
    this.ws = ws;
  }
  /** @param {Server} server @param {string} stream @param {Extra} [extra] */
  static async open(server, stream, extra) {
    return new BarePublisher(await RawWs.open(publishOptions(server, stream, extra)));
  }
  /** @param {Uint8Array} data */
  send(data) {
    return this.ws.sendBinary(data);
  }
  /** @param {Iterable<Uint8Array>} messages */
  async sendAll(messages) {
    for (const message of messages) await this.send(message);
  }
  end() {
    return this.ws.close(1000);
  }
}

/** Sends messages at the recording's own times. @param {(data: Buffer) => any} send @param {Pick<import('./media.mjs').Fixture, 'chunks' | 'atMs'>} fixture @param {{speed?: number, stopped?: () => boolean}} [options] */
export async function sendInTime(send, fixture, { speed = 1, stopped = () => false } = {}) {
  const start = Date.now();
  for (const [index, chunk] of fixture.chunks.entries()) {
    const due = start + (fixture.atMs[index] ?? 0) / speed;
    if (due > Date.now()) await sleep(due - Date.now());
    if (stopped()) return;
    await send(chunk);
  }
}

/**
 * A publisher that keeps what is not acknowledged, and sends it again after resume().
 * sent and acked are message numbers: the last one sent, the last one acknowledged.
 */
export class V1Publisher {
  /** @type {any[]} every control message, in order */ said = [];
  /** @type {Map<number, Buffer>} */ kept = new Map();
  sent = -1;
  acked = -1;
  token = "";
  /** @type {any} */ ready = null;
  /** @type {any} */ error = null;

  /** @param {Server} server @param {string} stream @param {Extra} extra @param {RawWs} ws */
  constructor(server, stream, extra, ws) {
    this.server = server;
    this.stream = stream;
    this.extra = extra;
    this.ws = ws;
    this.#listen();
  }

  /** @param {Server} server @param {string} stream @param {object | null} [hello] members of `publish`; null: say nothing @param {Extra} [extra] */
  static async open(server, stream, hello = {}, extra = {}) {
    const ws = await RawWs.open(
      publishOptions(server, stream, { protocol: "framewire.v1", ...extra }),
    );
    const publisher = new V1Publisher(server, stream, extra, ws);
    if (hello === null) return publisher;
    await ws.sendText({ type: "publish", ...hello });
    await publisher.untilSaid("ready");
    return publisher;
  }

  #listen() {
    const ws = this.ws;
    ws.on("message", (message) => {
      if (message.binary || ws !== this.ws) return;
      const text = JSON.parse(message.data.toString());
      this.said.push(text);
      if (text.type === "ready") Object.assign(this, { ready: text, token: text.token });
      if (text.type === "error") this.error = text;
      if (text.type === "ack") this.#acknowledge(text.sequence);
    });
  }

  /** @param {number} sequence */
  #acknowledge(sequence) {
    this.acked = Math.max(this.acked, sequence);
    for (const number of this.kept.keys()) if (number <= sequence) this.kept.delete(number);
  }

  /** @param {string} type @returns {Promise<any>} the first control message of this type, now or later */
  untilSaid(type, ms = 15_000) {
    return until(
      () =>
        this.said.find((m) => m.type === type) ||
        (type !== "error" && this.error && { refused: this.error }),
      `"${type}" on ${this.stream}`,
      { ms },
    );
  }

  get unackedBytes() {
    let sum = 0;
    for (const message of this.kept.values()) sum += message.length;
    return sum;
  }

  /** Waits for room under unacked_bytes, as the specification asks. @param {Uint8Array} payload @param {{ptsUs?: number}} [times] */
  async send(payload, times) {
    const limit = this.ready?.limits?.unacked_bytes ?? Infinity;
    if (this.unackedBytes + payload.length > limit && this.kept.size) {
      await until(
        () => this.unackedBytes + payload.length <= limit || !this.kept.size || this.ws.closedWith,
        "acknowledgements",
      );
    }
    const number = ++this.sent;
    const message = buildMessage(number, payload, times);
    this.kept.set(number, message);
    await this.ws.sendBinary(message);
  }

  /** @param {Iterable<Uint8Array>} messages */
  async sendAll(messages) {
    for (const message of messages) await this.send(message);
  }

  /** Connects anew with the token, and sends the kept messages the server does not have. */
  async resume() {
    this.said = [];
    this.ready = null;
    this.ws = await RawWs.open(
      publishOptions(this.server, this.stream, { protocol: "framewire.v1", ...this.extra }),
    );
    this.#listen();
    await this.ws.sendText({ type: "resume", token: this.token });
    const ready = await this.untilSaid("ready");
    if (ready.refused) return ready;
    this.#acknowledge(ready.sequence - 1);
    for (const message of this.kept.values()) await this.ws.sendBinary(message);
    return ready;
  }

  untilAcked(number = this.sent) {
    return until(() => this.acked >= number, `the acknowledgement of message ${number}`);
  }

  async end() {
    await this.ws.sendText({ type: "end" });
    return this.ws.close(1000);
  }
}

/** A body sent piece by piece; the answer is the promise `answer`. */
export class HttpPublisher {
  /** @param {Server} server @param {string} stream @param {{method?: string, query?: string, headers?: Record<string, string>}} [options] */
  constructor(server, stream, { method = "POST", query = "", headers = {} } = {}) {
    const done = deferred();
    this.request = (server.scheme === "https" ? https : http).request(
      `${server.origin}/publish/${stream}${query}`,
      { method, headers },
      async (response) => {
        let body = "";
        for await (const chunk of response) body += chunk;
        done.resolve({ status: response.statusCode ?? 0, body });
      },
    );
    this.request.on("error", (error) => done.reject(error));
    this.request.flushHeaders();
    this.answer = done.promise;
  }
  /** @param {Uint8Array} data */
  send(data) {
    if (!data.length) return Promise.resolve();
    return new Promise((resolve) => this.request.write(data, resolve));
  }
  /** @param {Iterable<Uint8Array>} messages */
  async sendAll(messages) {
    for (const message of messages) await this.send(message);
  }
  end() {
    this.request.end();
    return within(this.answer, "the answer to the published body");
  }
  cut() {
    this.request.destroy();
  }
}
