/** A server that says who may (--auth-url), as a test wants it. */
import { once } from "node:events";
import http from "node:http";

/** @typedef {{status?: number, body?: unknown, headers?: Record<string, string>, afterMs?: number, never?: boolean, cut?: boolean}} Say
 * `body`: text as it is, else as JSON */

export class HookServer {
  /** What was asked, in order. @type {any[]} */ asked = [];
  /** Requests that are not answered, and the most there were at a time. */
  open = 0;
  most = 0;
  /** @type {Error[]} */ wrong = [];

  /** @param {(asked: any) => Say} decide */
  constructor(decide) {
    this.decide = decide;
    this.server = http.createServer((request, response) => this.#take(request, response));
  }
  /** @param {(asked: any) => Say} decide */
  static async start(decide) {
    const hook = new HookServer(decide);
    hook.server.listen(0, "127.0.0.1");
    await once(hook.server, "listening");
    // A test that fails before stop() ends all the same.
    hook.server.unref();
    hook.server.on("connection", (socket) => socket.unref());
    return hook;
  }
  get url() {
    const { port } = /** @type {import('node:net').AddressInfo} */ (this.server.address());
    return `http://127.0.0.1:${port}/may?secret=s3cret`;
  }
  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** @param {http.IncomingMessage} request @param {http.ServerResponse} response */
  async #take(request, response) {
    this.open += 1;
    this.most = Math.max(this.most, this.open);
    response.on("close", () => (this.open -= 1));
    let text = "";
    for await (const chunk of request) text += chunk;
    if (request.method !== "POST" || request.headers["content-type"] !== "application/json")
      this.wrong.push(new Error(`${request.method} ${request.headers["content-type"]}`));
    const asked = JSON.parse(text);
    this.asked.push(asked);
    const { status = 200, body = "", headers = {}, afterMs = 0, never, cut } = this.decide(asked);
    if (never) return;
    if (afterMs) await new Promise((then) => setTimeout(then, afterMs));
    if (cut) {
      response.socket?.destroy();
      return;
    }
    const said = typeof body === "string" ? body : JSON.stringify(body);
    response.writeHead(status, headers).end(said);
  }
}
