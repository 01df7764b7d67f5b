/**
 * Whether a browser has no Media Source Extensions, and plays HLS by itself: iPhones before iOS 17.1.
 *
 * @param {HTMLVideoElement} video
 */
export function needsNativeHls(video: HTMLVideoElement): boolean;
/** @param {HTMLVideoElement} video */
export function playsHls(video: HTMLVideoElement): boolean;
/**
 * A stream played by the browser's own HLS: the same calls and events as a Player, without side channel,
 * viewer count and statistics of the connection, and some seconds later.
 *
 * @extends {Emitter<import('./play.js').PlayerEvents>}
 */
export class NativeHlsPlayer extends Emitter<import("./play_types.js").PlayerEvents> {
    /** @param {HTMLVideoElement} video @param {string | URL} url @param {import('./play.js').PlayOptions} [options] */
    constructor(video: HTMLVideoElement, url: string | URL, options?: import("./play.js").PlayOptions);
    closed: Promise<FramewireError | null>;
    /** Who has the right may moderate from here, too; `rights` do not tell. */
    moderator: Moderator;
    get state(): import("./play_types.js").PlayState;
    get reason(): string;
    get mutedByAutoplay(): boolean;
    get info(): {
        type: string;
        format: string;
        mime: string;
        epoch: number;
        width: number;
        height: number;
        tracks: ({
            kind: string;
            codec: string;
        } | {
            kind: string;
            codec: string;
            width: number;
            height: number;
        })[];
    } | null;
    get sender(): string;
    get rights(): import("./moderator.js").Rights;
    get mediaTimeUs(): number;
    get stats(): {
        latencyMs: number;
        delay: null;
        bufferedMs: number;
        playbackRate: number;
        framesShown: number;
        framesDropped: number;
        firstFrameMs: number;
        bytes: number;
        viewers: number;
        skipped: number;
        jumps: number;
        stalls: number;
        reconnects: number;
        way: {
            rendition: string;
            by: string;
            why: string;
        };
    };
    get shows(): boolean;
    get canvas(): null;
    get liveUrl(): string;
    get raw(): null;
    captureStream(): null;
    say(): void;
    send(): void;
    toLive(): void;
    stop(): Promise<FramewireError | null>;
    #private;
}
export type PlayState = import("./play.js").PlayState;
import { Emitter } from "./emitter.js";
import { FramewireError } from "./errors.js";
import { Moderator } from "./moderator.js";
