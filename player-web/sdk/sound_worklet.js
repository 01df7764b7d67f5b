/**
 * Plays what comes with times, in an AudioWorklet: a queue of samples, a little resampling to hold the delay, silence
 * where samples are missing, and news of the time that is being played. Messages in: `{planes, rate, ptsUs}`,
 * `{flush: true}`, or `{waitMs}`, by how much the delay is to be longer; out: SoundNews.
 *
 * @typedef {object} SoundNews
 * @property {number} ptsUs that is played
 * @property {number} at at this time of the context, in seconds
 * @property {number} bufferedMs
 * @property {number} dry how often it has run out
 */
const scope = /** @type {any} */ (globalThis);

/** How far the speed may be from 1: nobody hears it. */
const CHASE = 0.01;
/** More than this above the target is thrown away, in milliseconds; less at the start, when it is only a backlog. */
const JUMP_MS = 200;
const BACKLOG_MS = 15;
const START_S = 3;
/** How often that is looked at, in seconds, and by the least of how many looks. */
const LOOK_S = 0.25;
const LOOKS = 4;
/** More than this above the target is played away, in milliseconds, and as a share of it. */
const SLACK_LEAST_MS = 8;
const SLACK = 0.3;
/** Who ran dry waits for longer: by how much, at most, and for how long that lasts if it does not happen again. */
const DRY_STEP_MS = 40;
const DRY_SHARE = 0.6;
const TARGET_MOST_MS = 1_000;
const CALM_S = 15;
const CALM_STEP_MS = 5;
/** A hole longer than this is jumped over; a shorter one is silence, in seconds. */
const HOLE_S = 1;
const EDGE_S = 0.005;
const NEWS_EVERY = 6;

class SoundOut extends scope.AudioWorkletProcessor {
  /** @param {{processorOptions: {targetMs: number}}} options */
  constructor({ processorOptions }) {
    super();
    /** @type {{planes: Float32Array[], rate: number, ptsUs: number}[]} */
    this.queue = [];
    this.at = 0; // samples read of queue[0]
    this.silence = 0; // seconds of it still to come
    this.playing = false;
    this.wished = processorOptions.targetMs;
    this.base = this.wished; // and what pictures need
    this.target = this.base;
    this.calm = 0; // seconds since it last ran dry
    this.least = Number.POSITIVE_INFINITY;
    this.speed = 1;
    this.calls = 0;
    this.played = 0; // samples
    this.looks = 0;
    this.starts = true;
    this.dry = 0;
    this.port.onmessage = (/** @type {MessageEvent} */ { data }) => {
      if (data.flush) {
        this.queue = [];
        this.playing = false;
      } else if (data.waitMs) this.wait(data.waitMs);
      else this.queue.push(data);
    };
  }

  /** @param {number} ms */
  wait(ms) {
    const before = this.target;
    this.base = Math.min(TARGET_MOST_MS, Math.max(this.wished, this.base + ms));
    this.target = Math.min(TARGET_MOST_MS, Math.max(this.base, before + ms));
    // Shorter it becomes by its speed, longer by a pause.
    if (this.playing) this.silence += Math.max(0, this.target - before) / 1000;
  }

  bufferedMs() {
    let seconds = this.silence;
    for (const { planes, rate } of this.queue) seconds += planes[0].length / rate;
    return (seconds - (this.queue[0] ? this.at / this.queue[0].rate : 0)) * 1000;
  }

  /** @param {unknown} _inputs @param {Float32Array[][]} outputs */
  process(_inputs, [out]) {
    const ahead = this.bufferedMs();
    if (!this.playing && this.queue.length > 0 && ahead >= this.target) {
      this.playing = true;
      this.least = Number.POSITIVE_INFINITY;
      this.drop(ahead - this.target);
    }
    if (!this.playing) return true;
    this.least = Math.min(this.least, ahead);
    this.calls += 1;
    if (this.calls % NEWS_EVERY === 0) this.tell();
    this.played += out[0].length;
    if (this.played >= (this.looks + 1) * LOOK_S * scope.sampleRate) this.look();
    for (let i = 0; i < out[0].length; i += 1) {
      if (!this.sample(out, i)) break;
    }
    return true;
  }

  /** @param {Float32Array[]} out @param {number} i @returns {boolean} false: it has run dry */
  sample(out, i) {
    if (this.silence > 0) {
      this.silence -= 1 / scope.sampleRate;
      return true;
    }
    const chunk = this.queue[0];
    if (!chunk) return this.ranDry();
    const index = Math.floor(this.at);
    const part = this.at - index;
    for (let channel = 0; channel < out.length; channel += 1) {
      const plane = chunk.planes[Math.min(channel, chunk.planes.length - 1)];
      const next = plane[Math.min(index + 1, plane.length - 1)];
      out[channel][i] = plane[index] + (next - plane[index]) * part;
    }
    this.at += (chunk.rate / scope.sampleRate) * this.speed;
    if (this.at >= chunk.planes[0].length) this.advance();
    return true;
  }

  advance() {
    const { planes, rate, ptsUs } = this.queue[0];
    this.at -= planes[0].length;
    this.queue.shift();
    const next = this.queue[0];
    if (!next) {
      this.at = 0;
      return;
    }
    const hole = (next.ptsUs - ptsUs) / 1e6 - planes[0].length / rate;
    if (hole > EDGE_S && hole < HOLE_S) this.silence = hole;
  }

  ranDry() {
    this.playing = false;
    this.dry += 1;
    this.calm = 0;
    const step = Math.min(DRY_STEP_MS, this.target * DRY_SHARE);
    this.target = Math.min(TARGET_MOST_MS, this.target + Math.max(CALM_STEP_MS, step));
    return false;
  }

  /** @param {number} ms of the oldest */
  drop(ms) {
    for (let left = ms; left > 0 && this.queue.length > 1; ) {
      const { planes, rate } = this.queue[0];
      const length = (planes[0].length / rate) * 1000;
      if (length > left) break;
      left -= length;
      this.queue.shift();
      this.at = 0;
    }
  }

  look() {
    this.looks += 1;
    this.calm += LOOK_S;
    const { starts } = this;
    if (starts || this.looks % LOOKS === 0) this.steer(starts ? BACKLOG_MS : JUMP_MS);
    this.starts = this.looks * LOOK_S < START_S;
    // A page that opens is busy: that it ran dry then says nothing of what comes.
    if (starts && !this.starts) this.target = this.base;
  }

  /** @param {number} most above the target, in milliseconds */
  steer(most) {
    if (this.calm > CALM_S) this.target = Math.max(this.base, this.target - CALM_STEP_MS);
    const excess = this.least - this.target;
    this.least = Number.POSITIVE_INFINITY;
    if (excess > most) this.drop(excess);
    this.speed = excess > Math.max(SLACK_LEAST_MS, SLACK * this.target) ? 1 + CHASE : 1;
  }

  tell() {
    const chunk = this.queue[0];
    if (!chunk) return;
    const ptsUs = chunk.ptsUs + (this.at / chunk.rate - this.silence) * 1e6;
    const news = { ptsUs, at: scope.currentTime, bufferedMs: this.bufferedMs(), dry: this.dry };
    this.port.postMessage(news);
  }
}

scope.registerProcessor("framewire-sound", SoundOut);
