/**
 * A PictureEncoder in a worker of its own; in place, where there is no OffscreenCanvas, no worker, or where this is
 * one already.
 *
 * @typedef {import('./picture_encoder.js').Image} Image
 * @typedef {import('./picture_encoder.js').Wish} Wish
 * @typedef {import('./picture_encoder.js').Encoded} Encoded
 *
 * @typedef {object} Encoder
 * @property {(image: Image, wish: Wish) => Promise<Encoded>} encode rejects when the browser cannot
 * @property {() => void} close
 * @property {boolean} offThread
 */
/** @returns {Encoder} */
export function openEncoder(): Encoder;
/**
 * A PictureEncoder in a worker of its own; in place, where there is no OffscreenCanvas, no worker, or where this is
 * one already.
 */
export type Image = import("./picture_encoder.js").Image;
/**
 * A PictureEncoder in a worker of its own; in place, where there is no OffscreenCanvas, no worker, or where this is
 * one already.
 */
export type Wish = import("./picture_encoder.js").Wish;
/**
 * A PictureEncoder in a worker of its own; in place, where there is no OffscreenCanvas, no worker, or where this is
 * one already.
 */
export type Encoded = import("./picture_encoder.js").Encoded;
/**
 * A PictureEncoder in a worker of its own; in place, where there is no OffscreenCanvas, no worker, or where this is
 * one already.
 */
export type Encoder = {
    /**
     * rejects when the browser cannot
     */
    encode: (image: Image, wish: Wish) => Promise<Encoded>;
    close: () => void;
    offThread: boolean;
};
