import { ask, Refused } from "./admin_api.js";
import { FilmList } from "./film_list.js";
import { hideKeyForm, offerKeyForm, showKeyForm } from "./key_form.js";
import { byId, write } from "./page.js";
import { offerScene } from "./scene_film.js";
import { secondsOf, sizeText } from "./texts.js";

/** Films of web pages, made by the server for who may manage; and one of a canvas, made in this page. */

const BUSY_MS = 1_000;
const IDLE_MS = 5_000;
const NAMES = "dragenter dragover dragleave drop".split(" ");

const panels = byId("panels", HTMLElement);
const alert = byId("alert", HTMLElement);
const form = byId("wishes", HTMLFormElement);
const drop = byId("drop", HTMLElement);
const file = byId("file", HTMLInputElement);
const sound = byId("sound", HTMLInputElement);
const url = byId("url", HTMLInputElement);
const go = byId("go", HTMLButtonElement);
const list = new FilmList(complain, refresh);
/** The page that was dropped. @type {File | null} */
let page = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;

/** @param {string} text "" = nothing is wrong */
function complain(text) {
  alert.hidden = !text;
  write(alert, text);
}

/** @param {File | null} chosen */
function take(chosen) {
  page = chosen;
  const said = chosen ? `${chosen.name}, ${sizeText(chosen.size)}` : "Drop an HTML file here";
  write(byId("dropname", HTMLElement), said);
  drop.classList.toggle("full", chosen !== null);
  if (chosen) url.value = "";
}

/** @param {File} from @returns {Promise<string>} as a data URL */
function dataOf(from) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(from);
  });
}

/** What the form says. @returns {Promise<Record<string, unknown>>} */
async function wish() {
  const choice = new FormData(form);
  const said = (/** @type {string} */ name) => String(choice.get(name) ?? "").trim();
  /** @type {Record<string, unknown>} */
  const out = { format: said("format"), size: said("size"), quality: said("quality") };
  if (page) out.html = await page.text();
  else if (said("url")) out.url = said("url");
  else throw new Error("Which page? Drop an HTML file, or give an address.");
  out.title = said("title") || page?.name.replace(/\.html?$/, "") || "";
  if (said("fps")) out.fps = Number(said("fps"));
  if (said("duration")) {
    out.duration = secondsOf(said("duration"));
    if (!(Number(out.duration) > 0)) throw new Error("The length is such as 20 or 1:30.");
  }
  if (said("canvas")) out.canvas = said("canvas");
  if (choice.get("alpha")) out.alpha = true;
  const [track] = sound.files ?? [];
  if (track) out.audio = await dataOf(track);
  return out;
}

async function render() {
  go.disabled = true;
  try {
    await ask("/api/v1/render", "POST", await wish());
    complain("");
    await refresh();
  } catch (error) {
    complain(/** @type {Error} */ (error).message);
  } finally {
    go.disabled = false;
  }
}

async function refresh() {
  clearTimeout(timer);
  let busy = false;
  try {
    if (!document.hidden || panels.hidden) busy = list.show(await ask("/api/v1/render?limit=50"));
    hideKeyForm();
    panels.hidden = false;
    byId("off", HTMLElement).hidden = true;
    form.hidden = false;
    if (alert.dataset.lost) complain("");
    delete alert.dataset.lost;
  } catch (error) {
    if (error instanceof Refused && error.status === 401) return askForKey();
    if (error instanceof Refused && error.status === 409) return showOff();
    complain(
      error instanceof TypeError
        ? "The server cannot be reached. Trying again…"
        : /** @type {Error} */ (error).message,
    );
    alert.dataset.lost = "true";
  }
  timer = setTimeout(refresh, busy ? BUSY_MS : IDLE_MS);
}

/** The server makes no films of pages; the canvas of this page may be one all the same. */
function showOff() {
  hideKeyForm();
  complain("");
  panels.hidden = false;
  form.hidden = true;
  byId("films", HTMLElement).hidden = true;
  byId("off", HTMLElement).hidden = false;
}

function askForKey() {
  clearTimeout(timer);
  panels.hidden = true;
  showKeyForm("the right manage on all streams");
}

file.addEventListener("change", () => take(file.files?.[0] ?? null));
url.addEventListener("input", () => {
  if (!url.value) return;
  file.value = "";
  take(null);
});
for (const name of NAMES)
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", name === "dragenter" || name === "dragover");
    const dropped = /** @type {DragEvent} */ (event).dataTransfer?.files[0];
    if (name === "drop" && dropped) take(dropped);
  });
form.addEventListener("submit", (event) => {
  event.preventDefault();
  render();
});
offerKeyForm(refresh, askForKey);
offerScene();
refresh();
