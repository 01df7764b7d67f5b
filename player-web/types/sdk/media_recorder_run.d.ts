export class MediaRecorderRun {
    /**
     * @param {MediaStream} stream
     * @param {RecordingOptions} options
     * @param {(chunk: Uint8Array<ArrayBuffer>, captureUs: number) => void} onChunk
     */
    constructor(stream: MediaStream, options: RecordingOptions, onChunk: (chunk: Uint8Array<ArrayBuffer>, captureUs: number) => void);
    /** Something of it is lost. */
    torn: boolean;
    /** Resolves after the last chunk; with the reason if nobody called stop(). */
    done: Promise<FramewireError | null>;
    /** @returns {Promise<FramewireError | null>} after the last chunk */
    stop(): Promise<FramewireError | null>;
    #private;
}
/**
 * One MediaRecorder run: an init segment and what follows, as chunks in order.
 *
 * `blob.arrayBuffer()` is asynchronous, so chunks go through one chain. Nothing is delivered twice and
 * nothing is left out between `start` and `done`.
 */
export type RecordingOptions = {
    mimeType: string;
    timesliceMs: number;
    /**
     * honoured by Chromium
     */
    keyframeMs: number;
    videoBitsPerSecond: number;
    audioBitsPerSecond: number;
};
import { FramewireError } from "./errors.js";
