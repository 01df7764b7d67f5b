/** @param {PictureSource} source @returns {Pictures} */
export function openPictures(source: PictureSource): Pictures;
/**
 * A copy of what is shown now. A VideoFrame is taken at once; a bitmap is, too, where it is of a canvas.
 *
 * @param {any} source @returns {Promise<VideoFrame | ImageBitmap | null>}
 */
export function snapshot(source: any): Promise<VideoFrame | ImageBitmap | null>;
/** @param {any} frame @returns {Promise<{width: number, height: number}>} */
export function sizeOf(frame: any): Promise<{
    width: number;
    height: number;
}>;
/**
 * Where pictures come from, for PicturePublication: each says when there may be a new one, and takes it when asked.
 */
export type Frame = VideoFrame | ImageBitmap | ImageData | Blob | OffscreenCanvas | HTMLCanvasElement;
/**
 * Where pictures come from, for PicturePublication: each says when there may be a new one, and takes it when asked.
 */
export type PictureSource = HTMLCanvasElement | OffscreenCanvas | HTMLVideoElement | MediaStream | AsyncIterable<Frame> | null;
/**
 * Where pictures come from, for PicturePublication: each says when there may be a new one, and takes it when asked.
 */
export type Pictures = {
    /**
     * `onTick` each time there may be a new picture
     */
    start: (onTick: () => void) => void;
    /**
     * a picture of its own, which the taker
     * closes; null: there is none yet
     */
    take: () => Promise<import("./picture_encoder.js").Image | null>;
    /**
     * 0 while it is not known
     */
    size: () => {
        width: number;
        height: number;
    };
    stop: () => void;
    audio: MediaStream | null;
    ended: (() => boolean);
};
