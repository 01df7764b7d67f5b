import { encodeMedia, HEADER_BYTES, mediaHeader } from "./wire.js";

/**
 * What a publisher has recorded and the server has not acknowledged: sent messages are kept for a
 * resume, unsent ones wait for room. Numbers are the wire's sequence numbers.
 *
 * Chunks are bytes of one stream, so a large one is split; none is ever left out.
 */
export class SendWindow {
  /** @type {{sequence: number, bytes: Uint8Array<ArrayBuffer> | Blob, size: number, at: number}[]} */
  #kept = [];
  #sentCount = 0; // of #kept
  #next = 0;
  #unackedBytes = 0;
  #unsentBytes = 0;
  #messageBytes = 1 << 20;
  #wholeBytes = 1 << 20;
  #unackedLimit = 1 << 20;
  /** What makes a time of day of this page one of the server's, in milliseconds; null = not known. @type {number | null} */
  serverOffsetMs = null;

  /** Bytes sent and not acknowledged. */
  get unackedBytes() {
    return this.#unackedBytes;
  }

  /** Bytes that wait for room or for a connection. */
  get unsentBytes() {
    return this.#unsentBytes;
  }

  /** Every message below this number has arrived. */
  get ackedTo() {
    return this.#kept[0]?.sequence ?? this.#next;
  }

  /** The number that the next message gets. */
  get next() {
    return this.#next;
  }

  /** Messages on their way. */
  get underWay() {
    return this.#sentCount;
  }

  /** The most that a whole message may have, in bytes. */
  get messageMost() {
    return this.#wholeBytes - HEADER_BYTES;
  }

  /** How long the oldest byte has waited for its acknowledgement, in milliseconds. @param {number} nowMs */
  lagMs(nowMs) {
    return this.#kept.length > 0 ? nowMs - this.#kept[0].at : 0;
  }

  get empty() {
    return this.#kept.length === 0;
  }

  /** @param {{message_bytes?: number, unacked_bytes?: number}} limits the server's, from `ready` */
  setLimits({ message_bytes, unacked_bytes }) {
    if (unacked_bytes) this.#unackedLimit = unacked_bytes;
    const largest = Math.min(message_bytes ?? 1 << 20, this.#unackedLimit >> 2, 1 << 20);
    this.#messageBytes = Math.max(1024, largest);
    this.#wholeBytes = message_bytes ?? 1 << 20;
  }

  /**
   * One message as it is, never split.
   *
   * @param {Uint8Array | Blob} payload
   * @param {{captureUs: number, ptsUs: number}} times
   * @param {number} nowMs any steady clock
   * @returns {number} its number
   */
  pushWhole(payload, { captureUs, ptsUs }, nowMs) {
    const sequence = this.#next;
    const fields = { sequence, ptsUs, ...this.#clocked(captureUs) };
    const bytes =
      payload instanceof Blob
        ? new Blob([mediaHeader(fields), payload])
        : encodeMedia(fields, payload);
    const size = HEADER_BYTES + sizeOf(payload);
    this.#kept.push({ sequence, bytes, size, at: nowMs });
    this.#next += 1;
    this.#unsentBytes += size;
    return sequence;
  }

  /**
   * @param {Uint8Array} chunk
   * @param {number} captureUs when the page made it, µs since 1970; 0 = unknown
   * @param {number} [nowMs] any steady clock
   */
  push(chunk, captureUs, nowMs = 0) {
    const step = this.#messageBytes - HEADER_BYTES;
    const clock = this.#clocked(captureUs);
    for (let at = 0; at < chunk.byteLength; at += step) {
      const bytes = encodeMedia({ sequence: this.#next, ...clock }, chunk.subarray(at, at + step));
      const size = bytes.byteLength;
      this.#kept.push({ sequence: this.#next, bytes, size, at: nowMs });
      this.#next += 1;
      this.#unsentBytes += size;
    }
  }

  /** @param {number} captureUs by this page; 0 = unknown */
  #clocked(captureUs) {
    if (captureUs === 0 || this.serverOffsetMs === null) return { captureUs };
    return { captureUs: Math.round(captureUs + this.serverOffsetMs * 1000), captured: true };
  }

  /** The next message to send now, counted as sent; undefined = nothing, or no room. */
  take() {
    const message = this.#kept[this.#sentCount];
    if (!message) return undefined;
    const { size } = message;
    if (this.#unackedBytes > 0 && this.#unackedBytes + size > this.#unackedLimit) return undefined;
    this.#sentCount += 1;
    this.#unackedBytes += size;
    this.#unsentBytes -= size;
    return message.bytes;
  }

  /**
   * @param {number} sequence every message up to and with this one has arrived
   * @returns {number} bytes that were acknowledged by it
   */
  acknowledge(sequence) {
    let bytes = 0;
    let count = 0;
    while (count < this.#sentCount && this.#kept[count].sequence <= sequence) {
      bytes += this.#kept[count].size;
      count += 1;
    }
    this.#kept.splice(0, count);
    this.#sentCount -= count;
    this.#unackedBytes -= bytes;
    return bytes;
  }

  /**
   * After a resume: everything from `sequence` on is to be sent again, with its old number.
   *
   * @param {number} sequence the next number that the server expects
   * @returns {boolean} false: the server wants what is no longer kept, so the stream cannot go on
   */
  resume(sequence) {
    this.acknowledge(sequence - 1);
    this.#unsentBytes += this.#unackedBytes;
    this.#unackedBytes = 0;
    this.#sentCount = 0;
    return (this.#kept[0]?.sequence ?? this.#next) === sequence;
  }

  /**
   * A new publication: forget everything.
   *
   * @param {number} sequence of the next message
   */
  restart(sequence) {
    this.#kept = [];
    this.#sentCount = 0;
    this.#unackedBytes = 0;
    this.#unsentBytes = 0;
    this.#next = sequence;
  }
}

/** @param {Uint8Array | Blob} payload */
const sizeOf = (payload) => (payload instanceof Blob ? payload.size : payload.byteLength);
