/**
 * Server-sent events by fetch(): with headers, which an EventSource has not, so that no key stands in an address
 * (and in the logs of proxies). Connects again after a loss, from the last event that came.
 * Source: HTML standard, "Server-sent events".
 *
 * @typedef {{type: string, data: string, id: string}} ServerSent
 */

const RETRY_MS = 2_000;
/** Characters of one event; more is no server of ours. */
const MOST = 1 << 20;

/** Takes texts as they come, cut anywhere, and gives whole events. */
export class EventReader {
  #rest = "";
  #type = "";
  #id = "";
  /** @type {string[]} */ #data = [];
  #length = 0;
  /** The last that was told; "" = none. */
  lastId = "";
  /** What the server asks for, in milliseconds. */
  retryMs = RETRY_MS;

  /** @param {string} text @returns {ServerSent[]} */
  feed(text) {
    /** @type {ServerSent[]} */ const out = [];
    let all = this.#rest + text;
    // A CR at the end may be half of a line's end.
    const held = all.endsWith("\r") ? "\r" : "";
    if (held) all = all.slice(0, -1);
    const lines = all.split(/\r\n|\r|\n/);
    this.#rest = (lines.pop() ?? "") + held;
    if (this.#rest.length + this.#length > MOST) throw new RangeError("an event without end");
    for (const line of lines) {
      if (line !== "") {
        this.#take(line);
        continue;
      }
      if (this.#id) this.lastId = this.#id; // not before it is whole
      if (this.#data.length > 0)
        out.push({
          type: this.#type || "message",
          data: this.#data.join("\n"),
          id: this.lastId,
        });
      this.#type = "";
      this.#data = [];
      this.#length = 0;
    }
    return out;
  }

  /** @param {string} line */
  #take(line) {
    const [, name, value] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (name === "event") this.#type = value;
    else if (name === "id" && !value.includes("\0")) this.#id = value;
    else if (name === "retry" && /^\d+$/.test(value)) this.retryMs = Number(value);
    else if (name === "data") {
      this.#data.push(value);
      this.#length += value.length;
    }
  }
}

export class EventStream {
  #stop = new AbortController();
  #reader = new EventReader();

  /**
   * @param {string} url
   * @param {() => HeadersInit} headers asked before each connection
   * @param {(event: ServerSent) => void} told
   * @param {string} [lastId] from the event after this one on
   */
  constructor(url, headers, told, lastId = "") {
    this.#reader.lastId = lastId;
    this.#run(url, headers, told);
  }

  /** Nothing more comes: it was closed, or refused. */
  get closed() {
    return this.#stop.signal.aborted;
  }

  close() {
    this.#stop.abort();
  }

  /** @param {string} url @param {() => HeadersInit} headers @param {(event: ServerSent) => void} told */
  async #run(url, headers, told) {
    while (!this.closed) {
      try {
        const asked = new Headers(headers());
        asked.set("Accept", "text/event-stream");
        if (this.#reader.lastId) asked.set("Last-Event-ID", this.#reader.lastId);
        const { signal } = this.#stop;
        const answer = await fetch(url, { headers: asked, cache: "no-store", signal });
        // Asked again it would say the same; a server that has no room just now may not.
        if (!answer.ok && answer.status < 500) return this.close();
        if (answer.ok && answer.body) await this.#read(answer.body, told);
      } catch {
        // The connection is lost, or was closed.
      }
      // What was cut off in its middle comes again.
      const { lastId, retryMs } = this.#reader;
      this.#reader = new EventReader();
      Object.assign(this.#reader, { lastId, retryMs });
      if (!this.closed) await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }

  /** @param {ReadableStream<Uint8Array<ArrayBuffer>>} body @param {(event: ServerSent) => void} told */
  async #read(body, told) {
    const text = new TextDecoder();
    const pieces = body.getReader();
    for (;;) {
      const { done, value } = await pieces.read();
      if (done) return;
      for (const event of this.#reader.feed(text.decode(value, { stream: true })))
        if (!this.closed) told(event);
    }
  }
}
