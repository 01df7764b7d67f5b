import { BasePublication } from "./base_publication.js";
import { FramewireError } from "./errors.js";

/**
 * Raw messages, each relayed whole and as it is, of bytes that only the page and its viewers understand
 * (`subscribe()`).
 *
 * @typedef {import('./base_publication.js').Media} Media
 * @typedef {import('./base_publication.js').Control} Control
 * @typedef {{sequence: number, resolve: () => void, reject: (why: FramewireError) => void}} Receipt
 */

/** @implements {Media} */
class MessageMedia {
  #control;
  hello;
  running = false;
  #stopped = false;
  /** @type {Receipt[]} in order */
  #receipts = [];
  /** Given before the first connection, or while a lost one is being replaced. @type {(() => void)[]} */
  #early = [];
  #startedAt = performance.now();
  #chain = Promise.resolve();

  /** @param {Control} control @param {import('./publish_types.js').PublishOptions} options */
  constructor(control, options) {
    this.#control = control;
    this.hello = { format: "binary", mime: options.mime, prompt_acks: true };
  }

  begin() {
    this.running = true;
    for (const put of this.#early.splice(0)) put();
  }

  discard() {
    this.running = false;
    const lost = new FramewireError("connection-lost", "The server has forgotten this stream.");
    for (const { reject } of this.#receipts.splice(0)) reject(lost);
  }

  async drain() {
    this.#stopped = true;
    await this.#chain;
  }

  close() {
    this.#stopped = true;
    const over = new FramewireError("not-connected", "The stream has ended.");
    for (const { reject } of this.#receipts.splice(0)) reject(over);
  }

  room() {
    const { ackedTo } = this.#control.window;
    while (this.#receipts.length > 0 && this.#receipts[0].sequence < ackedTo) {
      this.#receipts.shift()?.resolve();
    }
  }

  /** @param {ArrayBuffer | ArrayBufferView | Blob} data @param {number} [ptsUs] @returns {Promise<void>} */
  send(data, ptsUs) {
    if (this.#stopped) {
      return Promise.reject(new FramewireError("not-connected", "The stream has ended."));
    }
    const now = performance.now();
    const captureUs = Math.round((performance.timeOrigin + now) * 1000);
    const at = ptsUs ?? Math.round((now - this.#startedAt) * 1000);
    // Copied now: the page may write into its buffer again. A Blob is read first; those behind it wait.
    const bytes = data instanceof Blob ? data.arrayBuffer() : copyOf(data);
    /** @type {Promise<void>} */
    const arrived = new Promise((resolve, reject) => {
      const put = (/** @type {Uint8Array} */ whole) => {
        this.#put(whole, captureUs, at, { resolve, reject });
      };
      this.#chain = this.#chain.then(async () => {
        try {
          put(bytes instanceof Promise ? new Uint8Array(await bytes) : bytes);
        } catch (cause) {
          reject(new FramewireError("bad-source", "This Blob cannot be read.", { cause }));
        }
      });
    });
    return arrived;
  }

  /** @param {Uint8Array} bytes @param {number} captureUs @param {number} ptsUs @param {Omit<Receipt, 'sequence'>} receipt */
  #put(bytes, captureUs, ptsUs, receipt) {
    if (!this.running) {
      this.#early.push(() => this.#put(bytes, captureUs, ptsUs, receipt));
      return;
    }
    const { window } = this.#control;
    if (bytes.byteLength > window.messageMost) {
      receipt.reject(
        new FramewireError(
          "limit-exceeded",
          `A message of ${bytes.byteLength} bytes is more than the ${window.messageMost} that this server takes.`,
        ),
      );
      return;
    }
    const sequence = window.pushWhole(bytes, { captureUs, ptsUs }, performance.now());
    this.#receipts.push({ ...receipt, sequence });
    this.#control.flush();
  }
}

/** Events: those of PublicationEvents. */
export class MessagePublication extends BasePublication {
  #media;

  /** @param {string | URL} url @param {import('./publish_types.js').PublishOptions} options */
  constructor(url, options) {
    /** @type {MessageMedia | null} */
    let media = null;
    super(url, options, (control) => {
      media = new MessageMedia(control, options);
      return media;
    });
    this.#media = /** @type {MessageMedia} */ (/** @type {unknown} */ (media));
  }

  /**
   * One message. Await it to be paced: it is kept, and sent again over a lost connection, until the server has it.
   *
   * @param {ArrayBuffer | ArrayBufferView | Blob} data
   * @param {{ptsUs?: number}} [options] its time in the stream's own clock, in microseconds; default: since the start
   * @returns {Promise<void>} when the server has it; rejects with a FramewireError if it never will
   */
  send(data, { ptsUs } = {}) {
    if (!(data instanceof ArrayBuffer || ArrayBuffer.isView(data) || data instanceof Blob)) {
      throw new FramewireError("bad-message", "Send an ArrayBuffer, a view of one, or a Blob.");
    }
    return this.#media.send(data, ptsUs);
  }
}

/** @param {ArrayBuffer | ArrayBufferView} data */
function copyOf(data) {
  if (data instanceof ArrayBuffer) return new Uint8Array(data.slice(0));
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
}
