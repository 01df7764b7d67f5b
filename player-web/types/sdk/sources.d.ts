/**
 * What a publication is made of: something that gives one run of bytes after another, each an init segment
 * and what follows it.
 *
 * @typedef {MediaStream | HTMLCanvasElement | OffscreenCanvas | Blob} PublishSource
 *
 * @typedef {object} RunSettings
 * @property {number} videoBitsPerSecond
 * @property {number} audioBitsPerSecond
 * @property {number} timesliceMs
 * @property {number} keyframeMs
 * @property {(chunk: Uint8Array, captureUs: number) => void} onChunk
 * @property {() => boolean} hasRoom false = hold back, if it can be
 *
 * @typedef {object} Run
 * @property {Promise<FramewireError | null>} done after the last chunk; with the reason if nobody called stop()
 * @property {() => Promise<FramewireError | null>} stop
 * @property {boolean} [torn] something of it is lost: what follows would be a broken stream
 *
 * @typedef {object} Source
 * @property {'webm' | 'mp4' | ''} format the same for all runs; '' = the server finds out
 * @property {string} mimeType of the newest run; '' = not known
 * @property {{width?: number, height?: number}} size of the picture, in pixels
 * @property {boolean} ended nothing more will come of it
 * @property {boolean} adapts its bitrate can be chosen
 * @property {string} changed why the run no longer fits, so that another is due; '' = it does
 * @property {(settings: RunSettings) => Run} start may throw a FramewireError
 * @property {() => void} close gives back what it has taken; the page's own tracks stay
 */
/**
 * @param {PublishSource} source
 * @param {import('./publish_types.js').PublishOptions} options
 * @returns {Source}
 */
export function openSource(source: PublishSource, options: import("./publish_types.js").PublishOptions): Source;
/**
 * What a publication is made of: something that gives one run of bytes after another, each an init segment
 * and what follows it.
 */
export type PublishSource = MediaStream | HTMLCanvasElement | OffscreenCanvas | Blob;
/**
 * What a publication is made of: something that gives one run of bytes after another, each an init segment
 * and what follows it.
 */
export type RunSettings = {
    videoBitsPerSecond: number;
    audioBitsPerSecond: number;
    timesliceMs: number;
    keyframeMs: number;
    onChunk: (chunk: Uint8Array, captureUs: number) => void;
    /**
     * false = hold back, if it can be
     */
    hasRoom: () => boolean;
};
/**
 * What a publication is made of: something that gives one run of bytes after another, each an init segment
 * and what follows it.
 */
export type Run = {
    /**
     * after the last chunk; with the reason if nobody called stop()
     */
    done: Promise<FramewireError | null>;
    stop: () => Promise<FramewireError | null>;
    /**
     * something of it is lost: what follows would be a broken stream
     */
    torn?: boolean | undefined;
};
/**
 * What a publication is made of: something that gives one run of bytes after another, each an init segment
 * and what follows it.
 */
export type Source = {
    /**
     * the same for all runs; '' = the server finds out
     */
    format: "webm" | "mp4" | "";
    /**
     * of the newest run; '' = not known
     */
    mimeType: string;
    /**
     * of the picture, in pixels
     */
    size: {
        width?: number;
        height?: number;
    };
    /**
     * nothing more will come of it
     */
    ended: boolean;
    /**
     * its bitrate can be chosen
     */
    adapts: boolean;
    /**
     * why the run no longer fits, so that another is due; '' = it does
     */
    changed: string;
    /**
     * may throw a FramewireError
     */
    start: (settings: RunSettings) => Run;
    /**
     * gives back what it has taken; the page's own tracks stay
     */
    close: () => void;
};
import { FramewireError } from "./errors.js";
