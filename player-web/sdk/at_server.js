import { moderate } from "./moderator.js";
import { play } from "./play.js";
import { publish } from "./publish.js";
import { recordCanvas } from "./record_canvas.js";
import { subscribe } from "./subscribe.js";
import { locate } from "./urls.js";

/**
 * The calls of this SDK for one server, for pages of another origin and for bundles:
 *
 *     const { publish, play } = framewire("https://host:8443");
 *     play(video, "cam");
 *
 * @param {string | URL} server where it is, with its path prefix, if it has one
 * @param {{token?: string}} [defaults] a key for all calls that name none
 * @returns {{play: typeof play, publish: typeof publish, subscribe: typeof subscribe, recordCanvas: typeof recordCanvas, moderate: typeof moderate}}
 */
export function framewire(server, defaults = {}) {
  locate("x", { server }); // is it one?
  /** @param {any} options */
  const here = (options) => ({ ...defaults, server, ...options });
  return {
    play: (video, url, options) => play(video, url, here(options)),
    publish: /** @type {typeof publish} */ (
      (/** @type {any} */ first, /** @type {any} */ second, /** @type {any} */ third) => {
        const raw = typeof first === "string" || first instanceof URL;
        return raw ? publish(first, here(second)) : publish(first, second, here(third));
      }
    ),
    subscribe: (url, options) => subscribe(url, here(options)),
    recordCanvas: (canvas, options) => recordCanvas(canvas, here(options)),
    moderate: (url, options) => moderate(url, here(options)),
  };
}
