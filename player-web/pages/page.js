/** What the pages share: the stream named by the path, the key of the page's URL, the API and icons. */
import { icon } from "../elements/icons.js";
import { linkOf } from "../sdk/urls.js";

/** The stream that this page is about: what follows `/watch/` or `/publish/`. */
export function streamOfPage() {
  const [, , ...segments] = location.pathname.split("/");
  return decodeURIComponent(segments.join("/"));
}

/** The key in `?token=`, handed on to sockets and to links within the site. */
export const token = new URLSearchParams(location.search).get("token") ?? undefined;

/** The signed link that this page was opened by, as a query: for this page's stream alone. '' = none. */
export const link = token ? "" : linkOf(new URL(location.href));

/** @param {string} path @returns {string} the path, with the page's key if it has one */
export function withToken(path) {
  return token ? `${path}?token=${encodeURIComponent(token)}` : path;
}

/**
 * A request to the server's API, with the page's key.
 *
 * @param {string} path
 * @param {RequestInit} [init]
 * @returns {Promise<any>} its JSON; null for an empty answer
 * @throws {ApiError} what the server refused, in its words
 */
export async function api(path, init = {}) {
  const headers = new Headers(init.headers);
  if (token) headers.set("Authorization", `Bearer ${token}`);
  const response = await fetch(path, { cache: "no-store", ...init, headers });
  const body = await response.json().catch(() => null);
  if (!response.ok) {
    throw new ApiError(
      response.status,
      body?.error?.message ?? `The server said ${response.status}.`,
    );
  }
  return body;
}

export class ApiError extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.name = "ApiError";
    this.status = status;
  }
}

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function byId(id, type) {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`this page has no ${type.name} #${id}`);
  return element;
}

/** Nothing is touched that says so already: screen readers follow changes. @param {Element} element @param {string} text */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @param {HTMLElement} chip @param {string} state @param {string} label */
export function showState(chip, state, label) {
  if (chip.dataset.state !== state) chip.dataset.state = state;
  write(chip, label);
}

/**
 * Shows the page's form for a key, which the page is then loaded with.
 *
 * @param {string} why shown above the field
 */
export function askForKey(why) {
  const form = byId("keyform", HTMLFormElement);
  const input = byId("key", HTMLInputElement);
  write(byId("keywhy", HTMLElement), why);
  form.hidden = false;
  form.onsubmit = (event) => {
    event.preventDefault();
    const to = new URL(location.href);
    for (const name of ["expires", "sign"]) to.searchParams.delete(name);
    to.searchParams.set("token", input.value.trim());
    location.replace(to);
  };
}

if (globalThis.document) {
  for (const link of document.querySelectorAll("a[data-token]")) {
    if (link instanceof HTMLAnchorElement) link.href = withToken(link.pathname);
  }
  for (const element of document.querySelectorAll("[data-icon]")) {
    const { icon: name } = /** @type {HTMLElement} */ (element).dataset;
    element.prepend(icon(/** @type {import('../elements/icons.js').IconName} */ (name)));
  }
}

/** The player shows this page's stream; `?latency=` says how soon. @param {HTMLElement} player @param {string} stream */
export function show(player, stream) {
  const latency = new URLSearchParams(location.search).get("latency");
  if (latency) player.setAttribute("latency", latency);
  player.setAttribute("src", `/watch/${stream}${link}`);
}
