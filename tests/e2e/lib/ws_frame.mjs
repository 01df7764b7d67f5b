/**
 * RFC 6455 frames, by hand: what a browser would never send must be sendable here.
 * Sans-I/O: bytes in, frames out.
 */
import { randomBytes } from "node:crypto";

export const Opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 };

/**
 * @typedef {object} FrameOptions
 * @property {boolean} [fin] default true
 * @property {number} [rsv] the three reserved bits, 0 to 7
 * @property {boolean} [masked] default true, as clients must
 * @property {number} [claimedLength] a length that is not the payload's own
 * @property {2 | 8} [lengthBytes] the length in so many bytes, though it needs fewer
 */

/** @typedef {{fin: boolean, rsv: number, opcode: number, masked: boolean, payload: Buffer}} Frame */

/**
 * @param {number} length
 * @param {number} maskBit 0 or 0x80
 * @param {number} [atLeast] 0, 2 or 8 bytes behind the first
 * @returns {Buffer} the length bytes, in the shortest form unless `atLeast` says otherwise
 */
function lengthBytes(length, maskBit, atLeast = 0) {
  if (length < 126 && atLeast === 0) return Buffer.from([maskBit | length]);
  if (length < 65536 && atLeast <= 2) {
    const short = Buffer.from([maskBit | 126, 0, 0]);
    short.writeUInt16BE(length, 1);
    return short;
  }
  const long = Buffer.alloc(9);
  long[0] = maskBit | 127;
  long.writeBigUInt64BE(BigInt(length), 1);
  return long;
}

/**
 * @param {number} opcode
 * @param {Uint8Array | string} data
 * @param {FrameOptions} [options]
 * @returns {Buffer}
 */
export function encodeFrame(opcode, data = "", options = {}) {
  const { fin = true, rsv = 0, masked = true } = options;
  const payload =
    typeof data === "string"
      ? Buffer.from(data)
      : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const first = Buffer.from([(fin ? 0x80 : 0) | (rsv << 4) | opcode]);
  const claimed = options.claimedLength ?? payload.length;
  const length = lengthBytes(claimed, masked ? 0x80 : 0, options.lengthBytes);
  if (!masked) return Buffer.concat([first, length, payload]);
  const key = randomBytes(4);
  const body = Buffer.allocUnsafe(payload.length);
  for (let i = 0; i < payload.length; ++i) body[i] = payload[i] ^ key[i & 3];
  return Buffer.concat([first, length, key, body]);
}

/**
 * @param {number} [code] absent: an empty close frame
 * @param {string} [reason]
 */
export function closePayload(code, reason = "") {
  if (code === undefined) return Buffer.alloc(0);
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
  payload.writeUInt16BE(code, 0);
  payload.write(reason, 2);
  return payload;
}

/** Cuts received bytes into frames. */
export class FrameParser {
  #rest = Buffer.alloc(0);

  /**
   * @param {Buffer} bytes
   * @returns {Frame[]} the frames that are now complete
   */
  feed(bytes) {
    let data = this.#rest.length ? Buffer.concat([this.#rest, bytes]) : bytes;
    /** @type {Frame[]} */
    const frames = [];
    for (;;) {
      const head = frameHead(data);
      if (!head || data.length < head.headerSize + head.size) break;
      frames.push(readFrame(data, head));
      data = data.subarray(head.headerSize + head.size);
    }
    this.#rest = Buffer.from(data);
    return frames;
  }

  /** Bytes of an unfinished frame: none when the peer ended cleanly. */
  get pendingBytes() {
    return this.#rest.length;
  }
}

/**
 * @param {Buffer} data
 * @returns {{headerSize: number, size: number} | null} null: more bytes needed
 */
export function frameHead(data) {
  if (data.length < 2) return null;
  const short = data[1] & 0x7f;
  const mask = data[1] & 0x80 ? 4 : 0;
  if (short < 126) return { headerSize: 2 + mask, size: short };
  if (short === 126)
    return data.length < 4 ? null : { headerSize: 4 + mask, size: data.readUInt16BE(2) };
  return data.length < 10 ? null : { headerSize: 10 + mask, size: Number(data.readBigUInt64BE(2)) };
}

/**
 * @param {Buffer} data
 * @param {{headerSize: number, size: number}} head
 * @returns {Frame}
 */
function readFrame(data, { headerSize, size }) {
  const masked = (data[1] & 0x80) !== 0;
  const payload = Buffer.from(data.subarray(headerSize, headerSize + size));
  if (masked) for (let i = 0; i < size; ++i) payload[i] ^= data[headerSize - 4 + (i & 3)];
  return {
    fin: (data[0] & 0x80) !== 0,
    rsv: (data[0] >> 4) & 7,
    opcode: data[0] & 15,
    masked,
    payload,
  };
}
