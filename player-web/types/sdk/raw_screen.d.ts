export namespace NOTHING {
    let latencyMs: number;
    let bufferedMs: number;
    let playbackRate: number;
    let framesShown: number;
    let framesDropped: number;
    let jumps: number;
    let stalls: number;
}
/** @implements {Screen} */
export class RawScreen implements Screen {
    /** @param {import('./screen.js').ScreenHost} host */
    constructor(host: import("./screen.js").ScreenHost);
    by: "raw";
    canvas: null;
    /** All messages and their bytes, since this page watches. */
    messages: number;
    bytes: number;
    mediaTimeUs: number;
    capture: null;
    get shows(): boolean;
    get stats(): {
        latencyMs: number;
        bufferedMs: number;
        playbackRate: number;
        framesShown: number;
        framesDropped: number;
        jumps: number;
        stalls: number;
    };
    /** The newest message; null before the first. */
    get newest(): Uint8Array<ArrayBuffer> | null;
    begin(): void;
    /** @param {import('./wire.js').Part} part */
    part({ kind, payload, ptsUs }: import("./wire.js").Part): void;
    letOut(): void;
    toLive(): void;
    captureStream(): null;
    leave(): void;
    close(): void;
    #private;
}
/**
 * A stream of raw messages (`binary`): nothing to see. The newest bytes are kept for whoever wants them.
 */
export type Screen = import("./screen.js").Screen;
