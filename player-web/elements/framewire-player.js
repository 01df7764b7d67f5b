import { play } from "../sdk/play.js";
import { STYLE } from "./player_style.js";
import { wordsFor } from "./words.js";

const UPDATE_MS = 500;
/** @type {Map<number, string>} */
const VIEWERS = new Map([
  [0, ""],
  [1, "1 viewer"],
]);

/**
 * `<framewire-player src="/watch/NAME">`: a live stream with its state, sound, full screen, viewer count
 * and latency. Attributes: `src` (any URL of the stream, or its name), `token`, `muted`, `controls="no"`
 * to leave the bar out. Keys: M sound, F full screen. Property `player`: the SDK's Player.
 * Event `playerchange`: another Player, or another state of it.
 */
export class FramewirePlayer extends HTMLElement {
  static observedAttributes = ["src"];

  /** @type {import('../sdk/play.js').Player | null} */
  player = null;
  #video = document.createElement("video");
  #cover = part("div", "cover");
  #title = part("strong", "title");
  #text = part("span", "text");
  #again = button("Try again", () => this.#start());
  #sound = button("Sound", () => this.toggleSound());
  #unmute = button("Turn sound on", () => this.toggleSound());
  #full = button("Full screen", () => this.toggleFullScreen());
  #facts = part("span", "facts");
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    const stage = part("div", "stage");
    const bar = part("div", "bar");
    this.#cover.setAttribute("role", "status");
    this.#unmute.className = "unmute";
    this.#cover.append(this.#title, this.#text, this.#again);
    stage.append(this.#video, this.#cover, this.#unmute);
    bar.append(this.#sound, this.#full, this.#facts);
    root.append(stage, bar);
    this.#video.addEventListener("volumechange", () => this.#update());
    this.#video.addEventListener("loadeddata", () => this.#update());
    this.addEventListener("keydown", (event) => this.#onKey(event));
  }

  connectedCallback() {
    if (!this.hasAttribute("tabindex")) this.tabIndex = 0;
    if (!this.player) this.#start();
  }

  disconnectedCallback() {
    this.#stop();
  }

  attributeChangedCallback() {
    if (this.isConnected) this.#start();
  }

  toggleSound() {
    this.#video.muted = !this.#video.muted;
  }

  toggleFullScreen() {
    /** @type {HTMLVideoElement & {webkitEnterFullscreen?: () => void}} */
    const video = this.#video;
    if (document.fullscreenElement) document.exitFullscreen();
    else if (document.fullscreenEnabled) this.requestFullscreen();
    else video.webkitEnterFullscreen?.(); // iPhone: only the video itself
  }

  #start() {
    this.#stop();
    const src = this.getAttribute("src");
    if (!src) return;
    const token = this.getAttribute("token") ?? undefined;
    try {
      this.player = play(this.#video, src, { token, muted: this.hasAttribute("muted") });
    } catch (error) {
      this.#cover.hidden = false;
      this.#title.textContent = "This cannot be played";
      this.#text.textContent = /** @type {Error} */ (error).message;
      return;
    }
    for (const type of ["state", "viewers", "muted"]) {
      this.player.addEventListener(type, () => this.#update());
    }
    this.#timer = setInterval(() => this.#update(), UPDATE_MS);
    this.#update();
  }

  #stop() {
    clearInterval(this.#timer);
    this.player?.stop();
    this.player = null;
  }

  #update() {
    const { player } = this;
    if (!player) return;
    const { state, stats, info } = player;
    const playing = state === "live" && this.#video.readyState >= 2;
    const { title, text } = wordsFor(state, player.reason);
    this.#cover.hidden = playing;
    this.#cover.dataset.over = String(this.#video.readyState >= 2);
    if (this.#title.textContent !== title) this.#title.textContent = title;
    if (this.#text.textContent !== text) this.#text.textContent = text;
    this.#again.hidden = state !== "error" && state !== "stopped";
    const silent = info ? !info.tracks?.some((/** @type {any} */ t) => t.kind === "audio") : true;
    this.#sound.hidden = silent;
    this.#sound.textContent = this.#video.muted ? "Sound on" : "Sound off";
    this.#unmute.hidden = silent || !playing || !player.mutedByAutoplay;
    const viewers = VIEWERS.get(stats.viewers) ?? `${stats.viewers} viewers`;
    const delay =
      playing && stats.latencyMs > 0 ? `${(stats.latencyMs / 1000).toFixed(1)} s behind` : "";
    this.#facts.textContent = [viewers, delay].filter(Boolean).join(" · ");
    this.dispatchEvent(new CustomEvent("playerchange", { detail: state }));
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "m") this.toggleSound();
    else if (event.key === "f") this.toggleFullScreen();
  }
}

/** @param {string} tag @param {string} name @returns {HTMLElement} */
function part(tag, name) {
  const element = document.createElement(tag);
  element.className = name;
  element.setAttribute("part", name);
  return element;
}

/** @param {string} label @param {() => void} onClick */
function button(label, onClick) {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = label;
  element.addEventListener("click", onClick);
  return element;
}

customElements.define("framewire-player", FramewirePlayer);
