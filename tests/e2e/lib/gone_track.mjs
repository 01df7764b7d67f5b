/** Pictures and a tone, one of which is gone for a while, cut into pieces with the times at which a live encoder gives them. */
import { CLOCKS } from "./odd_clock.mjs";
import { ffmpeg, MUXERS, VIDEO_SOURCE } from "./odd_media.mjs";

/** @typedef {import('./odd_clock.mjs').Kind} Kind @typedef {import('./odd_clock.mjs').Clock} Clock */
/** @typedef {{chunks: Buffer[], atMs: number[]}} Pieces */

export const GONE = /** @type {const} */ ({ from: 2, to: 12, end: 15 }); // seconds
const STEP_MS = 50;
const H264 = "-c:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p";
/** @type {Record<string, string>} */
const CODECS = {
  ts: `${H264} -c:a aac`,
  flv: `${H264} -c:a aac`,
  mp4: `${H264} -c:a aac`,
  mkv: `${H264} -c:a libopus`,
  webm: "-c:v libvpx -deadline realtime -cpu-used 8 -b:v 400k -lag-in-frames 0 -c:a libopus",
};

/**
 * @param {string} container
 * @param {{seconds: number, group: number, rate?: number}} how rate: pictures a second
 */
export function live(container, { seconds, group, rate = 25 }) {
  const sources = [`${VIDEO_SOURCE},fps=${rate}`, "sine=frequency=440:sample_rate=48000"];
  const from = sources.flatMap((source) => ["-f", "lavfi", "-i", source]);
  const codecs = [...CODECS[container].split(" "), "-g", String(group)];
  return ffmpeg([...from, "-t", String(seconds), ...codecs, ...MUXERS[container], "-"]);
}

/** A piece for each STEP_MS. @param {string} container @param {Buffer} whole @param {Clock} clock that leaves packets out @returns {Pieces} */
export function inPieces(container, whole, clock) {
  /** @param {number} end ms */
  const upTo = (end) =>
    CLOCKS[container](whole, (kind, ms, ...more) => (ms < end ? clock(kind, ms, ...more) : null));
  const bytes = upTo(Number.POSITIVE_INFINITY);
  /** @type {Pieces} */ const out = { chunks: [], atMs: [] };
  for (let at = 0, end = STEP_MS; at < bytes.length; end += STEP_MS) {
    const to = Math.max(at, Math.min(bytes.length, upTo(end).length));
    if (to > at) {
      out.chunks.push(bytes.subarray(at, to));
      out.atMs.push(end - STEP_MS);
    }
    at = to;
  }
  return out;
}

/** @param {string} container @param {Kind} gone @returns {Promise<Pieces>} */
export async function goneTrack(container, gone) {
  const whole = await live(container, { seconds: GONE.end, group: 25 });
  return inPieces(container, whole, (kind, ms) =>
    kind === gone && ms >= GONE.from * 1000 && ms < GONE.to * 1000 ? null : ms,
  );
}
