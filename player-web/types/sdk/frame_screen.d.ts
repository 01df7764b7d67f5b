/** @implements {Screen} */
export class FrameScreen implements Screen {
    /**
     * @param {HTMLVideoElement} video
     * @param {import('./screen.js').ScreenHost} host
     * @param {{wish: import('./latency_wish.js').LatencyWish, by: 'webcodecs' | 'canvas'}} options
     */
    constructor(video: HTMLVideoElement, host: import("./screen.js").ScreenHost, { wish, by }: {
        wish: import("./latency_wish.js").LatencyWish;
        by: "webcodecs" | "canvas";
    });
    by: "canvas" | "webcodecs";
    /** @type {import('./shown_delay.js').Capture | null} */
    capture: import("./shown_delay.js").Capture | null;
    get canvas(): HTMLCanvasElement | null;
    get shows(): boolean;
    get mediaTimeUs(): number;
    get stats(): {
        latencyMs: number;
        bufferedMs: number;
        playbackRate: number;
        framesShown: number;
        framesDropped: number;
        jumps: number;
        stalls: number;
    };
    captureStream(): MediaStream;
    /** @param {import('./reconnecting_socket.js').Message} info */
    begin({ format, width, height }: import("./reconnecting_socket.js").Message): void;
    /** @param {import('./wire.js').Part} part */
    part(part: import("./wire.js").Part): void;
    letOut(): void;
    toLive(): void;
    close(): void;
    /** Another screen takes the element. */
    leave(): void;
    #private;
}
/**
 * Pictures and packets, shown on a canvas: decoded in a worker, painted when their sound is heard, or at once when
 * there is none. What comes late is left out in favour of what is newer; where all are late, the sound waits for them.
 */
export type Screen = import("./screen.js").Screen;
/**
 * Pictures and packets, shown on a canvas: decoded in a worker, painted when their sound is heard, or at once when
 * there is none. What comes late is left out in favour of what is newer; where all are late, the sound waits for them.
 */
export type Picture = import("./frame_decoder.js").Picture;
