/**
 * A process of its own that is many bare WebSocket viewers of one stream, which read all and keep
 * nothing: `node bare_crowd.mjs PORT STREAM COUNT` prints `ready` when each is let in.
 */
import net from "node:net";

const [port, stream, count] = process.argv.slice(2);
const AT_ONCE = 100;
const lines = [
  `GET /live/${stream} HTTP/1.1`,
  `Host: 127.0.0.1:${port}`,
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

/** @returns {Promise<void>} */
const join = () =>
  new Promise((resolve, reject) => {
    const socket = net.connect(Number(port), "127.0.0.1");
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    socket.once("data", (head) => {
      if (head.includes(" 101 ")) resolve();
      else reject(new Error(head.toString()));
    });
    socket.on("error", reject).resume();
  });

for (let joined = 0; joined < Number(count); joined += AT_ONCE)
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, Number(count) - joined) }, join));
console.log("ready");
