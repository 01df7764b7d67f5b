import { isH264, promptAvcC, promptPacket } from "./h264_packets.js";
import { bytesOf } from "./packets.js";
import { encoderConfig } from "./video_codec.js";

/**
 * Pictures in, packets out, in a worker or in the page: each is encoded at once or not at all, so what comes out is
 * whole, and never old. A picture of another size, or another codec, begins anew with a key packet.
 *
 * @typedef {import('./video_codec.js').CodecName} CodecName
 *
 * @typedef {object} Settings
 * @property {CodecName} codec
 * @property {number} fps
 * @property {number} bitrate
 * @property {number} keyframeMs
 * @property {string} [contentHint]
 *
 * @typedef {object} PicturePacket
 * @property {'packet'} type
 * @property {boolean} key
 * @property {number} atUs when the picture was captured, since 1970
 * @property {number} durationUs 0 = not known
 * @property {Uint8Array<ArrayBuffer>} data
 * @property {VideoDecoderConfig | null} config with each key packet
 * @property {number} encodeMs
 *
 * @typedef {{type: 'dropped', count: number}} LeftOut pictures that were not encoded
 * @typedef {{type: 'failed', message: string}} EncoderFailed
 * @typedef {{type: 'drained'}} Drained
 * @typedef {{type: 'ended'}} Ended the track that is read
 * @typedef {{type: 'still', ms: number}} Still a track gives nothing new, for so long
 * @typedef {Still | PicturePacket | LeftOut | EncoderFailed | Drained | Ended} EncoderNews
 * @typedef {(news: EncoderNews, transfer: Transferable[]) => void} TellNews
 */

/** Pictures before the encoder: the one it works on, and one more. */
const UNDER_WAY_MOST = 2;
/** One that is silent for so long wants more before it gives the first, in milliseconds. */
const SILENT_MS = 400;
const UNDER_WAY_AT_ALL = 6;

export class FrameEncoder {
  #tell;
  /** @type {Settings | null} */
  #settings = null;
  /** @type {VideoEncoder | null} */
  #encoder = null;
  #size = { width: 0, height: 0 };
  #held = true;
  #wantsKey = true;
  #keyAtUs = 0;
  #lastAtUs = 0;
  /** @type {VideoDecoderConfig | null} */
  #config = null;
  /** Times of pictures before the encoder, and when they were given to it. @type {Map<number, number>} */
  #underWay = new Map();

  /** @param {TellNews} tell */
  constructor(tell) {
    this.#tell = tell;
  }

  /** @param {Settings} settings */
  configure(settings) {
    this.#settings = settings;
    this.#size = { width: 0, height: 0 };
    this.#drop();
  }

