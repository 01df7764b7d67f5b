import { FramewirePlayer } from "../elements/framewire-player.js";
import { byId, showState, streamOfPage, token } from "./page.js";

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
const element = byId("player", FramewirePlayer);

byId("name", HTMLHeadingElement).textContent = stream;
document.title = `${stream} · framewire`;

element.addEventListener("playerchange", () => {
  const { player } = element;
  if (!player) return;
  showState(
    chip,
    player.state === "stalled" ? "live" : player.state,
    LABELS.get(player.state) ?? "",
  );
  const { info, stats } = player;
  if (!info) return;
  const size = info.width ? `${info.width} × ${info.height}` : "";
  const codecs = (info.tracks ?? []).map((/** @type {any} */ track) => track.codec).join(" + ");
  const jumps = stats.skipped > 0 ? `${stats.skipped} parts skipped` : "";
  details.textContent = [size, info.format, codecs, jumps].filter(Boolean).join(" · ");
});

if (token) element.setAttribute("token", token);
element.setAttribute("src", `/watch/${stream}`);
