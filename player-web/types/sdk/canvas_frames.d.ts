/**
 * @param {AnyCanvas} canvas
 * @param {FrameFormat} format
 * @param {number} [imageQuality] of jpeg and webp, 0 to 1
 * @returns {FrameReader}
 */
export function openFrames(canvas: AnyCanvas, format: FrameFormat, imageQuality?: number): FrameReader;
/**
 * The pixels of a canvas, as it is at the moment of the call: what `read()` does before its first await is
 * done in the task that drew, so a WebGL canvas needs no `preserveDrawingBuffer`.
 *
 * How `rgba` is read (milliseconds for 1280x720, software rendering, Chromium 156):
 * - WebGL: readPixels 5.0 (a VideoFrame of it 12.4); rows are turned over on the way into the frame;
 * - 2D: a VideoFrame's copyTo 3.1 (getImageData 5.3). With `willReadFrequently: true` getImageData, which
 *   Firefox does in 3.5 (copyTo 19);
 * - anything else by a VideoFrame, or where there is none by a second canvas.
 * PNG takes 9 to 33 and JPEG 6, mostly beside the page's thread; both send less.
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
 * PNG takes 9 to 33 and JPEG 6, mostly beside the page's thread; both send less.
 */
export type FrameFormat = "rgba" | "png" | "jpeg" | "webp";
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
 * PNG takes 9 to 33 and JPEG 6, mostly beside the page's thread; both send less.
 */
export type FrameReader = {
    /**
     * the room, with the frame in it
     */
    read: (room: Room) => Promise<Uint8Array<ArrayBuffer>>;
};
