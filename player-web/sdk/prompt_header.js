import {
  BLOCK,
  BLOCK_GROUP,
  CLUSTER,
  readElement,
  readUint,
  readVint,
  SIMPLE_BLOCK,
  TIMESTAMP,
} from "./ebml.js";
import { liveInit } from "./live_init.js";

/**
 * Which header goes before a part of WebM, so that Chromium shows its pictures without delay (live_init.js). While
 * pictures come at an even pace they may be said to last long; of pictures far apart holes would be made so, and
 * what follows a hole is left out up to a keyframe. So the long one goes before a group when some have come at a
 * pace, and the plain one before a picture that comes late. Pure.
 *
 * Reads the `webm` rendition: Clusters of unknown size that begin with a block of the video track.
 */

/** Pictures no further apart than this are at a pace, in milliseconds. */
const PACE_MS = 150;
/** So many of them, in a row. */
const PACE_COUNT = 10;
/** The same after one that came late. */
const PACE_COUNT_AGAIN = 600;
/** How long pictures are said to last, in milliseconds; one that comes later than that comes late. */
const LASTS_MS = 1000;

export class PromptHeader {
  #plain;
  #long;
  #isLong = false;
  #clusterTime = 0;
  #freshCluster = false;
  #videoTrack = -1;
  /** Of the newest picture, in milliseconds; NaN: none yet. */
  #time = Number.NaN;
  #paced = 0;
  #wanted = PACE_COUNT;

  /** @param {Uint8Array<ArrayBuffer>} init EBML header, Segment of unknown size, Info, Tracks */
  constructor(init) {
    this.#plain = liveInit(init, 0);
    this.#long = liveInit(init, LASTS_MS);
  }

  /** What a run begins with. */
  get first() {
    return this.#plain;
  }

  /**
   * @param {Uint8Array} part whole elements
   * @param {boolean} groupStart it begins with a keyframe
   * @returns {{bytes: Uint8Array<ArrayBuffer>, lastsMs: number} | null} a header to go before it; null = none
   */
  look(part, groupStart) {
    const { late, paced } = this.#scan(part);
    if (late) {
      this.#wanted = PACE_COUNT_AGAIN;
      this.#paced = 0;
      return this.#turn(false);
    }
    return groupStart && paced ? this.#turn(true) : null;
  }

  /** @param {boolean} long */
  #turn(long) {
    if (long === this.#isLong || this.#long.length === this.#plain.length) return null;
    this.#isLong = long;
    return long ? { bytes: this.#long, lastsMs: LASTS_MS } : { bytes: this.#plain, lastsMs: 0 };
  }

  /** @param {Uint8Array} bytes */
  #scan(bytes) {
    const paced = this.#paced >= this.#wanted;
    let late = false;
    for (let at = 0; at < bytes.length; ) {
      const element = readElement(bytes, at);
      if (!element) break;
      const { id, body, size } = element;
      if (id === CLUSTER) {
        this.#freshCluster = true;
        at = body;
        continue;
      }
      if (size < 0 || body + size > bytes.length) break;
      if (id === TIMESTAMP) this.#clusterTime = readUint(bytes, body, size);
      if (id === SIMPLE_BLOCK) late = this.#note(bytes, body) || late;
      if (id === BLOCK_GROUP) {
        const block = readElement(bytes, body);
        if (block?.id === BLOCK) late = this.#note(bytes, block.body) || late;
      }
      at = body + size;
    }
    return { late, paced };
  }

  /** @param {Uint8Array} bytes @param {number} at where the track's number stands @returns {boolean} it comes late */
  #note(bytes, at) {
    const track = readVint(bytes, at);
    if (!track) return false;
    if (this.#freshCluster) this.#videoTrack = track.value;
    this.#freshCluster = false;
    if (track.value !== this.#videoTrack) return false;
    const relative = ((bytes[track.end] << 24) >> 16) + bytes[track.end + 1]; // signed
    const time = this.#clusterTime + relative;
    const gap = Math.abs(time - this.#time);
    this.#time = time;
    this.#paced = gap <= PACE_MS ? this.#paced + 1 : 0;
    return gap > LASTS_MS;
  }
}
