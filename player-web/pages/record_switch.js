import { ApiError, api, byId, showState, withToken } from "./page.js";

/**
 * The studio's switch for recording on the server: asks for it while on air, and shows what the server says.
 *
 * @typedef {import('../sdk/base_publication.js').BasePublication} Publication
 */
export class RecordSwitch {
  #switch = byId("record", HTMLInputElement);
  #chip = byId("taping", HTMLElement);
  #link = byId("taped", HTMLAnchorElement);
  #stream;
  #complain;
  /** @type {Publication | null} */
  #publication = null;

  /** @param {string} stream @param {(text: string) => void} complain */
  constructor(stream, complain) {
    this.#stream = stream;
    this.#complain = complain;
    this.#link.href = withToken("/recordings");
    this.#link.search += `${this.#link.search ? "&" : "?"}stream=${encodeURIComponent(stream)}`;
    this.#switch.addEventListener("change", () => this.#ask());
  }

  /** @param {Publication} publication */
  attach(publication) {
    this.#publication = publication;
    this.#link.hidden = true;
    publication.addEventListener("state", () => {
      // A server that was restarted has forgotten the wish.
      if (publication.state === "live" && this.#switch.checked) this.#ask();
    });
    publication.addEventListener("recording", (event) => {
      this.#show(/** @type {CustomEvent} */ (event).detail);
    });
    publication.addEventListener("recorded", () => {
      this.#link.hidden = false;
    });
    publication.closed.then(() => {
      if (this.#publication !== publication) return;
      this.#publication = null;
      if (!this.#chip.hidden) this.#link.hidden = false; // it is being finished
      this.#chip.hidden = true;
    });
  }

  async #ask() {
    if (this.#publication?.state !== "live") return; // asked for once it is
    const record = this.#switch.checked;
    try {
      await api(`/api/v1/streams/${this.#stream}/record`, {
        method: "POST",
        body: JSON.stringify({ record }),
      });
    } catch (error) {
      this.#switch.checked = !record;
      const none = error instanceof ApiError && error.status === 409;
      this.#complain(
        none
          ? "This server does not record: it was started without --record-dir."
          : /** @type {Error} */ (error).message,
      );
    }
  }

  /** @param {{state: string, message?: string}} told */
  #show({ state, message }) {
    this.#chip.hidden = state !== "recording";
    showState(this.#chip, "recording", "Recording");
    if (state === "recording") this.#switch.checked = true; // the server may record unasked
    if (state !== "failed") return;
    this.#switch.checked = false;
    this.#complain(`The recording has stopped: ${message}`);
  }
}
