/**
 * How frames are sent: as the page says, or as they are usually.
 *
 * @param {{width: number, height: number}} size
 * @param {import('./record_types.js').RecordCanvasOptions} options
 * @returns {import('./canvas_frames.js').FrameFormat}
 */
export function usualFormat({ width, height }: {
    width: number;
    height: number;
}, { format, quality, alpha }: import("./record_types.js").RecordCanvasOptions): import("./canvas_frames.js").FrameFormat;
export function timeOf(frame: number, fps: number): number;
/** @implements {FilmMaker} */
export class PixelMaker implements FilmMaker {
    /**
     * @param {import('./canvas_frames.js').AnyCanvas} canvas
     * @param {FilmPort} port
     * @param {import('./canvas_frames.js').FrameFormat} format
     * @param {import('./canvas_frames.js').FrameWish} wish
     */
    constructor(canvas: import("./canvas_frames.js").AnyCanvas, port: FilmPort, format: import("./canvas_frames.js").FrameFormat, wish: import("./canvas_frames.js").FrameWish);
    hello: {
        format: string;
    };
    /** @param {VideoFrame} [early] */
    take(early?: VideoFrame): Promise<void>;
    granted(): void;
    flush(): Promise<void>;
    close(): void;
    #private;
}
/**
 * the recorder, as its maker sees it
 */
export type FilmPort = {
    size: {
        width: number;
        height: number;
    };
    fps: number;
    window: import("./frame_window.js").FrameWindow;
    /**
     * the next frame, for which there is credit
     */
    push: (room: Uint8Array<ArrayBuffer>) => void;
    /**
     * rejects when there is no going on
     */
    untilCredit: (frame: number) => Promise<void>;
    /**
     * resolves when there is news; likewise
     */
    change: () => Promise<void>;
    /**
     * there is news
     */
    wake: () => void;
    fail: (why: import("./errors.js").FramewireError) => void;
};
/**
 * The frames of a film as pictures, for the server to encode. Both makers, this one and PacketMaker, take what
 * the canvas is at the moment of the call, and hand it on in order.
 */
export type FilmMaker = {
    /**
     * members of the `publish`
     */
    hello: {
        format: string;
        codec?: string;
        container?: string;
    };
    /**
     * the canvas, or what it was; resolves when the next may come
     */
    take: (early?: VideoFrame) => Promise<void>;
    /**
     * there is more credit
     */
    granted: () => void;
    /**
     * all that was taken has been handed on
     */
    flush: () => Promise<void>;
    close: () => void;
};
