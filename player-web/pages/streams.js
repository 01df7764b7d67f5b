import { icon } from "../elements/icons.js";
import { isStreamName } from "../sdk/urls.js";
import { ApiError, api, askForKey, byId, showState, token, withToken, write } from "./page.js";
import { Posters } from "./poster.js";
import { codecText, spanText, viewersText } from "./texts.js";

const POLL_MS = 2_000;
const STATE_LABELS = new Map([
  ["live", "Live"],
  ["lingering", "Publisher away"],
]);

const list = byId("streams", HTMLUListElement);
const empty = byId("empty", HTMLElement);
const summary = byId("summary", HTMLParagraphElement);
const alert = byId("alert", HTMLParagraphElement);
const input = byId("name", HTMLInputElement);
const hint = byId("hint", HTMLParagraphElement);
const search = byId("search", HTMLInputElement);
const none = byId("none", HTMLParagraphElement);
const posters = new Posters();
/** @type {StreamRow[]} */
let newest = [];

/**
 * @typedef {object} StreamRow
 * @property {string} name
 * @property {string} title
 * @property {string} state
 * @property {string} format
 * @property {number} width
 * @property {number} height
 * @property {number} viewers
 * @property {number} started_ms since 1970
 * @property {{codec: string}[]} tracks
 */

byId("command", HTMLElement).textContent =
  `ffmpeg -re -i film.mp4 -c:v libvpx -deadline realtime -c:a libopus -f webm ${location.origin}/publish/film`;

byId("form", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  const name = input.value.trim();
  if (isStreamName(name)) {
    location.href = withToken(`/publish/${name}`);
    return;
  }
  hint.classList.add("bad");
  hint.textContent = name
    ? "Use letters, digits, “_” and “-”, in up to 4 parts joined by “/”."
    : "Give your stream a name first.";
  input.setAttribute("aria-invalid", "true");
  input.focus();
});
byId("start", HTMLButtonElement).disabled = false;

input.addEventListener("input", () => {
  input.removeAttribute("aria-invalid");
  hint.classList.remove("bad");
  const name = input.value.trim();
  hint.textContent = isStreamName(name) ? `Watched at ${location.host}/watch/${name}` : "";
});

async function refresh() {
  if (document.hidden) return;
  try {
    const { streams } = await api("/api/v1/streams");
    complain("");
    newest = streams;
    show();
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) {
      clearInterval(timer);
      write(summary, "");
      askForKey(
        token ? "That key does not open the list." : "The list of streams opens with a key.",
      );
      return;
    }
    const lost = error instanceof TypeError;
    complain(
      lost ? "The server cannot be reached. Trying again…" : /** @type {Error} */ (error).message,
    );
  }
}

search.addEventListener("input", show);

/** Whether it has all words of the search, in its title or its name. @param {StreamRow} stream */
function isSought({ title = "", name }) {
  const text = `${title} ${name}`.toLowerCase();
  return search.value
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function show() {
  const streams = newest;
  const live = streams.filter(({ state }) => state === "live");
  const watching = live.reduce((sum, { viewers }) => sum + viewers, 0);
  write(
    summary,
    live.length === 0 ? "None is live" : `${live.length} live, ${viewersText(watching)}`,
  );
  empty.hidden = streams.length > 0;
  byId("searching", HTMLElement).hidden = streams.length < 2 && !search.value;
  // Those who publish first, then by viewers: what most people look at is at the top.
  const order = streams
    .filter(isSought)
    .sort(
      (a, b) =>
        Number(b.state === "live") - Number(a.state === "live") ||
        b.viewers - a.viewers ||
        (a.title || a.name).localeCompare(b.title || b.name),
    );
  none.hidden = streams.length === 0 || order.length > 0;
  const rows = new Map([...list.children].map((row) => [row.getAttribute("data-name"), row]));
  const next = order.map((stream) => fill(rows.get(stream.name) ?? newCard(stream.name), stream));
  // Untouched when nothing moved: a focused link keeps its focus.
  if (next.length !== list.children.length || next.some((row, i) => row !== list.children[i])) {
    const gone = [...list.children].filter((row) => !next.includes(row));
    for (const row of gone) posters.forget(/** @type {Element} */ (row.querySelector(".poster")));
    list.replaceChildren(...next);
  }
}

/** @param {string} name */
function newCard(name) {
  const card = part("li", "card link");
  card.dataset.name = name;
  const poster = part("div", "poster");
  poster.dataset.name = name;
  const count = part("span", "count");
  count.append(icon("eye"), part("span", "viewers"));
  poster.append(part("span", "instead"), part("span", "state"), count);
  const link = document.createElement("a");
  link.className = "name";
  link.href = withToken(`/watch/${name}`);
  const about = part("div", "about");
  about.append(link, part("p", "title"), part("p", "facts"));
  card.append(poster, about);
  posters.watch(poster);
  return card;
}

/** @param {string} tag @param {string} name */
function part(tag, name) {
  const element = document.createElement(tag);
  element.className = name;
  return element;
}

/** @param {Element} card @param {StreamRow} stream */
function fill(card, stream) {
  const at = (/** @type {string} */ name) =>
    /** @type {HTMLElement} */ (card.querySelector(`.${name}`));
  showState(at("state"), stream.state, STATE_LABELS.get(stream.state) ?? stream.state);
  write(at("viewers"), viewersText(stream.viewers));
  // The title is what people know it by; the name is what its address is.
  write(at("name"), stream.title || stream.name);
  write(at("title"), stream.title ? stream.name : "");
  const pictures = stream.width > 0 || ["jpeg", "png", "webp", "rgba"].includes(stream.format);
  const instead = stream.format === "binary" ? "Raw messages" : "Sound only";
  at("poster").dataset.pictures = String(pictures);
  write(at("instead"), pictures || !stream.format ? "" : instead);
  const codecs = (stream.tracks ?? []).map(({ codec }) => codecText(codec)).join(" + ");
  const facts = [
    stream.width ? `${stream.width} × ${stream.height}` : "",
    codecs || stream.format,
    stream.started_ms ? agoText(Date.now() - stream.started_ms) : "",
  ];
  write(at("facts"), facts.filter(Boolean).join(" · "));
  return card;
}

/** @param {number} ms since it began */
function agoText(ms) {
  return ms < 60_000 ? "just started" : `for ${spanText(ms)}`;
}

/** @param {string} text '' = all is well */
function complain(text) {
  alert.hidden = !text;
  write(alert, text);
  if (text) write(summary, "");
}

const timer = setInterval(refresh, POLL_MS);
refresh();
document.addEventListener("visibilitychange", refresh);
