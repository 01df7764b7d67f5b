/** Viewers: bare WebSocket, `framewire.v1`, and plain HTTP. All keep what they got. */
import http from "node:http";
import { RawWs } from "./raw_ws.mjs";
import { parsePart } from "./v1.mjs";
import { deferred, until, within } from "./wait.mjs";

/** @typedef {import('./server.mjs').Server} Server */
/** @typedef {Partial<import('./raw_ws.mjs').OpenOptions>} Extra */

/** @param {Server} server @param {string} path after /live/ @param {Extra} [extra] */
export const liveOptions = (server, path, extra) => ({
  port: server.port,
  tls: server.scheme === "https",
  path: `/live/${path}`,
  ...extra,
});

export class BareViewer {
  /** @param {RawWs} ws */
  constructor(ws) {
    this.ws = ws;
  }
  /** @param {Server} server @param {string} path @param {Extra} [extra] */
  static async open(server, path, extra) {
    return new BareViewer(await RawWs.open(liveOptions(server, path, extra)));
  }
  get messages() {
    return this.ws.messages.map((message) => message.data);
  }
  /** Everything received, end to end. */
  get bytes() {
    return Buffer.concat(this.messages);
  }
  /** @param {number} count */
  untilBytes(count, ms = 15_000) {
    return until(
      () => this.ws.messages.reduce((sum, m) => sum + m.data.length, 0) >= count,
      `${count} bytes`,
      { ms },
    );
  }
  /** @param {number} [ms] */
  ended(ms) {
    return this.ws.closed(ms);
  }
}

export class V1Viewer {
  /** @type {any[]} control messages and parts, in the order they came */ events = [];
  /** @type {import('./v1.mjs').Part[]} */ parts = [];
  /** @type {any[]} */ said = [];

  /** @param {RawWs} ws */
  constructor(ws) {
    this.ws = ws;
    ws.keep = false;
    ws.on("message", (message) => {
      const event = message.binary ? parsePart(message.data) : JSON.parse(message.data.toString());
      this.events.push(event);
      (message.binary ? this.parts : this.said).push(event);
    });
  }
  /** @param {Server} server @param {string} path @param {Extra} [extra] */
  static async open(server, path, extra) {
    return new V1Viewer(
      await RawWs.open(liveOptions(server, path, { protocol: "framewire.v1", ...extra })),
    );
  }
  /** @param {string} type @param {number} [count] the count-th of its type */
  untilSaid(type, count = 1, ms = 15_000) {
    return until(
      () => this.said.filter((m) => m.type === type)[count - 1],
      `"${type}" to the viewer`,
      { ms },
    );
  }
  get bytes() {
    return Buffer.concat(this.parts.map((part) => part.payload));
  }
  /** Media parts only. */
  get media() {
    return this.parts.filter((part) => part.kind === 2);
  }
  /** The rules every viewer may count on; throws with the first that is broken. */
  checkOrder() {
    let next = -1;
    let announced = null;
    for (const event of this.events) {
      if (event.type === "skipped") announced = event;
      if (event.type === "stream") next = -1; // an epoch, or a join
      if (event.kind !== 2) continue;
      if (next >= 0 && event.sequence !== next && announced?.to !== event.sequence) {
        throw new Error(
          `part ${event.sequence} came where ${next} was due, and nothing announced it`,
        );
      }
      if (announced && !event.groupStart)
        throw new Error(`after a skip came part ${event.sequence}, which starts no group`);
      announced = null;
      next = event.sequence + 1;
    }
  }
}

/** A progressive body. */
export class HttpViewer {
  /** @type {Buffer[]} */ chunks = [];
  status = 0;
  /** @type {http.IncomingHttpHeaders} */ headers = {};
  complete = false;

  /** @param {Server} server @param {string} path @param {Record<string, string>} [headers] */
  constructor(server, path, headers = {}) {
    const head = deferred();
    const end = deferred();
    this.head = head.promise;
    this.end = end.promise;
    this.request = http.get(
      `${server.origin}/live/${path}`,
      { headers, agent: false },
      (response) => {
        this.status = response.statusCode ?? 0;
        this.headers = response.headers;
        head.resolve(this);
        response.on("data", (chunk) => this.chunks.push(chunk));
        response.on("close", () => {
          this.complete = response.complete;
          end.resolve(this);
        });
        response.on("error", () => {});
      },
    );
    this.request.on("error", (error) => {
      head.reject(error);
      end.reject(error);
    });
  }
  get bytes() {
    return Buffer.concat(this.chunks);
  }
  answered(ms = 15_000) {
    return within(this.head, "the head of an HTTP answer", ms);
  }
  ended(ms = 15_000) {
    return within(this.end, "the end of an HTTP body", ms);
  }
  cut() {
    this.request.destroy();
  }
}
