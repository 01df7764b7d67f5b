/**
 * `<video>` and `<audio>` at the film's time: they are never played, but sought to the place where they would be, and the
 * page is told what it would be told. Nothing is heard: the film's sound is the `--audio` of the command.
 */
import { rootsOf } from "./roots.js";

/** So far into a picture: a time on the border of two may show either. */
const INTO_PICTURE_S = 0.0005;
/** A video that is not seen may show no picture to anybody: then that is not waited for again. By the wall's clock. */
const NO_PICTURE_MS = 5000;
/** So many frames of the browser without a picture of a video: none is under way any more. */
const QUIET_FRAMES = 3;
const NETWORK_EMPTY = 0;
const HAVE_METADATA = 1;
const HAVE_CURRENT_DATA = 2;

/**
 * @typedef {object} Playing
 * @property {number} from film time at which it was at `at`, ms
 * @property {number} at media time, seconds
 * @property {boolean} on it plays
 * @property {boolean} ended
 * @property {boolean} begun `autoplay` has been looked at
 * @property {number | null} shown the media time that was sought to last
 * @property {boolean} unseen its pictures are shown to nobody
 * @property {number} pictures that it has shown, by Chromium's count
 * @property {() => void} onPicture it has shown one
 */

export class FilmMedia {
  /** @type {import("./film_clock.js").Scope} */
  #scope;
  /** @type {import("./film_clock.js").FilmClock} */
  #clock;
  /** @type {import("./waiting.js").Waiting} */
  #waiting;
  /** @type {WeakMap<HTMLMediaElement, Playing>} */
  #states = new WeakMap();
  /** Made by script, and perhaps in no tree: what a canvas draws. @type {Set<HTMLMediaElement>} */
  #known = new Set();
  /** @type {Map<number, { video: HTMLVideoElement, callback: VideoFrameRequestCallback }>} */
  #callbacks = new Map();
  #nextCallback = 1;
  #real;

