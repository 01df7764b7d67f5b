/** @implements {Screen} */
export class MseScreen implements Screen {
    /**
     * @param {HTMLVideoElement} video
     * @param {ScreenHost} host
     * @param {{targetMs?: number}} options
     */
    constructor(video: HTMLVideoElement, host: ScreenHost, { targetMs }: {
        targetMs?: number;
    });
    by: "mse";
    canvas: null;
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
    get capture(): import("./shown_delay.js").Capture | null;
    get mediaTimeUs(): number;
    captureStream(): any;
    /** @param {import('./reconnecting_socket.js').Message} info */
    begin(info: import("./reconnecting_socket.js").Message): void;
    /** @param {import('./wire.js').Part} part */
    part(part: import("./wire.js").Part): void;
    /** What was held back for a steady cut, now that nothing follows it. */
    letOut(): void;
    toLive(): void;
    leave(): void;
    close(): void;
    #private;
}
/**
 * A stream shown by a video element through Media Source Extensions: starts at the live edge, stays near it by
 * its rate, jumps over holes, says when it stands still. Knows no socket: it is given a `stream` message, then parts.
 */
export type Screen = import("./screen.js").Screen;
/**
 * A stream shown by a video element through Media Source Extensions: starts at the live edge, stays near it by
 * its rate, jumps over holes, says when it stands still. Knows no socket: it is given a `stream` message, then parts.
 */
export type ScreenHost = import("./screen.js").ScreenHost;
