/** The worker in which pictures are encoded. In: `{id, image, wish}`; out: `{id, encoded}` or `{id, error}`. */
import { PictureEncoder } from "./picture_encoder.js";

const scope = /** @type {any} */ (globalThis);
const encoder = new PictureEncoder();

scope.onmessage = async (/** @type {MessageEvent} */ { data: { id, image, wish } }) => {
  try {
    const encoded = await encoder.encode(image, wish);
    const { bytes } = encoded;
    scope.postMessage({ id, encoded }, bytes instanceof Uint8Array ? [bytes.buffer] : []);
  } catch (error) {
    scope.postMessage({ id, error: String(error) });
  }
};
