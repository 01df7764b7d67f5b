import { FramewireError } from "./errors.js";
import { findJump } from "./gaps.js";
import { LiveChaser } from "./latency.js";
import { LoneTrack } from "./lone_track.js";
import { mendLastDurations } from "./mp4_repair.js";
import { MseSink } from "./mse_sink.js";
import { last } from "./newer.js";
import { PromptHeader } from "./prompt_header.js";
import { CaptureTimes } from "./shown_delay.js";
import { SteadyCuts } from "./steady_cuts.js";
import { KIND_INIT } from "./wire.js";

/**
 * A stream shown by a video element through Media Source Extensions: starts at the live edge, stays near it by
 * its rate, jumps over holes, says when it stands still. Knows no socket: it is given a `stream` message, then parts.
 *
 * @typedef {import('./screen.js').Screen} Screen
 * @typedef {import('./screen.js').ScreenHost} ScreenHost
 */

/** Beyond the target, what is kept ahead at the start: parts come a publisher's timeslice apart, in seconds. */
const START_MARGIN = 0.12;
const WATCH_MS = 250;
/** A playhead that stands this long with a stream there is a stall, in milliseconds. */
const STALL_MS = 1_000;
/** Stays buffered for a paused player, in seconds. */
const PAUSED_AHEAD = 30;
/** Media that lies there this long without a picture is not decoded by this browser, in milliseconds. */
const DARK_MS = 4_000;
/** Media is taken for so long, and still not all of its tracks are there: one is only promised. In milliseconds. */
const UNKNOWN_MS = 700;
/** So much media has to have been taken by then that all tracks would be there, in microseconds. */
const UNKNOWN_US = 500_000;
/** A playhead this near to the end of what is buffered has nothing left to play, in seconds. */
const DRY = 0.15;
/** Whose appends must not end behind an uneven pair of frames; no feature tells it. */
const NEEDS_STEADY_CUTS = /Firefox\//.test(globalThis.navigator?.userAgent ?? "");
/** Who shows each picture of live media at once, if its header is such (prompt_header.js); no feature tells it. */
const IS_PROMPT = /Chrome\//.test(globalThis.navigator?.userAgent ?? "");

/** @implements {Screen} */
export class MseScreen {
  by = /** @type {const} */ ("mse");
  canvas = null;
  #video;
  #host;
  #targetMs;
  /** @type {MseSink} */
  #sink;
  /** @type {LiveChaser} */
  #chaser;
  /** @type {import('./reconnecting_socket.js').Message | null} */
  #info = null;
  /** @type {SteadyCuts | null} of the present run */
  #cuts = null;
  /** @type {PromptHeader | null} of the present run */
  #header = null;
  /** Container and kinds of tracks that the sink is made for; '' = none yet. */
  #makeup = "";
  #beganRun = false;
  /** @type {number | null} where the picture may first be shown, in the run's own µs; null = positioned */
  #joinPtsUs = null;
  #sawLeadIn = false;
  #jumps = 0;
  #stalls = 0;
  #dryAt = 0;
  #darkSince = 0;
  /** @type {{ptsUs: number, at: number}[]} */
  #arrivals = [];
  #captures = new CaptureTimes();
  #lone = new LoneTrack();
  /** When the present run was given its first media; 0 = not yet. */
  #givenAt = 0;
  #lastMove = { position: 0, at: 0 };
  /** Of the present sink. */
  #painted = false;
  #timer;
  #closed = false;

