/**
 * The pictures of a camera or screen, as a MediaStreamTrackProcessor gives them, put before an encoder: in a worker
 * or in the page.
 *
 * @typedef {import('./frame_encoder.js').FrameEncoder} FrameEncoder
 */

/** A picture that stands still is sent again so often, or sooner if a key packet is wanted; in milliseconds. */
const KEEP_ALIVE_MS = 1_000;
const LOOK_MS = 100;
/** How fast the two clocks may drift apart, for each picture, in microseconds. */
const DRIFT_US = 20;
/** Times that jump by this are of another clock. */
const JUMP_US = 1_000_000;
/** Timers come early and late. */
const SLACK_US = 4_000;

export class TrackFrames {
  #encoder;
  #gapUs;
  /** @type {ReadableStreamDefaultReader<VideoFrame>} */
  #reader;
  /** @type {VideoFrame | null} */
  #last = null;
  #lastAtUs = 0;
  #newAtUs = timeOfDayUs();
  #still;
  #dueUs = 0;
  /** What is added to a frame's time to make it the time of day, at the soonest that one came. */
  #offsetUs = Number.NaN;
  #timer;

  /**
   * @param {ReadableStream<VideoFrame>} readable
   * @param {FrameEncoder} encoder
   * @param {number} fps pictures a second at most; 0 = all
   * @param {() => void} ended
   * @param {(ms: number) => void} still there has been no new picture for so long
   */
  constructor(readable, encoder, fps, ended, still) {
    this.#encoder = encoder;
    this.#still = still;
    this.#gapUs = fps > 0 ? 1e6 / fps : 0;
    this.#reader = readable.getReader();
    this.#timer = setInterval(() => this.#repeat(), LOOK_MS);
    this.#read()
      .catch(() => {})
      .then(ended);
  }

  close() {
    clearInterval(this.#timer);
    this.#reader.cancel().catch(() => {});
    this.#last?.close();
    this.#last = null;
  }

  async #read() {
    for (;;) {
      const { value: frame, done } = await this.#reader.read();
      if (done) break;
      this.#onFrame(frame);
    }
  }

  /** @param {VideoFrame} frame */
  #onFrame(frame) {
    const atUs = this.#timeOf(frame.timestamp);
    if (atUs < this.#dueUs - SLACK_US) {
      frame.close();
      return;
    }
    this.#dueUs = Math.max(this.#dueUs + this.#gapUs, atUs + this.#gapUs / 2);
    this.#last?.close();
    this.#last = frame.clone();
    this.#lastAtUs = atUs;
    this.#newAtUs = atUs;
    this.#encoder.encode(frame, atUs);
  }

  /** The time of day of a time of the track's. @param {number} frameUs */
  #timeOf(frameUs) {
    const nowUs = timeOfDayUs();
    const offset = nowUs - frameUs;
    const soonest = Math.min(this.#offsetUs + DRIFT_US, offset);
    this.#offsetUs = Math.abs(soonest - offset) < JUMP_US ? soonest : offset;
    return frameUs + this.#offsetUs;
  }

  #repeat() {
    const nowUs = timeOfDayUs();
    const silentMs = (nowUs - this.#lastAtUs) / 1000;
    if (!this.#last || this.#encoder.held) return;
    if (silentMs < (this.#encoder.wantsKey ? LOOK_MS : KEEP_ALIVE_MS)) return;
    this.#lastAtUs = nowUs;
    this.#still((nowUs - this.#newAtUs) / 1000);
    this.#encoder.encode(this.#last.clone(), nowUs);
  }
}

const timeOfDayUs = () => (performance.timeOrigin + performance.now()) * 1000;
