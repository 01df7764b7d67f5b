import { Emitter } from "./emitter.js";
import { FramewireError } from "./errors.js";
import { findJump } from "./gaps.js";
import { LiveChaser } from "./latency.js";
import { Link } from "./link.js";
import { mendLastDurations } from "./mp4_repair.js";
import { NativeHlsPlayer, needsNativeHls } from "./native_hls.js";
import { askRefusal } from "./refusal.js";
import { SideChannel } from "./side_channel.js";
import { canPlay, Sink } from "./sink.js";
import { SteadyCuts } from "./steady_cuts.js";
import { locate } from "./urls.js";
import { decodePart, KIND_INIT } from "./wire.js";

/**
 * @typedef {object} PlayOptions
 * @property {string} [token] watch key; default: `?token=` of the URL
 * @property {number} [targetMs] what to keep buffered ahead, in milliseconds; default 50, with audio 250
 *   (less is not taken with audio)
 * @property {boolean} [muted] start muted; default false: muted only if the browser insists
 *
 * @property {string} [name] what this viewer is called in the side channel, at most 64 bytes; default none
 *
 * @typedef {'connecting' | 'waiting' | 'live' | 'stalled' | 'reconnecting' | 'ended' | 'error' | 'stopped'} PlayState
 *
 * @typedef {object} PlayerEvents
 * @property {PlayState} state the new one
 * @property {number} viewers how many there are now
 * @property {true} muted the browser allowed playback only without sound
 * @property {import('./side_channel.js').SideMessage} message somebody said something, you included
 * @property {import('./side_channel.js').Muting} mutedsender the publisher has muted a sender, or no longer
 * @property {{code: string, message: string}} warning the server's: the stream goes on
 * @property {FramewireError} error the end, and why
 */

/** Beyond the target, what is kept ahead at the start: parts come a publisher's timeslice apart, in seconds. */
const START_MARGIN = 0.12;
const WATCH_MS = 250;
/** Whose appends must not end behind an uneven pair of frames; no feature tells it. */
const NEEDS_STEADY_CUTS = /Firefox\//.test(globalThis.navigator?.userAgent ?? "");
const REPORT_MS = 5_000;
/** A playhead that stands this long with a stream there is a stall, in milliseconds. */
const STALL_MS = 1_000;
/** Stays buffered for a paused player, in seconds. */
const PAUSED_AHEAD = 30;
/** So many dead sinks within a minute, and it is no accident. */
const REBUILDS_MOST = 5;
/** What no browser plays as it is. */
const IN_MP4 = new Set(["webm", "mpegts", "flv"]);
/** So many changes between the webm rendition and the origin, and neither will do. */
const SWITCHES_MOST = 20;

/**
 * A stream being watched. Events: those of PlayerEvents, by `on(type, listener)` or, as the `detail` of a
 * CustomEvent, by `addEventListener`.
 *
 * @extends {Emitter<PlayerEvents>}
 */
export class Player extends Emitter {
  #video;
  #place;
  #options;
  /** @type {Sink} */
  #sink;
  #link;
  #side;
  /** @type {LiveChaser} */
  #chaser;
  /** @type {PlayState} */
  #state = "connecting";
  #why = "";
  /** @type {'.webm' | '' | '.mp4'} */
  #rendition = ".webm";
  /** @type {import('./link.js').Message | null} */
  #info = null;
  /** @type {SteadyCuts | null} of the present run */
  #cuts = null;
  #switches = 0;
  /** Container and kinds of tracks that the sink is made for; '' = none yet. */
  #makeup = "";
  #beganRun = false;
  /** @type {number | null} where the picture may first be shown, in the run's own µs; null = positioned */
  #joinPtsUs = null;
  #sawLeadIn = false;
  #mutedByAutoplay = false;
  #viewers = 0;
  #bytes = 0;
  #skipped = 0;
  #jumps = 0;
  #stalls = 0;
  #reconnects = 0;
  #firstFrameMs = 0;
  #openedAt = 0;
  /** @type {{ptsUs: number, at: number}[]} */
  #arrivals = [];
  #lastMove = { position: 0, at: 0 };
  /** @type {number[]} */
  #rebuilds = [];
  #watchTimer;
  #reportTimer;
  /** @type {(why: FramewireError | null) => void} */
  #resolveClosed = () => {};

