import { isStreamName } from "../sdk/urls.js";
import { byId, showState, token, viewersText, withToken } from "./page.js";

const POLL_MS = 2_000;
const STATE_LABELS = new Map([
  ["live", "Live"],
  ["lingering", "Publisher away"],
  ["waiting", "Waiting"],
]);

const list = byId("streams", HTMLUListElement);
const summary = byId("summary", HTMLParagraphElement);
const input = byId("name", HTMLInputElement);
const hint = byId("hint", HTMLParagraphElement);

/**
 * @typedef {{name: string, state: string, format: string, width: number, height: number, viewers: number}} StreamRow
 */

byId("form", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  const name = input.value.trim();
  if (isStreamName(name)) {
    location.href = withToken(`/publish/${name}`);
    return;
  }
  hint.className = "alert below";
  hint.textContent = name
    ? "Use letters, digits, “_” and “-”, in up to 4 parts joined by “/”."
    : "Give your stream a name first.";
  input.setAttribute("aria-invalid", "true");
  input.focus();
});

async function refresh() {
  if (document.hidden) return;
  try {
    const headers = token ? { Authorization: `Bearer ${token}` } : undefined;
    const response = await fetch("/api/v1/streams", { headers, cache: "no-store" });
    const body = await response.json();
    if (!response.ok) throw new Error(body.error?.message ?? `The server said ${response.status}.`);
    show(body.streams);
  } catch (error) {
    say(error instanceof TypeError ? "The server cannot be reached. Trying again…" : String(error));
  }
}

/** @param {StreamRow[]} streams */
function show(streams) {
  const live = streams.filter(({ state }) => state === "live").length;
  say(streams.length === 0 ? "Nobody is live. Be the first." : `${live} live`);
  const order = [...streams].sort(
    (a, b) =>
      Number(b.state === "live") - Number(a.state === "live") || a.name.localeCompare(b.name),
  );
  const rows = new Map([...list.children].map((row) => [row.getAttribute("data-name"), row]));
  const next = order.map((stream) => fill(rows.get(stream.name) ?? newRow(stream.name), stream));
  // Untouched when nothing moved: a focused link keeps its focus.
  if (next.length !== list.children.length || next.some((row, i) => row !== list.children[i])) {
    list.replaceChildren(...next);
  }
}

/** @param {string} name */
function newRow(name) {
  const row = document.createElement("li");
  row.dataset.name = name;
  const link = document.createElement("a");
  link.className = "name";
  link.href = withToken(`/watch/${name}`);
  link.textContent = name;
  const state = document.createElement("span");
  state.className = "state";
  const facts = document.createElement("span");
  facts.className = "facts";
  row.append(link, state, facts);
  return row;
}

/** @param {Element} row @param {StreamRow} stream */
function fill(row, stream) {
  const [, state, facts] = /** @type {HTMLElement[]} */ ([...row.children]);
  showState(state, stream.state, STATE_LABELS.get(stream.state) ?? stream.state);
  const size = stream.width ? `${stream.width} × ${stream.height}` : "";
  facts.textContent = [viewersText(stream.viewers), size, stream.format]
    .filter(Boolean)
    .join(" · ");
  return row;
}

/** @param {string} text */
function say(text) {
  if (summary.textContent !== text) summary.textContent = text;
}

refresh();
setInterval(refresh, POLL_MS);
document.addEventListener("visibilitychange", refresh);