  /** @param {import("./film_clock.js").Scope} scope @param {import("./film_clock.js").FilmClock} clock @param {import("./waiting.js").Waiting} waiting */
  constructor(scope, clock, waiting) {
    this.#scope = scope;
    this.#clock = clock;
    this.#waiting = waiting;
    const media = scope.HTMLMediaElement.prototype;
    const currentTime = /** @type {Required<PropertyDescriptor>} */ (
      Object.getOwnPropertyDescriptor(media, "currentTime")
    );
    const paused = /** @type {Required<PropertyDescriptor>} */ (
      Object.getOwnPropertyDescriptor(media, "paused")
    );
    this.#real = {
      time: (/** @type {HTMLMediaElement} */ one) =>
        /** @type {number} */ (currentTime.get.call(one)),
      seek: (/** @type {HTMLMediaElement} */ one, /** @type {number} */ to) =>
        currentTime.set.call(one, to),
      paused: (/** @type {HTMLMediaElement} */ one) => paused.get.call(one),
      pause: media.pause,
      onPicture: scope.HTMLVideoElement.prototype.requestVideoFrameCallback,
    };
    this.#replace(currentTime, paused);
  }

  /** Everything that plays goes to where it is now. @param {boolean} shown its pictures will be seen */
  async show(shown) {
    const seeks = [];
    for (const one of this.#all()) {
      const state = this.#state(one);
      if (one.readyState < HAVE_CURRENT_DATA && isLoading(one)) await this.#loaded(one);
      if (!this.#real.paused(one)) await this.#hold(one, state);
      if (one.readyState < HAVE_METADATA) continue;
      this.#begin(one, state);
      this.#advance(one, state);
      if (shown && one instanceof this.#scope.HTMLVideoElement) seeks.push(this.#seek(one, state));
    }
    await Promise.all(seeks);
  }

  /** What was asked for by requestVideoFrameCallback. */
  runCallbacks() {
    const { now } = this.#clock;
    for (const [id, { video, callback }] of [...this.#callbacks]) {
      if (video.readyState < HAVE_CURRENT_DATA || !this.#callbacks.delete(id)) continue;
      const at = this.#at(video, this.#state(video));
      callback(now, {
        presentationTime: now,
        expectedDisplayTime: now,
        width: video.videoWidth,
        height: video.videoHeight,
        mediaTime: at,
        presentedFrames: Math.floor(now),
      });
    }
  }

  #all() {
    for (const root of rootsOf(this.#scope.document))
      for (const one of root.querySelectorAll("video, audio"))
        this.#known.add(/** @type {HTMLMediaElement} */ (one));
    return [...this.#known];
  }

  /** @param {HTMLMediaElement} one @returns {Playing} */
  #state(one) {
    let state = this.#states.get(one);
    if (!state) {
      state = {
        from: 0,
        at: 0,
        on: false,
        ended: false,
        begun: false,
        shown: null,
        unseen: false,
        pictures: 0,
        onPicture: () => {},
      };
      this.#states.set(one, state);
      this.#follow(one, state);
      this.#forbid(one, state);
      this.#known.add(one);
    }
    return state;
  }

  /** @param {HTMLMediaElement} one @param {Playing} state */
  #begin(one, state) {
    if (state.begun) return;
    state.begun = true;
    if (one.autoplay && !state.on) this.#play(one);
  }

  /** @param {HTMLMediaElement} one @param {Playing} state @returns {number} its time now, seconds */
  #at(one, state) {
    if (!state.on) return state.at;
    const past = ((this.#clock.now - state.from) / 1000) * one.playbackRate;
    const at = state.at + past;
    const { duration } = one;
    if (!(duration > 0) || at < duration) return Math.max(at, 0);
    return one.loop ? at % duration : duration;
  }

  /** @param {HTMLMediaElement} one @param {Playing} state */
  #advance(one, state) {
    if (!state.on) return;
    if (this.#at(one, state) < one.duration || one.loop) {
      this.#tell(one, "timeupdate");
      return;
    }
    Object.assign(state, { on: false, ended: true, at: one.duration });
    for (const event of ["timeupdate", "pause", "ended"]) this.#tell(one, event);
  }

  /** @param {HTMLVideoElement} video @param {Playing} state */
  async #seek(video, state) {
    const at = this.#at(video, state);
    if (state.shown === at || video.seekable.length === 0) return;
    // The last picture is shown to the end.
    const last = Math.max(0, video.duration - INTO_PICTURE_S);
    const to = Math.min(at + INTO_PICTURE_S, last || at);
    state.shown = at; // at first as well: its autoplay may have shown something else
    const before = state.pictures;
    const sought = new Promise((resolve) => {
      const seen = (/** @type {Event} */ event) => {
        if (!event.isTrusted) return; // what the page was told of a seek of its own
        video.removeEventListener("seeked", seen);
        resolve(null);
      };
      video.addEventListener("seeked", seen);
      video.addEventListener("error", resolve, { once: true });
    });
    this.#real.seek(video, to);
    await sought;
    if (state.unseen) return;
    const pictured = new Promise((resolve) => {
      state.onPicture = () => state.pictures > before && resolve("there");
      state.onPicture();
    });
    const late = this.#waiting.really(NO_PICTURE_MS).then(() => "late");
    state.unseen = (await Promise.race([pictured, late])) === "late";
  }

  /** It plays by its own `autoplay`: until the last picture of that has been seen. @param {HTMLMediaElement} one @param {Playing} state */
  async #hold(one, state) {
    this.#real.pause.call(one);
    state.shown = null;
    if (!(one instanceof this.#scope.HTMLVideoElement)) return;
    for (let seen = -1; seen !== state.pictures; ) {
      seen = state.pictures;
      for (let frames = 0; frames < QUIET_FRAMES; frames += 1) await this.#waiting.painted();
    }
  }

  /** After a pause it does not begin by its `autoplay` any more, until it loads anew. @param {HTMLMediaElement} one @param {Playing} state */
  #forbid(one, state) {
    if (one.networkState !== NETWORK_EMPTY && this.#real.paused(one)) this.#real.pause.call(one);
    one.addEventListener("loadstart", () => {
      this.#real.pause.call(one);
      state.shown = null;
    });
  }

  /** Counts the pictures that it shows. @param {HTMLMediaElement} one @param {Playing} state */
  #follow(one, state) {
    if (!(one instanceof this.#scope.HTMLVideoElement)) return;
    const next = (
      /** @type {number} */ _,
      /** @type {VideoFrameCallbackMetadata} */ { presentedFrames },
    ) => {
      state.pictures = presentedFrames;
      state.onPicture();
      this.#real.onPicture.call(one, next);
    };
    this.#real.onPicture.call(one, next);
  }

  /** @param {HTMLMediaElement} one */
  #loaded(one) {
    return new Promise((resolve) => {
      for (const event of ["loadeddata", "error", "emptied", "abort"])
        one.addEventListener(event, resolve, { once: true });
    });
  }

  /** @param {HTMLMediaElement} one */
  #play(one) {
    const state = this.#state(one);
    if (state.on) return;
    if (state.ended) state.at = 0;
    Object.assign(state, { on: true, ended: false, begun: true, from: this.#clock.now });
    for (const event of ["play", "playing"]) this.#tell(one, event);
  }

  /** @param {HTMLMediaElement} one */
  #pause(one) {
    const state = this.#state(one);
    state.begun = true;
    if (!state.on) return;
    state.at = this.#at(one, state);
    state.on = false;
    for (const event of ["timeupdate", "pause"]) this.#tell(one, event);
  }

  /** @param {HTMLMediaElement} one @param {string} event */
  #tell(one, event) {
    queueMicrotask(() => one.dispatchEvent(new Event(event)));
  }

  /** @param {Required<PropertyDescriptor>} currentTime @param {PropertyDescriptor} paused */
  #replace(currentTime, paused) {
    const media = this.#scope.HTMLMediaElement.prototype;
    const state = (/** @type {HTMLMediaElement} */ one) => this.#state(one);
    const at = (/** @type {HTMLMediaElement} */ one) => this.#at(one, state(one));
    const play = (/** @type {HTMLMediaElement} */ one) => this.#play(one);
    const pause = (/** @type {HTMLMediaElement} */ one) => this.#pause(one);
    const { now } = { now: () => this.#clock.now };
    const tell = (/** @type {HTMLMediaElement} */ one, /** @type {string} */ event) =>
      this.#tell(one, event);
    media.play = async function () {
      play(this);
    };
    media.pause = function () {
      pause(this);
    };
    Object.defineProperty(media, "currentTime", {
      ...currentTime,
      get() {
        return at(this);
      },
      set(value) {
        Object.assign(state(this), { at: Number(value), from: now(), ended: false });
        for (const event of ["seeking", "timeupdate", "seeked"]) tell(this, event);
      },
    });
    Object.defineProperty(media, "paused", {
      ...paused,
      get() {
        return !state(this).on;
      },
    });
    Object.defineProperty(media, "ended", {
      configurable: true,
      get() {
        return state(this).ended;
      },
    });
    const callbacks = this.#callbacks;
    const nextId = () => this.#nextCallback++;
    /** @this {HTMLVideoElement} @param {VideoFrameRequestCallback} callback */
    this.#scope.HTMLVideoElement.prototype.requestVideoFrameCallback = function (callback) {
      state(this);
      const id = nextId();
      callbacks.set(id, { video: this, callback });
      return id;
    };
    this.#scope.HTMLVideoElement.prototype.cancelVideoFrameCallback = (id) => {
      callbacks.delete(id);
    };
    const { createElement } = this.#scope.Document.prototype;
    /** @this {Document} @param {string} name @param {any} [options] */
    const made = function (name, options) {
      const element = createElement.call(this, name, options);
      if (element instanceof HTMLMediaElement) state(element);
      return element;
    };
    this.#scope.Document.prototype.createElement = /** @type {any} */ (made);
  }
}

/** Something is to come of it. @param {HTMLMediaElement} one */
function isLoading(one) {
  const NETWORK_LOADING = 2;
  return !one.error && one.networkState === NETWORK_LOADING && one.preload !== "none";
}
