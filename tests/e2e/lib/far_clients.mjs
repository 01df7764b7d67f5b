/**
 * Run at the other end of a cable (far_away.mjs): publishers and viewers of every kind, which never
 * end of their own accord. Arguments: host, port, port of plain TCP. Says "ready" once all are served.
 */
import { createConnection } from "node:net";
import { clusterHeader, LiveSource, simpleBlock, webmHeader } from "./live_source.mjs";
import { HttpPublisher } from "./publisher.mjs";
import { BareViewer, HttpViewer, V1Viewer } from "./viewer.mjs";
import { sleep } from "./wait.mjs";

const [host, port, tcp] = process.argv.slice(2);
const server = /** @type {any} */ ({
  scheme: "http",
  port: Number(port),
  origin: `http://${host}:${port}`,
});

/** A keyframe each 100 ms, for ever. @param {(data: Buffer) => any} send */
function publish(send) {
  send(webmHeader());
  let index = 0;
  setInterval(() => {
    const block = simpleBlock(index, 0, true, 500);
    send(Buffer.concat([clusterHeader(100 * index++), block]));
  }, 100);
}

const put = new HttpPublisher(server, "lost/put", { method: "PUT" });
publish((data) => put.send(data));
await LiveSource.start(server, "lost/ws", { extra: { host } });
if (tcp) {
  const plain = createConnection({ host, port: Number(tcp) });
  plain.once("connect", () => publish((data) => plain.write(data)));
}
for (const stream of ["kept", "silent"]) {
  await new HttpViewer(server, stream).answered();
  await BareViewer.open(server, stream, { host });
  await V1Viewer.open(server, stream, { host });
}
await sleep(500);
console.log("ready");
