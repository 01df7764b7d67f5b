export class LookedAt {
    /** @param {Pictures} pictures @param {number} fps @param {Looker} looker */
    constructor(pictures: Pictures, fps: number, looker: Looker);
    /** @param {boolean} [late] nothing new is known of */
    look(late?: boolean): void;
    /** How long its pictures have been the same, in the background. */
    get stillMs(): number;
    stop(): void;
    #private;
}
/**
 * A canvas, an element or an iterable as frames with times: looked at whenever there may be something new
 * (picture_sources.js), at most `fps` times a second, and once a second if there is not.
 */
export type Pictures = import("./picture_sources.js").Pictures;
/**
 * A canvas, an element or an iterable as frames with times: looked at whenever there may be something new
 * (picture_sources.js), at most `fps` times a second, and once a second if there is not.
 */
export type Looker = {
    /**
     * asked before each picture; false = it is left out
     */
    mayTake: () => boolean;
    /**
     * `atMs`: as performance.now()
     */
    give: (frame: VideoFrame, atMs: number) => void;
    failed: (why: FramewireError) => void;
};
import { FramewireError } from "./errors.js";
