import { Emitter } from "./emitter.js";
import { errorOfClose, FramewireError } from "./errors.js";
import { Moderator } from "./moderator.js";
import { checkPlay } from "./play_types.js";
import { NO_RIGHTS } from "./side_channel.js";
import { locate } from "./urls.js";

/** @typedef {import('./play.js').PlayState} PlayState */

const HLS = "application/vnd.apple.mpegurl";
/** The server waits so long for a stream that is not there, in seconds. */
const WAIT_S = 20;
const RETRY_MS = 2_000;
/** What asking again does not change. */
const FOR_GOOD = new Set([400, 401, 403, 415]);

/**
 * Whether a browser has no Media Source Extensions, and plays HLS by itself: iPhones before iOS 17.1.
 *
 * @param {HTMLVideoElement} video
 */
export function needsNativeHls(video) {
  const has = /** @type {any} */ (globalThis);
  return !has.ManagedMediaSource && !has.MediaSource && playsHls(video);
}

/** @param {HTMLVideoElement} video */
export function playsHls(video) {
  return (video.canPlayType?.(HLS) ?? "") !== "";
}

/**
 * A stream played by the browser's own HLS: the same calls and events as a Player, without side channel,
 * viewer count and statistics of the connection, and some seconds later.
 *
 * @extends {Emitter<import('./play.js').PlayerEvents>}
 */
export class NativeHlsPlayer extends Emitter {
  #video;
  #place;
  /** @type {PlayState} */
  #state = "connecting";
  #why = "";
  #mutedByAutoplay = false;
  #stalls = 0;
  #reconnects = 0;
  #openedAt = performance.now();
  #firstFrameMs = 0;
  #abort = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {(why: FramewireError | null) => void} */
  #resolveClosed = () => {};
  /** @type {[string, () => void][]} */
  #listeners = [
    ["playing", () => this.#onPlaying()],
    ["waiting", () => this.#onDry()],
    ["ended", () => this.#again("ended", "")],
    ["error", () => this.#again("reconnecting", this.#video.error?.message ?? "")],
  ];

  /** @param {HTMLVideoElement} video @param {string | URL} url @param {import('./play.js').PlayOptions} [options] */
  constructor(video, url, options = {}) {
    super();
    checkPlay(video, options);
    this.#video = video;
    this.#place = locate(url, options);
    this.closed = new Promise((/** @type {(why: FramewireError | null) => void} */ resolve) => {
      this.#resolveClosed = resolve;
    });
    /** Who has the right may moderate from here, too; `rights` do not tell. */
    this.moderator = new Moderator(this.#place, { token: () => this.#place.token ?? "" });
    video.playsInline = true;
    if (options.muted) video.muted = true;
    for (const [type, listener] of this.#listeners) video.addEventListener(type, listener);
    this.#open();
    queueMicrotask(() => this.#state === "connecting" && this.emit("state", "connecting"));
  }

  get state() {
    return this.#state;
  }
  get reason() {
    return this.#why;
  }
  get mutedByAutoplay() {
    return this.#mutedByAutoplay && this.#video.muted;
  }
  get info() {
    const { videoWidth: width, videoHeight: height } = this.#video;
    if (this.#state !== "live" && this.#state !== "stalled") return null;
    const sound = { kind: "audio", codec: "" }; // whether there is any, such a browser does not tell
    const tracks = width > 0 ? [{ kind: "video", codec: "", width, height }, sound] : [sound];
    return { type: "stream", format: "hls", mime: HLS, epoch: 0, width, height, tracks };
  }
  get sender() {
    return "";
  }
  get rights() {
    return NO_RIGHTS;
  }
  get mediaTimeUs() {
    return Math.round(this.#video.currentTime * 1e6);
  }
  get stats() {
    return {
      latencyMs: this.#behindMs(),
      delay: null,
      bufferedMs: 0,
      playbackRate: this.#video.playbackRate,
      framesShown: 0,
      framesDropped: 0,
      firstFrameMs: this.#firstFrameMs,
      bytes: 0,
      viewers: 0,
      skipped: 0,
      jumps: 0,
      stalls: this.#stalls,
      reconnects: this.#reconnects,
      way: { rendition: "hls", by: "hls", why: "This browser has no Media Source Extensions." },
    };
  }
  get shows() {
    return this.#video.readyState >= 2;
  }
  get canvas() {
    return null;
  }
  get liveUrl() {
    return this.#place.liveUrl();
  }
  get raw() {
    return null;
  }

  captureStream() {
    return null;
  }

  say() {
    this.send();
  }

  send() {
    throw new FramewireError("not-connected", "This browser's HLS player has no side channel.");
  }

  toLive() {
    const { seekable } = this.#video;
    if (seekable.length > 0) this.#video.currentTime = seekable.end(seekable.length - 1);
  }

  stop() {
    this.#end(null);
    return this.closed;
  }

  /** By the playlist's clock, where the browser tells it. */
  #behindMs() {
    const video = /** @type {HTMLVideoElement & {getStartDate?: () => Date}} */ (this.#video);
    const start = video.getStartDate?.().getTime() ?? Number.NaN;
    const behind = Date.now() - start - video.currentTime * 1000;
    return Number.isFinite(behind) ? Math.max(0, Math.round(behind)) : 0;
  }

  /** Asks first: a video element would not say why it got nothing. */
  async #open() {
    const { signal } = this.#abort;
    const url = this.#place.hlsUrl();
    const asked = new URL(url);
    asked.searchParams.set("wait", String(WAIT_S));
    try {
      const response = await fetch(asked, { cache: "no-store", signal });
      if (response.ok) {
        this.#video.src = url;
        this.#play();
      } else if (FOR_GOOD.has(response.status)) {
        const { error } = await response.json();
        const code = response.status === 415 ? 1003 : 1008;
        this.#end(errorOfClose({ code, reason: "" }, error, asked.searchParams.has("token")));
      } else {
        this.#again("waiting", "no-publisher", 0);
      }
    } catch (error) {
      if (!signal.aborted) this.#again("reconnecting", String(error));
    }
  }

  #play() {
    const video = this.#video;
    video.play().catch((/** @type {DOMException} */ error) => {
      if (error.name !== "NotAllowedError" || video.muted) return;
      video.muted = true;
      this.#mutedByAutoplay = true;
      this.emit("muted", true);
      video.play().catch(() => {});
    });
  }

  /** @param {PlayState} state @param {string} why */
  #again(state, why, after = RETRY_MS) {
    if (this.#abort.signal.aborted) return;
    if (state === "reconnecting") this.#reconnects += 1;
    this.#setState(state, why);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#open(), after);
  }

  #onPlaying() {
    this.#firstFrameMs ||= Math.max(1, Math.round(performance.now() - this.#openedAt));
    this.#setState("live");
  }

  #onDry() {
    if (this.#state !== "live") return;
    this.#stalls += 1;
    this.#setState("stalled");
  }

  /** @param {FramewireError | null} why */
  #end(why) {
    if (this.#abort.signal.aborted) return;
    this.#abort.abort();
    clearTimeout(this.#timer);
    for (const [type, listener] of this.#listeners) this.#video.removeEventListener(type, listener);
    this.#video.removeAttribute("src");
    this.#video.load();
    if (why) this.emit("error", why);
    this.#setState(why ? "error" : "stopped", why?.message);
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
