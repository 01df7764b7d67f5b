import { icon } from "../elements/icons.js";
import { showState, withToken, write } from "./page.js";
import { clockText, sizeText } from "./texts.js";

/**
 * One recording as a card: a picture of it, how long, how large, and what can be done with it.
 *
 * @typedef {object} Recording of `/api/v1/recordings`
 * @property {string} id
 * @property {string} stream
 * @property {'recording' | 'finalising' | 'done' | 'broken'} state
 * @property {string} format
 * @property {number} bytes
 * @property {number | null} duration_ms
 * @property {number | null} width
 * @property {number | null} height
 * @property {string} began
 * @property {string} [error]
 * @property {string | null} url
 * @property {string | null} thumbnail
 *
 * @typedef {{play: (recording: Recording) => void, remove: (recording: Recording) => void}} Actions
 */

const STATE_LABELS = {
  recording: "Recording",
  finalising: "Being finished",
  done: "",
  broken: "Broken",
};

/** What each card shows now. @type {WeakMap<Element, Recording>} */
const shown = new WeakMap();

/** @param {Recording} recording @param {Actions} actions */
export function newCard(recording, { play, remove }) {
  const card = part("li", "card tape");
  card.dataset.id = recording.id;
  const now = () => /** @type {Recording} */ (shown.get(card));
  const poster = /** @type {HTMLButtonElement} */ (part("button", "poster"));
  poster.type = "button";
  poster.addEventListener("click", () => play(now()));
  const disc = part("span", "disc");
  disc.append(icon("play"));
  poster.append(disc, part("span", "length"));
  const line = part("div", "line");
  line.append(part("span", "name"), part("span", "state"));
  const about = part("div", "about");
  about.append(line, part("p", "facts when"), part("p", "facts what"), part("p", "trouble"));
  const download = /** @type {HTMLAnchorElement} */ (part("a", "button quiet download"));
  download.append(icon("download"), "Download");
  const erase = /** @type {HTMLButtonElement} */ (part("button", "button quiet delete"));
  erase.type = "button";
  erase.append(icon("trash"));
  erase.addEventListener("click", () => remove(now()));
  const actions = part("div", "actions");
  actions.append(download, erase);
  card.append(poster, about, actions);
  return card;
}

/** @param {HTMLElement} card @param {Recording} recording */
export function fillCard(card, recording) {
  const { stream, state, bytes, duration_ms, width, height, url, thumbnail } = recording;
  const at = (/** @type {string} */ name) =>
    /** @type {HTMLElement} */ (card.querySelector(`.${name}`));
  shown.set(card, recording);
  const began = new Date(recording.began);
  const when = began.toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  write(at("name"), stream);
  showState(at("state"), state, STATE_LABELS[state]);
  at("state").hidden = state === "done";
  const length = duration_ms === null ? "" : clockText(Math.round(duration_ms / 1000) * 1000);
  write(at("length"), length);
  write(at("when"), when);
  const size = width && height ? `${width}\u00a0×\u00a0${height}` : "";
  write(at("what"), [size, sizeText(bytes), recording.format].filter(Boolean).join(" · "));
  write(at("trouble"), recording.error ?? "");
  const poster = /** @type {HTMLButtonElement} */ (at("poster"));
  poster.disabled = url === null;
  poster.setAttribute("aria-label", `Play ${[stream, when, length].filter(Boolean).join(", ")}`);
  if (thumbnail && !poster.querySelector("img")) {
    const picture = document.createElement("img");
    picture.alt = "";
    picture.loading = "lazy";
    picture.src = withToken(thumbnail);
    poster.prepend(picture);
  }
  const download = /** @type {HTMLAnchorElement} */ (at("download"));
  download.hidden = url === null;
  if (url) download.href = `${withToken(url)}${withToken(url).includes("?") ? "&" : "?"}download`;
  download.setAttribute("aria-label", `Download ${stream}, ${when}`);
  const busy = state === "recording" || state === "finalising";
  at("delete").hidden = busy;
  at("delete").title = "Delete";
  at("delete").setAttribute("aria-label", `Delete ${stream}, ${when}`);
  return card;
}

/** @param {string} tag @param {string} name */
function part(tag, name) {
  const element = document.createElement(tag);
  element.className = name;
  return element;
}
