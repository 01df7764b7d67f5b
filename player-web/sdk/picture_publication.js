import { BasePublication } from "./base_publication.js";
import { PictureMedia } from "./picture_media.js";

/** Pictures being published, each by itself. Events: those of PublicationEvents. */
export class PicturePublication extends BasePublication {
  #media;

  /**
   * @param {import('./picture_sources.js').PictureSource} source
   * @param {string | URL} url
   * @param {import('./publish_types.js').PublishOptions} options
   */
  constructor(source, url, options) {
    /** @type {PictureMedia | null} */
    let media = null;
    super(url, options, (control) => {
      media = new PictureMedia(source, options, control);
      return media;
    });
    this.#media = /** @type {PictureMedia} */ (/** @type {unknown} */ (media));
  }

  get stats() {
    return { ...super.stats, ...this.#media.stats };
  }

  /**
   * Sends the picture as it is now, or another one. Call it when a picture is finished; with `fps: 0` nothing else
   * is sent. While the network is slow a newer picture takes the place of one that waits.
   *
   * @param {import('./picture_sources.js').Frame | HTMLVideoElement} [picture] default: the source's. A VideoFrame or
   *   ImageBitmap is the publication's from then on
   * @returns {Promise<boolean>} true = sent; false = a newer one took its place, or it is the same as the last one
   */
  frame(picture) {
    return this.#media.frame(picture);
  }

  /** The same as `say()`. @param {unknown} data @param {import('./side_channel.js').SendOptions} [options] */
  send(data, options) {
    this.say(data, options);
  }
}
