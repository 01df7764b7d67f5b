/**
 * The worker in which FrameScreen's pictures and sound are decoded (frame_decoder.js). Messages in: `[call, ...arguments]`
 * of a FrameDecoder; out: its news.
 */
import { FrameDecoder } from "./frame_decoder.js";

const scope = /** @type {any} */ (globalThis);
const decoder = new FrameDecoder((news, transfer) => scope.postMessage(news, transfer));

scope.onmessage = (/** @type {MessageEvent} */ { data: [call, ...rest] }) => {
  /** @type {any} */ (decoder)[call](...rest);
};
