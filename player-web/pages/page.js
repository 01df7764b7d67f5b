/** What the pages share: the stream named by the path, the key of the page's URL, words and icons. */
import { icon } from "../elements/icons.js";

/** The stream that this page is about: what follows `/watch/` or `/publish/`. */
export function streamOfPage() {
  const [, , ...segments] = location.pathname.split("/");
  return decodeURIComponent(segments.join("/"));
}

/** The key in `?token=`, handed on to sockets and to links within the site. */
export const token = new URLSearchParams(location.search).get("token") ?? undefined;

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

/** @param {number} count */
export function viewersText(count) {
  return count === 1 ? "1 viewer" : `${count} viewers`;
}

/** @param {number} bitsPerSecond */
export function rateText(bitsPerSecond) {
  return bitsPerSecond >= 1e6
    ? `${(bitsPerSecond / 1e6).toFixed(1)} Mb/s`
    : `${Math.round(bitsPerSecond / 1e3)} kb/s`;
}

/** @param {number} bytes */
export function sizeText(bytes) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 9.95 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** @param {number} ms @returns {string} 0:07, 12:30, 1:02:03 */
export function clockText(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, two(seconds % 60)];
  return h > 0 ? `${h}:${two(m)}:${s}` : `${m}:${s}`;
}

/** @type {Record<string, string>} by the first part of a codec string (RFC 6381) */
const CODECS = {
  av01: "AV1",
  av1: "AV1",
  avc1: "H.264",
  avc3: "H.264",
  flac: "FLAC",
  hev1: "HEVC",
  hvc1: "HEVC",
  mp4a: "AAC",
  opus: "Opus",
  vorbis: "Vorbis",
  vp09: "VP9",
  vp8: "VP8",
  vp9: "VP9",
};

/** @param {string} codec such as `vp09.00.31.08` @returns {string} what people call it */
export function codecText(codec) {
  return CODECS[codec.toLowerCase().split(".")[0]] ?? codec;
}

/** @param {number} ms @returns {string} for a glance: "12 min", "3 h 5 min" */
export function spanText(ms) {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
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
