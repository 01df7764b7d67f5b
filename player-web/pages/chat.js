import { drawIcon, icon } from "../elements/icons.js";
import { byId, write } from "./page.js";

/**
 * The chat of a stream, over the side channel: texts are `{chat: "..."}`, what else is said there is left to
 * others. The page has #chat with #chatlog, #chatform, #chatname, #chattext, #chatnote.
 *
 * @typedef {import('../sdk/play.js').Player | import('../sdk/base_publication.js').BasePublication} Channel
 */

/** Older lines are taken out. */
const LINES_MOST = 200;
/** Lines so near to the end count as read, in pixels. */
const AT_END = 40;
const NAME_KEY = "framewire.name";

export class Chat {
  #log = byId("chatlog", HTMLElement);
  #text = byId("chattext", HTMLInputElement);
  #name = byId("chatname", HTMLInputElement);
  #note = byId("chatnote", HTMLElement);
  /** @type {Channel | null} */
  #channel = null;
  #attached = new AbortController();
  #mute;
  /** @type {Set<string>} */
  #muted = new Set();

  /** @param {(sender: string, muted: boolean) => void} [mute] who may silence others gets a button for it */
  constructor(mute) {
    this.#mute = mute;
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
    on("slowmode", (ms) =>
      write(this.#note, ms > 0 ? `Slow mode: one message each ${Math.round(ms / 1000)} s.` : ""),
    );
    on("mutedsender", (muting) => this.#onMuted(muting));
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
    if (this.#mute && !own) head.append(this.#muteButton(sender, called));
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
    button.addEventListener("click", () => this.#mute?.(sender, !this.#muted.has(sender)));
    button.dataset.called = called;
    labelMute(button, this.#muted.has(sender));
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
      write(this.#note, muted ? "The publisher has muted you." : "");
    }
  }
}

/** @param {HTMLElement} button @param {boolean} muted */
function labelMute(button, muted) {
  button.title = `${muted ? "Unmute" : "Mute"} ${button.dataset.called}`;
  button.setAttribute("aria-label", button.title);
  if (button.firstElementChild) drawIcon(button.firstElementChild, muted ? "soundOff" : "sound");
}

/** @param {string} tag @param {string} name @param {string} text */
function part(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.textContent = text;
  return element;
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
