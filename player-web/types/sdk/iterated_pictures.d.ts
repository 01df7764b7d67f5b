/** @implements {Pictures} */
export class IteratedPictures implements Pictures {
    /**
     * @param {AsyncIterable<Frame> | Iterable<Frame>} frames
     * @param {number} fps 0 = each take() asks for one
     * @param {(why: FramewireError) => void} failed
     */
    constructor(frames: AsyncIterable<Frame> | Iterable<Frame>, fps: number, failed: (why: FramewireError) => void);
    audio: null;
    /** @param {() => void} onTick */
    start(onTick: () => void): Promise<void>;
    take(): Promise<any>;
    size(): {
        width: number;
        height: number;
    };
    stop(): void;
    ended(): boolean;
    #private;
}
/**
 * Frames of an iterable, for PicturePublication: asked for one after the other, at most `fps` times a second, so that
 * one that always has another (a generator that draws) does not run away; the second once the first was taken. One
 * that was not taken gives way to the next. Its end is the stream's.
 */
export type Pictures = import("./picture_sources.js").Pictures;
/**
 * Frames of an iterable, for PicturePublication: asked for one after the other, at most `fps` times a second, so that
 * one that always has another (a generator that draws) does not run away; the second once the first was taken. One
 * that was not taken gives way to the next. Its end is the stream's.
 */
export type Frame = import("./picture_sources.js").Frame;
import { FramewireError } from "./errors.js";
