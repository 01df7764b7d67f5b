import { FramewireError } from "./errors.js";
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

/** What only a recording has: who sets one of these wants a recording. */
const OF_RECORDINGS = /** @type {const} */ (["format", "timesliceMs", "bufferBytes"]);

/** @implements {Media} */
export class LiveMedia {
  #source;
  #options;
  /** Sound beside the pictures. @type {MediaStream | null | undefined} */
  #audio;
  #control;
  /** Packets were tried in this browser, and could not be had. */
  #tried = "";
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
    this.#audio = options.audio;
    this.#control = control;
    this.#media = this.#open();
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

  /** A recorder makes keyframes when it likes. @param {boolean} will */
  willBeAsked(will) {
    if (this.#media instanceof PacketMedia) this.#media.willBeAsked(will);
  }

  keyframe() {
    if (this.#media instanceof PacketMedia) this.#media.keyframe();
  }

  /** @param {LiveSource} source @param {MediaStream | null} [audio] sound beside it; null = its own; default: as before */
  replace(source, audio = this.#audio) {
    const [sourceBefore, audioBefore, before] = [this.#source, this.#audio, this.#media];
    this.#source = source;
    this.#audio = audio;
    const packets = !this.#whyRecorded();
    try {
      if (packets === before instanceof PacketMedia) {
        if (before instanceof PacketMedia) before.replace(/** @type {any} */ (source), audio);
        else before.replace(this.#recordable());
        return;
      }
      this.#media = this.#open();
    } catch (error) {
      this.#source = sourceBefore;
      this.#audio = audioBefore;
      throw error;
    }
    this.#tellNext(before, "replaced");
  }

  #open() {
    const why = this.#whyRecorded();
    return why ? this.#record(why) : this.#encode();
  }

  /** Why it is recorded, and not sent as packets; '' = it is sent as packets. */
  #whyRecorded() {
    const { as } = this.#options;
    if (as === "recording" || as === "film") return "It was asked for.";
    const named = as ? null : OF_RECORDINGS.find((name) => this.#options[name] !== undefined);
    if (named) return `Only a recording has the option ${named}.`;
    return unfitFor(this.#source) || this.#tried;
  }

  #encode() {
    /** @type {PacketMedia} */
    const media = new PacketMedia(
      /** @type {any} */ (this.#source),
      { ...this.#options, audio: this.#audio ?? undefined },
      this.#control,
      (why) => {
        if (!this.#closed && this.#media === media) this.#recordInstead(why.message);
      },
    );
    return media;
  }

  /** @param {string} why */
  #record(why) {
    const source = this.#recordable();
    if (isIterable(source)) {
      const text = `${why} Frames one by one can be published as: 'pictures'.`;
      throw new FramewireError("unsupported-recorder", text);
    }
    return new RecordedMedia(source, this.#options, this.#control, why);
  }

  /** What a recorder takes of the source. */
  #recordable() {
    const own = /** @type {any} */ (this.#source);
    const { fps, frameRate } = this.#options;
    const audio = this.#audio;
    const drawn =
      streamOf(own) ??
      (audio && "captureStream" in Object(own) ? own.captureStream(fps ?? frameRate ?? 30) : null);
    const video = globalThis.document && own?.localName === "video" ? streamOfVideo(own) : null;
    const taken = drawn ?? video;
    if (!taken) return own;
    return audio ? new MediaStream([...taken.getVideoTracks(), ...audio.getAudioTracks()]) : taken;
  }

  /** @param {string} why */
  #recordInstead(why) {
    this.#tried = why;
    const before = this.#media;
    try {
      this.#media = this.#record(why);
    } catch (error) {
      this.#control.end(/** @type {FramewireError} */ (error));
      return;
    }
    if (before.hello || this.#options.as) {
      this.#control.emit("warning", { code: "recorded-instead", message: why });
    }
    this.#tellNext(before, "no-packets");
  }

  /** Another kind of stream takes a place. @param {PacketMedia | RecordedMedia} before @param {string} reason */
  #tellNext(before, reason) {
    const said = before.hello !== null;
    before.discard();
    before.close();
    if (said) this.#control.publishAnew(reason);
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

/** Firefox has it by its own name. @param {any} video @returns {MediaStream | null} */
const streamOfVideo = (video) => video.captureStream?.() ?? video.mozCaptureStream?.() ?? null;

/** @param {any} source */
const isIterable = (source) =>
  typeof source === "object" &&
  source !== null &&
  (Symbol.asyncIterator in source || Symbol.iterator in source);
