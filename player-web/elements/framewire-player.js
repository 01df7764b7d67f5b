import { play } from "../sdk/play.js";
import { Controls, iconButton, part, write } from "./controls.js";
import { STYLE } from "./player_style.js";
import { RawPicture } from "./raw_picture.js";
import { SoundPicture } from "./sound_picture.js";
import { StatsRows } from "./stats_rows.js";
import { STILL, wordsFor } from "./words.js";

const UPDATE_MS = 500;
/** In full screen the bar goes after so long without a move, in milliseconds. */
const IDLE_MS = 3_000;
const VOLUME_STEP = 0.1;

/** Where there is no page, the SDK is imported all the same. */
const Base = globalThis.HTMLElement ?? /** @type {typeof HTMLElement} */ (class {});

/**
 * `<framewire-player src="/watch/NAME">`: a live stream with its state, sound, full screen, picture in
 * picture, viewer count, delay and statistics. Attributes: `src` (any URL of the stream, or its name),
 * `token`, `muted`, `latency` (`lowest`, `low`, `smooth` or milliseconds), `controls="no"` to leave the bar out, `fill`
 * to fill the box it stands in.
 * Keys: K or Space pause, M sound, up and down volume, F full screen, P picture in picture, I statistics.
 * Property `player`: the SDK's Player, `video`: the video element.
 * Event `playerchange`: another Player, or another state of it.
 */
export class FramewirePlayer extends Base {
  static observedAttributes = ["src", "latency"];

