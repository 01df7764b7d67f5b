/**
 * Plays a live stream in a video element; pictures and packets are painted on a canvas in its place. A browser
 * without Media Source Extensions plays it by its own HLS; what it gets has the calls and events of a Player.
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
export class Player extends Emitter<import("./play_types.js").PlayerEvents> {
    /**
     * @param {HTMLVideoElement} video
     * @param {string | URL} url
     * @param {PlayOptions} [options]
     */
    constructor(video: HTMLVideoElement, url: string | URL, options?: PlayOptions);
    /** Resolves with null after stop(), with the error otherwise. Never rejects. */
    closed: Promise<FramewireError | null>;
    /** What a moderator does with this stream, and may do as far as `rights` go. */
    moderator: Moderator;
    get state(): import("./play_types.js").PlayState;
    /** Why the state is what it is: `no-publisher`, `publisher-lost`, `next-group`, or a sentence. */
    get reason(): string;
    /** The publisher's page is in the background, and its pictures stand still there. */
    get still(): boolean;
    /** The browser allowed playback only without sound: unmute from a click. */
    get mutedByAutoplay(): boolean;
    /** The server's last `stream` message: format, mime, epoch, tracks. */
    get info(): import("./reconnecting_socket.js").Message | {
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
    /** There is something to see, or to hear. */
    get shows(): boolean;
    /** Where pictures are painted, in front of the video element; null: in the element itself. */
    get canvas(): HTMLCanvasElement | null;
    /** The stream as published, over plain HTTP. */
    get liveUrl(): string;
    /** Of a stream of raw messages: what has come; null: it is none. */
    get raw(): RawScreen | null;
    /** @returns {ReturnType<typeof statsOf>} */
    get stats(): ReturnType<typeof statsOf>;
    /** What the side channel calls this viewer: the `sender` of its messages; '' before its first one. */
    get sender(): string;
    /** What of `moderator` this key is good for. */
    get rights(): import("./moderator.js").Rights;
    /** Time of the picture on show, in microseconds of the stream's own clock, as in SideMessage. */
    get mediaTimeUs(): number;
    /**
     * Says something to the publisher and all viewers; it comes back as a `message` to everybody, the sender
     * included. What the server does not pass on (too long, too many, muted, nobody is live) it says by a
     * `warning`.
     *
     * @param {unknown} data any JSON value
     * @param {import('./side_channel.js').SendOptions} [options]
     */
    say(data: unknown, options?: import("./side_channel.js").SendOptions): void;
    /** The same as `say()`. @param {unknown} data @param {import('./side_channel.js').SendOptions} [options] */
    send(data: unknown, options?: import("./side_channel.js").SendOptions): void;
    /** Leaves the stream; the last picture stays. */
    stop(): Promise<FramewireError | null>;
    /** Goes to the live edge, say after a pause. */
    toLive(): void;
    /** What is shown and heard, as a MediaStream; null: this browser has none, or nothing is shown yet. */
    captureStream(): MediaStream | null;
    #private;
}
export type PlayOptions = import("./play_types.js").PlayOptions;
export type PlayState = import("./play_types.js").PlayState;
export type PlayerEvents = import("./play_types.js").PlayerEvents;
import { Emitter } from "./emitter.js";
import { FramewireError } from "./errors.js";
import { Moderator } from "./moderator.js";
import { RawScreen } from "./raw_screen.js";
import { statsOf } from "./player_stats.js";
