import { packetsHeader, packetsPacket } from "./packets.js";

/**
 * Packets of pictures and sound as one stream of the packets format (PROTOCOL.md): a header when a stream begins, and
 * again, at a key packet, when a config is another one. Pure.
 *
 * @typedef {import('./frame_encoder.js').PicturePacket} PicturePacket
 * @typedef {import('./sound_source.js').SoundConfig} SoundConfig
 * @typedef {{captureUs: number, ptsUs: number}} Times
 * @typedef {(bytes: Uint8Array, times: Times) => void} Push
 */

export class PacketEpochs {
  #push;
  #silent;
  #zeroUs = 0;
  /** @type {VideoDecoderConfig | null} */
  #picture = null;
  /** @type {SoundConfig | null} */
  #sound = null;
  /** The header of what there is, and the one that was said: the same object, if it still holds. */
  #header = packetsHeader([]);
  /** @type {Uint8Array | null} */
  #said = null;

  /** @param {Push} push @param {boolean} silent there are no pictures, only sound */
  constructor(push, silent) {
    this.#push = push;
    this.#silent = silent;
  }

  /** A stream begins. @param {number} zeroUs its time 0, since 1970 */
  begin(zeroUs) {
    this.#zeroUs = Math.round(zeroUs);
    this.#said = null;
  }

  /** Of which sound there will be packets. @param {SoundConfig} config */
  expectSound(config) {
    this.#sound = config;
    this.#write();
  }

  /** What is said has changed, so that the next picture had better be a key packet. */
  get wantsKey() {
    return this.#said !== this.#header;
  }

  get codecs() {
    return [this.#picture?.codec, this.#sound?.codec].filter(Boolean).join(",");
  }

  /**
   * @param {PicturePacket} packet
   * @returns {boolean} false: it belongs to what was before
   */
  picture({ key, atUs, durationUs, data, config }) {
    if (config) {
      this.#picture = config;
      this.#write();
    }
    const timestamp = atUs - this.#zeroUs;
    if (timestamp < 0 || !this.#picture) return false;
    if (key) this.#say();
    if (this.#said === null) return false;
    const type = key ? "key" : "delta";
    const bytes = packetsPacket(0, { type, timestamp, duration: durationUs, data });
    this.#push(bytes, { captureUs: atUs, ptsUs: timestamp });
    return true;
  }

  /** @param {{atUs: number, durationUs: number, data: Uint8Array<ArrayBuffer>}} packet */
  sound({ atUs, durationUs, data }) {
    const timestamp = Math.round(atUs) - this.#zeroUs;
    if (!this.#sound || timestamp < 0) return false;
    if (this.#silent) this.#say();
    if (this.wantsKey) return false; // it is said with the next key packet
    const track = this.#silent ? 0 : 1;
    const bytes = packetsPacket(track, { type: "key", timestamp, duration: durationUs, data });
    this.#push(bytes, { captureUs: Math.round(atUs), ptsUs: timestamp });
    return true;
  }

  #say() {
    if (!this.wantsKey) return;
    this.#said = this.#header;
    this.#push(this.#header, { captureUs: 0, ptsUs: 0 });
  }

  #write() {
    const configs = [];
    if (!this.#silent && this.#picture) configs.push(this.#picture);
    if (this.#sound) configs.push(this.#sound);
    const header = packetsHeader(configs);
    if (!same(header, this.#header)) this.#header = header;
  }
}

/** @param {Uint8Array} a @param {Uint8Array} b */
const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);
