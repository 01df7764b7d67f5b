/** What the pages share: the stream named by the path, and the key of the page's URL. */

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

/** @param {HTMLElement} chip @param {string} state @param {string} label */
export function showState(chip, state, label) {
  chip.dataset.state = state;
  chip.textContent = label;
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

for (const link of document.querySelectorAll("a[data-token]")) {
  if (link instanceof HTMLAnchorElement) link.href = withToken(link.pathname);
}
