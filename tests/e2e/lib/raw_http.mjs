/** HTTP/1.1 on a bare socket: requests as bytes, answers in the order they come. */
import { connectSocket, parseHead } from "./raw_ws.mjs";
import { deferred, within } from "./wait.mjs";

/** @typedef {{status: number, headers: Record<string, string>, body: Buffer}} Answer */

/** @param {string} path @param {string} [method] @param {string[]} [headers] */
export const requestText = (path, method = "GET", headers = []) =>
  [`${method} ${path} HTTP/1.1`, "Host: 127.0.0.1", ...headers, "", ""].join("\r\n");

export class RawHttp {
  /** @type {Answer[]} */ answers = [];
  closed = false;
  /** @type {Buffer<ArrayBufferLike>} */
  #data = Buffer.alloc(0);
  /** @type {{count: number, done: ReturnType<typeof deferred>}[]} */ #waiting = [];

  /** @param {{port: number, tls?: boolean, allowHalfOpen?: boolean}} options */
  constructor(options) {
    this.socket = connectSocket(options);
    this.socket.on("data", (chunk) => this.#feed(/** @type {any} */ (chunk)));
    this.socket.on("error", () => {});
    this.socket.on("close", () => {
      this.closed = true;
      for (const { done } of this.#waiting) done.reject(new Error("the server closed"));
    });
  }

  /** @param {Buffer<ArrayBufferLike>} chunk */
  #feed(chunk) {
    this.#data = this.#data.length ? Buffer.concat([this.#data, chunk]) : chunk;
    for (;;) {
      const head = parseHead(this.#data);
      if (!head) break;
      const length = Number(head.headers["content-length"] ?? 0);
      if (head.rest.length < length) break;
      this.answers.push({
        status: head.status,
        headers: head.headers,
        body: head.rest.subarray(0, length),
      });
      this.#data = head.rest.subarray(length);
    }
    for (const { count, done } of this.#waiting) if (this.answers.length >= count) done.resolve();
    this.#waiting = this.#waiting.filter(({ count }) => this.answers.length < count);
  }

  /** @param {string | Uint8Array} bytes */
  write(bytes) {
    this.socket.write(bytes);
  }

  /** Until so many answers are in, from the first on. @param {number} count @param {number} [ms] @returns {Promise<Answer[]>} */
  async until(count, ms = 30_000) {
    if (this.answers.length < count) {
      if (this.closed) throw new Error(`closed after ${this.answers.length} answers`);
      const done = deferred();
      this.#waiting.push({ count, done });
      await within(done.promise, `answer ${count}`, ms);
    }
    return this.answers;
  }
}
