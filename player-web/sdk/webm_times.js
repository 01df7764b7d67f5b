import { concat } from "./bytes.js";
import {
  BLOCK,
  BLOCK_GROUP,
  CLUSTER,
  EBML,
  INFO,
  readElement,
  readUint,
  readVint,
  SEGMENT,
  SIMPLE_BLOCK,
  TIMESTAMP,
  TIMESTAMP_SCALE,
} from "./ebml.js";
import { FramewireError } from "./errors.js";

/** An element larger than this is none that plays, in bytes. */
const ELEMENT_MOST = 16 << 20;

/**
 * Cuts WebM into its blocks, each with its time; bytes in, bytes out, nothing changed.
 *
 * @typedef {import('./file_parts.js').FileReader} FileReader
 * @implements {FileReader}
 */
export class WebmTimes {
  /** @type {Uint8Array<ArrayBuffer>} */
  #held = new Uint8Array(0);
  #inClusters = false;
  #tickMs = 1;
  #clusterTime = 0;
  #timeMs = 0;
  #freshCluster = false;

  /** @param {Uint8Array<ArrayBuffer>} bytes @returns {import('./file_parts.js').Cut[]} */
  push(bytes) {
    const held = concat(this.#held, bytes);
    /** @type {import('./file_parts.js').Cut[]} */
    const cuts = [];
    let from = 0; // of the cut that grows
    let at = 0;
    while (at < held.length) {
      const element = readElement(held, at);
      if (!element) break;
      const { id, body, size } = element;
      if (id === SEGMENT || id === CLUSTER) {
        if (id === CLUSTER) {
          if (at > from) cuts.push(this.#cut(held.slice(from, at)));
          from = at;
          this.#inClusters = true;
          this.#freshCluster = true;
        }
        at = body;
        continue;
      }
      if (size < 0 || size > ELEMENT_MOST) {
        throw new FramewireError("unsupported-file", "This WebM file is damaged.");
      }
      if (body + size > held.length) break;
      if (id === EBML && this.#inClusters) {
        throw new FramewireError(
          "unsupported-file",
          "This file holds several recordings one after another. Join them first: ffmpeg -i FILE -c copy out.webm",
        );
      }
      if (id === INFO) this.#readScale(held, body, body + size);
      if (id === TIMESTAMP) this.#clusterTime = readUint(held, body, size);
      at = body + size;
      if (id === SIMPLE_BLOCK || id === BLOCK_GROUP) {
        this.#readTime(held, id, body);
        cuts.push(this.#cut(held.slice(from, at)));
        from = at;
      }
    }
    this.#held = held.slice(from);
    return cuts;
  }

  rest() {
    return this.#held;
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes @returns {import('./file_parts.js').Cut} */
  #cut(bytes) {
    const joins = this.#freshCluster;
    this.#freshCluster = false;
    return { bytes, timeMs: this.#timeMs, joins, init: !this.#inClusters };
  }

  /** @param {Uint8Array} bytes @param {number} from @param {number} to */
  #readScale(bytes, from, to) {
    for (let at = from; at < to; ) {
      const element = readElement(bytes, at);
      if (!element || element.size < 0) return;
      if (element.id === TIMESTAMP_SCALE) {
        this.#tickMs = readUint(bytes, element.body, element.size) / 1e6;
      }
      at = element.body + element.size;
    }
  }

  /** @param {Uint8Array} bytes @param {number} id @param {number} body */
  #readTime(bytes, id, body) {
    let block = body;
    if (id === BLOCK_GROUP) {
      const inner = readElement(bytes, body);
      if (inner?.id !== BLOCK) return;
      block = inner.body;
    }
    const track = readVint(bytes, block);
    if (!track) return;
    const relative = ((bytes[track.end] << 24) >> 16) + bytes[track.end + 1]; // signed
    this.#timeMs = (this.#clusterTime + relative) * this.#tickMs;
  }
}
