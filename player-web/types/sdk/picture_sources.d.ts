/**
 * @param {PictureSource} source
 * @param {{fps: number, failed: (why: FramewireError) => void}} options `fps`: at most so many are wanted; 0 = none but
 *   by take()
 * @returns {Pictures}
 */
export function openPictures(source: PictureSource, { fps, failed }: {
    fps: number;
    failed: (why: FramewireError) => void;
}): Pictures;
/**
 * Where pictures come from, for PicturePublication: each says when there may be a new one, and takes it when asked.
 */
export type Frame = VideoFrame | ImageBitmap | ImageData | Blob | OffscreenCanvas | HTMLCanvasElement | HTMLVideoElement | HTMLImageElement;
/**
 * Where pictures come from, for PicturePublication: each says when there may be a new one, and takes it when asked.
 */
export type PictureSource = HTMLCanvasElement | OffscreenCanvas | HTMLVideoElement | MediaStream | AsyncIterable<Frame> | Iterable<Frame> | null;
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
    /**
     * it is to be taken within `onTick`: what a WebGL canvas shows is gone thereafter
     */
    onTick?: boolean | undefined;
};
import { FramewireError } from "./errors.js";
