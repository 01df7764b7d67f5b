/** @param {Uint8Array} bytes @returns {number} 0 to 2^32 - 1 */
export function xxh32(bytes: Uint8Array): number;
