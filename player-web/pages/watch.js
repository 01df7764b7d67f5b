import { FramewirePlayer } from "../elements/framewire-player.js";
import { Chat } from "./chat.js";
import { api, askForKey, byId, link, show, showState, streamOfPage, token, write } from "./page.js";
import { copies, offerLink } from "./share.js";
import { codecText } from "./texts.js";

/** @type {Map<string, string>} */
const LABELS = new Map([
  ["connecting", "Connecting"],
  ["waiting", "Waiting"],
  ["live", "Live"],
  ["stalled", "Live"],
  ["reconnecting", "Reconnecting"],
  ["ended", "Ended"],
  ["error", "Refused"],
  ["stopped", "Stopped"],
]);

const stream = streamOfPage();
const chip = byId("state", HTMLSpanElement);
const details = byId("details", HTMLParagraphElement);
const title = byId("title", HTMLParagraphElement);
const element = byId("player", FramewirePlayer);
const sharing = byId("sharing", HTMLDialogElement);
const chat = new Chat();
/** The `stream` message that the title was asked for. @type {object | null} */
let titleOf = null;
/** Counts what is known of the title: an answer that is overtaken says nothing any more. */
let titles = 0;
/** @type {import('../framewire.js').Player | null} */
let heard = null;

element.label = stream;
write(byId("name", HTMLHeadingElement), stream);
document.title = `${stream} · framewire`;

element.addEventListener("playerchange", () => {
  const { player } = element;
  chat.attach(player);
  if (!player) return;
  if (heard !== player) player.on("title", (text) => writeTitle(text));
  heard = player;
  const { state, info } = player;
  showState(chip, state === "stalled" ? "live" : state, LABELS.get(state) ?? "");
  if (!info) return;
  const size = info.width ? `${info.width} × ${info.height}` : "";
  const codecs = (info.tracks ?? []).map((/** @type {any} */ track) => codecText(track.codec));
  write(details, [size, codecs.join(" + ")].filter(Boolean).join(" · "));
  if (titleOf !== info) showTitle(info);
});

/** @param {object} info */
async function showTitle(info) {
  titleOf = info;
  const before = titles;
  const about = await api(`/api/v1/streams/${stream}`).catch(() => null); // gone again already
  if (titles === before) writeTitle(about?.title ?? "");
}

/** @param {string} text */
function writeTitle(text) {
  titles += 1;
  title.hidden = !text;
  write(title, text);
  element.label = text || stream;
}

element.addEventListener(
  "playerchange",
  () => {
    const { player } = element;
    player?.closed.then((why) => {
      if (why?.code !== "unauthorized") return;
      if (link) askForKey("This link does not open the stream, or no more. Do you have a key?");
      else
        askForKey(token ? "That key does not open this stream." : "This stream opens with a key.");
    });
  },
  { once: true },
);

offerLink(`${location.origin}/watch/${stream}`);
byId("embed", HTMLTextAreaElement).value =
  `<iframe src="${location.origin}/embed/${stream}" width="640" height="412" ` +
  `allow="autoplay; fullscreen; picture-in-picture" title="Live stream"></iframe>`;
copies("copyembed", "embed", "Copy code");
byId("share", HTMLButtonElement).addEventListener("click", () => sharing.showModal());

if (token) element.setAttribute("token", token);
show(element, stream);
