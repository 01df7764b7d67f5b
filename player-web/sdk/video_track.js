import { isH264, promptAvcC, promptPacket } from "./h264_packets.js";
import { bytesOf } from "./packets.js";

/**
 * A picture track of packets, by WebCodecs' VideoDecoder. Times of hidden packets (lead-in) are remembered: what
 * comes out of them is not shown. Behind by much, it goes on at the next key packet. H.264 that shows that it reorders
 * nothing is made to say so, or a decoder keeps pictures back.
 *
 * @typedef {import('./frame_decoder.js').Encoded} Encoded
 * @typedef {import('./frame_decoder.js').Track} Track
 */

/** More than these before the decoder, and what follows is left out up to a key packet. */
const QUEUE_MOST = 90;
/** While a key packet is needed it is asked for so often, in milliseconds. */
const ASK_MS = 1_000;
const NOTES_MOST = 600;
/** So many dead decoders without a picture between them, and it is no accident. */
const DEATHS_MOST = 2;

/** @implements {Track} */
export class VideoTrack {
  #tell;
  /** @type {VideoDecoder | null} */
  #decoder = null;
  /** @type {VideoDecoderConfig | null} */
  #config = null;
  #needsKey = true;
  #askedAt = Number.NEGATIVE_INFINITY;
  #deaths = 0;
  /** @type {Map<number, {hidden: boolean, at: number}>} by time */
  #notes = new Map();

  /** @param {import('./frame_decoder.js').Tell} tell */
  constructor(tell) {
    this.#tell = tell;
  }

  /** @param {VideoDecoderConfig} config */
  configure(config) {
    const { codec, description: given } = config;
    const bytes = given && new Uint8Array(bytesOf(given));
    const description = bytes && isH264(codec) ? promptAvcC(bytes, false) : bytes;
    this.#config = { ...config, ...(description && { description }), optimizeForLatency: true };
    this.#needsKey = true;
    this.#open();
  }

  /** @param {Encoded} encoded */
  decode({ type, ptsUs, data, hidden, at }) {
    const decoder = this.#decoder;
    if (decoder?.state !== "configured") return;
    if (type === "key") this.#needsKey = false;
    if (!this.#needsKey && decoder.decodeQueueSize > QUEUE_MOST) this.#needsKey = true;
    if (this.#needsKey) {
      this.#tell({ type: "dropped", count: hidden ? 0 : 1 }, []);
      this.#askForKey();
      return;
    }
    this.#notes.set(ptsUs, { hidden, at });
    if (this.#notes.size > NOTES_MOST) this.#notes.delete([...this.#notes.keys()][0]);
    const prompt = type === "key" ? this.#prompt(data) : data;
    decoder.decode(new EncodedVideoChunk({ type, timestamp: ptsUs, data: prompt }));
  }

  close() {
    this.#config = null;
    if (this.#decoder && this.#decoder.state !== "closed") this.#decoder.close();
    this.#decoder = null;
  }

  /** The publisher may make one only when it is asked. */
  #askForKey() {
    const now = performance.now();
    if (now - this.#askedAt < ASK_MS) return;
    this.#askedAt = now;
    this.#tell({ type: "wantsKey" }, []);
  }

  /** @param {Uint8Array<ArrayBuffer>} key */
  #prompt(key) {
    const { codec, description } = /** @type {VideoDecoderConfig} */ (this.#config);
    if (!isH264(codec)) return key;
    return promptPacket(key, /** @type {any} */ (description ?? null), false);
  }

  #open() {
    const config = this.#config;
    if (!config) return;
    try {
      if (this.#decoder?.state !== "configured") {
        this.#decoder = new VideoDecoder({
          output: (frame) => this.#onFrame(frame),
          error: (error) => this.#onError(error),
        });
      }
      this.#decoder.configure(config);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** @param {VideoFrame} frame */
  #onFrame(frame) {
    const ptsUs = frame.timestamp;
    const note = this.#notes.get(ptsUs);
    this.#notes.delete(ptsUs);
    this.#deaths = 0;
    if (note?.hidden) {
      frame.close();
      return;
    }
    const { displayWidth: width, displayHeight: height } = frame;
    const at = note?.at ?? 0;
    this.#tell({ type: "picture", image: frame, width, height, ptsUs, at }, [frame]);
  }

  /** A decoder that has died of one bad packet is followed by another, from the next key packet on. @param {unknown} error */
  #onError(error) {
    this.#deaths += 1;
    this.#needsKey = true;
    if (/NotSupported/.test(String(error)) || this.#deaths > DEATHS_MOST) this.#fail(error);
    else this.#open();
  }

  /** @param {unknown} error */
  #fail(error) {
    const message = `This browser decodes no ${this.#config?.codec}: ${error}.`;
    this.#config = null;
    this.#tell({ type: "failed", message }, []);
  }
}
