/** The reference: what one would write with `ws` in an afternoon. /publish in, every other client out. */
// @ts-expect-error the package has no types of its own
import { WebSocketServer } from "ws";

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
/** @type {Set<any>} */ const viewers = new Set();

server.on("connection", (/** @type {any} */ socket, /** @type {any} */ request) => {
  socket.on("error", () => {});
  if (!request.url?.startsWith("/publish")) {
    viewers.add(socket);
    socket.on("close", () => viewers.delete(socket));
    return;
  }
  socket.on("message", (/** @type {Buffer} */ data) => {
    for (const viewer of viewers) viewer.send(data, { binary: true });
  });
});
server.on("listening", () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(`framewire listening on http://127.0.0.1:${port}`);
});
process.on("SIGTERM", () => process.exit(0));
