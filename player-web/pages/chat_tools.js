import { part } from "./chat_parts.js";

/**
 * What a moderator has above the log: slow mode, and a broom. They are there while the key of the page has the right, as
 * the server says.
 *
 * @typedef {import('./chat.js').Channel} Channel
 */

/** What slow mode may be, in milliseconds. @type {[number, string][]} */
const SLOW = [
  [0, "Off"],
  [5_000, "5 s"],
  [10_000, "10 s"],
  [30_000, "30 s"],
  [60_000, "1 min"],
  [300_000, "5 min"],
];

export class ChatTools {
  #bar = part("div", "tools", "");
  #slow = document.createElement("select");
  #clear = part("button", "button", "Clear chat");
  /** @type {Channel | null} */
  #channel = null;

  /**
   * @param {HTMLElement} before where it stands
   * @param {(doing: Promise<any>) => void} done tells what was refused
   */
  constructor(before, done) {
    const label = document.createElement("label");
    label.append(part("span", "small soft", "Slow mode"), this.#slow);
    this.#slow.id = "chatslow";
    for (const [ms, words] of SLOW) this.#offer(ms, words);
    this.#slow.addEventListener("change", () => {
      if (this.#channel) done(this.#channel.moderator.slowMode(Number(this.#slow.value)));
    });
    this.#clear.id = "chatclear";
    this.#clear.setAttribute("type", "button");
    this.#clear.addEventListener("click", () => {
      if (this.#channel) done(this.#channel.moderator.clear());
    });
    this.#bar.append(label, this.#clear);
    this.#bar.hidden = true;
    before.before(this.#bar);
  }

  /** @param {Channel | null} channel null: it has no right to be moderated from here */
  show(channel) {
    this.#channel = channel;
    this.#bar.hidden = !channel;
  }

  /** @param {number} ms as it is now */
  slow(ms) {
    if (!SLOW.some(([known]) => known === ms) && !this.#slow.querySelector(`[value="${ms}"]`)) {
      this.#offer(ms, `${Math.round(ms / 1000)} s`);
    }
    this.#slow.value = String(ms);
  }

  /** @param {number} ms @param {string} words */
  #offer(ms, words) {
    const option = document.createElement("option");
    option.value = String(ms);
    option.textContent = words;
    this.#slow.append(option);
  }
}
