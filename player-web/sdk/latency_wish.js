import { FramewireError } from "./errors.js";
import { has } from "./newer.js";

/**
 * What `latency` means to each way of showing a stream. Pure.
 *
 * @typedef {'lowest' | 'low' | 'smooth' | number} Latency
 *
 * @typedef {object} LatencyWish
 * @property {number | undefined} mseMs kept ahead in a SourceBuffer; undefined = its own default
 * @property {number} pictureMs how long pictures without sound are held back, to come at an even pace
 * @property {number} soundMs that are kept before the loudspeaker
 * @property {number} earlyMs how much sooner than its sound a picture may be painted
 * @property {boolean} mutedAtOnce sound that nobody hears holds no picture back
 */
const WISHES = /** @type {Record<string, LatencyWish>} */ ({
  lowest: { mseMs: 20, pictureMs: 0, soundMs: 25, earlyMs: 15, mutedAtOnce: true },
  low: { mseMs: undefined, pictureMs: 0, soundMs: 100, earlyMs: 0, mutedAtOnce: false },
  smooth: { mseMs: 600, pictureMs: 200, soundMs: 250, earlyMs: 0, mutedAtOnce: false },
});

/**
 * @param {{latency?: Latency, targetMs?: number}} options of play()
 * @returns {LatencyWish}
 */
export function latencyWish({ latency, targetMs }) {
  const wished = latency ?? targetMs ?? "low";
  if (typeof wished === "number" && wished >= 0) {
    return { ...WISHES.low, mseMs: wished, pictureMs: wished, soundMs: wished };
  }
  const wish = typeof wished === "string" && has(WISHES, wished) && WISHES[wished];
  if (wish) return wish;
  throw new FramewireError(
    "bad-option",
    `latency: ${JSON.stringify(wished)} is none. Say "lowest", "low", "smooth", or milliseconds.`,
  );
}
