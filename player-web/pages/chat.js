import { drawIcon, icon } from "../elements/icons.js";
import { NO_RIGHTS } from "../sdk/side_channel.js";
import { part } from "./chat_parts.js";
import { ChatTools } from "./chat_tools.js";
import { byId, write } from "./page.js";

/**
 * The chat of a stream, over the side channel: texts are `{chat: "..."}`, what else is said there is left to
 * others. Who may moderate, as the server says, has buttons for it. The page has #chat with #chatlog, #chatform, #chatname, #chattext, #chatnote.
 *
 * @typedef {import('../sdk/play.js').Player | import('../sdk/base_publication.js').BasePublication} Channel
 */

/** Older lines are taken out. */
const LINES_MOST = 200;
/** Lines so near to the end count as read, in pixels. */
const AT_END = 40;
const NAME_KEY = "framewire.name";

export class Chat {
  #chat = byId("chat", HTMLElement);
  #log = byId("chatlog", HTMLElement);
  #text = byId("chattext", HTMLInputElement);
  #name = byId("chatname", HTMLInputElement);
  #note = byId("chatnote", HTMLElement);
  /** @type {Channel | null} */
  #channel = null;
  #attached = new AbortController();
  #tools;
  /** @type {Set<string>} */
  #muted = new Set();

