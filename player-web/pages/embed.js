/**
 * The player alone, for frames in pages of any site. The page around it may post `{framewire: COMMAND}`, with
 * `play`, `pause`, `mute` or `unmute`, and is posted `{framewire: "state", state, muted, paused, viewers}` at
 * each change. `?muted` starts without sound, `?latency=` is the player's `latency`.
 */
import { FramewirePlayer } from "../elements/framewire-player.js";
import { has } from "../sdk/newer.js";
import { byId, show, streamOfPage, token } from "./page.js";

const element = byId("player", FramewirePlayer);
const { video } = element;
const stream = streamOfPage();
let told = "";

/** @type {Record<string, () => void>} */
const COMMANDS = {
  play: () => video.paused && element.togglePlay(),
  pause: () => video.pause(),
  mute: () => {
    video.muted = true;
  },
  unmute: () => {
    video.muted = false;
  },
};

addEventListener("message", ({ data, source }) => {
  if (source !== parent || typeof data?.framewire !== "string") return;
  if (has(COMMANDS, data.framewire)) COMMANDS[data.framewire]();
});

element.addEventListener("playerchange", () => {
  const { player } = element;
  if (!player || parent === window) return;
  const { muted, paused } = video;
  const state = {
    framewire: "state",
    state: player.state,
    muted,
    paused,
    viewers: player.stats.viewers,
  };
  const text = JSON.stringify(state);
  if (text === told) return;
  told = text;
  parent.postMessage(state, "*"); // nothing of it is secret, and any site may show this page
});

element.label = stream;
document.title = `${stream} · framewire`;
if (new URLSearchParams(location.search).has("muted")) element.setAttribute("muted", "");
if (token) element.setAttribute("token", token);
show(element, stream);
