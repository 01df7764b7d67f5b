/**
 * As much of EBML (RFC 8794) and Matroska (RFC 9559) as the SDK reads.
 */
export const EBML = 0x1a45dfa3;
export const SEGMENT = 0x18538067;
export const CLUSTER = 0x1f43b675;
export const TIMESTAMP = 0xe7;
export const SIMPLE_BLOCK = 0xa3;
export const BLOCK_GROUP = 0xa0;
export const BLOCK = 0xa1;
export const BLOCK_ADDITIONS = 0x75a1;
export const INFO = 0x1549a966;
export const TIMESTAMP_SCALE = 0x2ad7b1;

/** @param {Uint8Array} bytes @param {number} at @returns {{id: number, body: number, size: number} | null} size -1: unknown */
export function readElement(bytes, at) {
  const width = Math.clz32(bytes[at]) - 23;
  if (width > 4 || at + width > bytes.length) return null;
  const id = readUint(bytes, at, width);
  const size = readVint(bytes, at + width);
  if (!size) return null;
  return { id, body: size.end, size: size.unknown ? -1 : size.value };
}

/** @param {Uint8Array} bytes @param {number} at @returns {{value: number, end: number, unknown: boolean} | null} */
export function readVint(bytes, at) {
  const width = Math.clz32(bytes[at]) - 23;
  if (width > 8 || at + width > bytes.length) return null;
  let value = bytes[at] & (0xff >> width);
  let unknown = value === 0xff >> width;
  for (let i = 1; i < width; i += 1) {
    value = value * 256 + bytes[at + i];
    unknown = unknown && bytes[at + i] === 0xff;
  }
  return { value, end: at + width, unknown };
}

/** @param {Uint8Array} bytes @param {number} at @param {number} size */
export function readUint(bytes, at, size) {
  let value = 0;
  for (let i = 0; i < size; i += 1) value = value * 256 + bytes[at + i];
  return value;
}
