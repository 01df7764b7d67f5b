/** @param {string} mime @returns {boolean} */
export function canPlay(mime: string): boolean;
export class MseSink {
    /**
     * @param {HTMLVideoElement} video
     * @param {SinkHandlers} handlers
     */
    constructor(video: HTMLVideoElement, handlers: SinkHandlers);
    /** Seconds added to the times of the present run. */
    offset: number;
    /** @param {string} mime @param {Uint8Array<ArrayBuffer>} init */
    begin(mime: string, init: Uint8Array<ArrayBuffer>): void;
    /** The same run goes on with another header. @param {Uint8Array<ArrayBuffer>} init @param {number} lasts what the newest picture is said to last, in seconds */
    anew(init: Uint8Array<ArrayBuffer>, lasts: number): void;
    /** @param {Uint8Array<ArrayBuffer>} media @param {number} ptsUs */
    append(media: Uint8Array<ArrayBuffer>, ptsUs: number): void;
    /** Everything given so far is in the buffer. */
    get idle(): boolean;
    /** What is buffered; nothing once the source has closed, which may be before the element says why. */
    get ranges(): import("./gaps.js").Range[];
    /** Where the newest buffered range ends, in seconds; 0 = nothing there. */
    get end(): number;
    close(): void;
    #private;
}
/**
 * `mime`: begins a run;
 *   `lasts`: from here on the newest range seems to go on by so much, in seconds
 */
export type Entry = {
    mime?: string;
    bytes: Uint8Array<ArrayBuffer>;
    ptsUs: number;
    lasts?: number;
};
/**
 * A video element fed by Media Source Extensions: an ordered queue of init segments and media, put on one
 * timeline that only goes on. Knows neither sockets nor policy.
 *
 * Each `begin()` starts a run (an epoch, or a new connection). The first keeps its own times; each later
 * one is moved by `timestampOffset` to where the last one ended, so the element never sees a jump.
 */
export type SinkHandlers = {
    beforeAppend: () => void;
    appended: () => void;
    /**
     * this sink is dead for good; make another
     */
    failed: (why: FramewireError) => void;
};
import { FramewireError } from "./errors.js";
