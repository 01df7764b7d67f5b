/** A webhook's receiver: takes signed events, checks each as docs/events.md shows it, and may be down for a while. */

import { readFileSync } from "node:fs";
import http from "node:http";
import { fileURLToPath } from "node:url";

const PAGE = fileURLToPath(new URL("../../../docs/events.md", import.meta.url));

/** The function that docs/events.md gives to receivers, as it stands there.
 * @returns {Promise<(body: string, header: string, secret: string) => boolean>} */
export async function documentedCheck() {
  const [, code] = /```js\n([\s\S]*?)\n```/.exec(readFileSync(PAGE, "utf8")) ?? [];
  if (!code) throw new Error("docs/events.md shows no isGenuine()");
  return (await import(`data:text/javascript,${encodeURIComponent(code)}`)).isGenuine;
}

export class Receiver {
  /** What was taken, in order, parsed. @type {any[]} */ events = [];
  /** Each whole request. @type {{body: string, headers: http.IncomingHttpHeaders}[]} */ requests =
    [];
  /** What is answered to the next requests; then 204. @type {number[]} */ answers = [];
  /** Answers by event; undefined: as above. @type {(event: any) => number | undefined} */ judge =
    () => undefined;
  port = 0;
  /** @type {http.Server | null} */ #server = null;

  /** On the port of before, if there was one. */
  async open() {
    const server = http.createServer(async (request, response) => {
      let body = "";
      for await (const piece of request) body += piece;
      const event = JSON.parse(body);
      this.requests.push({ body, headers: request.headers });
      const status = this.judge(event) ?? this.answers.shift() ?? 204;
      if (status < 300) this.events.push(event);
      response.writeHead(status).end();
    });
    await new Promise((resolve) => server.listen(this.port, "127.0.0.1", () => resolve(null)));
    this.port = /** @type {import('node:net').AddressInfo} */ (server.address()).port;
    this.#server = server;
    return this;
  }
  async close() {
    const server = this.#server;
    this.#server = null;
    server?.closeAllConnections();
    await new Promise((resolve) => (server ? server.close(() => resolve(null)) : resolve(null)));
  }
  get url() {
    return `http://127.0.0.1:${this.port}/hook`;
  }
  /** @param {string} stream @returns {string[]} the types of what was taken, without repetitions */
  typesOf(stream) {
    const seen = new Set();
    return this.events
      .filter((event) => event.stream === stream && !seen.has(event.id) && seen.add(event.id))
      .map(({ type }) => type);
  }
}
