/**
 * Publishes a live stream. Throws a FramewireError if URL, source or browser are not fit for it; what goes
 * wrong later comes as an `error` event and by `closed`.
 *
 * @param {import('./sources.js').PublishSource} source
 *   - a MediaStream: camera, microphone, screen, `canvas.captureStream()`;
 *   - a canvas of the page. Draw it with `getContext('2d', {alpha: false})`, or each picture carries a
 *     second, transparent one;
 *   - an OffscreenCanvas, also in a worker (WebM without sound, by WebCodecs);
 *   - a File or Blob, WebM or fragmented MP4: sent as if it happened now
 * @param {string | URL} url `/publish/NAME`, a whole URL, or the bare name
 * @param {PublishOptions} [options]
 * @returns {Publication}
 */
export function publish(source: import("./sources.js").PublishSource, url: string | URL, options?: PublishOptions): Publication;
/**
 * A stream being published. Events: those of PublicationEvents, by `on(type, listener)` or, as the `detail`
 * of a CustomEvent, by `addEventListener`.
 *
 * @extends {Emitter<PublicationEvents>}
 */
export class Publication extends Emitter<PublicationEvents> {
    /**
     * @param {import('./sources.js').PublishSource} source
     * @param {string | URL} url
     * @param {PublishOptions} [options]
     */
    constructor(source: import("./sources.js").PublishSource, url: string | URL, options?: PublishOptions);
    /** Resolves with null after stop(), with the error otherwise. Never rejects. */
    closed: Promise<FramewireError | null>;
    get state(): PublishState;
    /** Where to send a viewer. */
    get watchUrl(): string;
    get stats(): {
        mimeType: string;
        viewers: number;
        ackedBytes: number;
        /** Arrived at the server over the last seconds. */
        bitsPerSecond: number;
        /** What is recorded with now: the option, or less while the connection is slow. */
        videoBitsPerSecond: number;
        /** How old the oldest data is that the server has not acknowledged, in milliseconds. */
        lagMs: number;
        unackedBytes: number;
        unsentBytes: number;
        recordings: number;
        reconnects: number;
    };
    /** What the side channel calls this publisher: the `sender` of its messages. */
    get sender(): string;
    /**
     * Says something to all viewers; it comes back as a `message` to everybody, the sender included. What
     * the server does not pass on (too long, too many) it says by a `warning`.
     *
     * @param {unknown} data any JSON value
     * @param {import('./side_channel.js').SendOptions} [options]
     */
    send(data: unknown, options?: import("./side_channel.js").SendOptions): void;
    /**
     * Nothing more of a sender is passed on, for as long as its connection lasts.
     *
     * @param {string} sender of a `message`
     * @param {boolean} [muted] false = let it speak again; default true
     */
    mute(sender: string, muted?: boolean): void;
    /** Ends the stream after its last data arrived (or `stopTimeoutMs`). Then its name is free again. */
    stop(): Promise<FramewireError | null>;
    /**
     * Goes on with another source, say another camera: viewers stay and see it next.
     *
     * @param {import('./sources.js').PublishSource} source
     */
    replace(source: import("./sources.js").PublishSource): void;
    #private;
}
export type PublishOptions = {
    /**
     * publish key; default: `?token=` of the URL
     */
    token?: string | undefined;
    /**
     * container to record; default webm where the browser has it
     */
    format?: "webm" | "mp4" | undefined;
    /**
     * of the picture; default: what this browser does well at
     * this size. `h264` is recorded as MP4
     */
    codec?: "vp8" | "vp9" | "av1" | "h264" | undefined;
    /**
     * of the stream, for people; default none
     */
    title?: string | undefined;
    /**
     * ask the server to record the stream, if it records; default false
     */
    record?: boolean | undefined;
    /**
     * pictures a second taken of a canvas; default 30
     */
    frameRate?: number | undefined;
    /**
     * how often the recorder hands out data, in milliseconds; default 100
     */
    timesliceMs?: number | undefined;
    /**
     * time between keyframes in milliseconds, honoured by Chromium; default
     * 1000, MP4 500
     */
    keyframeMs?: number | undefined;
    /**
     * the most; less is used while the connection is slow; default
     * 2500000
     */
    videoBitsPerSecond?: number | undefined;
    /**
     * default 64000
     */
    audioBitsPerSecond?: number | undefined;
    /**
     * lower the bitrate while acknowledgements lag, and raise it again; default
     * true
     */
    adaptive?: boolean | undefined;
    /**
     * what may wait while the connection is slow or away, before the
     * recording starts anew, in bytes; default 8388608
     */
    bufferBytes?: number | undefined;
    /**
     * how long stop() waits for the last data to arrive, in milliseconds;
     * default 3000
     */
    stopTimeoutMs?: number | undefined;
    /**
     * what the publisher is called in the side channel, at most 64 bytes; default none
     */
    name?: string | undefined;
};
export type PublishState = "connecting" | "live" | "reconnecting" | "ended" | "error";
export type RecordingNews = {
    state: "recording" | "stopped" | "failed";
    /**
     * why it failed (PROTOCOL.md, "Publisher")
     */
    code?: string | undefined;
    /**
     * the same as a sentence
     */
    message?: string | undefined;
};
export type RecordedFile = {
    /**
     * of the file, on the server
     */
    url: string;
    bytes: number;
    duration_ms: number;
};
export type PublicationEvents = {
    /**
     * the new one
     */
    state: PublishState;
    /**
     * how many there are now
     */
    viewers: number;
    /**
     * somebody said something, you included
     */
    message: import("./side_channel.js").SideMessage;
    /**
     * a sender is muted, or no longer
     */
    mutedsender: import("./side_channel.js").Muting;
    /**
     * videoBitsPerSecond has changed to this
     */
    bitrate: number;
    /**
     * the stream goes on. The server's, and `alpha`,
     * `no-data`, `source-changed` of this SDK
     */
    warning: {
        code: string;
        message: string;
    };
    /**
     * the server began, stopped or failed to record this stream
     */
    recording: RecordingNews;
    /**
     * a recording of this stream can be fetched
     */
    recorded: RecordedFile;
    /**
     * the end, and why
     */
    error: FramewireError;
};
import { Emitter } from "./emitter.js";
import { FramewireError } from "./errors.js";
