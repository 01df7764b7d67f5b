/** What an odd input is, and what is right of one that is not odd at all. */
import { truth } from "./odd_media.mjs";

/** @typedef {import('./odd_media.mjs').Rgb} Rgb */
/**
 * @typedef {object} Right
 * @property {number[]} video shown times, milliseconds, sorted; distances count
 * @property {number[]} audio
 * @property {number} [jumps] distances of pictures that may be off by up to 100 ms
 * @property {number} [soundJumps] likewise
 * @property {number} [apart] by how much the sound begins later than the pictures; none: not known
 * @property {[number, number]} [shown] width and height, upright, of square pixels
 * @property {(Rgb | null)[]} [corners] null: not looked at
 * @property {number} [lateSounds] so many come before the keyframe that HLS begins anew with
 * @property {boolean} [filled] where the sound is gone, and pictures are not, MP4 has silence
 * @property {number} [late] so many pictures come only when MP4 goes on without any
 * @property {boolean} [discontinuous] HLS may say so
 *
 * @typedef {object} Case
 * @property {string} name
 * @property {string} container
 * @property {string} [codec] of the pictures
 * @property {string} [sound]
 * @property {"plain" | "time" | "tracks" | "shape" | "written"} kind
 * @property {() => Promise<Buffer>} bytes
 * @property {() => Promise<Right>} right
 * @property {boolean} [changes] a codec, in mid-stream: FFmpeg's program does not follow where players do
 * @property {boolean} [told] that something is left out
 * @property {boolean} [refused] when it is published: by name (1003)
 * @property {boolean} [reshaped] what copies cannot say all of it: encoded
 */

/** @param {string | undefined} video @param {string | undefined} audio @param {Partial<Right>} [more] @returns {Promise<Right>} */
export async function plain(video, audio, more = {}) {
  const v = video ? await truth(video) : [];
  const a = audio ? await truth(audio) : [];
  return { video: v, audio: a, apart: v.length && a.length ? a[0] - v[0] : undefined, ...more };
}

export const both = (/** @type {(string | undefined)[]} */ ...codecs) =>
  /** @type {string[]} */ (codecs.filter(Boolean));
