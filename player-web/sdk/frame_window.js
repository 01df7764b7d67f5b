import { encodeFramePiece } from "./wire.js";

/**
 * The frames of a lossless capture on their way: which may be sent (the server's credit), and the messages
 * that are kept until the server has them. Nothing is ever left out.
 */

/** Chromium sends pieces of this size twice as fast as megabytes. */
const PIECE_BYTES = 256 << 10;

export class FrameWindow {
  /** @type {{sequence: number, bytes: Uint8Array<ArrayBuffer>}[]} */
  #kept = [];
  #sent = 0; // of #kept
  #next = 0;
  #frames = 0;
  #credit = 0;
  #waitingBytes = 0;

  /** Frames that were pushed. */
  get frames() {
    return this.#frames;
  }

  /** Frames with a lower number may be sent. */
  get credit() {
    return this.#credit;
  }

  /** Bytes that the server has not acknowledged. */
  get waitingBytes() {
    return this.#waitingBytes;
  }

  get empty() {
    return this.#kept.length === 0;
  }

  /** @param {number} frames never fewer than before: a credit is not taken back */
  grant(frames) {
    this.#credit = Math.max(this.#credit, frames);
  }

  /**
   * The next frame; there is credit for it.
   *
   * @param {Uint8Array} frame
   * @param {number | null} hash XXH32; null = none is asked for
   */
  push(frame, hash) {
    const number = this.#frames;
    if (number >= this.#credit) throw new RangeError(`frame ${number} without credit`);
    this.#frames += 1;
    for (let at = 0; at < frame.byteLength; at += PIECE_BYTES) {
      const more = at + PIECE_BYTES < frame.byteLength;
      const fields = { sequence: this.#next, frame: number, more, hash };
      const bytes = encodeFramePiece(fields, frame.subarray(at, at + PIECE_BYTES));
      this.#kept.push({ sequence: this.#next, bytes });
      this.#next += 1;
      this.#waitingBytes += bytes.byteLength;
    }
  }

  /** The next message to send, counted as sent; undefined = none. */
  take() {
    const message = this.#kept[this.#sent];
    if (!message) return undefined;
    this.#sent += 1;
    return message.bytes;
  }

  /** @param {number} sequence the server has every message up to and with this one */
  acknowledge(sequence) {
    let count = 0;
    while (count < this.#sent && this.#kept[count].sequence <= sequence) {
      this.#waitingBytes -= this.#kept[count].bytes.byteLength;
      count += 1;
    }
    this.#kept.splice(0, count);
    this.#sent -= count;
  }

  /**
   * After a lost connection: everything from `sequence` on is sent again.
   *
   * @param {number} sequence the next number that the server expects
   * @returns {boolean} false: the server wants what is no longer kept
   */
  resume(sequence) {
    this.acknowledge(sequence - 1);
    this.#sent = 0;
    return (this.#kept[0]?.sequence ?? this.#next) === sequence;
  }
}
