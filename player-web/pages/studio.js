import { publish } from "../framewire.js";
import { Chat } from "./chat.js";
import { listDevices } from "./devices.js";
import { openSource } from "./inputs.js";
import { showLevel } from "./level_meter.js";
import {
  api,
  askForKey,
  byId,
  link,
  showState,
  streamOfPage,
  token,
  withToken,
  write,
} from "./page.js";
import { problemOf } from "./problems.js";
import { RecordSwitch } from "./record_switch.js";
import { offerLink } from "./share.js";
import { clockText, codecText, delayText, rateText, sizeText } from "./texts.js";

/**
 * @typedef {import('./inputs.js').SourceKind} SourceKind
 * @typedef {import('./problems.js').Problem} Problem
 */

const UPDATE_MS = 500;
/** Viewers report so often. */
const DELAY_MS = 5_000;
/** @type {Map<string, string>} */
const LABELS = new Map([
  ["connecting", "Connecting"],
  ["live", "Live"],
  ["reconnecting", "Reconnecting"],
  ["ended", "Off air"],
  ["error", "Off air"],
]);
/** What stands in place of the picture before there is one, and on the button below it. @type {Record<SourceKind, Problem & {button: string}>} */
const INVITATIONS = {
  camera: { title: "Your camera is off", text: "", button: "Turn camera on" },
  screen: { title: "No screen chosen yet", text: "", button: "Choose a screen" },
  file: { title: "No file chosen yet", text: "It is played in a loop.", button: "Show preview" },
  canvas: { title: "Test card", text: "Colour bars and a clock.", button: "Show preview" },
};

const stream = streamOfPage();
const chip = byId("state", HTMLSpanElement);
const alert = byId("alert", HTMLParagraphElement);
const preview = byId("preview", HTMLVideoElement);
const form = byId("form", HTMLFormElement);
const go = byId("go", HTMLButtonElement);
const open = byId("open", HTMLButtonElement);
const mute = byId("mute", HTMLButtonElement);
const sources = byId("sources", HTMLFieldSetElement);
const settings = byId("settings", HTMLFieldSetElement);
const cameras = byId("camera", HTMLSelectElement);
const microphones = byId("microphone", HTMLSelectElement);
const fileInput = byId("file", HTMLInputElement);
const sendAs = byId("sendas", HTMLSelectElement);
const titleInput = byId("title", HTMLInputElement);

/** @typedef {import('../sdk/publish.js').Publication | import('../sdk/index.js').PicturePublication} OnAir */
/** @type {OnAir | null} */
let publication = null;
/** It was told to stop, and sends its last. */
let leaving = false;
/** @type {import('./inputs.js').Source | null} */
let source = null;
/** Kept, because a disabled fieldset has no data. @type {SourceKind} */
let shownKind = "camera";
let endLevel = () => {};
const recordSwitch = new RecordSwitch(stream, complain);
const chat = new Chat();
/** Counts the openings: one that is overtaken by another is closed again. */
let opening = 0;

write(byId("name", HTMLHeadingElement), stream);
document.title = `${stream} · Studio · framewire`;
offerLink(`${location.origin}/watch/${stream}`);
byId("watch", HTMLAnchorElement).href = withToken(`/watch/${stream}`);
listDevices(cameras, microphones);
navigator.mediaDevices?.addEventListener("devicechange", () => listDevices(cameras, microphones));
showKind();

function kindNow() {
  return /** @type {SourceKind} */ (new FormData(form).get("source") ?? shownKind);
}

/** The fields and the curtain that go with what is to be shown. */
function showKind() {
  shownKind = kindNow();
  for (const field of form.querySelectorAll("[data-for]")) {
    const { for: kinds = "" } = /** @type {HTMLElement} */ (field).dataset;
    /** @type {HTMLElement} */ (field).hidden = !kinds.split(" ").includes(shownKind);
  }
  if (sendAs.selectedOptions[0]?.hidden) sendAs.value = "best";
  if (!source) drawCurtain(INVITATIONS[shownKind], INVITATIONS[shownKind].button);
}

/** @param {Problem | null} words null = the picture is shown @param {string} [button] '' = none */
function drawCurtain(words, button = "") {
  byId("curtain", HTMLElement).hidden = words === null;
  open.hidden = !button;
  if (button) write(open, button);
  if (!words) return;
  write(byId("curtaintitle", HTMLElement), words.title);
  write(byId("curtaintext", HTMLElement), words.text);
}

form.addEventListener("change", async (event) => {
  const { name } = /** @type {HTMLInputElement} */ (event.target);
  if (publication) {
    await changeWhileLive(publication, name);
    return;
  }
  const showing = source !== null;
  if (name === "source") {
    closeSource();
    complain("");
    showKind();
  }
  const opens = name === "file" ? fileInput.files?.length : showing && name !== "title";
  if (
    !opens ||
    name === "quality" ||
    name === "sendas" ||
    (name === "source" && kindNow() === "file")
  )
    return;
  closeSource();
  await openPreview();
});

