import { withToken } from "./page.js";

/**
 * A stream's newest picture in a card, fetched anew every few seconds while the card can be seen. A stream without a
 * picture keeps its empty frame.
 */
const FRESH_MS = 4_000;
/** A stream that gave none is asked again after so long, in milliseconds. */
const NONE_MS = 20_000;
const WIDTH = 640;

export class Posters {
  /** Cards in view, by element: when the next picture is due. @type {Map<Element, number>} */
  #seen = new Map();
  #watcher;

  constructor() {
    this.#watcher = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) this.#seen.set(target, this.#seen.get(target) ?? 0);
        else this.#seen.delete(target);
      }
      this.#refresh();
    });
    setInterval(() => this.#refresh(), 1_000);
  }

  /** @param {HTMLElement} poster whose `data-name` is the stream's; `data-pictures`: "true" if it has any */
  watch(poster) {
    this.#watcher.observe(poster);
  }

  /** @param {Element} poster */
  forget(poster) {
    this.#watcher.unobserve(poster);
    this.#seen.delete(poster);
  }

  #refresh() {
    if (document.hidden) return;
    const now = performance.now();
    for (const [poster, due] of this.#seen) {
      if (due > now || /** @type {HTMLElement} */ (poster).dataset.pictures !== "true") continue;
      this.#seen.set(poster, now + FRESH_MS);
      this.#load(/** @type {HTMLElement} */ (poster));
    }
  }

  /** Takes the place of the one before only when it is there. @param {HTMLElement} poster */
  #load(poster) {
    const picture = new Image();
    picture.alt = "";
    picture.onload = () => {
      poster.querySelector("img")?.remove();
      poster.prepend(picture);
    };
    picture.onerror = () => {
      if (this.#seen.has(poster)) this.#seen.set(poster, performance.now() + NONE_MS);
    };
    const path = withToken(`/live/${poster.dataset.name}.jpg`);
    picture.src = `${path}${path.includes("?") ? "&" : "?"}width=${WIDTH}&at=${Date.now()}`;
  }
}
