import { drawIcon, icon } from "./icons.js";

/**
 * The bar below the picture: play, sound, volume, facts, statistics, picture in picture, full screen.
 * It shows what it is told and calls what it is given; it decides nothing.
 *
 * @typedef {object} Actions
 * @property {() => void} play toggles
 * @property {() => void} sound toggles
 * @property {(volume: number) => void} volume 0 to 1
 * @property {() => void} stats toggles
 * @property {() => void} pip toggles
 * @property {() => void} full toggles
 *
 * @typedef {object} Shown
 * @property {boolean} paused
 * @property {boolean} silent the stream has no sound
 * @property {boolean} muted
 * @property {number} volume 0 to 1
 * @property {boolean} stats the overlay is open
 * @property {boolean} full
 * @property {number} viewers
 * @property {number} behindMs 0 = not known
 */
export class Controls {
  element = part("div", "bar");
  #play;
  #sound;
  #stats;
  #pip;
  #full;
  #volume = document.createElement("input");
  #viewers = document.createElement("span");
  #viewersText = document.createElement("span");
  #behind = document.createElement("span");

  /** @param {Actions} actions */
  constructor(actions) {
    this.#play = iconButton("pause", "Pause (K)", actions.play);
    this.#sound = iconButton("sound", "Mute (M)", actions.sound);
    this.#stats = iconButton("stats", "Statistics (I)", actions.stats);
    this.#pip = iconButton("pip", "Picture in picture (P)", actions.pip);
    this.#full = iconButton("full", "Full screen (F)", actions.full);
    this.#volume.type = "range";
    this.#volume.className = "volume";
    this.#volume.max = "100";
    this.#volume.setAttribute("aria-label", "Volume");
    this.#volume.addEventListener("input", () => actions.volume(Number(this.#volume.value) / 100));
    this.#viewers.append(icon("eye"), this.#viewersText);
    const facts = part("div", "facts");
    facts.append(this.#behind, this.#viewers);
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", "Player controls");
    const last = [this.#stats, this.#pip, this.#full];
    this.element.append(this.#play, this.#sound, this.#volume, facts, ...last);
  }

  /** @param {Shown} now @param {{playable: boolean, pip: boolean}} can */
  show(now, can) {
    this.#play.disabled = !can.playable;
    label(this.#play, now.paused ? "play" : "pause", now.paused ? "Play (K)" : "Pause (K)");
    const quiet = now.muted || now.volume === 0;
    label(this.#sound, quiet ? "soundOff" : "sound", quiet ? "Unmute (M)" : "Mute (M)");
    this.#sound.hidden = this.#volume.hidden = now.silent;
    const level = String(now.muted ? 0 : Math.round(now.volume * 100));
    if (this.#volume.value !== level) this.#volume.value = level;
    this.#stats.setAttribute("aria-pressed", String(now.stats));
    this.#pip.hidden = !can.pip;
    label(
      this.#full,
      now.full ? "unfull" : "full",
      now.full ? "Leave full screen (F)" : "Full screen (F)",
    );
    this.#viewers.hidden = now.viewers === 0;
    write(this.#viewersText, viewersText(now.viewers));
    this.#behind.hidden = now.behindMs === 0;
    write(this.#behind, `${(now.behindMs / 1000).toFixed(1)} s behind`);
  }
}

/** @param {number} count */
const viewersText = (count) => (count === 1 ? "1 viewer" : `${count} viewers`);

/** Nothing is touched that says so already: screen readers follow changes. @param {HTMLElement} element @param {string} text */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @param {string} tag @param {string} name @returns {HTMLElement} */
export function part(tag, name) {
  const element = document.createElement(tag);
  element.className = name;
  element.setAttribute("part", name);
  return element;
}

/** @param {import('./icons.js').IconName} name @param {string} text @param {() => void} onClick */
export function iconButton(name, text, onClick) {
  const button = document.createElement("button");
  button.type = "button";
  button.append(icon(name));
  button.addEventListener("click", onClick);
  label(button, name, text);
  return button;
}

/** @param {HTMLButtonElement} button @param {import('./icons.js').IconName} name @param {string} text with its key in brackets */
function label(button, name, text) {
  if (button.title === text) return;
  button.title = text;
  button.setAttribute("aria-label", text.replace(/ \(.\)$/, ""));
  if (button.firstElementChild) drawIcon(button.firstElementChild, name);
}
