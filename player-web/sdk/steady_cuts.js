import { concat } from "./bytes.js";
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

/**
 * Chooses where one append to a SourceBuffer ends and the next begins, for Firefox and WebM. The last block
 * of a track in an append has no known duration there: Firefox takes the last interval of that track within
 * the Cluster, and for one that is alone whatever else is in the append, a few milliseconds. A next block
 * that comes later than twice that is a hole to it, and the picture is dropped until the next keyframe, also
 * if the hole is in the sound. So an append must not end behind the first frame or the first sound of a
 * Cluster, nor behind two frames painted a few milliseconds apart. (Measured with Firefox's MediaSource log;
 * Chromium does not mind.)
 *
 * Reads the `webm` rendition: Clusters of unknown size that begin with a block of the video track.
 *
 * @typedef {{bytes: Uint8Array<ArrayBuffer>, ptsUs: number}} Piece
 * @typedef {{at: number, time: number, track: number, cluster: boolean}} Block `at`: where an append may
 *   end before it; `cluster`: it is the first of its Cluster
 */

/** How much longer than the last interval the one over a cut may be; Firefox bears 2. */
const STRETCH = 1.5;
/** Media is held back for no longer than this, in milliseconds. */
const HOLD_MS = 300;

export class SteadyCuts {
  /** @type {Uint8Array<ArrayBuffer>} */
  #held = new Uint8Array(0);
  #heldPtsUs = 0;
  /** In what is held. @type {Block[]} */
  #blocks = [];
  /** Let out, of the Cluster that goes on in what is held. @type {Block[]} */
  #before = [];
  #clusterTime = 0;
  #videoTrack = 0;
  #freshCluster = -1;

  /**
   * @param {Uint8Array<ArrayBuffer>} part whole elements
   * @param {number} ptsUs of its first block
   * @returns {Piece[]} what may be appended now; together all that was pushed, in order
   */
  push(part, ptsUs) {
    const from = this.#held.length;
    if (from === 0) this.#heldPtsUs = ptsUs;
    this.#held = concat(this.#held, part);
    if (!this.#scan(from)) return this.flush();
    const at = this.#cut();
    return at > 0 ? [this.#release(at, ptsUs)] : [];
  }

  /** Everything: there is nothing more to come. @returns {Piece[]} */
  flush() {
    return this.#held.length > 0 ? [this.#release(this.#held.length, 0)] : [];
  }

  /** @param {number} at @param {number} nextPtsUs @returns {Piece} */
  #release(at, nextPtsUs) {
    const piece = { bytes: this.#held.slice(0, at), ptsUs: this.#heldPtsUs };
    const out = this.#blocks.filter((block) => block.at < at);
    const all = [...this.#before, ...out];
    this.#before = all.slice(lastCluster(all, all.length));
    this.#blocks = this.#blocks.slice(out.length).map((b) => ({ ...b, at: b.at - at }));
    this.#held = this.#held.slice(at);
    this.#heldPtsUs = nextPtsUs;
    return piece;
  }

  /** Where to cut what is held, as late as may be; 0 = nowhere yet. */
  #cut() {
    const held = this.#blocks;
    const all = [...this.#before, ...held];
    for (let n = all.length - 1; n >= this.#before.length; n -= 1) {
      if (all[n].at > 0 && this.#isSteady(all, n)) return all[n].at;
    }
    const tooLong = held.length === 0 || all[all.length - 1].time - held[0].time > HOLD_MS;
    return tooLong ? this.#held.length : 0;
  }

  /**
   * Whether no track has a hole for Firefox if an append ends before a block.
   *
   * @param {Block[]} blocks @param {number} n which one
   */
  #isSteady(blocks, n) {
    const before = blocks.slice(lastCluster(blocks, n), n);
    const after = blocks.slice(n);
    return [...new Set(before.map(({ track }) => track))].every((track) => {
      const isVideo = track === this.#videoTrack;
      if (isVideo && blocks[n].cluster) return true; // a hole before a keyframe loses nothing
      const [last, previous] = before.filter((block) => block.track === track).reverse();
      const next = after.find((block) => block.track === track);
      if (!previous || (!next && isVideo)) return false;
      return !next || next.time - last.time <= STRETCH * (last.time - previous.time);
    });
  }

  /** Notes the blocks from an offset on. @param {number} from @returns {boolean} false: this is no such stream */
  #scan(from) {
    const bytes = this.#held;
    for (let at = from; at < bytes.length; ) {
      const element = readElement(bytes, at);
      if (!element) return false;
      const { id, body, size } = element;
      if (id === CLUSTER) {
        this.#freshCluster = at;
        at = body;
        continue;
      }
      if (size < 0 || body + size > bytes.length) return false;
      if (id === TIMESTAMP) this.#clusterTime = readUint(bytes, body, size);
      if (id === SIMPLE_BLOCK) this.#note(at, body);
      if (id === BLOCK_GROUP) {
        const block = readElement(bytes, body);
        if (block?.id === BLOCK) this.#note(at, block.body);
      }
      at = body + size;
    }
    return true;
  }

  /** @param {number} at of the element @param {number} block where its track number stands */
  #note(at, block) {
    const track = readVint(this.#held, block);
    if (!track) return;
    const relative = (this.#held[track.end] << 24) >> 16; // signed, high byte
    const time = this.#clusterTime + relative + this.#held[track.end + 1];
    const cluster = this.#freshCluster >= 0;
    if (cluster) this.#videoTrack = track.value;
    const start = cluster ? this.#freshCluster : at;
    this.#blocks.push({ at: start, time, track: track.value, cluster });
    this.#freshCluster = -1;
  }
}

/** Where the last cluster before `end` begins; 0: none does. @param {{cluster: boolean}[]} blocks @param {number} end */
function lastCluster(blocks, end) {
  let n = end - 1;
  while (n > 0 && !blocks[n].cluster) n -= 1;
  return Math.max(0, n);
}