open.addEventListener("click", () => {
  if (kindNow() === "file" && !fileInput.files?.length) fileInput.click();
  else openPreview();
});

/** What is shown goes on until there is something else; viewers stay. @param {OnAir} current @param {string} name of the field */
async function changeWhileLive(current, name) {
  if (name === "title") {
    current.setTitle(titleInput.value.trim());
    return;
  }
  const kind = kindNow();
  if (name === "source") showKind();
  if (!("replace" in current) || (kind === "file" && !fileInput.files?.length)) return;
  const before = source;
  if (!(await openPreview()) || !source || publication !== current) return;
  current.replace(source.canvas ?? source.stream, { audio: soundBeside(source) });
  before?.close();
}

/** @returns {Promise<boolean>} whether there is a picture now */
async function openPreview() {
  const mine = ++opening;
  const kind = kindNow();
  const choice = new FormData(form);
  complain("");
  if (!publication && (kind === "camera" || kind === "screen")) {
    drawCurtain({
      title: kind === "camera" ? "Waiting for your camera" : "Waiting for your choice",
      text: "Allow it where the browser asks.",
    });
  }
  try {
    const opened = await openSource({
      kind,
      camera: String(choice.get("camera") ?? ""),
      microphone: String(choice.get("microphone") ?? ""),
      height: Number(choice.get("height")) || undefined,
      tone: choice.has("tone"),
      file: fileInput.files?.[0] ?? null,
    });
    if (mine !== opening) {
      opened.close();
      return false;
    }
    showSource(opened);
    return true;
  } catch (error) {
    if (mine !== opening) return false;
    const problem = problemOf(error, kind);
    if (!publication) drawCurtain({ title: problem.title, text: "" }, "Try again");
    complain(problem.text);
    return false;
  }
}

/** @param {import('./inputs.js').Source} opened */
function showSource(opened) {
  endLevel();
  source = opened;
  preview.srcObject = opened.stream;
  drawCurtain(opened.stream.getVideoTracks().length > 0 ? null : SOUND_ONLY);
  const audio = opened.stream.getAudioTracks();
  byId("sound", HTMLElement).hidden = audio.length === 0;
  endLevel = () => {};
  if (audio.length > 0) endLevel = showLevel(opened.stream, byId("level", HTMLMeterElement));
  setMuted(publication !== null && mute.getAttribute("aria-pressed") === "true");
  listDevices(cameras, microphones);
  for (const track of opened.stream.getTracks()) {
    // Not after our own stop(): an unplugged device, or "Stop sharing" in the browser's own bar.
    track.addEventListener("ended", () => {
      if (source === opened) onTrackLost(track);
    });
  }
}

const SOUND_ONLY = { title: "Sound only", text: "This has no picture." };

/** @param {MediaStreamTrack} track */
function onTrackLost(track) {
  const rest = source?.stream.getTracks().some(({ readyState }) => readyState === "live");
  if (!rest && !publication) closeSource();
  complain(
    track.kind === "video"
      ? "The picture has ended: the device was unplugged, or sharing was stopped."
      : "The sound has ended: the microphone was unplugged.",
  );
}

function closeSource() {
  opening += 1;
  endLevel();
  endLevel = () => {};
  source?.close();
  source = null;
  preview.srcObject = null;
  byId("sound", HTMLElement).hidden = true;
  showKind();
}

// While live the button of the form is "Stop", and Enter in a field would press it.
form.addEventListener("keydown", (event) => {
  const { target } = event;
  if (!publication || event.key !== "Enter" || event.isComposing) return;
  if (!(target instanceof HTMLInputElement) || target.type === "file") return;
  event.preventDefault();
  if (target === titleInput) publication.setTitle(titleInput.value.trim());
});

mute.addEventListener("click", () => setMuted(mute.getAttribute("aria-pressed") !== "true"));

/** @param {boolean} muted */
function setMuted(muted) {
  for (const track of source?.stream.getAudioTracks() ?? []) track.enabled = !muted;
  mute.setAttribute("aria-pressed", String(muted));
  write(/** @type {Element} */ (mute.querySelector("span")), muted ? "Muted" : "Mute");
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  leaving = publication !== null;
  if (publication) publication.stop();
  else goLive();
});
// Not before: the browser would send the form itself, and lose the key in the address.
go.disabled = false;

async function goLive() {
  const choice = new FormData(form);
  go.disabled = true;
  complain("");
  byId("keyform", HTMLFormElement).hidden = true;
  try {
    if (!source && !(await openPreview())) return;
    if (!source) return;
    publication = publishAs(source, choice);
  } catch (error) {
    closeSource();
    complain(problemOf(error, kindNow()).text);
    return;
  } finally {
    go.disabled = false;
  }
  await onAir(publication);
}

