/** Single pictures: copied, owned, measured, given back. */
/**
 * A copy of what is shown now. A VideoFrame is taken at once; a bitmap is, too, where it is of a canvas.
 *
 * @param {any} source @returns {Promise<VideoFrame | ImageBitmap | null>}
 */
export function snapshot(source: any): Promise<VideoFrame | ImageBitmap | null>;
/** A picture that is the publication's to close, whoever made it. @param {any} given @returns {Promise<any>} */
export function owned(given: any): Promise<any>;
/** @param {any} image */
export function drop(image: any): void;
/** @param {any} frame @returns {Promise<{width: number, height: number}>} */
export function sizeOf(frame: any): Promise<{
    width: number;
    height: number;
}>;