  /**
   * @param {HTMLVideoElement} video
   * @param {ScreenHost} host
   * @param {{targetMs?: number}} options
   */
  constructor(video, host, { targetMs }) {
    this.#video = video;
    this.#host = host;
    this.#targetMs = targetMs;
    this.#chaser = new LiveChaser({ audio: false, targetMs });
    this.#sink = this.#newSink();
    this.#timer = setInterval(() => this.#watch(), WATCH_MS);
    video.addEventListener("waiting", this.#watch);
  }

  get shows() {
    return this.#video.readyState >= 2;
  }

  get stats() {
    const quality = this.#video.getVideoPlaybackQuality?.();
    return {
      latencyMs: this.#latencyMs(),
      bufferedMs: Math.max(0, Math.round((this.#sink.end - this.#video.currentTime) * 1000)),
      playbackRate: this.#video.playbackRate,
      framesShown: quality ? quality.totalVideoFrames - quality.droppedVideoFrames : 0,
      framesDropped: quality?.droppedVideoFrames ?? 0,
      jumps: this.#jumps,
      stalls: this.#stalls,
    };
  }

  get capture() {
    return this.shows ? this.#captures.of(this.mediaTimeUs, performance.now()) : null;
  }

  get mediaTimeUs() {
    return Math.round((this.#video.currentTime - this.#sink.offset) * 1e6);
  }

  captureStream() {
    const video = /** @type {any} */ (this.#video);
    return video.captureStream?.() ?? video.mozCaptureStream?.() ?? null;
  }

  /** @param {import('./reconnecting_socket.js').Message} info */
  begin(info) {
    const audio = (info.tracks ?? []).some((/** @type {any} */ track) => track.kind === "audio");
    this.#chaser = new LiveChaser({ audio, prompt: IS_PROMPT, targetMs: this.#targetMs });
    // A SourceBuffer takes another codec, but neither another container nor other kinds of tracks.
    const makeup = makeupOf(info);
    if (this.#makeup && this.#makeup !== makeup) {
      this.#sink.close();
      this.#sink = this.#newSink();
    }
    this.#makeup = makeup;
    this.#info = info;
    this.#arrivals = [];
    this.#captures.clear();
    this.#givenAt = 0;
    this.#sawLeadIn = false;
    this.#joinPtsUs = null;
    this.#lastMove = { position: this.#video.currentTime, at: performance.now() };
  }

  /** @param {import('./wire.js').Part} part */
  part(part) {
    if (!this.#info) return;
    if (part.kind === KIND_INIT) {
      this.letOut();
      this.#cuts = NEEDS_STEADY_CUTS && this.#info.format === "webm" ? new SteadyCuts() : null;
      const webm = this.#info.format === "webm" && IS_PROMPT;
      this.#header = webm ? new PromptHeader(part.payload) : null;
      this.#sink.begin(this.#info.mime, this.#header?.first ?? part.payload);
      return;
    }
    this.#givenAt ||= performance.now();
    this.#captures.note(part);
    if (part.leadIn) this.#sawLeadIn = true;
    else if (this.#arrivals.length === 0 && (!this.#beganRun || this.#sawLeadIn)) {
      this.#joinPtsUs = part.ptsUs;
    }
    if (!part.leadIn) {
      this.#beganRun = true;
      this.#arrivals.push({ ptsUs: part.ptsUs, at: performance.now() });
      if (this.#arrivals.length > 300) this.#arrivals.shift();
    }
    if (this.#info.format === "mp4") mendLastDurations(part.payload);
    const header = this.#header?.look(part.payload, part.groupStart);
    if (header) this.#sink.anew(header.bytes, this.#showsOnly ? header.lastsMs / 1000 : 0);
    const pieces = this.#cuts?.push(part.payload, part.ptsUs);
    if (!pieces) this.#sink.append(part.payload, part.ptsUs);
    for (const { bytes, ptsUs } of pieces ?? []) this.#sink.append(bytes, ptsUs);
  }

  /** With sound the sound's end is the end. */
  get #showsOnly() {
    return this.#info?.tracks?.length === 1;
  }

  /** What was held back for a steady cut, now that nothing follows it. */
  letOut() {
    for (const { bytes, ptsUs } of this.#cuts?.flush() ?? []) this.#sink.append(bytes, ptsUs);
  }

  toLive() {
    const end = this.#sink.end;
    if (end > 0) this.#seek(Math.max(end - this.#chaser.target - START_MARGIN, this.#lastStart()));
  }

  leave() {
    this.close();
  }

  close() {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#video.removeEventListener("waiting", this.#watch);
    this.#sink.close();
  }

  #newSink() {
    this.#beganRun = false;
    const sink = new MseSink(this.#video, {
      beforeAppend: () => {
        const end = this.#sink.end;
        if (end > 0 && !this.#video.paused && this.#joinPtsUs === null) {
          this.#chaser.sample(performance.now(), end - this.#video.currentTime);
        }
      },
      appended: () => this.#position(false),
      failed: (why) => this.#host.failed(why),
    });
    this.#host.startPlayback();
    this.#watchFirstFrame();
    return sink;
  }

  #watchFirstFrame() {
    const video = this.#video;
    this.#painted = false;
    const shown = () => this.#onPainted();
    if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(shown);
    else video.addEventListener("loadeddata", shown, { once: true });
    // Of sound alone no frame comes.
    const heard = () => video.videoWidth === 0 && shown();
    video.addEventListener("playing", heard, { once: true });
  }

  #onPainted() {
    if (this.#closed || this.#painted) return;
    this.#painted = true;
    this.#host.painted();
  }

  /**
   * After the lead-in has been appended: start at the live edge, so that nobody sees it.
   *
   * @param {boolean} late take what there is
   */
  #position(late) {
    if (this.#joinPtsUs === null) return;
    const end = this.#sink.end;
    const join = this.#joinPtsUs / 1e6 + this.#sink.offset;
    if (end === 0 || (!late && (end <= join || !this.#sink.idle))) return;
    this.#joinPtsUs = null;
    const edge = end - this.#chaser.target - START_MARGIN;
    this.#seek(Math.max(Math.min(join, edge), this.#lastStart()));
  }

  #lastStart() {
    return last(this.#sink.ranges)?.start ?? 0;
  }

  /** @param {number} position in seconds */
  #seek(position) {
    this.#chaser.moved();
    this.#lastMove = { position, at: performance.now() };
    // Firefox's ranges begin a little late: a seek by less would repeat for ever.
    if (Math.abs(this.#video.currentTime - position) > 0.05) this.#video.currentTime = position;
  }

  #watch = () => {
    const video = this.#video;
    const now = performance.now();
    const { ranges } = this.#sink;
    if (this.#staysUnknown(now) || ranges.length === 0 || !this.#info) return;
    if (this.#joinPtsUs !== null) {
      if (now - this.#lastMove.at > STALL_MS) this.#position(true);
      return;
    }
    if (video.paused) {
      this.#lastMove.at = now;
      if (this.#sink.end - video.currentTime > PAUSED_AHEAD) this.toLive();
      return;
    }
    if (this.#staysDark(now) || video.seeking) return;
    const position = video.currentTime;
    const moved = position !== this.#lastMove.position;
    if (moved) this.#lastMove = { position, at: now };
    if (moved && video.readyState >= 2) this.#onPainted(); // WebKitGTK calls no one at a frame
    this.#judgeLoss(now, moved);
    const jump = video.readyState < 3 || !moved ? findJump(ranges, position) : null;
    if (jump !== null) {
      this.#jumps += 1;
      this.#seek(jump + 0.001);
      return;
    }
    this.#judgeStall(now, moved);
    const { rate, jump: toLive } = this.#chaser.decide(now);
    if (toLive) this.toLive();
    if (Math.abs(video.playbackRate - rate) > 0.005) video.playbackRate = rate;
  };

  /**
   * A sound that is listed and never comes, or hours from its pictures: the tracks of MPEG-TS stay unknown in Chromium,
   * and of all that was taken nothing is buffered for all tracks. No error tells it.
   *
   * @param {number} now
   */
  #staysUnknown(now) {
    if (this.#video.readyState > this.#video.HAVE_METADATA || !this.#sink.idle) return false;
    if (this.#givenAt === 0 || now - this.#givenAt < UNKNOWN_MS) return false;
    if (this.#video.readyState > this.#video.HAVE_NOTHING) {
      const spanUs = (last(this.#arrivals)?.ptsUs ?? 0) - this.#arrivals[0]?.ptsUs;
      if (this.#sink.ranges.length > 0 || !(Math.abs(spanUs) >= UNKNOWN_US)) return false;
    }
    this.#host.failed(dark(this.#info?.mime), true);
    return true;
  }

  /** @param {number} now @param {boolean} moved */
  #judgeLoss(now, moved) {
    const { ptsUs, at } = last(this.#arrivals) ?? { ptsUs: 0, at: 0 };
    const newest = { time: ptsUs / 1e6 + this.#sink.offset, at };
    const alone = this.#sink.idle && this.#lone.goesOn(this.#sink.end, newest, now);
    // Firefox says of a playhead that stands there that it could go on.
    const dry = !moved && this.#sink.end - this.#video.currentTime < DRY;
    if (alone && (dry || this.#video.readyState < 3)) this.#host.loses(lost(this.#info?.mime));
  }

  /** A second is buffered, and nothing of it can be shown: no error tells it. @param {number} now */
  #staysDark(now) {
    const ahead = this.#sink.end - this.#video.currentTime;
    if (this.#video.readyState >= 2 || ahead < 1) {
      this.#darkSince = 0;
      return false;
    }
    this.#darkSince ||= now;
    if (now - this.#darkSince < DARK_MS) return false;
    this.#host.failed(dark(this.#info?.mime), true);
    return true;
  }

  /** @param {number} now @param {boolean} moved */
  #judgeStall(now, moved) {
    if (moved) this.#host.moves();
    if (moved) return;
    if (now - this.#lastMove.at < STALL_MS) {
      if (this.#video.readyState < 3 && now - this.#lastMove.at >= WATCH_MS) this.#ranDry(now);
      return;
    }
    this.#host.stands();
  }

  /** @param {number} now */
  #ranDry(now) {
    // Without a sample the run has only begun: nothing can be said about its pace.
    if (now - this.#dryAt < 2 * STALL_MS || this.#chaser.slack === undefined) return;
    this.#dryAt = now;
    this.#stalls += 1;
    this.#chaser.stalled(now);
  }

  #latencyMs() {
    const shownUs = this.mediaTimeUs;
    const part = last(this.#arrivals.filter(({ ptsUs }) => ptsUs <= shownUs));
    return part ? Math.round(performance.now() - part.at) : 0;
  }
}

/** @param {string} [mime] */
function dark(mime) {
  return new FramewireError("player-failed", `This browser shows nothing of ${mime}.`);
}

/** @param {string} [mime] */
function lost(mime) {
  return new FramewireError("player-failed", `Sound or pictures of ${mime} have stopped.`);
}

/** @param {import("./reconnecting_socket.js").Message} info a `stream` message */
function makeupOf({ format, tracks = [] }) {
  const kinds = tracks.map((/** @type {{kind: string}} */ track) => track.kind);
  return [format, ...kinds.sort()].join(" ");
}
