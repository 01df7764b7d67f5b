/** @param {Capture | null | undefined} shown @param {number | null} offsetMs of the server's clock @returns {Delay | null} */
export function delayOf(shown: Capture | null | undefined, offsetMs: number | null): Delay | null;
/**
 * What a viewer reports to the server.
 *
 * @param {{latencyMs: number, delay: Delay | null, bufferedMs: number, framesDropped: number}} stats
 */
export function reportOf({ latencyMs, delay, bufferedMs, framesDropped }: {
    latencyMs: number;
    delay: Delay | null;
    bufferedMs: number;
    framesDropped: number;
}): {
    buffered_ms: number;
    dropped_frames: number;
    delay_ms?: number | undefined;
    type: string;
    latency_ms: number;
};
export class CaptureTimes {
    /** Another epoch: its times are others. */
    clear(): void;
    /** @param {import('./wire.js').Part} part */
    note({ ptsUs, captureUs, captured }: import("./wire.js").Part): void;
    /** @param {number} ptsUs of the picture on show @param {number} atMs @returns {Capture | null} */
    of(ptsUs: number, atMs: number): Capture | null;
    #private;
}
/**
 * Which part a picture came in, by its time in the stream, so that one knows when it was captured.
 */
export type Capture = {
    /**
     * when the picture on show was captured, or had reached the server, in the server's time
     */
    captureMs: number;
    /**
     * captured it is
     */
    byPublisher: boolean;
    /**
     * when it came on show, as performance.now()
     */
    atMs: number;
};
/**
 * Which part a picture came in, by its time in the stream, so that one knows when it was captured.
 */
export type Delay = {
    ms: number;
    from: "capture" | "server";
};
