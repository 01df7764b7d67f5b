/**
 * Receives the messages of a stream, of any format, each with its times.
 *
 * @param {string | URL} url `/watch/NAME`, a whole URL, or the bare name
 * @param {SubscribeOptions} [options]
 * @returns {Subscription}
 */
export function subscribe(url: string | URL, options?: SubscribeOptions): Subscription;
/** @extends {Emitter<SubscriptionEvents>} */
export class Subscription extends Emitter<SubscriptionEvents> {
    /** @param {string | URL} url @param {SubscribeOptions} [options] */
    constructor(url: string | URL, options?: SubscribeOptions);
    /** Resolves with null after stop(), with the error otherwise. Never rejects. */
    closed: Promise<FramewireError | null>;
    get state(): import("./play_types.js").PlayState;
    stop(): Promise<FramewireError | null>;
    #private;
}
/**
 * The messages of a stream as they are, for pages that know what to do with them.
 */
export type SubscribeOptions = {
    /**
     * watch key; default: `?token=` of the URL
     */
    token?: string | undefined;
    /**
     * asked for a new token before the present one ends, and, without
     * `token`, for the first one: the connection goes on, and nobody notices
     */
    refreshToken?: (() => string | Promise<string>) | undefined;
    /**
     * as of `play()`
     */
    server?: string | URL | undefined;
    /**
     * as of `play()`
     */
    giveUpMs?: number | undefined;
    /**
     * what `data` is; default arraybuffer
     */
    binaryType?: "arraybuffer" | "blob" | undefined;
    /**
     * such as `.mp4`; default: as published
     */
    rendition?: string | undefined;
};
/**
 * The messages of a stream as they are, for pages that know what to do with them.
 */
export type StreamMessage = {
    /**
     * what was published, with its boundaries
     */
    data: ArrayBuffer | Blob;
    /**
     * it is what a decoder needs first, and no message of its own
     */
    init: boolean;
    /**
     * whoever joins may begin here
     */
    groupStart: boolean;
    /**
     * before the newest: decode, don't show
     */
    leadIn: boolean;
    epoch: number;
    sequence: number;
    /**
     * in the stream's own clock
     */
    ptsUs: number;
    /**
     * when it was captured, or the server received it, by the server's clock, since 1970
     */
    captureUs: number;
    /**
     * captured it is
     */
    captured: boolean;
};
/**
 * The messages of a stream as they are, for pages that know what to do with them.
 */
export type SubscriptionEvents = {
    message: StreamMessage;
    /**
     * messages `from` to before `to` were left out; reason
     * `lag`, `ring`, `overload`, or `reconnect`
     */
    skipped: {
        reason: string;
        from: number;
        to: number;
    };
    /**
     * a new epoch: format, mime, tracks
     */
    stream: import("./reconnecting_socket.js").Message;
    state: import("./play.js").PlayState;
    /**
     * the end, and why
     */
    error: FramewireError;
};
import { Emitter } from "./emitter.js";
import { FramewireError } from "./errors.js";
