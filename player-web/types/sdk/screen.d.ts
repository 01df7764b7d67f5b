/**
 * What shows a stream, whichever way: MseScreen (a video element), FrameScreen (a canvas) and RawScreen (nobody
 * sees it). A screen is given the `stream` message of each epoch, then its parts; it knows no socket.
 */
export type ScreenStats = {
    /**
     * how long the picture on show has been in this page
     */
    latencyMs: number;
    bufferedMs: number;
    playbackRate: number;
    framesShown: number;
    framesDropped: number;
    /**
     * holes in the timeline jumped over
     */
    jumps: number;
    stalls: number;
};
/**
 * What shows a stream, whichever way: MseScreen (a video element), FrameScreen (a canvas) and RawScreen (nobody
 * sees it). A screen is given the `stream` message of each epoch, then its parts; it knows no socket.
 */
export type Screen = {
    by: "mse" | "webcodecs" | "canvas" | "raw";
    /**
     * where the pictures are painted; null = in the video
     */
    canvas: HTMLCanvasElement | null;
    /**
     * there is something to see or to hear
     */
    shows: boolean;
    stats: ScreenStats;
    /**
     * of what is on show; null = nothing, or not known
     */
    capture: import("./shown_delay.js").Capture | null;
    /**
     * of what is on show, in the stream's own clock
     */
    mediaTimeUs: number;
    /**
     * an epoch
     */
    begin: (info: import("./reconnecting_socket.js").Message) => void;
    part: (part: import("./wire.js").Part) => void;
    /**
     * nothing follows for now
     */
    letOut: () => void;
    toLive: () => void;
    captureStream: () => MediaStream | null;
    /**
     * the last picture stays
     */
    close: () => void;
    /**
     * another screen takes the element
     */
    leave: () => void;
};
/**
 * What shows a stream, whichever way: MseScreen (a video element), FrameScreen (a canvas) and RawScreen (nobody
 * sees it). A screen is given the `stream` message of each epoch, then its parts; it knows no socket.
 */
export type ScreenHost = {
    /**
     * the screen is dead;
     * `forGood`: another one of the same kind would be, too
     */
    failed: (why: import("./errors.js").FramewireError, forGood?: boolean) => void;
    /**
     * a track, without which this screen stands still
     */
    loses: (why: import("./errors.js").FramewireError) => void;
    /**
     * the element has a new source
     */
    startPlayback: () => void;
    /**
     * a first picture
     */
    painted: () => void;
    moves: () => void;
    /**
     * still, with a stream there
     */
    stands: () => void;
    /**
     * the browser allows no sound before a click
     */
    silenced: () => void;
    /**
     * nothing can be decoded before the next key packet
     */
    wantsKey: () => void;
};
