import { publish } from "../framewire.js";
import { byId, rateText, showState, streamOfPage, token, withToken } from "./page.js";
import { openSource, sourceProblem } from "./sources.js";

const UPDATE_MS = 500;
/** @type {Map<string, string>} */
const LABELS = new Map([
  ["connecting", "Connecting"],
  ["live", "Live"],
  ["reconnecting", "Reconnecting"],
  ["ended", "Off air"],
  ["error", "Off air"],
]);

const stream = streamOfPage();
const chip = byId("state", HTMLSpanElement);
const alert = byId("alert", HTMLParagraphElement);
const preview = byId("preview", HTMLVideoElement);
const form = byId("form", HTMLFormElement);
const go = byId("go", HTMLButtonElement);
const link = byId("link", HTMLInputElement);
const copy = byId("copy", HTMLButtonElement);
const soundLabel = byId("soundlabel", HTMLSpanElement);

/** @type {import('../sdk/publish.js').Publication | null} */
let publication = null;
/** @type {import('./sources.js').Source | null} */
let source = null;

byId("name", HTMLHeadingElement).textContent = stream;
document.title = `${stream} · Studio · framewire`;
link.value = `${location.origin}/watch/${stream}`;
byId("open", HTMLAnchorElement).href = withToken(`/watch/${stream}`);

form.addEventListener("change", () => {
  const kind = new FormData(form).get("source");
  soundLabel.textContent = kind === "canvas" ? "With test tone" : "With microphone";
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (publication) publication.stop();
  else goLive();
});

copy.addEventListener("click", async () => {
  link.select();
  await navigator.clipboard?.writeText(link.value).catch(() => {});
  copy.textContent = "Copied";
  setTimeout(() => {
    copy.textContent = "Copy link";
  }, 1_500);
});

async function goLive() {
  const choice = new FormData(form);
  go.disabled = true;
  complain("");
  try {
    const kind = /** @type {import('./sources.js').SourceKind} */ (choice.get("source"));
    source = await openSource(kind, choice.has("sound"));
    preview.srcObject = source.stream;
    publication = publish(source.stream, `/publish/${stream}`, {
      token,
      videoBitsPerSecond: Number(choice.get("quality")),
    });
  } catch (error) {
    offAir();
    complain(sourceProblem(error));
    return;
  } finally {
    go.disabled = false;
  }
  showOnAir(true);
  publication.addEventListener("state", update);
  publication.addEventListener("viewers", update);
  publication.addEventListener("warning", (event) => {
    complain(/** @type {CustomEvent} */ (event).detail.message);
  });
  const timer = setInterval(update, UPDATE_MS);
  update();
  const why = await publication.closed;
  clearInterval(timer);
  offAir();
  if (why) complain(why.message);
}

function offAir() {
  publication = null;
  source?.close();
  source = null;
  preview.srcObject = null;
  showOnAir(false);
  showState(chip, "ended", "Off air");
}

/** @param {boolean} onAir */
function showOnAir(onAir) {
  go.textContent = onAir ? "Stop" : "Go live";
  go.classList.toggle("first", !onAir);
  byId("curtain", HTMLElement).hidden = onAir;
  byId("facts", HTMLElement).hidden = !onAir;
  byId("sources", HTMLFieldSetElement).disabled = onAir;
  byId("qualities", HTMLFieldSetElement).disabled = onAir;
}

function update() {
  if (!publication) return;
  const { state, stats } = publication;
  showState(chip, state, LABELS.get(state) ?? state);
  byId("viewers", HTMLElement).textContent = String(stats.viewers);
  byId("rate", HTMLElement).textContent = rateText(stats.bitsPerSecond);
  const { videoWidth, videoHeight } = preview;
  byId("picture", HTMLElement).textContent = videoWidth ? `${videoWidth} × ${videoHeight}` : "–";
  byId("format", HTMLElement).textContent = stats.mimeType
    .replace(/^video\/|codecs=/g, "")
    .replace(";", " ");
}

/** @param {string} text */
function complain(text) {
  alert.hidden = !text;
  alert.textContent = text;
}

window.addEventListener("beforeunload", (event) => {
  if (publication) event.preventDefault();
});
