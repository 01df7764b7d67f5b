/**
 * Holds playback near the live edge by its rate.
 *
 * MSE keeps for ever the delay it started with. What may safely be given up is the *slack*: the least
 * that was buffered ahead of the playhead just before an append, over the last two seconds. Slack above
 * the target is played away a little faster; a stall raises the target, and calm lowers it again.
 * With audio the rate stays within 5 %, and the slack at 150 ms or more in Chromium (of live media: at 100 it
 * stalls), at 250 elsewhere.
 */
const WINDOW_MS = 2_000;
const STALL_STEP_S = 0.1;
const CALM_MS = 20_000;
const TARGET_MOST_S = 2;
const SLACK_MS = {
  video: { prompt: { least: 20, usual: 20 }, other: { least: 20, usual: 50 } },
  audio: { prompt: { least: 150, usual: 200 }, other: { least: 250, usual: 250 } },
};

export class LiveChaser {
  #base;
  #target;
  #fastest;
  #jumpAbove;
  /** @type {{at: number, ahead: number}[]} */
  #samples = [];
  #changedAt = 0;

  /**
   * @param {{audio: boolean, prompt?: boolean, targetMs?: number}} options `prompt`: the browser shows a picture as soon
   *   as it has it; `targetMs`: slack to keep, in milliseconds; default 50, with audio 250; prompt 20 and 200
   */
  constructor({ audio, prompt = false, targetMs }) {
    const { least, usual } = SLACK_MS[audio ? "audio" : "video"][prompt ? "prompt" : "other"];
    this.#base = Math.max(least, targetMs ?? usual) / 1000;
    this.#target = this.#base;
    this.#fastest = audio ? 1.05 : 1.2;
    this.#jumpAbove = audio ? 1.5 : 2.5;
  }

  /** Slack to keep, in seconds. */
  get target() {
    return this.#target;
  }

  /** The least that was ahead lately, in seconds; undefined before the first sample. */
  get slack() {
    if (this.#samples.length === 0) return undefined;
    return Math.min(...this.#samples.map((sample) => sample.ahead));
  }

  /**
   * Called before each append.
   *
   * @param {number} nowMs any steady clock
   * @param {number} ahead seconds buffered ahead of the playhead
   */
  sample(nowMs, ahead) {
    this.#samples.push({ at: nowMs, ahead });
    while (nowMs - this.#samples[0].at > WINDOW_MS) this.#samples.shift();
  }

  /**
   * Playback ran dry.
   *
   * @param {number} nowMs
   */
  stalled(nowMs) {
    this.#target = Math.min(TARGET_MOST_S, this.#target + STALL_STEP_S);
    this.#changedAt = nowMs;
    this.#samples = [];
  }

  /** The playhead was moved, so what was sampled says nothing any more. */
  moved() {
    this.#samples = [];
  }

  /**
   * @param {number} nowMs
   * @returns {{rate: number, jump: boolean}} `rate` to play at; `jump`: too far behind to catch up
   *   by rate, seek to the target instead
   */
  decide(nowMs) {
    if (this.#target > this.#base && nowMs - this.#changedAt > CALM_MS) {
      this.#target = Math.max(this.#base, this.#target - STALL_STEP_S / 2);
      this.#changedAt = nowMs;
    }
    const slack = this.slack;
    if (slack === undefined || this.#samples.length < 3) return { rate: 1, jump: false };
    const excess = slack - this.#target;
    if (excess > this.#jumpAbove) return { rate: 1, jump: true };
    if (excess < 0.03) return { rate: 1, jump: false };
    return { rate: Math.min(this.#fastest, 1 + Math.max(0.02, excess / 2)), jump: false };
  }
}
