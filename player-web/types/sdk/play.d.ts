/**
 * Plays a live stream in a video element. A browser without Media Source Extensions plays it by its own
 * HLS; what it gets has the calls and events of a Player.
 *
 * @param {HTMLVideoElement} video
 * @param {string | URL} url `/watch/NAME`, a whole URL, or the bare name
 * @param {PlayOptions} [options]
 * @returns {Player}
 */
export function play(video: HTMLVideoElement, url: string | URL, options?: PlayOptions): Player;
/**
 * A stream being watched. Events: those of PlayerEvents, by `on(type, listener)` or, as the `detail` of a
 * CustomEvent, by `addEventListener`.
 *
 * @extends {Emitter<PlayerEvents>}
 */
export class Player extends Emitter<PlayerEvents> {
    /**
     * @param {HTMLVideoElement} video
     * @param {string | URL} url
     * @param {PlayOptions} [options]
     */
    constructor(video: HTMLVideoElement, url: string | URL, options?: PlayOptions);
    /** Resolves with null after stop(), with the error otherwise. Never rejects. */
    closed: Promise<FramewireError | null>;
    get state(): PlayState;
    /** Why the state is what it is: `no-publisher`, `publisher-lost`, `next-group`, or a sentence. */
    get reason(): string;
    /** The browser allowed playback only without sound: unmute from a click. */
    get mutedByAutoplay(): boolean;
    /** The server's last `stream` message: format, mime, epoch, tracks. */
    get info(): import("./link.js").Message | null;
    get stats(): {
        /** How long the picture on show has been in this page. */
        latencyMs: number;
        bufferedMs: number;
        playbackRate: number;
        framesShown: number;
        framesDropped: number;
        /** From the open socket to the first picture; 0 = none yet. */
        firstFrameMs: number;
        bytes: number;
        viewers: number;
        /** Parts that the server left out because this viewer was slow. */
        skipped: number;
        /** Holes in the timeline jumped over. */
        jumps: number;
        stalls: number;
        reconnects: number;
    };
    /** What the side channel calls this viewer: the `sender` of its messages; '' before its first one. */
    get sender(): string;
    /**
     * Says something to the publisher and all viewers; it comes back as a `message` to everybody, the sender
     * included. What the server does not pass on (too long, too many, muted, nobody is live) it says by a
     * `warning`.
     *
     * @param {unknown} data any JSON value
     * @param {import('./side_channel.js').SendOptions} [options]
     */
    send(data: unknown, options?: import("./side_channel.js").SendOptions): void;
    /** Leaves the stream; the last picture stays. */
    stop(): Promise<FramewireError | null>;
    /** Goes to the live edge, say after a pause. */
    toLive(): void;
    /** Time of the picture on show, in microseconds of the stream's own clock, as in SideMessage. */
    get mediaTimeUs(): number;
    #private;
}
export type PlayOptions = {
    /**
     * watch key; default: `?token=` of the URL
     */
    token?: string | undefined;
    /**
     * what to keep buffered ahead, in milliseconds; default 50, with audio 250
     * (less is not taken with audio)
     */
    targetMs?: number | undefined;
    /**
     * start muted; default false: muted only if the browser insists
     */
    muted?: boolean | undefined;
    /**
     * what this viewer is called in the side channel, at most 64 bytes; default none
     */
    name?: string | undefined;
};
export type PlayState = "connecting" | "waiting" | "live" | "stalled" | "reconnecting" | "ended" | "error" | "stopped";
export type PlayerEvents = {
    /**
     * the new one
     */
    state: PlayState;
    /**
     * how many there are now
     */
    viewers: number;
    /**
     * the browser allowed playback only without sound
     */
    muted: true;
    /**
     * somebody said something, you included
     */
    message: import("./side_channel.js").SideMessage;
    /**
     * the publisher has muted a sender, or no longer
     */
    mutedsender: import("./side_channel.js").Muting;
    /**
     * the server's: the stream goes on
     */
    warning: {
        code: string;
        message: string;
    };
    /**
     * the end, and why
     */
    error: FramewireError;
};
import { Emitter } from "./emitter.js";
import { FramewireError } from "./errors.js";
