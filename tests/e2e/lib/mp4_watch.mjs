/** Fragmented MP4 as it comes, of which only the times are kept: hours of it cost no memory. */
import { boxes } from "./odd_clock.mjs";

/**
 * @typedef {object} Seen of a kind of track
 * @property {number} count
 * @property {number} worst the largest error of a step, ms, of those below jumpMs
 * @property {number} jumps steps that are farther off
 * @property {number} largest of the jumps, ms
 */

export class Mp4Watch {
  epochs = 0;
  /** @type {Record<"video" | "audio", Seen>} */
  seen = {
    video: { count: 0, worst: 0, jumps: 0, largest: 0 },
    audio: { count: 0, worst: 0, jumps: 0, largest: 0 },
  };
  /** @type {Map<number, {kind: "video" | "audio", scale: number, last?: number}>} */ #tracks =
    new Map();
  /** @type {Buffer} */ #rest = Buffer.alloc(0);
  #steps;

  /** @param {{video: number, audio: number, jumpMs: number}} steps ms */
  constructor(steps) {
    this.#steps = steps;
  }

  /** @param {Buffer} chunk */
  take(chunk) {
    this.#rest = this.#rest.length ? Buffer.concat([this.#rest, chunk]) : chunk;
    let at = 0;
    while (at + 8 <= this.#rest.length) {
      const size = this.#rest.readUInt32BE(at);
      if (size < 8) throw new Error(`a box of ${size} bytes`);
      if (at + size > this.#rest.length) break;
      const type = this.#rest.toString("latin1", at + 4, at + 8);
      const body = this.#rest.subarray(at + 8, at + size);
      if (type === "moov") this.#begin(body);
      if (type === "moof") this.#note(body);
      at += size;
    }
    this.#rest = Buffer.from(this.#rest.subarray(at));
  }

  /** @param {Buffer} moov */
  #begin(moov) {
    ++this.epochs;
    this.#tracks = new Map();
    for (const trak of boxes(moov).filter((one) => one.type === "trak")) {
      const of = (/** @type {Buffer} */ body, /** @type {string} */ type) =>
        boxes(body).find((one) => one.type === type)?.body ?? Buffer.alloc(32);
      const mdia = of(trak.body, "mdia");
      const [tkhd, mdhd] = [of(trak.body, "tkhd"), of(mdia, "mdhd")];
      const kind = of(mdia, "hdlr").toString("latin1", 8, 12) === "vide" ? "video" : "audio";
      this.#tracks.set(tkhd.readUInt32BE(tkhd[0] ? 20 : 12), {
        kind,
        scale: mdhd.readUInt32BE(mdhd[0] ? 20 : 12) / 1000,
      });
    }
  }

  /** @param {Buffer} moof of one sample */
  #note(moof) {
    const traf = boxes(moof).find((one) => one.type === "traf")?.body ?? Buffer.alloc(0);
    const own = boxes(traf);
    const track = this.#tracks.get(
      own.find((one) => one.type === "tfhd")?.body.readUInt32BE(4) ?? 0,
    );
    const tfdt = own.find((one) => one.type === "tfdt")?.body;
    if (!track || !tfdt) throw new Error("a fragment of no track");
    const ms = (tfdt[0] ? Number(tfdt.readBigUInt64BE(4)) : tfdt.readUInt32BE(4)) / track.scale;
    const seen = this.seen[track.kind];
    ++seen.count;
    if (track.last !== undefined) {
      const off = Math.abs(ms - track.last - this.#steps[track.kind]);
      if (off > this.#steps.jumpMs) {
        ++seen.jumps;
        seen.largest = Math.max(seen.largest, off);
      } else seen.worst = Math.max(seen.worst, off);
    }
    track.last = ms;
  }
}
