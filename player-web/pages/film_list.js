import { ask } from "./admin_api.js";
import { byId, write } from "./page.js";
import { button, fillRow, fillRows, newRow, part } from "./rows.js";
import { saveFile } from "./save_file.js";
import { clockText, sizeText } from "./texts.js";

/**
 * The films that the server makes and has made.
 *
 * @typedef {object} Film
 * @property {number} id
 * @property {"queued" | "running" | "done" | "failed" | "cancelled"} state
 * @property {string} title
 * @property {string | null} page
 * @property {string} format
 * @property {number} frame
 * @property {number | null} frames
 * @property {number | null} fps
 * @property {number | null} width
 * @property {number | null} height
 * @property {number | null} eta_ms
 * @property {string[]} said
 * @property {{code: string, message: string} | null} error
 * @property {string | null} url
 * @property {number | null} bytes
 */

/** State of a chip, and what it says. @type {Record<Film["state"], [string, string]>} */
const CHIPS = {
  queued: ["", "Waits"],
  running: ["recording", "Rendering"],
  done: ["done", "Done"],
  failed: ["error", "Failed"],
  cancelled: ["", "Cancelled"],
};

/** What is known of it, in a line. @param {Film} film */
export function factsOf({ state, format, frame, frames, fps, width, height, eta_ms, bytes }) {
  const running = state === "running";
  const size = width && height ? `${width} × ${height}` : "";
  const rate = fps ? `${Number(fps.toFixed(3))} a second` : "";
  const made = frames ? `${frame} of ${frames} frames` : "Opening the page …";
  const whole = frames && fps ? clockText((frames / fps) * 1000) : "";
  const left = running && eta_ms !== null ? `${clockText(eta_ms + 999)} left` : "";
  const facts = running
    ? [made, left, size, rate]
    : [whole, size, rate, format.toUpperCase(), bytes === null ? "" : sizeText(bytes)];
  return facts.filter(Boolean).join(" · ");
}

export class FilmList {
  /** @param {(text: string) => void} complain @param {() => unknown} refresh */
  constructor(complain, refresh) {
    this.complain = complain;
    this.refresh = refresh;
    /** As they were told last. @type {Map<number, Film>} */
    this.films = new Map();
  }

  /** @param {{renders: Film[]}} answer @returns {boolean} something waits or runs */
  show({ renders }) {
    this.films = new Map(renders.map((film) => [film.id, film]));
    byId("films", HTMLElement).hidden = false;
    byId("nofilms", HTMLElement).hidden = renders.length > 0;
    fillRows(
      byId("filmrows", HTMLElement),
      renders,
      ({ id, state }) => `${id} ${state}`,
      (film) => this.row(film),
      (row, film) => this.fill(row, film),
    );
    return renders.some(({ state }) => state === "queued" || state === "running");
  }

  /** @param {Film} film */
  row({ id, state, title, url }) {
    const name = title || `film ${id}`;
    /** @type {HTMLElement[]} */ const acts = [];
    const remove = () => this.act(ask(`/api/v1/render/${id}`, "DELETE"));
    if (state === "queued" || state === "running")
      acts.push(button("Cancel", remove, "danger", `Cancel ${name}`));
    else acts.push(button("Forget", remove, "", `Forget ${name}`));
    if (state === "done" && url)
      acts.unshift(button("Download", () => this.act(saveFile(url)), "first", `Download ${name}`));
    const row = newRow(acts);
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.setAttribute("aria-label", `Frames of ${name}`);
    const said = part("ul", "", "said");
    row.querySelector(".about")?.append(bar, said);
    return row;
  }

  /** @param {HTMLElement} row @param {Film} film */
  fill(row, film) {
    const [state, label] = CHIPS[film.state];
    const head = [film.title || `Film ${film.id}`, film.page].filter(Boolean).join(" · ");
    fillRow(row, state, label, head, factsOf(film));
    const bar = /** @type {HTMLProgressElement} */ (row.querySelector("progress"));
    bar.hidden = film.state !== "running";
    if (film.frames) bar.value = film.frame / film.frames;
    else bar.removeAttribute("value");
    const lines = [...(film.state === "failed" ? [film.error?.message ?? ""] : []), ...film.said];
    const said = /** @type {HTMLElement} */ (row.querySelector(".said"));
    said.hidden = lines.length === 0;
    while (said.childElementCount > lines.length) said.lastElementChild?.remove();
    while (said.childElementCount < lines.length) said.append(document.createElement("li"));
    for (const [i, line] of lines.entries()) write(said.children[i], line);
  }

  /** @param {Promise<unknown>} asked */
  async act(asked) {
    try {
      await asked;
      this.complain("");
    } catch (error) {
      this.complain(/** @type {Error} */ (error).message);
    }
    await this.refresh();
  }
}
