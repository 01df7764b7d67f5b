import { BasePublication } from "./base_publication.js";
import { FramewireError } from "./errors.js";
import { LiveMedia } from "./live_media.js";
import { MessagePublication } from "./message_publication.js";
import { PicturePublication } from "./picture_publication.js";

/**
 * @typedef {import('./publish_types.js').PublishOptions} PublishOptions
 * @typedef {import('./publish_types.js').PublishState} PublishState
 * @typedef {import('./publish_types.js').PublicationEvents} PublicationEvents
 * @typedef {import('./publish_types.js').RecordingNews} RecordingNews
 * @typedef {import('./publish_types.js').RecordedFile} RecordedFile
 */

/**
 * A film, or packets, being published. Events: those of PublicationEvents, by `on(type, listener)` or, as the `detail` of a
 * CustomEvent, by `addEventListener`.
 */
export class Publication extends BasePublication {
  #media;

  /**
   * @param {import('./live_media.js').LiveSource} source
   * @param {string | URL} url
   * @param {PublishOptions} [options]
   */
  constructor(source, url, options = {}) {
    /** @type {LiveMedia | null} */
    let media = null;
    super(url, options, (control) => {
      media = new LiveMedia(source, options, control);
      return media;
    });
    this.#media = /** @type {LiveMedia} */ (/** @type {unknown} */ (media));
  }

  get stats() {
    /** @type {import('./publish_types.js').StreamStats} */
    const own = this.#media.stats;
    return { ...super.stats, ...own };
  }

  /**
   * The same as `say()`: something to all viewers, by the side channel.
   *
   * @param {unknown} data any JSON value
   * @param {import('./side_channel.js').SendOptions} [options]
   */
  send(data, options) {
    this.say(data, options);
  }

  /**
   * Goes on with another source, say another camera: viewers stay and see it next.
   *
   * @param {import('./live_media.js').LiveSource} source
   * @param {{audio?: MediaStream | null}} [options] `audio`: sound beside it; null = the source's own; default: as before
   */
  replace(source, { audio } = {}) {
    this.#media.replace(source, audio);
  }
}

/**
 * Publishes a live stream. Throws a FramewireError if URL, source or browser are not fit for it; what goes
 * wrong later comes as an `error` event and by `closed`.
 *
 * @overload
 * @param {string | URL} url `/publish/NAME`, a whole URL, or the bare name
 * @param {PublishOptions & {format: 'binary'}} options raw messages: what `send()` is given, each as it is
 * @returns {MessagePublication}
 */
/**
 * @overload
 * @param {import('./picture_sources.js').PictureSource} source
 *   - a canvas, an OffscreenCanvas (also in a worker), a video element, a MediaStream;
 *   - an async iterable of frames: VideoFrames, ImageBitmaps, ImageData, Blobs, canvases. Asked for one `fps` times a
 *     second; its end ends the stream;
 *   - null: only what `frame(picture)` is given
 * @param {string | URL} url
 * @param {PublishOptions & {as: 'pictures'}} options each picture by itself
 * @returns {PicturePublication}
 */
/**
 * @overload
 * @param {import('./live_media.js').LiveSource} source
 *   - a MediaStream or a track: camera, microphone, screen, `canvas.captureStream()`;
 *   - a canvas, an OffscreenCanvas (also in a worker), a video element, an async iterable of frames;
 *   - a File or Blob, WebM or fragmented MP4: sent as it is, as if it happened now
 * @param {string | URL} url
 * @param {PublishOptions} [options] by default packets, made by WebCodecs, with the least delay; what cannot be sent so
 *   is recorded, and `stats.way` says why
 * @returns {Publication}
 */
/**
 * @param {any} first
 * @param {any} [second]
 * @param {any} [third]
 */
export function publish(first, second, third) {
  if (isUrl(first) && second?.format === "binary") return new MessagePublication(first, second);
  if (third?.format === "binary") {
    throw new FramewireError(
      "bad-source",
      "Raw messages have no source: publish(url, { format: 'binary' }), then send() them.",
    );
  }
  if (third?.as === "pictures") return new PicturePublication(first, second, third);
  if (third?.as && !FILMS.includes(third.as)) {
    throw new FramewireError(
      "bad-source",
      `A stream cannot be published as "${third.as}": as: 'packets', 'pictures', 'recording' or 'film'.`,
    );
  }
  return new Publication(first, second, third);
}

const FILMS = ["film", "recording", "packets"];

/** @param {unknown} value */
const isUrl = (value) => typeof value === "string" || value instanceof URL;
