/**
 * @param {AnyCanvas} canvas
 * @param {FrameFormat} format
 * @param {FrameWish} [wish]
 * @param {PlanePacker | null} [packer] of i420: null, it is not packed
 * @returns {FrameReader}
 */
export function openFrames(canvas: AnyCanvas, format: FrameFormat, { imageQuality, alpha }?: FrameWish, packer?: PlanePacker | null): FrameReader;
/**
 * The canvas as it is now.
 *
 * @param {AnyCanvas} canvas @param {number} timestamp in microseconds @param {number} [duration]
 */
export function frameOf(canvas: AnyCanvas, timestamp: number, duration?: number): VideoFrame;
/** @param {VideoFrame} frame is closed @param {Int32Array<ArrayBuffer>} words @returns {Promise<Taken>} */
export function pixelsOfFrame(frame: VideoFrame, words: Int32Array<ArrayBuffer>): Promise<Taken>;
/** @implements {FrameReader} */
export class PlanesReader implements FrameReader {
    /**
     * @param {{width: number, height: number}} size
     * @param {PixelSource} source
     * @param {PlanePacker | null} packer null: they are not packed
     */
    constructor({ width, height }: {
        width: number;
        height: number;
    }, source: PixelSource, packer: PlanePacker | null);
    /** @param {Room} room */
    read(room: Room): Promise<Uint8Array<ArrayBuffer>>;
    #private;
}
/**
 * The pixels of a canvas, as it is at the moment of the call: what `read()` does before its first await is
 * done in the task that drew, so a WebGL canvas needs no `preserveDrawingBuffer`.
 *
 * How `rgba` is read (milliseconds for 1280x720, software rendering, Chromium 156):
 * - WebGL: readPixels 5.0 (a VideoFrame of it 12.4); rows are turned over on the way into the frame;
 * - 2D: a VideoFrame's copyTo 3.1 (getImageData 5.3). With `willReadFrequently: true` getImageData, which
 *   Firefox does in 3.5 (copyTo 19);
 * - anything else by a VideoFrame, or where there is none by a second canvas.
 * PNG takes 9 to 33 and JPEG 6, mostly beside the page's thread; both send less. `i420` reads the same way, but for
 * a VideoFrame in its own order of colours, which takes 0.3, and makes planes of it in 3 to 6.
 */
export type AnyCanvas = HTMLCanvasElement | OffscreenCanvas;
/**
 * The pixels of a canvas, as it is at the moment of the call: what `read()` does before its first await is
 * done in the task that drew, so a WebGL canvas needs no `preserveDrawingBuffer`.
 *
 * How `rgba` is read (milliseconds for 1280x720, software rendering, Chromium 156):
 * - WebGL: readPixels 5.0 (a VideoFrame of it 12.4); rows are turned over on the way into the frame;
 * - 2D: a VideoFrame's copyTo 3.1 (getImageData 5.3). With `willReadFrequently: true` getImageData, which
 *   Firefox does in 3.5 (copyTo 19);
 * - anything else by a VideoFrame, or where there is none by a second canvas.
 * PNG takes 9 to 33 and JPEG 6, mostly beside the page's thread; both send less. `i420` reads the same way, but for
 * a VideoFrame in its own order of colours, which takes 0.3, and makes planes of it in 3 to 6.
 */
export type FrameFormat = "i420" | "rgba" | "png" | "jpeg" | "webp";
/**
 * The pixels of a canvas, as it is at the moment of the call: what `read()` does before its first await is
 * done in the task that drew, so a WebGL canvas needs no `preserveDrawingBuffer`.
 *
 * How `rgba` is read (milliseconds for 1280x720, software rendering, Chromium 156):
 * - WebGL: readPixels 5.0 (a VideoFrame of it 12.4); rows are turned over on the way into the frame;
 * - 2D: a VideoFrame's copyTo 3.1 (getImageData 5.3). With `willReadFrequently: true` getImageData, which
 *   Firefox does in 3.5 (copyTo 19);
 * - anything else by a VideoFrame, or where there is none by a second canvas.
 * PNG takes 9 to 33 and JPEG 6, mostly beside the page's thread; both send less. `i420` reads the same way, but for
 * a VideoFrame in its own order of colours, which takes 0.3, and makes planes of it in 3 to 6.
 */