/** @param {import('./inputs.js').Source} from @param {FormData} choice @returns {OnAir} */
function publishAs(from, choice) {
  const { stream: media, canvas } = from;
  const url = `/publish/${stream}${link}`;
  const title = titleInput.value.trim() || undefined;
  const type = /** @type {'image/jpeg'} */ (String(choice.get("sendas") ?? "best"));
  const audio = soundBeside(from) ?? undefined;
  if (canvas && type.startsWith("image/")) {
    return publish(canvas, url, { as: "pictures", type, token, title, audio });
  }
  const videoBitsPerSecond = Number(choice.get("quality"));
  const as = choice.get("sendas") === "recording" ? "recording" : undefined;
  return publish(canvas ?? media, url, { token, title, videoBitsPerSecond, as, audio });
}

/** A canvas has none of its own. @param {import('./inputs.js').Source} from */
const soundBeside = ({ canvas, stream: media }) =>
  canvas && media.getAudioTracks().length > 0 ? media : null;

/** @param {OnAir} current until it is over */
async function onAir(current) {
  const startedAt = performance.now();
  const update = () => showNumbers(current, performance.now() - startedAt);
  chat.attach(current);
  recordSwitch.attach(current);
  showOnAir(true);
  current.addEventListener("state", update);
  current.addEventListener("viewers", update);
  current.addEventListener("warning", (event) => {
    complain(/** @type {CustomEvent} */ (event).detail.message);
  });
  const timers = [setInterval(update, UPDATE_MS), setInterval(showDelay, DELAY_MS)];
  update();
  const why = await current.closed;
  for (const timer of timers) clearInterval(timer);
  publication = null;
  const stillThere = source?.stream.getTracks().every(({ readyState }) => readyState === "live");
  if (!stillThere) closeSource();
  showOnAir(false);
  showState(chip, why ? "error" : "ended", why ? "Refused" : "Off air");
  if (!why) return;
  complain(why.code === "unauthorized" ? "Going live under this name needs a key." : why.message);
  if (why.code === "unauthorized") {
    askForKey(
      token || link ? "The key in this page’s address is not the right one." : "Do you have a key?",
    );
  }
}

/** @param {boolean} live */
function showOnAir(live) {
  write(go, live ? "Stop" : "Go live");
  go.classList.toggle("first", !live);
  go.classList.toggle("danger", live);
  // Pictures are of the one canvas; all else can change while live.
  sources.disabled = live && !(publication && "replace" in publication);
  for (const field of settings.querySelectorAll(BEFORE_ONLY)) {
    /** @type {HTMLInputElement} */ (field).disabled = live;
  }
  byId("numbers", HTMLElement).hidden = !live;
  byId("chat", HTMLElement).hidden = !live;
}

/** What a stream cannot change any more. */
const BEFORE_ONLY = "#sendas, [name=quality]";

const NUMBERS = ["viewers", "time", "rate", "waiting", "picture", "format", "reconnects"];

/** @param {OnAir} current @param {number} ms on air */
function showNumbers(current, ms) {
  const { state, stats } = current;
  showState(chip, state, LABELS.get(state) ?? state);
  const { videoWidth, videoHeight } = preview;
  const texts = [
    String(stats.viewers),
    clockText(ms),
    rateText(stats.bitsPerSecond),
    sizeText(stats.unackedBytes + stats.unsentBytes),
    videoWidth ? `${videoWidth} × ${videoHeight}` : "none",
    formatText(stats.mimeType),
    String(stats.reconnects),
  ];
  NUMBERS.forEach((id, i) => {
    write(byId(id, HTMLElement), texts[i]);
  });
  if ("way" in stats) byId("format", HTMLElement).title = `${stats.way.as}: ${stats.way.why}`;
}

/** From here to their screens, as viewers report it. */
async function showDelay() {
  if (publication?.state !== "live" || leaving) return;
  const about = await api(`/api/v1/streams/${stream}`).catch(() => null); // gone again already
  write(byId("delay", HTMLElement), delayText(about?.delay));
}

/** @param {string} mimeType of the recorder */
function formatText(mimeType) {
  if (mimeType.startsWith("image/")) return `${codecText(mimeType.slice(6))} pictures`;
  const [type, codecs = ""] = mimeType.split(";codecs=");
  return codecs ? codecs.split(",").map(codecText).join(" + ") : type;
}

/** @param {string} text '' = all is well */
function complain(text) {
  alert.hidden = !text;
  alert.textContent = text;
}

window.addEventListener("beforeunload", (event) => {
  if (publication) event.preventDefault();
});
