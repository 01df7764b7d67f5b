import { byId, write } from "./page.js";
import { clockText } from "./texts.js";

/**
 * Frames of a film that is not made yet, as `framewire render --preview` gives them: each is what the film would have.
 *
 * @typedef {{page: string, frames: number, fps: number, width: number, height: number}} Film
 */

const key = new URLSearchParams(location.search).get("key") ?? "";
const picture = byId("picture", HTMLImageElement);
const slider = byId("at", HTMLInputElement);
const field = byId("frame", HTMLInputElement);
const alert = byId("alert", HTMLElement);
const note = byId("note", HTMLElement);
const play = byId("play", HTMLButtonElement);
/** @type {Film} */ let film = { page: "", frames: 1, fps: 1, width: 0, height: 0 };
let wanted = 0;
let shown = -1;
let playing = false;
/** One frame is asked for at a time. */
let busy = false;
/** When a frame that is played was shown, ms. */
let shownAt = 0;

/** @param {string} path @param {Record<string, string>} [more] */
async function ask(path, more = {}) {
  const answer = await fetch(`${path}?${new URLSearchParams({ ...more, key })}`);
  if (answer.ok) return answer;
  const body = await answer.json().catch(() => null);
  throw new Error(body?.error ?? `The server answered ${answer.status}.`);
}

/** @param {string} text "" = nothing is wrong */
function complain(text) {
  alert.hidden = !text;
  write(alert, text);
}

/** @param {boolean} on */
function setPlaying(on) {
  playing = on;
  write(play.lastElementChild ?? play, on ? "Pause" : "Play");
}

/** @param {number} frame */
function want(frame) {
  wanted = Math.max(0, Math.min(film.frames - 1, Math.round(frame)));
  slider.value = String(wanted);
  slider.setAttribute("aria-valuetext", `Frame ${wanted}`);
  if (document.activeElement !== field) field.value = String(wanted);
  const ms = (wanted / film.fps) * 1000;
  const whole = (film.frames / film.fps) * 1000;
  const thousandths = String(Math.floor(ms % 1000)).padStart(3, "0");
  write(byId("time", HTMLElement), `${clockText(ms)}.${thousandths} of ${clockText(whole)}`);
  go();
}

async function go() {
  if (busy) return;
  busy = true;
  try {
    while (shown !== wanted) await bring(wanted);
    complain("");
  } catch (error) {
    setPlaying(false);
    shown = wanted;
    complain(/** @type {Error} */ (error).message);
  }
  write(note, "");
  busy = false;
  if (playing && wanted === film.frames - 1) setPlaying(false);
  if (playing) want(wanted + 1);
}

/** @param {number} frame */
async function bring(frame) {
  const answer = await ask("/frame", { n: String(frame) });
  if (answer.status === 202) {
    const { at } = await answer.json();
    write(note, `On the way: frame ${at}`);
    return;
  }
  const url = URL.createObjectURL(await answer.blob());
  const next = new Image();
  next.src = url;
  await next.decode();
  if (playing) await due();
  const before = picture.src;
  picture.src = url;
  picture.alt = `Frame ${frame}`;
  picture.hidden = false;
  await picture.decode().catch(() => {});
  if (before) URL.revokeObjectURL(before);
  shown = frame;
}

/** Played no faster than the film is. */
async function due() {
  const left = shownAt + 1000 / film.fps - performance.now();
  if (left > 1) await new Promise((resolve) => setTimeout(resolve, left));
  shownAt = performance.now();
}

/** @param {Record<string, string>} [how] */
async function open(how) {
  setPlaying(false);
  try {
    film = await (await ask("/film", how)).json();
  } catch (error) {
    complain(/** @type {Error} */ (error).message);
    return;
  }
  slider.max = String(film.frames - 1);
  write(byId("page", HTMLElement), film.page);
  document.title = `${film.page.split("/").pop()} · Preview · framewire`;
  write(note, `${film.width} × ${film.height}, ${film.fps} a second`);
  shown = -1;
  want(Math.min(wanted, film.frames - 1));
}

play.addEventListener("click", () => {
  if (!playing && wanted === film.frames - 1) want(0);
  setPlaying(!playing);
  if (playing) want(shown === wanted ? wanted + 1 : wanted);
});
byId("before", HTMLElement).addEventListener("click", () => step(-1));
byId("after", HTMLElement).addEventListener("click", () => step(1));
byId("anew", HTMLElement).addEventListener("click", () => open({ anew: "" }));
slider.addEventListener("input", () => {
  setPlaying(false);
  want(Number(slider.value));
});
field.addEventListener("change", () => {
  setPlaying(false);
  want(Number(field.value) || 0);
});
document.addEventListener("keydown", ({ key: name, target }) => {
  if (target instanceof HTMLInputElement || target instanceof HTMLButtonElement) return;
  if (name === " ") play.click();
  if (name === "ArrowLeft") step(-1);
  if (name === "ArrowRight") step(1);
});

/** @param {number} by */
function step(by) {
  setPlaying(false);
  want(wanted + by);
}

open();