export type PlanePacker = import("./packed_planes.js").PlanePacker;
/**
 * The pixels of a canvas, as it is at the moment of the call: what `read()` does before its first await is
 * done in the task that drew, so a WebGL canvas needs no `preserveDrawingBuffer`.
 *
 * How `rgba` is read (milliseconds for 1280x720, software rendering, Chromium 156):
 * - WebGL: readPixels 5.0 (a VideoFrame of it 12.4); rows are turned over on the way into the frame;
 * - 2D: a VideoFrame's copyTo 3.1 (getImageData 5.3). With `willReadFrequently: true` getImageData, which
 *   Firefox does in 3.5 (copyTo 19);
 * - anything else by a VideoFrame, or where there is none by a second canvas.
 * PNG takes 9 to 33 and JPEG 6, mostly beside the page's thread; both send less. `i420` reads the same way, but for
 * a VideoFrame in its own order of colours, which takes 0.3, and makes planes of it in 3 to 6.
 */
export type FrameWish = {
    /**
     * of jpeg and webp, 0 to 1
     */
    imageQuality?: number | undefined;
    /**
     * rgba keeps transparency, which png and webp do anyway; else it may be laid on black
     */
    alpha?: boolean | undefined;
};
/**
 * gives a place for a frame of so many bytes, behind FRAME_ROOM others
 */
export type Room = (bytes: number) => Uint8Array<ArrayBuffer>;
/**
 * The pixels of a canvas, as it is at the moment of the call: what `read()` does before its first await is
 * done in the task that drew, so a WebGL canvas needs no `preserveDrawingBuffer`.
 *
 * How `rgba` is read (milliseconds for 1280x720, software rendering, Chromium 156):
 * - WebGL: readPixels 5.0 (a VideoFrame of it 12.4); rows are turned over on the way into the frame;
 * - 2D: a VideoFrame's copyTo 3.1 (getImageData 5.3). With `willReadFrequently: true` getImageData, which
 *   Firefox does in 3.5 (copyTo 19);
 * - anything else by a VideoFrame, or where there is none by a second canvas.
 * PNG takes 9 to 33 and JPEG 6, mostly beside the page's thread; both send less. `i420` reads the same way, but for
 * a VideoFrame in its own order of colours, which takes 0.3, and makes planes of it in 3 to 6.
 */
export type FrameReader = {
    /**
     * the room, with the frame in it; of `i420` behind
     * PACKET_ROOM more
     */
    read: (room: Room) => Promise<Uint8Array<ArrayBuffer>>;
};
/**
 * straight: transparent colours are not laid on black
 */
export type Taken = import("./i420.js").Pixels & {
    straight: boolean;
};
/**
 * gives a place for a picture's pixels
 */
export type Words = () => Int32Array<ArrayBuffer>;
/**
 * The pixels of a canvas, as it is at the moment of the call: what `read()` does before its first await is
 * done in the task that drew, so a WebGL canvas needs no `preserveDrawingBuffer`.
 *
 * How `rgba` is read (milliseconds for 1280x720, software rendering, Chromium 156):
 * - WebGL: readPixels 5.0 (a VideoFrame of it 12.4); rows are turned over on the way into the frame;
 * - 2D: a VideoFrame's copyTo 3.1 (getImageData 5.3). With `willReadFrequently: true` getImageData, which
 *   Firefox does in 3.5 (copyTo 19);
 * - anything else by a VideoFrame, or where there is none by a second canvas.
 * PNG takes 9 to 33 and JPEG 6, mostly beside the page's thread; both send less. `i420` reads the same way, but for
 * a VideoFrame in its own order of colours, which takes 0.3, and makes planes of it in 3 to 6.
 */
export type PixelSource = {
    /**
     * in this place, or in one of its own; good until the next call
     */
    take: (place: Words) => Promise<Taken>;
};
