/**
 * Frames of RFC 6455, section 5.2, by hand: for where there is no WebSocket to make and read them.
 *
 * @typedef {{opcode: number, fin: boolean, payload: Uint8Array<ArrayBuffer>}} Frame
 */

export const CONTINUATION = 0;
export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

const FIN = 0x80;
const MASKED = 0x80;
const KEY_BYTES = 4;
/** Of a length: what says that two, or eight, bytes of it follow. */
const SHORT = 126;
const LONG = 127;
const MOST_HEADER = 10;

/**
 * A client's header, masked by zeros: the payload stays as it is.
 *
 * @param {number} opcode @param {number} size of the payload, in bytes
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function frameHeader(opcode, size) {
  const more = size < SHORT ? 0 : size < 2 ** 16 ? 2 : 8;
  const header = new Uint8Array(2 + more + KEY_BYTES);
  const view = new DataView(header.buffer);
  header[0] = FIN | opcode;
  header[1] = MASKED | (more === 0 ? size : more === 2 ? SHORT : LONG);
  if (more === 2) view.setUint16(2, size);
  if (more === 8) view.setBigUint64(2, BigInt(size));
  return header;
}

/** A server's frames, from bytes that come in any pieces. */
export class FrameReader {
  #header = new Uint8Array(MOST_HEADER);
  #headerSize = 0;
  /** @type {Frame | null} its payload is being filled */
  #frame = null;
  #filled = 0;

  /** @param {Uint8Array} bytes @returns {Generator<Frame>} those that are whole by now */
  *feed(bytes) {
    let at = 0;
    for (;;) {
      if (!this.#frame) {
        at = this.#readHeader(bytes, at);
        if (!this.#frame) return;
      }
      const { payload } = /** @type {Frame} */ (this.#frame);
      const piece = bytes.subarray(at, at + payload.length - this.#filled);
      payload.set(piece, this.#filled);
      this.#filled += piece.length;
      at += piece.length;
      if (this.#filled < payload.length) return;
      const whole = /** @type {Frame} */ (this.#frame);
      this.#frame = null;
      yield whole;
    }
  }

  /** @param {Uint8Array} bytes @param {number} from @returns {number} what it read up to */
  #readHeader(bytes, from) {
    let at = from;
    while (at < bytes.length) {
      this.#header[this.#headerSize] = bytes[at];
      this.#headerSize += 1;
      at += 1;
      const size = this.#size();
      if (size === null) continue;
      this.#frame = {
        opcode: this.#header[0] & 0x0f,
        fin: (this.#header[0] & FIN) !== 0,
        payload: new Uint8Array(size),
      };
      this.#filled = this.#headerSize = 0;
      break;
    }
    return at;
  }

  /** Of the payload, once its header is whole. @returns {number | null} */
  #size() {
    if (this.#headerSize < 2) return null;
    const first = this.#header[1] & 0x7f;
    const more = first < SHORT ? 0 : first === SHORT ? 2 : 8;
    if (this.#headerSize < 2 + more) return null;
    const view = new DataView(this.#header.buffer);
    if (more === 0) return first;
    return more === 2 ? view.getUint16(2) : Number(view.getBigUint64(2));
  }
}
