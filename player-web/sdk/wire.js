/**
 * The `framewire.v1` binary header (PROTOCOL.md, "The framewire.v1 binary header"), big-endian:
 *
 *      0      1      2    3     4..7    8..15      16..23   24..31          32..H-1   H..
 *     kind  flags    H    0     epoch   sequence   pts µs   capture clock   skipped   payload
 *
 * Times and numbers are JavaScript numbers: 2^53 µs reach to the year 2255.
 */
import { FramewireError } from "./errors.js";

/** The subprotocol. */
export const PROTOCOL = "framewire.v1";
/** Bytes of the fields; `H` may be more in what a server sends. */
export const HEADER_BYTES = 32;
const HEADER_BYTES_MAX = 42;

export const KIND_INIT = 1;
export const KIND_MEDIA = 2;
/** Beside the frames of a lossless capture, from its publisher. */
export const KIND_SOUND = 3;
const GROUP_START = 1;
const LEAD_IN = 2;
const MORE = 4;
/** The capture clock is the publisher's, in the server's time. */
const CAPTURED = 8;
const HASH_BYTES = 4;

/**
 * @typedef {object} Part
 * @property {number} kind KIND_INIT or KIND_MEDIA
 * @property {boolean} groupStart a viewer may join here
 * @property {boolean} leadIn decode, don't show
 * @property {number} epoch
 * @property {number} sequence
 * @property {number} ptsUs
 * @property {number} captureUs since 1970; 0 = unknown
 * @property {boolean} captured then it was captured; else, then the server received it
 * @property {Uint8Array<ArrayBuffer>} payload a view into the message
 */

/**
 * @param {ArrayBuffer} message a whole WebSocket message
 * @returns {Part}
 */
export function decodePart(message) {
  if (message.byteLength < HEADER_BYTES) {
    throw new FramewireError("protocol", `A message of ${message.byteLength} bytes has no header.`);
  }
  const view = new DataView(message);
  const kind = view.getUint8(0);
  const flags = view.getUint8(1);
  const headerBytes = view.getUint8(2);
  if (
    headerBytes < HEADER_BYTES ||
    headerBytes > HEADER_BYTES_MAX ||
    headerBytes > message.byteLength
  ) {
    throw new FramewireError("protocol", `A header cannot be ${headerBytes} bytes long.`);
  }
  if (kind !== KIND_INIT && kind !== KIND_MEDIA) {
    throw new FramewireError("protocol", `Kind ${kind} is not known to this version of the SDK.`);
  }
  return {
    kind,
    groupStart: (flags & GROUP_START) !== 0,
    leadIn: (flags & LEAD_IN) !== 0,
    epoch: view.getUint32(4),
    sequence: Number(view.getBigUint64(8)),
    ptsUs: Number(view.getBigInt64(16)),
    captureUs: Number(view.getBigUint64(24)),
    captured: (flags & CAPTURED) !== 0,
    payload: new Uint8Array(message, headerBytes),
  };
}

/**
 * @typedef {object} MediaFields
 * @property {number} sequence
 * @property {number} [ptsUs]
 * @property {number} [captureUs]
 * @property {boolean} [captured] `captureUs` is in the server's time
 */

/**
 * A publisher's message: header and payload in one buffer, kept as it is until it is acknowledged.
 *
 * @param {MediaFields} fields
 * @param {Uint8Array} payload
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function encodeMedia(fields, payload) {
  const message = new Uint8Array(HEADER_BYTES + payload.byteLength);
  writeMediaHeader(message, fields);
  message.set(payload, HEADER_BYTES);
  return message;
}

/**
 * The header alone, for a payload that is a Blob.
 *
 * @param {MediaFields} fields
 */
export function mediaHeader(fields) {
  const header = new Uint8Array(HEADER_BYTES);
  writeMediaHeader(header, fields);
  return header;
}

/** @param {Uint8Array<ArrayBuffer>} to @param {MediaFields} fields */
function writeMediaHeader(to, fields) {
  const view = new DataView(to.buffer);
  view.setUint8(0, KIND_MEDIA);
  view.setUint8(1, fields.captured ? CAPTURED : 0);
  view.setUint8(2, HEADER_BYTES);
  view.setBigUint64(8, BigInt(fields.sequence));
  view.setBigInt64(16, BigInt(fields.ptsUs ?? 0));
  view.setBigUint64(24, BigInt(fields.captureUs ?? 0));
}

/** What stands before the payload of a lossless capture's message, at most. */
export const FRAME_ROOM = HEADER_BYTES + HASH_BYTES;

/**
 * The header of a message of a lossless capture, a frame or a piece of one, written before its payload.
 *
 * @param {Uint8Array<ArrayBuffer>} room
 * @param {number} at where the payload begins: FRAME_ROOM or more
 * @param {{kind?: number, sequence: number, frame: number, more: boolean, hash: number | null}} fields `more`: the
 *   frame goes on in the next message; `hash`: of the whole frame, null = none; of sound `frame` is its first sample
 * @returns {number} where the message begins
 */
export function writeFrameHeader(room, at, { kind = KIND_MEDIA, sequence, frame, more, hash }) {
  const header = HEADER_BYTES + (hash === null ? 0 : HASH_BYTES);
  const begin = at - header;
  room.fill(0, begin, at);
  const view = new DataView(room.buffer, room.byteOffset + begin, header);
  view.setUint8(0, kind);
  view.setUint8(1, more ? MORE : 0);
  view.setUint8(2, header);
  view.setBigUint64(8, BigInt(sequence));
  view.setBigInt64(16, BigInt(frame));
  if (hash !== null) view.setUint32(HEADER_BYTES, hash);
  return begin;
}
