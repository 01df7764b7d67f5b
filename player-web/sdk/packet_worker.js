/**
 * The worker in which pictures become packets (packet_encoder.js). Messages in: `[call, ...arguments]` of a
 * PacketEncoder; out: its news.
 */
import { PacketEncoder } from "./packet_encoder.js";

const scope = /** @type {any} */ (globalThis);
const encoder = new PacketEncoder((news, transfer) => scope.postMessage(news, transfer));

scope.onmessage = (/** @type {MessageEvent} */ { data: [call, ...rest] }) => {
  /** @type {any} */ (encoder)[call](...rest);
};
