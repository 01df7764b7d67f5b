import { streamOf } from "./packet_capture.js";
import { PacketMedia } from "./packet_media.js";
import { RecordedMedia } from "./recorded_media.js";

/**
 * The way with the least delay that this browser has: packets, or what a recorder gives where packets cannot be had.
 *
 * @typedef {import('./base_publication.js').Media} Media
 * @typedef {import('./base_publication.js').Control} Control
 * @typedef {import('./packet_capture.js').PacketSource | import('./sources.js').PublishSource} LiveSource
 */

/** @implements {Media} */
export class LiveMedia {
  #source;
  #options;
  #control;
  /** @type {PacketMedia | RecordedMedia} */
  #media;
  #closed = false;

  /**
   * @param {LiveSource} source
   * @param {import('./publish_types.js').PublishOptions} options
   * @param {Control} control
   */
  constructor(source, options, control) {
    this.#source = source;
    this.#options = options;
    this.#control = control;
    const why = unfitFor(source);
    this.#media = why ? this.#record(why) : this.#encode();
  }

  get hello() {
    return this.#media.hello;
  }

  get running() {
    return this.#media.running;
  }

  get stats() {
    return this.#media.stats;
  }

  begin() {
    this.#media.begin();
  }

  discard() {
    this.#media.discard();
  }

  drain() {
    return this.#media.drain();
  }

  close() {
    this.#closed = true;
    this.#media.close();
  }

  room() {
    this.#media.room();
  }

  /** @param {LiveSource} source */
  replace(source) {
    this.#source = source;
    if (this.#media instanceof PacketMedia) this.#media.replace(/** @type {any} */ (source));
    else this.#media.replace(recordable(source, this.#options));
  }

  #encode() {
    /** @type {PacketMedia} */
    const media = new PacketMedia(
      /** @type {any} */ (this.#source),
      this.#options,
      this.#control,
      (why) => {
        if (!this.#closed && this.#media === media) this.#recordInstead(why.message);
      },
    );
    return media;
  }

  /** @param {string} why */
  #record(why) {
    return new RecordedMedia(
      recordable(this.#source, this.#options),
      this.#options,
      this.#control,
      why,
    );
  }

  /** @param {string} why */
  #recordInstead(why) {
    const before = this.#media;
    const said = before.hello !== null;
    before.discard();
    before.close();
    try {
      this.#media = this.#record(why);
    } catch (error) {
      this.#control.end(/** @type {import('./errors.js').FramewireError} */ (error));
      return;
    }
    this.#control.emit("warning", { code: "recorded-instead", message: why });
    if (said) this.#control.publishAnew("no-packets");
    else this.#control.introduce();
  }
}

/** @param {LiveSource} source @returns {string} why not as packets; '' = why not */
function unfitFor(source) {
  if (source instanceof Blob) return "A file is sent as it is.";
  if (globalThis.VideoEncoder) return "";
  return globalThis.isSecureContext === false
    ? "Browsers give encoders only to pages that come by https, or from localhost."
    : "This browser has no VideoEncoder.";
}

/** What a recorder takes of it. @param {LiveSource} source @param {import('./publish_types.js').PublishOptions} options */
function recordable(source, { audio, fps, frameRate }) {
  const own = /** @type {any} */ (source);
  const stream =
    streamOf(own) ??
    (own && "captureStream" in own && audio ? own.captureStream(fps ?? frameRate ?? 30) : null);
  const video = globalThis.document && own?.localName === "video" ? own.captureStream?.() : null;
  const taken = stream ?? video;
  if (!taken) return own;
  return audio ? new MediaStream([...taken.getVideoTracks(), ...audio.getAudioTracks()]) : taken;
}
