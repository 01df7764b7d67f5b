import { last } from "./newer.js";

/**
 * Which part a picture came in, by its time in the stream, so that one knows when it was captured.
 *
 * @typedef {object} Capture
 * @property {number} captureMs when the picture on show was captured, or had reached the server, in the server's time
 * @property {boolean} byPublisher captured it is
 * @property {number} atMs when it came on show, as performance.now()
 *
 * @typedef {object} Delay
 * @property {number} ms
 * @property {'capture' | 'server'} from
 */

const PARTS_MOST = 300;

export class CaptureTimes {
  /** @type {{ptsUs: number, captureUs: number, captured: boolean}[]} */
  #parts = [];

  /** Another epoch: its times are others. */
  clear() {
    this.#parts = [];
  }

  /** @param {import('./wire.js').Part} part */
  note({ ptsUs, captureUs, captured }) {
    if (captureUs === 0) return;
    this.#parts.push({ ptsUs, captureUs, captured });
    if (this.#parts.length > PARTS_MOST) this.#parts.shift();
  }

  /** @param {number} ptsUs of the picture on show @param {number} atMs @returns {Capture | null} */
  of(ptsUs, atMs) {
    const same = this.#parts.find((part) => part.ptsUs === ptsUs);
    const part = same ?? last(this.#parts.filter((each) => each.ptsUs <= ptsUs));
    if (!part) return null;
    const captureMs = (part.captureUs + ptsUs - part.ptsUs) / 1000;
    return { captureMs, byPublisher: part.captured, atMs };
  }
}

/** @param {Capture | null | undefined} shown @param {number | null} offsetMs of the server's clock @returns {Delay | null} */
export function delayOf(shown, offsetMs) {
  if (!shown || offsetMs === null) return null;
  const ms = Math.round(performance.timeOrigin + shown.atMs + offsetMs - shown.captureMs);
  return { ms: Math.max(0, ms), from: shown.byPublisher ? "capture" : "server" };
}

/**
 * What a viewer reports to the server.
 *
 * @param {{latencyMs: number, delay: Delay | null, bufferedMs: number, framesDropped: number}} stats
 */
export function reportOf({ latencyMs, delay, bufferedMs, framesDropped }) {
  return {
    type: "report",
    latency_ms: latencyMs,
    // What the server cannot see for itself: from the capture on.
    ...(delay?.from === "capture" && { delay_ms: delay.ms }),
    buffered_ms: bufferedMs,
    dropped_frames: framesDropped,
  };
}