  constructor() {
    this.#tools = new ChatTools(this.#log, (doing) => this.#tell(doing));
    this.#log.tabIndex = 0; // it scrolls
    this.#name.value = storedName();
    this.#name.addEventListener("change", () => storeName(this.#name.value.trim()));
    byId("chatform", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
  }

  /** Follows another Player or Publication; what was said stays. @param {Channel | null} channel */
  attach(channel) {
    if (channel === this.#channel) return;
    this.#attached.abort();
    this.#attached = new AbortController();
    this.#channel = channel;
    const { signal } = this.#attached;
    const on = (/** @type {string} */ type, /** @type {(detail: any) => void} */ listener) =>
      channel?.addEventListener(
        type,
        (event) => listener(/** @type {CustomEvent} */ (event).detail),
        { signal },
      );
    on("message", (message) => this.#show(message));
    on("warning", ({ message }) => write(this.#note, message));
    on("cleared", () => this.#log.replaceChildren());
    on("slowmode", (ms) => {
      this.#tools.slow(ms);
      write(this.#note, ms > 0 ? `Slow mode: one message each ${Math.round(ms / 1000)} s.` : "");
    });
    on("rights", () => this.#showRights());
    on("state", () => this.#learn());
    on("mutedsender", (muting) => this.#onMuted(muting));
    this.#showRights();
  }

  /** Buttons are there for what this page's key is good for. */
  #showRights() {
    const channel = this.#channel;
    const { moderate, server } = channel?.rights ?? NO_RIGHTS;
    this.#chat.classList.toggle("mutes", moderate || (channel !== null && "mute" in channel));
    this.#chat.classList.toggle("bans", server);
    this.#tools.show(moderate ? channel : null);
    this.#learn();
  }

  /** What was decided before this page came: of a stream that is there. */
  async #learn() {
    const channel = this.#channel;
    if (channel?.state !== "live" || !channel.rights.moderate) return;
    const known = await channel.moderator.chat().catch(() => null); // it may have ended just now
    if (!known || channel !== this.#channel) return;
    this.#tools.slow(known.slowMs);
    for (const sender of known.muted) this.#onMuted({ sender, muted: true });
  }

  /** Says why it was refused. @param {Promise<any>} doing */
  #tell(doing) {
    doing.catch((error) => write(this.#note, /** @type {Error} */ (error).message));
  }

  /** @param {string} sender @param {boolean} muted */
  #mute(sender, muted) {
    const channel = this.#channel;
    if (!channel) return;
    if (channel.rights.moderate) this.#tell(channel.moderator.mute(sender, muted));
    else if ("mute" in channel) channel.mute(sender, muted);
  }

  /** @param {string} sender @param {string} called */
  #ban(sender, called) {
    const channel = this.#channel;
    if (!channel || !confirm(`Ban ${called} from this server, until the ban is lifted?`)) return;
    this.#tell(channel.moderator.ban(sender, { reason: `chat, called ${called}` }));
  }

  #send() {
    const chat = this.#text.value.trim();
    if (!chat) return;
    write(this.#note, "");
    try {
      this.#channel?.say({ chat }, { name: this.#name.value.trim() });
      this.#text.value = "";
    } catch (error) {
      write(this.#note, /** @type {Error} */ (error).message);
    }
  }

  /** @param {import('../sdk/side_channel.js').SideMessage} message */
  #show({ data, sender, name, user, role, own, sentAtMs }) {
    if (typeof data?.chat !== "string") return;
    const { scrollHeight, scrollTop, clientHeight } = this.#log;
    const follows = own || scrollHeight - scrollTop - clientHeight < AT_END;
    const line = part("div", "line", "");
    const head = document.createElement("div");
    line.dataset.sender = sender;
    line.dataset.muted = String(this.#muted.has(sender));
    const called = user?.name || name || (role === "publisher" ? "Publisher" : "Viewer");
    head.append(part("b", "", called));
    if (role === "publisher") head.append(part("span", "badge", "On air"));
    if (own) head.append(part("span", "badge", "You"));
    const time = new Date(sentAtMs);
    head.append(part("time", "", time.toLocaleTimeString([], { timeStyle: "short" })));
    if (!own) head.append(this.#muteButton(sender, called), this.#banButton(sender, called));
    line.append(head, part("p", "", data.chat));
    this.#log.append(line);
    while (this.#log.childElementCount > LINES_MOST) this.#log.firstElementChild?.remove();
    if (follows) this.#log.scrollTop = this.#log.scrollHeight;
  }

  /** @param {string} sender @param {string} called */
  #muteButton(sender, called) {
    const button = part("button", "mute", "");
    button.setAttribute("type", "button");
    button.append(icon("sound"));
    button.addEventListener("click", () => this.#mute(sender, !this.#muted.has(sender)));
    button.dataset.called = called;
    labelMute(button, this.#muted.has(sender));
    return button;
  }

  /** @param {string} sender @param {string} called */
  #banButton(sender, called) {
    const button = part("button", "ban", "");
    button.setAttribute("type", "button");
    button.append(icon("ban"));
    button.title = `Ban ${called}`;
    button.setAttribute("aria-label", button.title);
    button.addEventListener("click", () => this.#ban(sender, called));
    return button;
  }

  /** @param {import('../sdk/side_channel.js').Muting} muting */
  #onMuted({ sender, muted }) {
    if (muted) this.#muted.add(sender);
    else this.#muted.delete(sender);
    for (const line of /** @type {NodeListOf<HTMLElement>} */ (
      this.#log.querySelectorAll("[data-sender]")
    )) {
      if (line.dataset.sender !== sender) continue;
      line.dataset.muted = String(muted);
      const button = /** @type {HTMLElement | null} */ (line.querySelector(".mute"));
      if (button) labelMute(button, muted);
    }
    if (this.#channel?.sender === sender) {
      write(this.#note, muted ? "The publisher or a moderator has muted you." : "");
    }
  }
}

/** @param {HTMLElement} button @param {boolean} muted */
function labelMute(button, muted) {
  button.title = `${muted ? "Unmute" : "Mute"} ${button.dataset.called}`;
  button.setAttribute("aria-label", button.title);
  if (button.firstElementChild) drawIcon(button.firstElementChild, muted ? "soundOff" : "sound");
}

function storedName() {
  try {
    return localStorage.getItem(NAME_KEY) ?? "";
  } catch {
    return ""; // this visitor's browser keeps nothing
  }
}

/** @param {string} name */
function storeName(name) {
  try {
    localStorage.setItem(NAME_KEY, name);
  } catch {} // as above
}
