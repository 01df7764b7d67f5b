/**
 * A picture in, its bytes out: JPEG, WebP or PNG, or RGBA as it is. In a worker by OffscreenCanvas, in a page
 * without one by `toBlob`. The bytes of the last picture are remembered, to tell when nothing has changed.
 *
 * @typedef {VideoFrame | ImageBitmap | ImageData | Blob | OffscreenCanvas | HTMLCanvasElement} Image
 * @typedef {object} Wish
 * @property {string} type `image/jpeg` and so on, or `rgba`
 * @property {number} quality 0 to 1
 * @property {number} width of the result
 * @property {number} height
 * @property {boolean} asIs a Blob of the same type need not be encoded anew
 * @property {boolean} blob the result as a Blob
 * @property {boolean} again bytes are wanted even if they are those of the last picture
 *
 * @typedef {{bytes: Uint8Array<ArrayBuffer> | Blob | null, size: number}} Encoded null: equal to the last
 */
export class PictureEncoder {
    /** @param {Image} image @param {Wish} wish @returns {Promise<Encoded>} */
    encode(image: Image, wish: Wish): Promise<Encoded>;
    #private;
}
/**
 * A picture in, its bytes out: JPEG, WebP or PNG, or RGBA as it is. In a worker by OffscreenCanvas, in a page
 * without one by `toBlob`. The bytes of the last picture are remembered, to tell when nothing has changed.
 */
export type Image = VideoFrame | ImageBitmap | ImageData | Blob | OffscreenCanvas | HTMLCanvasElement;
/**
 * A picture in, its bytes out: JPEG, WebP or PNG, or RGBA as it is. In a worker by OffscreenCanvas, in a page
 * without one by `toBlob`. The bytes of the last picture are remembered, to tell when nothing has changed.
 */
export type Wish = {
    /**
     * `image/jpeg` and so on, or `rgba`
     */
    type: string;
    /**
     * 0 to 1
     */
    quality: number;
    /**
     * of the result
     */
    width: number;
    height: number;
    /**
     * a Blob of the same type need not be encoded anew
     */
    asIs: boolean;
    /**
     * the result as a Blob
     */
    blob: boolean;
    /**
     * bytes are wanted even if they are those of the last picture
     */
    again: boolean;
};
/**
 * null: equal to the last
 */
export type Encoded = {
    bytes: Uint8Array<ArrayBuffer> | Blob | null;
    size: number;
};
