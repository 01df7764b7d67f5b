import { codecSpeed } from "./codec_speed.js";
import { FramewireError } from "./errors.js";
import { host } from "./hosted.js";
import { LookedAt } from "./looked_at.js";
import { openCapture } from "./packet_capture.js";
import { recorderSpeed } from "./recorder_speed.js";
import { chooseCodec, codecNamed } from "./video_codec.js";

/**
 * The pictures of one source as packets: captured, and encoded by the codec that suits this machine; by the next one,
 * when that fails.
 *
 * @typedef {import('./frame_encoder.js').EncoderNews} EncoderNews
 * @typedef {import('./video_codec.js').Choice} Choice
 *
 * @typedef {object} PacketTaker
 * @property {(packet: import('./frame_encoder.js').PicturePacket) => void} packet
 * @property {(count: number) => void} dropped pictures left out before they were encoded
 * @property {() => boolean} mayTake asked before each picture that is looked at
 * @property {() => void} ready the codec is chosen
 * @property {() => void} ended the source may be over
 * @property {(why: FramewireError) => void} unfit packets cannot be had of this, in this browser
 * @property {(why: FramewireError) => void} failed the source is at fault
 */

const DRAIN_MS = 1_000;
/** So long a source may take to know its size, in milliseconds; and what is tried for, if it does not know it then. */
const SIZE_MS = 1_000;
const SIZE_LOOK_MS = 20;
const USUAL = { width: 640, height: 360 };
/** A track that stands still says so each second; in milliseconds. */
const STILL_NEWS_MS = 1_500;
/** A recorder that makes so many times the pictures that packets would be is worth its delay. */
const MUCH_BETTER = 1.25;

export class PacketPictures {
  #taker;
  #options;
  #fps;
  #capture;
  #encoder;
  /** @type {LookedAt | null} */
  #looked = null;
  /** @type {Choice | null} */
  #choice = null;
  /** @type {Set<import('./video_codec.js').CodecName>} */
  #broken = new Set();
  #bitrate;
  #keyframeMs;
  #held = true;
  #still = { ms: 0, at: 0 };
  #closed = false;
  #drained = () => {};

