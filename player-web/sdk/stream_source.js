import { FramewireError } from "./errors.js";
import { LiveTracks, noLiveTrack } from "./live_tracks.js";
import { MediaRecorderRun } from "./media_recorder_run.js";
import { chooseRecorderType } from "./recorder_type.js";

/**
 * A MediaStream by way of MediaRecorder: camera, screen, canvas.
 *
 * @typedef {import('./sources.js').Source} Source
 * @implements {Source}
 */
export class StreamSource {
  #stream;
  #options;
  #owned;
  #tracks;
  #type;
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
    this.#tracks = new LiveTracks(stream);
    if (this.ended) throw noLiveTrack();
    this.#type = this.#chooseType(options.format === "binary" ? undefined : options.format);
  }

  get format() {
    return this.#type.format;
  }

  get mimeType() {
    return this.#type.mimeType;
  }

  get size() {
    const { width, height } = this.#tracks.first("video")?.getSettings() ?? {};
    return { width, height };
  }

  get ended() {
    return this.#tracks.ended;
  }

  get changed() {
    return this.#tracks.changed;
  }

  /** @param {import('./sources.js').RunSettings} settings @returns {import('./sources.js').Run} */
  start(settings) {
    const stream = this.#tracks.use();
    this.#type = this.#chooseType(this.#type.format);
    try {
      return new MediaRecorderRun(
        stream,
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

  /** @param {'webm' | 'mp4' | undefined} format */
  #chooseType(format) {
    if (!globalThis.MediaRecorder) {
      throw new FramewireError(
        "unsupported-recorder",
        "This browser (or this worker) has no MediaRecorder. In a worker publish an OffscreenCanvas.",
      );
    }
    const video = this.#tracks.first("video");
    return chooseRecorderType(
      {
        video: Boolean(video),
        audio: Boolean(this.#tracks.first("audio")),
        height: video?.getSettings().height,
        format,
        codec: this.#options.codec,
      },
      (type) => MediaRecorder.isTypeSupported(type),
    );
  }
}
