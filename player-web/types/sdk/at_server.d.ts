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
export function framewire(server: string | URL, defaults?: {
    token?: string;
}): {
    play: typeof play;
    publish: typeof publish;
    subscribe: typeof subscribe;
    recordCanvas: typeof recordCanvas;
    moderate: typeof moderate;
};
import { play } from "./play.js";
import { publish } from "./publish.js";
import { subscribe } from "./subscribe.js";
import { recordCanvas } from "./record_canvas.js";
import { moderate } from "./moderator.js";
