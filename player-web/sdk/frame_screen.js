import { FramewireError } from "./errors.js";
import { openDecoder } from "./open_decoder.js";
import { CaptureTimes } from "./shown_delay.js";
import { SoundOut } from "./sound_out.js";
import { SoundSync } from "./sound_sync.js";
import { Stage } from "./stage.js";
import { KIND_INIT } from "./wire.js";

/**
 * Pictures and packets, shown on a canvas: decoded in a worker, painted when their sound is heard, or at once when
 * there is none. What comes late is left out in favour of what is newer; where all are late, the sound waits for them.
 *
 * @typedef {import('./screen.js').Screen} Screen
 * @typedef {import('./frame_decoder.js').Picture} Picture
 */

const WATCH_MS = 250;
/** So long without a part is a stall, or four times the longest gap before; in milliseconds. */
const STALL_MS = 2_500;
/** Parts that come for so long, and nothing of them: this browser decodes them to nothing; in milliseconds. */
const DARK_MS = 8_000;
const DARK_PARTS = 20;
/** Pictures that wait for their sound, at most: more than that and the two have nothing to do with each other. */
const WAITING_MOST = 60;
const APART_US = 2_000_000;
/** A picture is painted when its time is that near: timers come late, never early; in microseconds. */
const TIMER_US = 2_000;

const NOTHING_COMES = "This browser's decoder gives nothing, and says nothing.";

/** @implements {Screen} */
export class FrameScreen {
  #video;
  #host;
  #wish;
  #decoder;
  #stage;
  #sound;
  #sync = new SoundSync();
  by;
  /** @type {Picture[]} in the order of their times */
  #waiting = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #due;
  #watchTimer;
  #shown = 0;
  #dropped = 0;
  #stalls = 0;
  #stands = false;
  #heard = false;
  #latencyMs = 0;
  #paintedUs = 0;
  #captures = new CaptureTimes();
  /** @type {import('./shown_delay.js').Capture | null} */
  capture = null;
  #partAt = 0;
  /** Parts to be shown, and when the first of them came. */
  #parts = 0;
  #firstPartAt = 0;
  #longestGapMs = 0;
  /** The least that parts came after their times, for a target without sound. */
  #offsetMs = Number.POSITIVE_INFINITY;

