/** The binary header of `framewire.v1` (PROTOCOL.md). */

/**
 * @typedef {object} Part
 * @property {number} kind 1 init segment, 2 media
 * @property {boolean} groupStart
 * @property {boolean} leadIn
 * @property {boolean} captured
 * @property {number} epoch
 * @property {number} sequence
 * @property {number} ptsUs
 * @property {number} clockUs
 * @property {number} headerSize
 * @property {Buffer} payload
 */

export const HEADER_BYTES = 32;

/** @param {Buffer} message @returns {Part} */
export function parsePart(message) {
  if (message.length < HEADER_BYTES) throw new Error(`a v1 message of ${message.length} bytes`);
  const headerSize = message[2];
  return {
    kind: message[0],
    groupStart: (message[1] & 1) !== 0,
    leadIn: (message[1] & 2) !== 0,
    captured: (message[1] & 8) !== 0,
    epoch: message.readUInt32BE(4),
    sequence: Number(message.readBigUInt64BE(8)),
    ptsUs: Number(message.readBigInt64BE(16)),
    clockUs: Number(message.readBigUInt64BE(24)),
    headerSize,
    payload: message.subarray(headerSize),
  };
}

/** What a publisher sends. @param {number} sequence @param {Uint8Array} payload @param {{ptsUs?: number, clockUs?: number, captured?: boolean}} [times] */
export function buildMessage(sequence, payload, times = {}) {
  const header = Buffer.alloc(HEADER_BYTES);
  header[0] = 2;
  header[1] = times.captured ? 8 : 0;
  header[2] = HEADER_BYTES;
  header.writeBigUInt64BE(BigInt(sequence), 8);
  header.writeBigInt64BE(BigInt(times.ptsUs ?? 0), 16);
  header.writeBigUInt64BE(BigInt(times.clockUs ?? 0), 24);
  return Buffer.concat([header, payload]);
}
