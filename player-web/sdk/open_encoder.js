import { workerAt } from "./worker_at.js";

/**
 * A PictureEncoder in a worker of its own; in place, where there is no OffscreenCanvas, no worker, or where this is
 * one already.
 *
 * @typedef {import('./picture_encoder.js').Image} Image
 * @typedef {import('./picture_encoder.js').Wish} Wish
 * @typedef {import('./picture_encoder.js').Encoded} Encoded
 *
 * @typedef {object} Encoder
 * @property {(image: Image, wish: Wish) => Promise<Encoded>} encode rejects when the browser cannot
 * @property {() => void} close
 * @property {boolean} offThread
 */

/** @returns {Encoder} */
export function openEncoder() {
  const inPage = Boolean(globalThis.document);
  const worker =
    inPage && globalThis.OffscreenCanvas
      ? workerAt(new URL("./encode_worker.js", import.meta.url))
      : null;
  return worker ? new WorkerEncoder(worker) : inPlace();
}

/** @implements {Encoder} */
class WorkerEncoder {
  #worker;
  #next = 0;
  /** @type {Map<number, {resolve: (encoded: Encoded) => void, reject: (why: Error) => void}>} */
  #asked = new Map();
  /** @type {Encoder | null} */
  #instead = null;
  offThread = true;

  /** @param {Worker} worker */
  constructor(worker) {
    this.#worker = worker;
    worker.onmessage = ({ data: { id, encoded, error } }) => {
      const asked = this.#asked.get(id);
      this.#asked.delete(id);
      if (error) asked?.reject(new Error(error));
      else asked?.resolve(encoded);
    };
    worker.onerror = () => {
      this.#instead ??= inPlace(); // it did not even load
      this.offThread = false;
      for (const { resolve } of this.#asked.values()) resolve({ bytes: null, size: 0 });
      this.#asked.clear();
    };
  }

  /** @param {Image} image @param {Wish} wish */
  encode(image, wish) {
    if (this.#instead) return this.#instead.encode(image, wish);
    const id = this.#next;
    this.#next += 1;
    return new Promise((/** @type {(encoded: Encoded) => void} */ resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      this.#worker.postMessage({ id, image, wish }, transferable(image));
    });
  }

  close() {
    this.#worker.terminate();
    for (const { resolve } of this.#asked.values()) resolve({ bytes: null, size: 0 });
    this.#asked.clear();
  }
}

/** @returns {Encoder} */
function inPlace() {
  const loaded = import("./picture_encoder.js").then(({ PictureEncoder }) => new PictureEncoder());
  return {
    offThread: false,
    encode: async (image, wish) => (await loaded).encode(image, wish),
    close: () => {},
  };
}

/** @param {Image} image @returns {Transferable[]} */
function transferable(image) {
  if (image instanceof ImageData) return [];
  return "close" in image ? [image] : [];
}