  /**
   * @param {HTMLVideoElement} video
   * @param {import('./screen.js').ScreenHost} host
   * @param {{wish: import('./latency_wish.js').LatencyWish, by: 'webcodecs' | 'canvas'}} options
   */
  constructor(video, host, { wish, by }) {
    this.#video = video;
    this.#host = host;
    this.#wish = wish;
    this.by = by;
    this.#stage = new Stage(video, () => host.startPlayback());
    this.#sound = new SoundOut(video, wish.soundMs, () => host.silenced());
    this.#decoder = openDecoder((news) => this.#onNews(news));
    this.#watchTimer = setInterval(() => this.#watch(), WATCH_MS);
    video.addEventListener("play", this.#onPlay);
  }

  get canvas() {
    return this.#shown > 0 ? this.#stage.canvas : null;
  }

  get shows() {
    return this.#shown > 0 || this.#heard;
  }

  get mediaTimeUs() {
    return Math.round(this.#sound.mediaTimeUs ?? this.#paintedUs);
  }

  get stats() {
    return {
      latencyMs: this.#latencyMs,
      bufferedMs: this.#sound.bufferedMs,
      playbackRate: 1,
      framesShown: this.#shown,
      framesDropped: this.#dropped,
      jumps: 0,
      stalls: this.#stalls + this.#sound.dry,
    };
  }

  captureStream() {
    const stream = this.#shown > 0 ? this.#stage.captureStream() : new MediaStream();
    const { track } = this.#sound;
    if (track) stream?.addTrack(track);
    return stream;
  }

  /** @param {import('./reconnecting_socket.js').Message} info */
  begin({ format, width = 0, height = 0 }) {
    this.#forget();
    this.#sync.restart();
    this.#captures.clear();
    this.#offsetMs = Number.POSITIVE_INFINITY;
    this.#partAt = performance.now();
    this.#decoder.call("begin", [format, width, height], []);
  }

  /** @param {import('./wire.js').Part} part */
  part(part) {
    const { kind, payload, ptsUs, leadIn } = part;
    const at = performance.now();
    this.#captures.note(part);
    if (this.#shown > 1) this.#longestGapMs = Math.max(this.#longestGapMs, at - this.#partAt);
    this.#partAt = at;
    if (kind !== KIND_INIT && !leadIn) this.#parts += 1;
    if (this.#parts === 1) this.#firstPartAt ||= at;
    const facts = { ptsUs, hidden: leadIn, at, init: kind === KIND_INIT };
    this.#decoder.call("part", [payload.buffer, payload.byteOffset, facts], [payload.buffer]);
  }

  letOut() {}

  toLive() {
    this.#forget();
    this.#sound.flush();
  }

  close() {
    clearInterval(this.#watchTimer);
    clearTimeout(this.#due);
    this.#video.removeEventListener("play", this.#onPlay);
    this.#decoder.close();
    this.#sound.close();
    this.#forget();
    this.#stage.close();
  }

  /** Another screen takes the element. */
  leave() {
    this.close();
    this.#stage.leave();
  }

  #onPlay = () => this.toLive();

  /** @param {import('./frame_decoder.js').News} news */
  #onNews(news) {
    switch (news.type) {
      case "picture":
        this.#onPicture(news);
        break;
      case "sound":
        if (!this.#heard) {
          this.#heard = true;
          this.#host.startPlayback();
          if (this.#shown === 0) this.#host.painted();
        }
        this.#sound.push(news);
        break;
      case "dropped":
        this.#dropped += news.count;
        break;
      case "wantsKey":
        this.#host.wantsKey();
        break;
      case "failed":
        this.#host.failed(new FramewireError("player-failed", news.message), true);
        break;
    }
  }

  /** @param {Picture} picture */
  #onPicture(picture) {
    if (this.#video.paused && this.#shown > 0) {
      drop(picture);
      return;
    }
    this.#keepTogether(picture);
    if (this.#dueInUs(picture) <= TIMER_US) {
      this.#dropped += this.#waiting.length;
      this.#forget();
      this.#paint(picture);
      return;
    }
    this.#waiting.push(picture);
    this.#waiting.sort((a, b) => a.ptsUs - b.ptsUs);
    this.#wait();
  }

  /** @param {Picture} picture that has just come */
  #keepTogether({ ptsUs }) {
    const clock = this.#sound.mediaTimeUs;
    if (this.#wish.earlyMs > 0 || clock === null) return; // wished as early as may be
    if (Math.abs(ptsUs - clock) > APART_US) return;
    const waitMs = this.#sync.picture(performance.now(), (clock - ptsUs) / 1000);
    if (waitMs !== 0) this.#sound.wait(waitMs);
  }

  /** How long until it is to be painted; 0 or less = now. @param {Picture} picture */
  #dueInUs({ ptsUs, at }) {
    const { pictureMs, earlyMs, mutedAtOnce } = this.#wish;
    const clock = mutedAtOnce && this.#video.muted ? null : this.#sound.mediaTimeUs;
    if (clock !== null) {
      const ahead = ptsUs - clock - earlyMs * 1000;
      return Math.abs(ahead) > APART_US || this.#waiting.length >= WAITING_MOST ? 0 : ahead;
    }
    if (pictureMs === 0) return 0;
    this.#offsetMs = Math.min(this.#offsetMs, at - ptsUs / 1000);
    const dueMs = ptsUs / 1000 + this.#offsetMs + pictureMs;
    return (dueMs - performance.now()) * 1000;
  }

  #wait() {
    clearTimeout(this.#due);
    const [next] = this.#waiting;
    if (!next) return;
    this.#due = setTimeout(() => this.#paintDue(), Math.max(0, this.#dueInUs(next) / 1000));
  }

  /** The newest of those that are due. */
  #paintDue() {
    let due = null;
    while (this.#waiting.length > 0 && this.#dueInUs(this.#waiting[0]) <= TIMER_US) {
      if (due) {
        this.#dropped += 1;
        drop(due);
      }
      due = /** @type {Picture} */ (this.#waiting.shift());
    }
    if (due) this.#paint(due);
    this.#wait();
  }

  /** @param {Picture} picture */
  #paint(picture) {
    const { image, width, height, ptsUs, at } = picture;
    this.#stage.paint(image, width, height);
    drop(picture);
    this.#shown += 1;
    this.#paintedUs = ptsUs;
    this.capture = this.#captures.of(ptsUs, performance.now());
    this.#latencyMs = at > 0 ? Math.round(performance.now() - at) : 0;
    if (this.#shown === 1) this.#host.painted();
    this.#moved();
  }

  #forget() {
    clearTimeout(this.#due);
    for (const picture of this.#waiting.splice(0)) drop(picture);
  }

  #moved() {
    if (!this.#stands) return;
    this.#stands = false;
    this.#host.moves();
  }

  #watch() {
    this.#stage.fit();
    if (!this.shows) {
      const dark = this.#parts >= DARK_PARTS && performance.now() - this.#firstPartAt > DARK_MS;
      if (dark) this.#host.failed(new FramewireError("player-failed", NOTHING_COMES), true);
      return;
    }
    const since = performance.now() - this.#partAt;
    if (since < Math.max(STALL_MS, 4 * this.#longestGapMs)) {
      this.#moved();
      return;
    }
    if (!this.#stands) this.#stalls += 1;
    this.#stands = true;
    this.#host.stands();
  }
}

/** @param {Picture} picture */
function drop({ image }) {
  if ("close" in image) image.close();
}
