import { last } from "./newer.js";
import { KIND_INIT } from "./wire.js";

/**
 * A stream of raw messages (`binary`): nothing to see. The newest bytes are kept for whoever wants them.
 *
 * @typedef {import('./screen.js').Screen} Screen
 */

/** So many bytes of the newest messages are kept. */
const KEPT_BYTES = 8 << 20;

/** The statistics of a screen that shows nothing. */
export const NOTHING = {
  latencyMs: 0,
  bufferedMs: 0,
  playbackRate: 1,
  framesShown: 0,
  framesDropped: 0,
  jumps: 0,
  stalls: 0,
};

/** @implements {Screen} */
export class RawScreen {
  by = /** @type {const} */ ("raw");
  canvas = null;
  #host;
  /** @type {Uint8Array<ArrayBuffer>[]} */
  #kept = [];
  #keptBytes = 0;
  /** All messages and their bytes, since this page watches. */
  messages = 0;
  bytes = 0;
  mediaTimeUs = 0;
  capture = null;

  /** @param {import('./screen.js').ScreenHost} host */
  constructor(host) {
    this.#host = host;
  }

  get shows() {
    return this.messages > 0;
  }

  get stats() {
    return NOTHING;
  }

  /** The newest message; null before the first. */
  get newest() {
    return last(this.#kept) ?? null;
  }

  begin() {}

  /** @param {import('./wire.js').Part} part */
  part({ kind, payload, ptsUs }) {
    if (kind === KIND_INIT) return;
    if (this.messages === 0) this.#host.painted();
    this.messages += 1;
    this.bytes += payload.byteLength;
    this.mediaTimeUs = ptsUs;
    this.#kept.push(payload);
    this.#keptBytes += payload.byteLength;
    while (this.#keptBytes > KEPT_BYTES && this.#kept.length > 1) {
      this.#keptBytes -= this.#kept.shift()?.byteLength ?? 0;
    }
  }

  letOut() {}
  toLive() {}
  captureStream() {
    return null;
  }
  leave() {
    this.close();
  }

  close() {
    this.#kept = [];
  }
}
