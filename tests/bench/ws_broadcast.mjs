/**
 * The reference: what one would write with `ws` in an afternoon. /publish/X in, /live/X out.
 * With a certificate and key as arguments it speaks TLS.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
// @ts-expect-error the package has no types of its own
import { WebSocketServer } from "ws";

const [, , cert, key] = process.argv;
const http =
  cert && key
    ? createTlsServer({ cert: readFileSync(cert), key: readFileSync(key) })
    : createServer();
const server = new WebSocketServer({ server: http, perMessageDeflate: false });
/** @type {Map<string, Set<any>>} */ const streams = new Map();

/** @param {string} name */
function viewersOf(name) {
  let viewers = streams.get(name);
  if (!viewers) {
    viewers = new Set();
    streams.set(name, viewers);
  }
  return viewers;
}

server.on("connection", (/** @type {any} */ socket, /** @type {any} */ request) => {
  socket.on("error", () => {});
  const [, verb, ...name] = (request.url ?? "").split("?")[0].split("/");
  const viewers = viewersOf(name.join("/"));
  if (verb !== "publish") {
    viewers.add(socket);
    socket.on("close", () => viewers.delete(socket));
    return;
  }
  socket.on("message", (/** @type {Buffer} */ data) => {
    for (const viewer of viewers) viewer.send(data, { binary: true });
  });
});
http.listen(0, "127.0.0.1", 4096, () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (http.address());
  console.log(`framewire listening on ${cert ? "https" : "http"}://127.0.0.1:${port}`);
});
process.on("SIGTERM", () => process.exit(0));
