import { readPackets } from "./packets.js";
import { PictureDecoder } from "./picture_decoder.js";
import { SoundDecoder } from "./sound_decoder.js";
import { VideoTrack } from "./video_track.js";

/**
 * Parts of pictures or packets in, pictures and sound out, in a worker or, where there is none, in the page. It
 * knows what a stream is made of and leaves the decoding to one object for each track.
 *
 * @typedef {object} Picture
 * @property {'picture'} type
 * @property {ImageBitmap | VideoFrame | ImageData} image whoever gets it closes it
 * @property {number} width
 * @property {number} height
 * @property {number} ptsUs
 * @property {number} at when its part came, by the clock of the page
 *
 * @typedef {object} Sound
 * @property {'sound'} type
 * @property {Float32Array<ArrayBuffer>[]} planes a channel each
 * @property {number} rate
 * @property {number} ptsUs
 *
 * @typedef {{type: 'dropped', count: number}} Dropped pictures left out, behind
 * @typedef {{type: 'wantsKey'}} WantsKey nothing of a track can be decoded before its next key packet
 * @typedef {{type: 'failed', message: string}} Failed nothing of this stream can be decoded here
 * @typedef {Picture | Sound | Dropped | WantsKey | Failed} News
 * @typedef {(news: News, transfer: Transferable[]) => void} Tell
 *
 * @typedef {object} Encoded one picture, or one packet of one
 * @property {'key' | 'delta'} type
 * @property {number} ptsUs
 * @property {Uint8Array<ArrayBuffer>} data
 * @property {boolean} hidden decode, don't show
 * @property {number} at
 *
 * @typedef {object} Track
 * @property {(config: any) => void} configure
 * @property {(encoded: Encoded) => void} decode
 * @property {() => void} close
 */

const PICTURES = new Set(["jpeg", "png", "webp", "rgba", "i420", "i420-packed"]);

export class FrameDecoder {
  #tell;
  #format = "";
  /** @type {Map<number, Track>} */
  #tracks = new Map();

  /** @param {Tell} tell */
  constructor(tell) {
    this.#tell = tell;
  }

  /** An epoch. @param {string} format @param {number} width @param {number} height of `rgba` */
  begin(format, width, height) {
    const kept = PICTURES.has(format) && this.#format === format ? this.#tracks.get(0) : undefined;
    if (!kept) this.close();
    this.#format = format;
    if (!PICTURES.has(format)) return;
    const track = kept ?? new PictureDecoder(this.#tell);
    track.configure({ codec: format, codedWidth: width, codedHeight: height });
    this.#tracks.set(0, track);
  }

  /**
   * @param {ArrayBuffer} message
   * @param {number} offset of the payload in it
   * @param {{ptsUs: number, hidden: boolean, at: number, init: boolean}} facts
   */
  part(message, offset, { ptsUs, hidden, at, init }) {
    const data = new Uint8Array(message, offset);
    if (this.#format !== "packets") {
      if (!init) this.#tracks.get(0)?.decode({ type: "key", ptsUs, data, hidden, at });
      return;
    }
    for (const record of readPackets(data)) {
      if ("config" in record) {
        this.#configure(record.track, record.config);
        continue;
      }
      const { type, timestamp, data: bytes } = record.chunk;
      const encoded = { type, ptsUs: timestamp, data: /** @type {any} */ (bytes), hidden, at };
      this.#tracks.get(record.track)?.decode(encoded);
    }
  }

  close() {
    for (const track of this.#tracks.values()) track.close();
    this.#tracks.clear();
  }

  /** @param {number} index @param {any} config */
  #configure(index, config) {
    const kind = kindOf(config);
    let track = this.#tracks.get(index);
    if (track && !(track instanceof kind)) {
      track.close();
      track = undefined;
    }
    track ??= new kind(this.#tell);
    this.#tracks.set(index, track);
    track.configure(config);
  }
}

/** @param {any} config */
function kindOf(config) {
  if (PICTURES.has(config.codec)) return PictureDecoder;
  return config.codedWidth === undefined && config.sampleRate ? SoundDecoder : VideoTrack;
}
