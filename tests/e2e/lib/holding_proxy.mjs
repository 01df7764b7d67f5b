/**
 * A proxy as many are: it takes each request whole before it passes it on, and lets no WebSocket through. Answers
 * pass as they come. nginx does so by default.
 */
import http from "node:http";
import net from "node:net";

export class HoldingProxy {
  /** What was passed on: `POST /publish/cam?...`. @type {string[]} */
  requests = [];
  /** @type {Set<net.Socket>} */
  #sockets = new Set();

  /** @param {number} to the server's port @param {{most?: number}} [limits] bytes of a body, above which it is refused */
  static async start(to, { most = Number.POSITIVE_INFINITY } = {}) {
    const proxy = new HoldingProxy(to, most);
    await new Promise((resolve) => proxy.server.listen(0, "127.0.0.1", () => resolve(null)));
    return proxy;
  }

  /** @param {number} to @param {number} most */
  constructor(to, most) {
    this.to = to;
    this.most = most;
    this.server = http.createServer((request, response) => this.#take(request, response));
    this.server.on("upgrade", (_, socket) => socket.end("HTTP/1.1 403 Forbidden\r\n\r\n"));
    this.server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  get origin() {
    return `http://127.0.0.1:${/** @type {net.AddressInfo} */ (this.server.address()).port}`;
  }

  /** Breaks every connection; those that come later are served. */
  cut() {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop() {
    this.cut();
    await new Promise((resolve) => this.server.close(() => resolve(null)));
  }

  /** @param {http.IncomingMessage} request @param {http.ServerResponse} response */
  #take(request, response) {
    /** @type {Buffer[]} */ const pieces = [];
    let size = 0;
    request.on("data", (/** @type {Buffer} */ piece) => {
      size += piece.length;
      if (size <= this.most) pieces.push(piece);
      else if (!response.headersSent)
        response
          .writeHead(413, { Connection: "close" })
          .end("<html><h1>413 Request Entity Too Large</h1></html>");
    });
    request.on("end", () => {
      if (size <= this.most) this.#pass(request, Buffer.concat(pieces), response);
    });
  }

  /** @param {http.IncomingMessage} request @param {Buffer} body @param {http.ServerResponse} response */
  #pass({ method, url, headers }, body, response) {
    this.requests.push(`${method} ${url}`);
    const kept = { ...headers };
    for (const name of ["connection", "keep-alive", "transfer-encoding"]) delete kept[name];
    if (method === "POST") kept["content-length"] = String(body.length);
    const asked = http.request({
      host: "127.0.0.1",
      port: this.to,
      method,
      path: url,
      headers: kept,
    });
    asked.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      answer.on("close", () => answer.complete || response.destroy());
    });
    asked.on("error", () => response.destroy());
    response.on("close", () => asked.destroy());
    asked.end(body);
  }
}
