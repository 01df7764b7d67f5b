/**
 * @param {Uint8Array<ArrayBuffer>} a
 * @param {Uint8Array<ArrayBuffer>} b
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function concat(a: Uint8Array<ArrayBuffer>, b: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
/** @param {Uint8Array<ArrayBuffer>[]} pieces @returns {Uint8Array<ArrayBuffer>} */
export function joined(pieces: Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer>;
