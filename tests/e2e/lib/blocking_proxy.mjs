/** A proxy that lets no WebSocket through, as those of many companies and hotels, until it is told to. */
import http from "node:http";
import net from "node:net";

export class BlockingProxy {
  blocks = true;
  /** Requests that came, `GET` and `POST`. @type {string[]} */
  methods = [];
  /** @type {Set<net.Socket>} */
  #upgraded = new Set();

  /** @param {number} to the server's port @returns {Promise<BlockingProxy>} */
  static async start(to) {
    const proxy = new BlockingProxy(to);
    await new Promise((resolve) => proxy.server.listen(0, "127.0.0.1", () => resolve(null)));
    return proxy;
  }

  /** @param {number} to */
  constructor(to) {
    this.to = to;
    this.server = http.createServer((request, response) => this.#pass(request, response));
    this.server.on("upgrade", (request, socket, head) => {
      if (this.blocks) return this.#strip(request, /** @type {net.Socket} */ (socket));
      return this.#tunnel(request, /** @type {net.Socket} */ (socket), head);
    });
  }

  get origin() {
    return `http://127.0.0.1:${/** @type {net.AddressInfo} */ (this.server.address()).port}`;
  }

  /** Ends what has been let through, and lets nothing more. */
  block() {
    this.blocks = true;
    for (const socket of this.#upgraded) socket.destroy();
  }

  async stop() {
    for (const socket of this.#upgraded) socket.destroy();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(() => resolve(null)));
  }

  /** @param {http.IncomingMessage} request */
  #asked({ method, url, headers }) {
    const kept = { ...headers };
    for (const name of ["upgrade", "connection", "keep-alive"]) delete kept[name];
    return http.request({ host: "127.0.0.1", port: this.to, method, path: url, headers: kept });
  }

  /** @param {http.IncomingMessage} request @param {http.ServerResponse} response */
  #pass(request, response) {
    this.methods.push(request.method ?? "");
    const asked = this.#asked(request);
    asked.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      answer.on("close", () => response.destroyed || response.end());
    });
    asked.on("error", () => response.destroy());
    response.on("close", () => asked.destroy());
    request.pipe(asked);
  }

  /** Asks without the upgrade, and gives the answer back. @param {http.IncomingMessage} request @param {net.Socket} socket */
  #strip(request, socket) {
    const asked = this.#asked(request);
    asked.on("response", (answer) => {
      socket.end(
        `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\nConnection: close\r\n\r\n`,
      );
      answer.destroy();
    });
    asked.on("error", () => socket.destroy());
    socket.on("error", () => {});
    asked.end();
  }

  /** @param {http.IncomingMessage} request @param {net.Socket} socket @param {Buffer} head */
  #tunnel(request, socket, head) {
    const to = net.connect(this.to, "127.0.0.1", () => {
      const lines = [`${request.method} ${request.url} HTTP/1.1`];
      for (let i = 0; i < request.rawHeaders.length; i += 2)
        lines.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`);
      to.write(`${lines.join("\r\n")}\r\n\r\n`);
      to.write(head);
      socket.pipe(to).pipe(socket);
    });
    this.#upgraded.add(socket);
    to.on("error", () => socket.destroy());
    socket.on("error", () => to.destroy());
    socket.on("close", () => this.#upgraded.delete(socket));
  }
}