  /** @type {import('../sdk/play.js').Player | null} */
  player = null;
  video = document.createElement("video");
  /** What the stream is called, for those who cannot see it. */
  label = "";
  #cover = part("div", "cover");
  #title = part("strong", "title");
  #text = part("span", "text");
  #again = textButton("again", "Try again", () => this.#start());
  #unmute = textButton("unmute", "Turn sound on", () => this.toggleSound());
  #big = iconButton("play", "Play (K)", () => this.togglePlay());
  #stats = part("div", "stats");
  #statsList = document.createElement("dl");
  #rows = new StatsRows();
  #sound = new SoundPicture();
  #raw = new RawPicture();
  #controls = new Controls({
    play: () => this.togglePlay(),
    sound: () => this.toggleSound(),
    volume: (volume) => this.#setVolume(volume),
    stats: () => this.toggleStats(),
    pip: () => this.togglePictureInPicture(),
    full: () => this.toggleFullScreen(),
  });
  #errorCode = "";
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #idleTimer;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    const stage = part("div", "stage");
    this.#cover.setAttribute("role", "status");
    this.#cover.append(this.#title, this.#text, this.#again);
    this.#big.className = "big";
    this.#big.hidden = this.#unmute.hidden = this.#stats.hidden = true;
    this.#stats.tabIndex = 0; // it may scroll
    this.#stats.setAttribute("role", "group");
    this.#stats.setAttribute("aria-label", "Statistics");
    this.#stats.append(this.#statsList);
    const instead = [this.#sound.element, this.#raw.element];
    stage.append(this.video, ...instead, this.#cover, this.#stats, this.#big, this.#unmute);
    root.append(stage, this.#controls.element);
    const events = ["volumechange", "loadeddata", "play", "pause", "resize"];
    for (const type of events) this.video.addEventListener(type, () => this.#update());
    this.addEventListener("fullscreenchange", () => this.#update());
    this.addEventListener("keydown", (event) => this.#onKey(event));
    for (const type of ["pointermove", "pointerdown", "keydown", "focusin"]) {
      this.addEventListener(type, () => this.#wake());
    }
  }

  connectedCallback() {
    if (!this.hasAttribute("tabindex")) this.tabIndex = 0;
    if (!this.hasAttribute("role")) this.setAttribute("role", "region");
    if (!this.hasAttribute("aria-label")) this.setAttribute("aria-label", "Live stream");
    if (!this.player) this.#start();
  }

  disconnectedCallback() {
    this.#stop();
  }

  attributeChangedCallback() {
    if (this.isConnected) this.#start();
  }

  /** After a pause it goes on with what is live then. */
  togglePlay() {
    if (!this.video.paused) {
      this.video.pause();
      return;
    }
    this.player?.toLive();
    this.video.play().catch(() => {}); // stays paused, which the button shows
  }

  toggleSound() {
    if (this.video.volume === 0) this.video.volume = 1;
    this.video.muted = !this.video.muted;
  }

  toggleStats() {
    this.#stats.hidden = !this.#stats.hidden;
    this.#update();
  }

  async togglePictureInPicture() {
    if (!this.#pipPossible) return;
    if (document.pictureInPictureElement) await document.exitPictureInPicture();
    else await this.video.requestPictureInPicture().catch(() => {}); // the browser would not
  }

  toggleFullScreen() {
    /** @type {HTMLVideoElement & {webkitEnterFullscreen?: () => void}} */
    const video = this.video;
    if (document.fullscreenElement) document.exitFullscreen();
    else if (document.fullscreenEnabled) this.requestFullscreen();
    else video.webkitEnterFullscreen?.(); // iPhone: only the video itself
  }

  get #pipPossible() {
    return Boolean(document.pictureInPictureEnabled) && this.video.videoWidth > 0;
  }

  /** @param {number} volume 0 to 1 */
  #setVolume(volume) {
    this.video.volume = Math.min(1, Math.max(0, volume));
    this.video.muted = volume <= 0;
  }

  #start() {
    this.#stop();
    const src = this.getAttribute("src");
    if (!src) return;
    const token = this.getAttribute("token") ?? undefined;
    const wished = this.getAttribute("latency") ?? undefined;
    const latency = /** @type {any} */ (wished && Number.isFinite(+wished) ? +wished : wished);
    this.#errorCode = "";
    try {
      this.player = play(this.video, src, { token, latency, muted: this.hasAttribute("muted") });
    } catch (error) {
      this.#cover.hidden = false;
      write(this.#title, "This cannot be played");
      write(this.#text, /** @type {Error} */ (error).message);
      return;
    }
    for (const type of ["state", "viewers", "muted", "still"]) {
      this.player.addEventListener(type, () => this.#update());
    }
    this.player.addEventListener("error", (event) => {
      this.#errorCode = /** @type {CustomEvent} */ (event).detail.code;
    });
    this.#timer = setInterval(() => this.#update(), UPDATE_MS);
    this.#update();
  }

  #stop() {
    clearInterval(this.#timer);
    clearTimeout(this.#idleTimer);
    this.#sound.hide();
    this.player?.stop();
    this.player = null;
  }

  #update() {
    const { player, video } = this;
    if (!player) return;
    const { state, stats, info } = player;
    const { shows } = player;
    const playing = state === "live" && shows;
    const tracks = info?.tracks ?? [];
    const kinds = new Set(tracks.map((/** @type {{kind: string}} */ track) => track.kind));
    this.#showInstead(player, playing && kinds.has("audio") && !kinds.has("video"));
    this.#showCover(playing, shows);
    const playable = playing && player.raw === null;
    this.#big.hidden = !playable || !video.paused;
    this.#unmute.hidden = !kinds.has("audio") || !playing || !player.mutedByAutoplay;
    this.#controls.show(
      {
        paused: video.paused,
        silent: info !== null && !kinds.has("audio"),
        muted: video.muted,
        volume: video.volume,
        stats: !this.#stats.hidden,
        full: document.fullscreenElement === this,
        viewers: stats.viewers,
        behindMs: playing && !video.paused ? stats.latencyMs : 0,
      },
      { playable, pip: this.#pipPossible },
    );
    if (!this.#stats.hidden) this.#showStats(player);
    this.dispatchEvent(new CustomEvent("playerchange", { detail: state }));
  }

  /** Of a stream without pictures. @param {import('../sdk/play.js').Player} player @param {boolean} soundOnly */
  #showInstead(player, soundOnly) {
    if (soundOnly) this.#sound.show(this.label, () => player.captureStream());
    else if (!this.#sound.element.hidden) this.#sound.hide();
    if (player.raw) this.#raw.show(player.raw, player.liveUrl);
    else this.#raw.hide();
  }

  /** @param {boolean} playing @param {boolean} shows a picture is there */
  #showCover(playing, shows) {
    const { state, reason, still } = /** @type {import('../sdk/play.js').Player} */ (this.player);
    const stands = still && (playing || state === "stalled");
    const words = stands ? STILL : wordsFor(state, reason, this.#errorCode);
    this.#cover.hidden = playing && !stands;
    this.#cover.dataset.over = String(shows);
    this.#cover.dataset.busy = String(words.busy === true);
    write(this.#title, words.title);
    write(this.#text, words.text);
    const over = state === "stopped" || (state === "error" && this.#errorCode !== "unauthorized");
    this.#again.hidden = !over;
  }

  /** @param {import('../sdk/play.js').Player} player */
  #showStats(player) {
    const rows = this.#rows.read(player, this.video, performance.now());
    while (this.#statsList.childElementCount < 2 * rows.length) {
      this.#statsList.append(document.createElement("dt"), document.createElement("dd"));
    }
    const cells = /** @type {HTMLElement[]} */ ([...this.#statsList.children]);
    rows.flat().forEach((text, i) => {
      write(cells[i], text);
    });
  }

  /** Somebody is there: in full screen the bar comes back for a while. */
  #wake() {
    delete this.dataset.idle;
    clearTimeout(this.#idleTimer);
    if (document.fullscreenElement !== this) return;
    this.#idleTimer = setTimeout(() => {
      if (!this.video.paused) this.dataset.idle = "";
    }, IDLE_MS);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const onControl = event.composedPath()[0] !== this;
    /** @type {Record<string, () => void>} */
    const keys = {
      k: () => this.togglePlay(),
      m: () => this.toggleSound(),
      f: () => this.toggleFullScreen(),
      p: () => this.togglePictureInPicture(),
      i: () => this.toggleStats(),
    };
    // These are also what a focused button or slider is worked with.
    if (!onControl) {
      keys[" "] = () => this.togglePlay();
      keys.arrowup = () => this.#setVolume(this.video.volume + VOLUME_STEP);
      keys.arrowdown = () => this.#setVolume(this.video.volume - VOLUME_STEP);
    }
    const action = keys[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  }
}

/** @param {string} name @param {string} text @param {() => void} onClick */
function textButton(name, text, onClick) {
  const button = /** @type {HTMLButtonElement} */ (part("button", name));
  button.type = "button";
  button.textContent = text;
  button.addEventListener("click", onClick);
  return button;
}

// A page with the SDKs of two servers keeps the first one's.
const known = globalThis.customElements?.get("framewire-player");
if (!known) globalThis.customElements?.define("framewire-player", FramewirePlayer);