  /** @param {number} bitrate from the next picture on */
  setBitrate(bitrate) {
    if (!this.#settings) return;
    this.#settings = { ...this.#settings, bitrate };
    if (this.#encoder?.state === "configured") this.#encoder.configure(this.#wish());
  }

  /** @param {number} keyframeMs */
  setKeyframeMs(keyframeMs) {
    if (this.#settings) this.#settings = { ...this.#settings, keyframeMs };
  }

  /** While held no picture is encoded. @param {boolean} held */
  hold(held) {
    this.#held = held;
  }

  /** The next picture can be joined at. */
  wantKey() {
    this.#wantsKey = true;
  }

  /** A picture that can be joined at is waited for. */
  get wantsKey() {
    return this.#wantsKey && !this.#held;
  }

  get held() {
    return this.#held;
  }

  /**
   * @param {VideoFrame} frame the encoder's to close
   * @param {number} capturedUs when it was captured, since 1970
   */
  encode(frame, capturedUs) {
    try {
      if (!this.#takes()) {
        this.#tell({ type: "dropped", count: 1 }, []);
        return;
      }
      const atUs = Math.max(Math.round(capturedUs), this.#lastAtUs + 1);
      const rect = evenRect(frame);
      if (rect.width !== this.#size.width || rect.height !== this.#size.height) this.#open(rect);
      const keyFrame = this.#keyIsDue(atUs);
      const picture = new VideoFrame(frame, {
        timestamp: atUs,
        alpha: "discard",
        visibleRect: rect,
        displayWidth: rect.width,
        displayHeight: rect.height,
      });
      this.#underWay.set(atUs, performance.now());
      this.#encoder?.encode(picture, { keyFrame });
      picture.close();
      this.#lastAtUs = atUs;
      if (keyFrame) this.#keyAtUs = atUs;
      this.#wantsKey &&= !keyFrame;
    } catch (error) {
      this.#fail(error);
    } finally {
      frame.close();
    }
  }

  /** Tells `drained` once all that was given is out. */
  async drain() {
    this.#held = true;
    if (this.#encoder?.state === "configured") await this.#encoder.flush().catch(() => {});
    this.#tell({ type: "drained" }, []);
  }

  close() {
    this.#settings = null;
    this.#drop();
  }

  #takes() {
    if (this.#settings === null || this.#held) return false;
    const { size } = this.#underWay;
    if (size < UNDER_WAY_MOST) return true;
    const [oldest] = this.#underWay.values();
    return size < UNDER_WAY_AT_ALL && performance.now() - oldest > SILENT_MS;
  }

  /** @param {number} atUs */
  #keyIsDue(atUs) {
    const { keyframeMs } = /** @type {Settings} */ (this.#settings);
    return this.#wantsKey || atUs - this.#keyAtUs >= keyframeMs * 1000;
  }

  /** @param {{width: number, height: number}} size */
  #open({ width, height }) {
    this.#size = { width, height };
    this.#wantsKey = true;
    if (this.#encoder?.state !== "configured") {
      const encoder = new VideoEncoder({
        output: (chunk, metadata) => {
          if (this.#encoder === encoder) this.#onChunk(chunk, metadata);
        },
        error: (error) => {
          if (this.#encoder === encoder) this.#fail(error);
        },
      });
      this.#encoder = encoder;
    }
    this.#encoder.configure(this.#wish());
  }

  #wish() {
    const { codec, ...rest } = /** @type {Settings} */ (this.#settings);
    return encoderConfig(codec, { ...rest, ...this.#size });
  }

  /** @param {EncodedVideoChunk} chunk @param {EncodedVideoChunkMetadata} [metadata] */
  #onChunk(chunk, metadata) {
    const { timestamp: atUs, duration } = chunk;
    const key = chunk.type === "key";
    let data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    const codec = metadata?.decoderConfig?.codec ?? this.#config?.codec ?? "";
    if (metadata?.decoderConfig) this.#config = promptConfig(metadata.decoderConfig);
    if (key && isH264(codec)) {
      data = promptPacket(data, /** @type {any} */ (this.#config?.description ?? null), true);
    }
    const givenAt = this.#underWay.get(atUs);
    // An encoder may leave one out; those before this one will not come any more.
    for (const at of this.#underWay.keys()) if (at <= atUs) this.#underWay.delete(at);
    const encodeMs = givenAt === undefined ? 0 : performance.now() - givenAt;
    const config = key ? this.#config : null;
    const durationUs = duration ?? 0;
    this.#tell({ type: "packet", key, atUs, durationUs, data, config, encodeMs }, [data.buffer]);
  }

  /** @param {unknown} error */
  #fail(error) {
    const { codec } = this.#settings ?? {};
    this.#settings = null;
    this.#drop();
    this.#tell({ type: "failed", message: `This browser encodes no ${codec}: ${error}.` }, []);
  }

  #drop() {
    if (this.#encoder && this.#encoder.state !== "closed") this.#encoder.close();
    this.#encoder = null;
    this.#config = null;
    this.#underWay.clear();
    this.#wantsKey = true;
  }
}

/** 4:2:0 has no odd sides; a last column or row is left out. @param {VideoFrame} frame */
function evenRect({ visibleRect, codedWidth, codedHeight }) {
  const { x, y, width, height } = visibleRect ?? {
    x: 0,
    y: 0,
    width: codedWidth,
    height: codedHeight,
  };
  const even = (/** @type {number} */ side) => Math.max(2, side - (side % 2));
  return { x, y, width: even(width), height: even(height) };
}

/** As it is sent: H.264 is declared to be in order. @param {VideoDecoderConfig} given @returns {VideoDecoderConfig} */
function promptConfig({ codec, codedWidth, codedHeight, description: bytes }) {
  const facts = { codec, codedWidth, codedHeight };
  if (!bytes) return facts;
  const description = new Uint8Array(bytesOf(bytes));
  return { ...facts, description: isH264(codec) ? promptAvcC(description, true) : description };
}
