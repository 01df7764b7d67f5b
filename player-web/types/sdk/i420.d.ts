/**
 * @param {Pixels} pixels
 * @param {number} width
 * @param {number} height
 * @param {Uint8Array} out of i420Bytes()
 */
export function toI420({ words, blueFirst, upward }: Pixels, width: number, height: number, out: Uint8Array): void;
/** Straight alpha is laid on black, in place. @param {Int32Array} words RGBA or BGRA */
export function layOnBlack(words: Int32Array): void;
export namespace BT709 {
    let primaries: "bt709";
    let transfer: "bt709";
    let matrix: "bt709";
    let fullRange: false;
}
export function i420Bytes(width: number, height: number): number;
/**
 * Pixels as planes: Y, U and V, these of half the sides, rounded up (I420). BT.709, limited range (ITU-R
 * BT.709-6, 3.2 to 3.5, in fixed point of 16 bits); U and V are of the mean of 2x2 pixels. Three eighths of the
 * bytes of RGBA, and what video encoders take.
 */
export type Pixels = {
    /**
     * a pixel each, row after row, as a little-endian machine reads them
     */
    words: Int32Array;
    /**
     * BGRA, BGRX; else RGBA, RGBX
     */
    blueFirst: boolean;
    /**
     * the lowest row comes first
     */
    upward: boolean;
};