  /**
   * @param {HTMLVideoElement} video
   * @param {string | URL} url
   * @param {PlayOptions} [options]
   */
  constructor(video, url, options = {}) {
    super();
    this.#video = video;
    this.#options = options;
    this.#place = locate(url, { token: options.token });
    this.#chaser = new LiveChaser({ audio: false, targetMs: options.targetMs });
    /** Resolves with null after stop(), with the error otherwise. Never rejects. */
    this.closed = new Promise((/** @type {(why: FramewireError | null) => void} */ resolve) => {
      this.#resolveClosed = resolve;
    });
    this.#side = new SideChannel(options.name ?? "", (message) => this.#link.send(message));
    this.#link = new Link({
      url: () => this.#place.liveSocket(this.#rendition),
      opened: () => this.#onOpen(),
      text: (message) => this.#onText(message),
      binary: (message) => this.#onPart(message),
      lost: (why) => this.#onLost(why),
      refused: (why) => this.#onRefused(why),
    });
    video.playsInline = true;
    if (options.muted) video.muted = true;
    this.#sink = this.#newSink();
    this.#watchTimer = setInterval(() => this.#watch(), WATCH_MS);
    this.#reportTimer = setInterval(() => this.#report(), REPORT_MS);
    video.addEventListener("waiting", this.#watch);
  }

  get state() {
    return this.#state;
  }

  /** Why the state is what it is: `no-publisher`, `publisher-lost`, `next-group`, or a sentence. */
  get reason() {
    return this.#why;
  }

  /** The browser allowed playback only without sound: unmute from a click. */
  get mutedByAutoplay() {
    return this.#mutedByAutoplay && this.#video.muted;
  }

  /** The server's last `stream` message: format, mime, epoch, tracks. */
  get info() {
    return this.#info;
  }

  get stats() {
    const quality = this.#video.getVideoPlaybackQuality?.();
    return {
      /** How long the picture on show has been in this page. */
      latencyMs: this.#latencyMs(),
      bufferedMs: Math.max(0, Math.round((this.#sink.end - this.#video.currentTime) * 1000)),
      playbackRate: this.#video.playbackRate,
      framesShown: quality ? quality.totalVideoFrames - quality.droppedVideoFrames : 0,
      framesDropped: quality?.droppedVideoFrames ?? 0,
      /** From the open socket to the first picture; 0 = none yet. */
      firstFrameMs: this.#firstFrameMs,
      bytes: this.#bytes,
      viewers: this.#viewers,
      /** Parts that the server left out because this viewer was slow. */
      skipped: this.#skipped,
      /** Holes in the timeline jumped over. */
      jumps: this.#jumps,
      stalls: this.#stalls,
      reconnects: this.#reconnects,
    };
  }

  /** What the side channel calls this viewer: the `sender` of its messages; '' before its first one. */
  get sender() {
    return this.#side.sender;
  }

  /**
   * Says something to the publisher and all viewers; it comes back as a `message` to everybody, the sender
   * included. What the server does not pass on (too long, too many, muted, nobody is live) it says by a
   * `warning`.
   *
   * @param {unknown} data any JSON value
   * @param {import('./side_channel.js').SendOptions} [options]
   */
  send(data, options) {
    this.#side.send(data, options);
  }

  /** Leaves the stream; the last picture stays. */
  stop() {
    this.#end(null);
    return this.closed;
  }

  /** Goes to the live edge, say after a pause. */
  toLive() {
    const end = this.#sink.end;
    if (end > 0) this.#seek(Math.max(end - this.#chaser.target - START_MARGIN, this.#lastStart()));
  }

  #newSink() {
    this.#beganRun = false;
    const sink = new Sink(this.#video, {
      beforeAppend: () => {
        const end = this.#sink.end;
        if (end > 0 && !this.#video.paused && this.#joinPtsUs === null) {
          this.#chaser.sample(performance.now(), end - this.#video.currentTime);
        }
      },
      appended: () => this.#position(false),
      failed: (why) => this.#rebuild(why),
    });
    this.#startPlayback();
    return sink;
  }

  #startPlayback() {
    const video = this.#video;
    video.play().catch((/** @type {DOMException} */ error) => {
      if (error.name !== "NotAllowedError" || video.muted) return;
      video.muted = true;
      this.#mutedByAutoplay = true;
      this.emit("muted", true);
      video.play().catch(() => {});
    });
    this.#watchFirstFrame();
  }

  #watchFirstFrame() {
    const video = this.#video;
    const shown = () => {
      if (this.#firstFrameMs || !this.#openedAt || this.#state === "stopped") return;
      this.#firstFrameMs = Math.max(1, Math.round(performance.now() - this.#openedAt));
    };
    if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(shown);
    else video.addEventListener("loadeddata", shown, { once: true });
  }

  #onOpen() {
    this.#openedAt ||= performance.now();
    this.#setState("connecting");
  }

  /** @param {import('./link.js').Message} message */
  #onText(message) {
    switch (message.type) {
      case "waiting":
        this.#letOut();
        this.#setState("waiting", message.reason);
        break;
      case "stream":
        this.#onStream(message);
        break;
      case "skipped":
        this.#skipped += Math.max(0, (message.to ?? 0) - (message.from ?? 0));
        break;
      case "viewers":
        this.#viewers = message.count;
        this.emit("viewers", message.count);
        break;
      case "end":
        this.#letOut();
        this.#setState("ended", message.reason);
        break;
      case "sender":
        this.#side.named(message.sender);
        break;
      case "message":
        this.emit("message", this.#side.read(message));
        break;
      case "muted":
        this.emit("mutedsender", { sender: message.sender, muted: message.muted });
        break;
      case "warning":
        this.emit("warning", { code: message.code, message: message.message });
        break;
      case "error":
        if (message.code === "unsupported-format" && this.#rendition === ".webm") {
          this.#switchTo("");
        } else if (message.code === "unsupported-format" && this.#rendition === ".mp4") {
          this.#end(new FramewireError("unsupported-player", message.message));
        }
        break;
    }
  }

  /** @param {'.webm' | '' | '.mp4'} rendition */
  #switchTo(rendition) {
    this.#switches += 1;
    if (this.#switches > SWITCHES_MOST) {
      this.#end(
        new FramewireError("unsupported-format", "No rendition of this stream can be played."),
      );
      return;
    }
    this.#rendition = rendition;
    this.#link.reconnect();
  }

  /** @param {import('./link.js').Message} info */
  #onStream(info) {
    // H.264 in Matroska, MPEG-TS, FLV: the server has the same packets as MP4.
    if (!canPlay(info.mime) && this.#rendition !== ".mp4" && IN_MP4.has(info.format)) {
      this.#switchTo(".mp4");
      return;
    }
    if (info.format === "webm" && this.#rendition === "") {
      this.#switchTo(".webm");
      return;
    }
    if (!canPlay(info.mime)) {
      const what = info.mime || info.format;
      this.#end(new FramewireError("unsupported-player", `This browser cannot play ${what}.`));
      return;
    }
    const audio = (info.tracks ?? []).some((/** @type {any} */ track) => track.kind === "audio");
    this.#chaser = new LiveChaser({ audio, targetMs: this.#options.targetMs });
    // A SourceBuffer takes another codec, but neither another container nor other kinds of tracks.
    const makeup = makeupOf(info);
    if (this.#makeup && this.#makeup !== makeup) {
      this.#sink.close();
      this.#sink = this.#newSink();
    }
    this.#makeup = makeup;
    this.#info = info;
    this.#arrivals = [];
    this.#sawLeadIn = false;
    this.#joinPtsUs = null;
    this.#lastMove = { position: this.#video.currentTime, at: performance.now() };
    this.#setState("live");
  }

  /** @param {ArrayBuffer} message */
  #onPart(message) {
    const part = decodePart(message);
    this.#bytes += message.byteLength;
    if (!this.#info) return;
    if (part.kind === KIND_INIT) {
      this.#letOut();
      this.#cuts = NEEDS_STEADY_CUTS && this.#info.format === "webm" ? new SteadyCuts() : null;
      this.#sink.begin(this.#info.mime, part.payload);
      return;
    }
    // A publisher that resumes goes on in its epoch, with no new `stream` message.
    if (this.#state === "waiting") this.#setState("live");
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
    const pieces = this.#cuts?.push(part.payload, part.ptsUs);
    if (!pieces) this.#sink.append(part.payload, part.ptsUs);
    for (const { bytes, ptsUs } of pieces ?? []) this.#sink.append(bytes, ptsUs);
  }

  /** What was held back for a steady cut, now that nothing follows it. */
  #letOut() {
    for (const { bytes, ptsUs } of this.#cuts?.flush() ?? []) this.#sink.append(bytes, ptsUs);
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
    return this.#sink.ranges.at(-1)?.start ?? 0;
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
    if (ranges.length === 0) return;
    if (this.#joinPtsUs !== null) {
      if (now - this.#lastMove.at > STALL_MS) this.#position(true);
      return;
    }
    if (video.paused) {
      this.#lastMove.at = now;
      if (this.#sink.end - video.currentTime > PAUSED_AHEAD) this.toLive();
      return;
    }
    if (video.seeking) return;
    const position = video.currentTime;
    const moved = position !== this.#lastMove.position;
    if (moved) this.#lastMove = { position, at: now };
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

  /** @param {number} now @param {boolean} moved */
  #judgeStall(now, moved) {
    if (this.#state === "stalled" && moved) this.#setState("live");
    if (this.#state !== "live" || moved) return;
    if (now - this.#lastMove.at < STALL_MS) {
      if (this.#video.readyState < 3 && now - this.#lastMove.at >= WATCH_MS) this.#ranDry(now);
      return;
    }
    this.#setState("stalled");
  }

  #dryAt = 0;
  /** @param {number} now */
  #ranDry(now) {
    // Without a sample the run has only begun: nothing can be said about its pace.
    if (now - this.#dryAt < 2 * STALL_MS || this.#chaser.slack === undefined) return;
    this.#dryAt = now;
    this.#stalls += 1;
    this.#chaser.stalled(now);
  }

  /** A dead SourceBuffer stays dead: a new MediaSource, and a new connection for a new init segment. */
  #rebuild(/** @type {FramewireError} */ why) {
    const now = performance.now();
    this.#rebuilds = this.#rebuilds.filter((at) => now - at < 60_000);
    this.#rebuilds.push(now);
    if (this.#rebuilds.length > REBUILDS_MOST) {
      this.#end(why);
      return;
    }
    this.#info = null;
    this.#makeup = "";
    this.#sink = this.#newSink();
    this.#setState("reconnecting", why.message);
    this.#link.reconnect();
  }

  /** @param {FramewireError} why */
  async #onLost(why) {
    this.#reconnects += 1;
    this.#setState("reconnecting", why.message);
    if (this.#openedAt) return;
    const refusal = await askRefusal(this.#place.liveSocket(""));
    if (refusal) this.#end(refusal);
  }

  /** @param {FramewireError} why */
  #onRefused(why) {
    if (why.closeCode === 1000) this.#end(null, "ended");
    else this.#end(why);
  }

  #report() {
    if (this.#state !== "live") return;
    const { latencyMs, bufferedMs, framesDropped } = this.stats;
    this.#link.send({
      type: "report",
      latency_ms: latencyMs,
      buffered_ms: bufferedMs,
      dropped_frames: framesDropped,
    });
  }

  /** Time of the picture on show, in microseconds of the stream's own clock, as in SideMessage. */
  get mediaTimeUs() {
    return Math.round((this.#video.currentTime - this.#sink.offset) * 1e6);
  }

  #latencyMs() {
    const shownUs = this.mediaTimeUs;
    const part = this.#arrivals.findLast(({ ptsUs }) => ptsUs <= shownUs);
    return part ? Math.round(performance.now() - part.at) : 0;
  }

  /** @param {FramewireError | null} why @param {PlayState} [state] */
  #end(why, state = why ? "error" : "stopped") {
    if (["error", "stopped"].includes(this.#state)) return;
    clearInterval(this.#watchTimer);
    clearInterval(this.#reportTimer);
    this.#video.removeEventListener("waiting", this.#watch);
    this.#link.stop();
    this.#sink.close();
    if (why) this.emit("error", why);
    this.#setState(state, why?.message);
    this.#resolveClosed(why);
  }

  /** @param {PlayState} state @param {string} [why] */
  #setState(state, why = "") {
    if (this.#state === state && this.#why === why) return;
    this.#state = state;
    this.#why = why;
    this.emit("state", state);
  }
}

/** @param {import("./link.js").Message} info a `stream` message */
function makeupOf({ format, tracks = [] }) {
  const kinds = tracks.map((/** @type {{kind: string}} */ track) => track.kind);
  return [format, ...kinds.sort()].join(" ");
}

/**
 * Plays a live stream in a video element. A browser without Media Source Extensions plays it by its own
 * HLS; what it gets has the calls and events of a Player.
 *
 * @param {HTMLVideoElement} video
 * @param {string | URL} url `/watch/NAME`, a whole URL, or the bare name
 * @param {PlayOptions} [options]
 * @returns {Player}
 */
export function play(video, url, options) {
  if (!needsNativeHls(video)) return new Player(video, url, options);
  return /** @type {any} */ (new NativeHlsPlayer(video, url, options));
}
