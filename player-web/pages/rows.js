import { showState, write } from "./page.js";

/** Lists of rows, each with a state, words and buttons: of the pages that manage. */

/** @param {string} tag @param {string} text @param {string} [className] */
export function part(tag, text, className = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  if (className) element.className = className;
  return element;
}

/** @param {string} text @param {() => void} act @param {string} [className] @param {string} [label] */
export function button(text, act, className = "", label = "") {
  const element = /** @type {HTMLButtonElement} */ (part("button", text, `button ${className}`));
  element.type = "button";
  if (label) element.setAttribute("aria-label", label);
  element.addEventListener("click", act);
  return element;
}

/**
 * Rows are kept as they are while their keys are, so that a focused button stays.
 * @template T
 * @param {HTMLElement} list
 * @param {T[]} all
 * @param {(one: T) => string} keyOf
 * @param {(one: T) => HTMLElement} make
 * @param {(row: HTMLElement, one: T) => void} fill
 */
export function fillRows(list, all, keyOf, make, fill) {
  const rows = new Map(
    [...list.children].map((row) => [/** @type {HTMLElement} */ (row).dataset.key, row]),
  );
  const next = all.map((one) => {
    const row = /** @type {HTMLElement} */ (rows.get(keyOf(one)) ?? make(one));
    row.dataset.key = keyOf(one);
    fill(row, one);
    return row;
  });
  if (next.length !== list.childElementCount || next.some((row, i) => row !== list.children[i]))
    list.replaceChildren(...next);
}

/** @param {Node[]} acts */
export function newRow(acts) {
  const row = document.createElement("li");
  const about = part("div", "", "about");
  about.append(part("b", ""), part("p", ""));
  const buttons = part("div", "", "acts");
  buttons.append(...acts);
  row.append(part("span", "", "state"), about, buttons);
  return row;
}

/** @param {HTMLElement} row @param {string} state @param {string} label @param {string} head @param {string} text */
export function fillRow(row, state, label, head, text) {
  const [chip, about] = /** @type {HTMLElement[]} */ ([...row.children]);
  showState(chip, state, label);
  write(about.children[0], head);
  write(about.children[1], text);
}
