/** A connection that is slow on the way to the server: bytes pass at a rate that may be changed. */
import net from "node:net";
import { sleep } from "./wait.mjs";

const SLICE_MS = 20;

export class Throttle {
  /** @param {import('./server.mjs').Server} server @param {number} bytesPerSecond */
  static async open(server, bytesPerSecond) {
    const throttle = new Throttle(server.port, bytesPerSecond);
    await new Promise((resolve) =>
      throttle.listener.listen(0, "127.0.0.1", () => resolve(undefined)),
    );
    return throttle;
  }

  /** @param {number} port @param {number} bytesPerSecond */
  constructor(port, bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
    /** @type {Set<net.Socket>} */ this.sockets = new Set();
    this.listener = net.createServer((client) => {
      const upstream = net.connect(port, "127.0.0.1");
      for (const socket of [client, upstream]) {
        this.sockets.add(socket);
        socket.on("error", () => {});
        socket.on("close", () => {
          client.destroy();
          upstream.destroy();
          this.sockets.delete(socket);
        });
      }
      upstream.pipe(client);
      this.#forward(client, upstream);
    });
  }

  get origin() {
    const { port } = /** @type {net.AddressInfo} */ (this.listener.address());
    return `http://127.0.0.1:${port}`;
  }

  /** @param {net.Socket} from @param {net.Socket} to */
  async #forward(from, to) {
    try {
      for await (const chunk of from) {
        for (let at = 0; at < chunk.length; ) {
          const share = Math.max(1, Math.floor((this.bytesPerSecond * SLICE_MS) / 1000));
          to.write(chunk.subarray(at, at + share));
          if (at + share < chunk.length || share < 4096) await sleep(SLICE_MS);
          at += share;
        }
      }
    } catch {} // reset
    to.end();
  }

  close() {
    for (const socket of this.sockets) socket.destroy();
    this.listener.close();
  }
}
