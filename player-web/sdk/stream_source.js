import { FramewireError } from "./errors.js";
import { chooseRecorderType } from "./recorder_type.js";
import { Recording } from "./recording.js";

/**
 * A MediaStream by way of MediaRecorder: camera, screen, canvas. Only tracks that are live are recorded: a
 * recorder that was promised sound by a dead track never finishes in Firefox.
 *
 * @typedef {import('./sources.js').Source} Source
 * @implements {Source}
 */
export class StreamSource {
  #stream;
  #options;
  #owned;
  #type;
  /** What the present run records, by id. */
  #recorded = "";
  adapts = true;

  /**
   * @param {MediaStream} stream
   * @param {import('./publish_types.js').PublishOptions} options
   * @param {boolean} [owned] its tracks are ours to stop
   */
  constructor(stream, options, owned = false) {
    this.#stream = stream;
    this.#options = options;
    this.#owned = owned;
    if (this.ended) {
      throw new FramewireError(
        "bad-source",
        "The stream has no live track. Ask for camera, microphone or screen anew.",
      );
    }
    this.#type = this.#chooseType(options.format === "binary" ? undefined : options.format);
  }

  get format() {
    return this.#type.format;
  }

  get mimeType() {
    return this.#type.mimeType;
  }

  get size() {
    const { width, height } = this.#videoTrack()?.getSettings() ?? {};
    return { width, height };
  }

  get ended() {
    return this.#liveTracks().length === 0;
  }

  get changed() {
    const live = this.#liveTracks();
    // What was put in another's place is not recorded yet.
    if (!this.#recorded || live.length === 0 || idsOf(live) === this.#recorded) return "";
    const lost = this.#recorded.split(" ").find((id) => !live.some((track) => track.id === id));
    if (!lost) return "A track was added to the stream.";
    const left = live.map(({ kind }) => (kind === "video" ? "picture" : "sound")).join(" and ");
    return `A camera, microphone or screen is gone: the stream goes on with ${left}. To bring it back, open it anew and call replace().`;
  }

  /** @param {import('./sources.js').RunSettings} settings @returns {import('./sources.js').Run} */
  start(settings) {
    const tracks = this.#liveTracks();
    this.#recorded = idsOf(tracks);
    this.#type = this.#chooseType(this.#type.format);
    const whole = tracks.length === this.#stream.getTracks().length;
    try {
      return new Recording(
        whole ? this.#stream : new MediaStream(tracks),
        { ...settings, mimeType: this.#type.mimeType },
        settings.onChunk,
      );
    } catch (cause) {
      throw new FramewireError(
        "recorder-failed",
        "The recorder did not start. Check that the stream has a live track, and that a canvas has been painted.",
        { cause },
      );
    }
  }

  close() {
    if (this.#owned) for (const track of this.#stream.getTracks()) track.stop();
  }

  #liveTracks() {
    return this.#stream.getTracks().filter((track) => track.readyState !== "ended");
  }

  #videoTrack() {
    return this.#liveTracks().find(({ kind }) => kind === "video");
  }

  /** @param {'webm' | 'mp4' | undefined} format */
  #chooseType(format) {
    if (!globalThis.MediaRecorder) {
      throw new FramewireError(
        "unsupported-recorder",
        "This browser (or this worker) has no MediaRecorder. In a worker publish an OffscreenCanvas.",
      );
    }
    const video = this.#videoTrack();
    return chooseRecorderType(
      {
        video: Boolean(video),
        audio: this.#liveTracks().some(({ kind }) => kind === "audio"),
        height: video?.getSettings().height,
        format,
        codec: this.#options.codec,
      },
      (type) => MediaRecorder.isTypeSupported(type),
    );
  }
}

/** @param {MediaStreamTrack[]} tracks */
function idsOf(tracks) {
  return tracks.map(({ id }) => id).join(" ");
}
