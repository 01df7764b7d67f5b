/** @param {Uint8Array} bytes @param {number} at @returns {{id: number, body: number, size: number} | null} size -1: unknown */
export function readElement(bytes: Uint8Array, at: number): {
    id: number;
    body: number;
    size: number;
} | null;
/** @param {Uint8Array} bytes @param {number} at @returns {{value: number, end: number, unknown: boolean} | null} */
export function readVint(bytes: Uint8Array, at: number): {
    value: number;
    end: number;
    unknown: boolean;
} | null;
/** @param {Uint8Array} bytes @param {number} at @param {number} size */
export function readUint(bytes: Uint8Array, at: number, size: number): number;
/**
 * As much of EBML (RFC 8794) and Matroska (RFC 9559) as the SDK reads.
 */
export const EBML: 440786851;
export const SEGMENT: 408125543;
export const CLUSTER: 524531317;
export const TIMESTAMP: 231;
export const SIMPLE_BLOCK: 163;
export const BLOCK_GROUP: 160;
export const BLOCK: 161;
export const BLOCK_ADDITIONS: 30113;
export const INFO: 357149030;
export const TIMESTAMP_SCALE: 2807729;
