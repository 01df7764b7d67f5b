import { FramewireError } from "./errors.js";
import { checkOptions, flag, notNegative, other, text } from "./options.js";

/**
 * @typedef {object} PlayOptions
 * @property {string} [token] watch key; default: `?token=` of the URL
 * @property {() => string | Promise<string>} [refreshToken] asked for a new token before the present one ends, and, without
 *   `token`, for the first one: the connection goes on, and nobody notices; not where the browser's own HLS plays
 * @property {string | URL} [server] the server that a name or path is of, such as `https://host`; default the one that
 *   this SDK came from, for paths the page's own if that is the same. A bundle has to say it
 * @property {number} [giveUpMs] a server that was not reached once by then is an `error` `unreachable`, in
 *   milliseconds; default 10000. One that was is waited for, however long
 * @property {'lowest' | 'low' | 'smooth' | number} [latency] `lowest`: each picture of packets is painted as soon as it
 *   is decoded, sound waits for 25 ms; `low`: no picture waits without sound, sound for 100 ms, Media Source Extensions
 *   for 50 ms, with audio 250 (Chromium 20 and 200); `smooth`: 200, 250, 600 ms, so that all comes at an even pace
 *   over a network that does not; or how long each of these waits, in milliseconds (with audio Media Source
 *   Extensions take no less than 250, in Chromium 150).
 *   What runs dry waits for longer, for a while. Default low
 * @property {number} [targetMs] the same as `latency` in milliseconds
 * @property {boolean} [muted] start muted; default false: muted only if the browser insists
 *
 * @property {string} [name] what this viewer is called in the side channel, at most 64 bytes; default none
 *
 * @typedef {'connecting' | 'waiting' | 'live' | 'stalled' | 'reconnecting' | 'ended' | 'error' | 'stopped'} PlayState
 *
 * @typedef {object} PlayerEvents
 * @property {PlayState} state the new one
 * @property {number} viewers how many there are now
 * @property {string} title the publisher calls the stream so from now on; '' = nothing. What it is called at first is in
 *   the server's list of streams
 * @property {boolean} still the publisher's page is in the background, and its pictures stand still there; false = no
 *   longer
 * @property {true} muted the browser allowed playback only without sound
 * @property {import('./side_channel.js').SideMessage} message somebody said something, you included
 * @property {import('./side_channel.js').Muting} mutedsender the publisher or a moderator has muted a sender, or no longer
 * @property {true} cleared a moderator has cleared the chat: what was said is to be forgotten
 * @property {import('./moderator.js').Rights} rights what of `moderator` this key is good for, if it is for anything
 * @property {number} slowmode each viewer may say something once in so many milliseconds from now on; 0 = no longer
 * @property {{code: string, message: string}} warning the server's: the stream goes on
 * @property {import('./errors.js').FramewireError} error the end, and why
 */

const KINDS = {
  latency: other, // latencyWish() knows
  targetMs: notNegative,
  muted: flag,
  name: text,
};

/** @param {unknown} video @param {unknown} options */
export function checkPlay(video, options) {
  if (!video || typeof (/** @type {any} */ (video).play) !== "function") {
    throw new FramewireError(
      "bad-source",
      "play() needs a <video> element first: play(video, url).",
    );
  }
  checkOptions("play()", options, KINDS);
}
