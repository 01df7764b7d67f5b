import { part, write } from "./controls.js";

/** What stands where the picture would be of a stream of raw messages: what has come, and a way to have it. */
const SHOWN_BYTES = 24;

export class RawPicture {
  element = part("div", "raw");
  #text = part("span", "text");
  #newest = part("code", "newest");
  #all = document.createElement("a");
  #save = document.createElement("a");
  /** @type {Uint8Array<ArrayBuffer> | null} */
  #bytes = null;

  constructor() {
    const title = part("strong", "title");
    write(title, "Raw messages");
    write(this.#save, "Save the newest");
    write(this.#all, "Download as it comes");
    this.#save.href = "#";
    this.#save.addEventListener("click", (event) => this.#saveNewest(event));
    const links = part("span", "links");
    links.append(this.#save, this.#all);
    this.element.append(title, this.#text, this.#newest, links);
    this.element.hidden = true;
  }

  /** @param {import('../sdk/raw_screen.js').RawScreen} raw @param {string} url of the stream over plain HTTP */
  show(raw, url) {
    this.element.hidden = false;
    const count = raw.messages === 1 ? "1 message" : `${raw.messages} messages`;
    write(this.#text, `No picture and no sound: ${count}, ${raw.bytes.toLocaleString()} bytes.`);
    this.#bytes = raw.newest;
    write(this.#newest, this.#bytes ? hexOf(this.#bytes) : "");
    if (this.#all.href !== url) this.#all.href = url;
    this.#all.download = "stream.bin";
  }

  hide() {
    this.element.hidden = true;
  }

  /** @param {Event} event */
  #saveNewest(event) {
    event.preventDefault();
    if (!this.#bytes) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([this.#bytes]));
    link.download = "message.bin";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1_000);
  }
}

/** @param {Uint8Array} bytes */
function hexOf(bytes) {
  const pairs = Array.from(bytes.subarray(0, SHOWN_BYTES), (byte) =>
    byte.toString(16).padStart(2, "0"),
  );
  return pairs.join(" ") + (bytes.length > SHOWN_BYTES ? " …" : "");
}
