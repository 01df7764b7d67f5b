/**
 * @param {Uint8Array} bytes whole boxes; changed in place
 * @returns {number} how many durations were mended
 */
export function mendLastDurations(bytes: Uint8Array): number;
