import { ApiError, api, askForKey, byId, token, withToken, write } from "./page.js";
import { fillCard, newCard } from "./recording_card.js";
import { sizeText } from "./texts.js";

/** @typedef {import('./recording_card.js').Recording} Recording */

const POLL_MS = 3_000;

const list = byId("recordings", HTMLUListElement);
const summary = byId("summary", HTMLParagraphElement);
const alert = byId("alert", HTMLParagraphElement);
const filter = byId("stream", HTMLSelectElement);
const theatre = byId("theatre", HTMLDialogElement);
const film = document.createElement("video");
/** Of pages, animated: they are no video. */
const IMAGES = ["gif", "webp", "apng", "avif"];
const image = document.createElement("img");
const sure = byId("sure", HTMLDialogElement);

/** Of one stream: what its own page links to. */
let wanted = new URLSearchParams(location.search).get("stream") ?? "";
/** What went wrong with a deletion stays until the next one. */
let trouble = "";

film.controls = true;
film.playsInline = true;
image.className = "animation";
image.hidden = true;
byId("screen", HTMLElement).append(film, image);

async function refresh() {
  if (document.hidden) return;
  try {
    const { recordings, more } = await api("/api/v1/recordings");
    complain(trouble);
    show(recordings, more === true);
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) {
      clearInterval(timer);
      write(summary, "");
      askForKey(token ? "That key does not open the recordings." : "Recordings open with a key.");
      return;
    }
    complain(
      error instanceof TypeError
        ? "The server cannot be reached. Trying again…"
        : /** @type {Error} */ (error).message,
    );
  }
}

/** @param {Recording[]} all newest first @param {boolean} more there are others */
function show(all, more) {
  offerStreams([...new Set(all.map(({ stream }) => stream))].sort());
  const shown = wanted ? all.filter(({ stream }) => stream === wanted) : all;
  const bytes = shown.reduce((sum, recording) => sum + recording.bytes, 0);
  const count = shown.length === 1 ? "1 recording" : `${shown.length} recordings`;
  const text = `${count}, ${sizeText(bytes)}${more ? ": the newest ones" : ""}`;
  write(summary, shown.length > 0 ? text : "");
  byId("empty", HTMLElement).hidden = shown.length > 0;
  const cards = new Map(
    [...list.children].map((card) => [/** @type {HTMLElement} */ (card).dataset.id, card]),
  );
  const next = shown.map((recording) => {
    const card = cards.get(recording.id) ?? newCard(recording, { play, remove });
    return fillCard(/** @type {HTMLElement} */ (card), recording);
  });
  // Untouched when nothing moved: a focused button keeps its focus.
  if (next.length !== list.children.length || next.some((card, i) => card !== list.children[i])) {
    list.replaceChildren(...next);
  }
}

/** @param {string[]} streams */
function offerStreams(streams) {
  if (wanted && !streams.includes(wanted)) streams.unshift(wanted);
  byId("filter", HTMLElement).hidden = streams.length < 2 && !wanted;
  const offered = [...filter.options].slice(1).map(({ value }) => value);
  if (offered.join() === streams.join()) return;
  filter.replaceChildren(filter.options[0], ...streams.map((name) => new Option(name, name)));
  filter.value = wanted;
}

filter.addEventListener("change", () => {
  wanted = filter.value;
  const to = new URL(location.href);
  if (wanted) to.searchParams.set("stream", wanted);
  else to.searchParams.delete("stream");
  history.replaceState(null, "", to);
  refresh();
});

/** @param {Recording} recording */
function play({ stream, began, url, format }) {
  if (!url) return;
  write(byId("theatretitle", HTMLElement), `${stream}, ${new Date(began).toLocaleString()}`);
  sayFilm("");
  const animated = IMAGES.includes(format);
  film.hidden = animated;
  image.hidden = !animated;
  if (animated) {
    image.alt = stream;
    image.src = withToken(url);
    theatre.showModal();
    return;
  }
  film.src = withToken(url);
  theatre.showModal();
  film.play().catch(() => {}); // it may want a click, or cannot be played, which `error` tells
}
film.addEventListener("error", () => {
  if (film.getAttribute("src")) sayFilm("This browser cannot play it. Download it instead.");
});
theatre.addEventListener("close", () => {
  film.pause();
  image.removeAttribute("src");
  film.removeAttribute("src");
  film.load();
});

/** @param {string} text */
function sayFilm(text) {
  byId("filmalert", HTMLElement).hidden = !text;
  write(byId("filmalert", HTMLElement), text);
}

/** @param {Recording} recording */
function remove({ id, bytes }) {
  write(byId("suretext", HTMLElement), `${id}, ${sizeText(bytes)}. It cannot be brought back.`);
  sure.returnValue = "";
  sure.showModal();
  sure.onclose = async () => {
    if (sure.returnValue !== "delete") return;
    try {
      trouble = "";
      await api(`/api/v1/recordings/${id}`, { method: "DELETE" });
    } catch (error) {
      const needsKey = error instanceof ApiError && error.status === 401;
      trouble = needsKey
        ? "Deleting needs a key that may publish."
        : /** @type {Error} */ (error).message;
    }
    refresh();
  };
}

/** @param {string} text '' = all is well */
function complain(text) {
  alert.hidden = !text;
  write(alert, text);
}

const timer = setInterval(refresh, POLL_MS);
document.addEventListener("visibilitychange", refresh);
refresh();
