import {
  BLOCK_ADDITIONS,
  BLOCK_GROUP,
  CLUSTER,
  readElement,
  SEGMENT,
  SIMPLE_BLOCK,
} from "./ebml.js";

/**
 * Whether a WebM recording carries a second, transparent picture with each picture: what Chromium makes of
 * a canvas that may be transparent, which is the default. Such blocks come as BlockGroups with
 * BlockAdditions. Asking the canvas itself would give it a context it may not want.
 */

/** No first picture is larger; in bytes. */
const LOOK_AT_MOST = 512 << 10;

export class AlphaProbe {
  /** @type {Uint8Array<ArrayBuffer>} */
  #head = new Uint8Array(0);
  #done = false;

  /** @param {Uint8Array} chunk @returns {boolean} true once, when it is found */
  push(chunk) {
    if (this.#done) return false;
    const head = new Uint8Array(this.#head.length + chunk.length);
    head.set(this.#head);
    head.set(chunk, this.#head.length);
    this.#head = head;
    const found = this.#look();
    this.#done = found !== undefined || head.length > LOOK_AT_MOST;
    if (this.#done) this.#head = new Uint8Array(0);
    return found === true;
  }

  /** @returns {boolean | undefined} undefined: the first block is not all there */
  #look() {
    const bytes = this.#head;
    for (let at = 0; at < bytes.length; ) {
      const element = readElement(bytes, at);
      if (!element) return undefined;
      const { id, body, size } = element;
      if (id === SEGMENT || id === CLUSTER) {
        at = body;
        continue;
      }
      if (body + size > bytes.length) return undefined;
      if (id === SIMPLE_BLOCK) {
        // Sound comes in SimpleBlocks beside the BlockGroups: go on for a while.
        at = body + size;
        if (at > LOOK_AT_MOST >> 3) return false;
        continue;
      }
      if (id === BLOCK_GROUP) return hasAdditions(bytes, body, body + size);
      at = body + size;
    }
    return undefined;
  }
}

/** @param {Uint8Array} bytes @param {number} from @param {number} to */
function hasAdditions(bytes, from, to) {
  for (let at = from; at < to; ) {
    const element = readElement(bytes, at);
    if (!element || element.size < 0) return false;
    if (element.id === BLOCK_ADDITIONS) return true;
    at = element.body + element.size;
  }
  return false;
}