  /**
   * @param {import('./packet_capture.js').PacketSource} source
   * @param {import('./publish_types.js').PublishOptions} options
   * @param {{bitrate: number, keyframeMs: number}} settings
   * @param {PacketTaker} taker
   */
  constructor(source, options, { bitrate, keyframeMs }, taker) {
    codecNamed(options.codec);
    this.#options = options;
    this.#bitrate = bitrate;
    this.#keyframeMs = keyframeMs;
    this.#taker = taker;
    const wished = options.fps ?? options.frameRate ?? 0;
    this.#fps = wished || 30;
    const failed = (/** @type {FramewireError} */ why) => taker.failed(why);
    this.#capture = openCapture(source, { fps: this.#fps, failed });
    const { open, pictures } = this.#capture;
    const read = () => {
      const readable = /** @type {any} */ (open?.());
      if (readable) this.#encoder.call("read", [readable, wished], [readable]);
    };
    // A track is read where it is encoded; what is looked at from the page is encoded there: a hop less.
    this.#encoder = host(
      {
        worker: open ? new URL("./packet_worker.js", import.meta.url) : null,
        load: async () => (await import("./packet_encoder.js")).PacketEncoder,
        remember: "configure",
        lost: () => {
          read();
          this.hold(this.#held);
        },
      },
      (/** @type {EncoderNews} */ news) => {
        if (!this.#closed) this.#onNews(news);
      },
    );
    read();
    if (pictures) {
      this.#looked = new LookedAt(pictures, this.#fps, {
        mayTake: () => taker.mayTake(),
        give: (frame, atMs) => {
          this.#encoder.call("encode", [frame, (performance.timeOrigin + atMs) * 1000], [frame]);
        },
        failed,
      });
    }
    this.#choose();
  }

  /** The codec is chosen. */
  get ready() {
    return this.#choice !== null;
  }

  /** There is only sound. */
  get silent() {
    return this.#capture.silent;
  }

  get audio() {
    return this.#capture.audio;
  }

  get ended() {
    return this.#capture.ended();
  }

  /** Why it no longer fits its source, in words; '' = it does. */
  get changed() {
    return this.#capture.changed();
  }

  get size() {
    return this.#capture.size();
  }

  /** How long its pictures have been the same, where the page is in the background. */
  get stillMs() {
    if (this.#looked) return this.#looked.stillMs;
    return performance.now() - this.#still.at < STILL_NEWS_MS ? this.#still.ms : 0;
  }

  /** How, and why so, in words. */
  get told() {
    const { by } = this.#capture;
    return {
      by: this.#encoder.offThread ? `${by}, in a worker` : by,
      why: this.#choice?.why ?? "Codecs are being tried.",
    };
  }

  /** @param {boolean} held while held no picture is encoded */
  hold(held) {
    this.#held = held;
    this.#encoder.call("hold", [held]);
  }

  /** The next picture can be joined at. */
  wantKey() {
    this.#encoder.call("wantKey");
  }

  /** @param {number} bitrate */
  setBitrate(bitrate) {
    this.#bitrate = bitrate;
    this.#encoder.call("setBitrate", [bitrate]);
  }

  /** @param {number} keyframeMs */
  setKeyframeMs(keyframeMs) {
    this.#keyframeMs = keyframeMs;
    this.#encoder.call("setKeyframeMs", [keyframeMs]);
  }

  /** A while without a new one: the last may be given again. */
  look() {
    this.#looked?.look(true);
  }

  /** Nothing more is captured; resolves once all that was is told. */
  async drain() {
    this.#looked?.stop();
    const drained = new Promise((/** @type {(value: void) => void} */ resolve) => {
      this.#drained = resolve;
    });
    this.#encoder.call("drain");
    await Promise.race([drained, new Promise((go) => setTimeout(go, DRAIN_MS))]);
  }

  close() {
    this.#closed = true;
    this.#looked?.stop();
    this.#encoder.call("close");
    this.#encoder.close();
  }

  async #choose() {
    this.#choice = null;
    await null; // nobody is told before the constructor is done
    const { silent, contentHint } = this.#capture;
    const fps = this.#fps;
    try {
      const choice = silent ? SILENT : await this.#chooseCodec();
      if (this.#closed) return;
      if (!silent && !choice.codec) {
        this.#taker.unfit(new FramewireError("unsupported-recorder", choice.why));
        return;
      }
      this.#choice = choice;
      const wish = { codec: choice.codec, fps, contentHint };
      const settings = { ...wish, bitrate: this.#bitrate, keyframeMs: this.#keyframeMs };
      if (!silent) this.#encoder.call("configure", [settings]);
      this.#taker.ready();
    } catch (cause) {
      if (this.#closed) return;
      if (cause instanceof FramewireError) this.#taker.failed(cause);
      else this.#taker.unfit(new FramewireError("recorder-failed", String(cause), { cause }));
    }
  }

  /** @returns {Promise<Choice>} */
  async #chooseCodec() {
    const { width, height } = await this.#sizeSoon();
    const size = { width: even(width), height: even(height), fps: this.#fps };
    const wish = { ...size, bitrate: this.#bitrate };
    const choice = await chooseCodec(wish, this.#options.codec, codecSpeed, this.#broken);
    const own = choice.slowMs ? 1000 / choice.slowMs : Number.POSITIVE_INFINITY;
    if (this.#options.as || !this.#capture.recordable || own * MUCH_BETTER >= this.#fps) {
      return choice;
    }
    const recorded = await recorderSpeed(wish, this.#options.codec);
    const why = `${choice.why} Packets would be ${own.toFixed(1)} pictures a second, a recorder makes ${recorded.toFixed(1)}.`;
    return { ...choice, why, codec: recorded > own * MUCH_BETTER ? null : choice.codec };
  }

  async #sizeSoon() {
    for (const by = performance.now() + SIZE_MS; performance.now() < by && !this.#closed; ) {
      const { width, height } = this.#capture.size();
      if (width > 0 && height > 0) return { width, height };
      await new Promise((go) => setTimeout(go, SIZE_LOOK_MS));
    }
    return USUAL;
  }

  /** @param {EncoderNews} news */
  #onNews(news) {
    switch (news.type) {
      case "packet":
        this.#taker.packet(news);
        break;
      case "dropped":
        this.#taker.dropped(news.count);
        break;
      case "drained":
        this.#drained();
        break;
      case "ended":
        this.#taker.ended();
        break;
      case "still":
        this.#still = { ms: news.ms, at: performance.now() };
        break;
      case "failed":
        if (this.#choice?.codec) this.#broken.add(this.#choice.codec);
        this.#choose();
        break;
    }
  }
}

const SILENT = /** @type {Choice} */ ({ codec: null, why: "There is no picture." });

/** @param {number} side */
const even = (side) => Math.max(2, side - (side % 2));
