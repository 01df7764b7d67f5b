export function checkPublish(options: unknown): void;
export type PublishOptions = {
    /**
     * publish key; default: `?token=` of the URL
     */
    token?: string | undefined;
    /**
     * asked for a new token before the present one ends, and, without
     * `token`, for the first one: the connection goes on, and nobody notices
     */
    refreshToken?: (() => string | Promise<string>) | undefined;
    /**
     * the server that a name or path is of, such as `https://host`; default the one that
     * this SDK came from, for paths the page's own if that is the same. A bundle has to say it
     */
    server?: string | URL | undefined;
    /**
     * a server that was not reached once by then is an `error` `unreachable`, in
     * milliseconds; default 10000. One that was is waited for, however long
     */
    giveUpMs?: number | undefined;
    /**
     * container to record, so that it is a recording; `binary`: raw messages,
     * `publish(url, { format: 'binary' })`
     */
    format?: "webm" | "mp4" | "binary" | undefined;
    /**
     * of the picture; default: what this browser does well at
     * this size; of packets, what this machine encodes in time, tried on a few pictures. `h264` is recorded as MP4
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
     * how often the recorder hands out data, in milliseconds, so that it is a recording;
     * default 20
     */
    timesliceMs?: number | undefined;
    /**
     * time between keyframes in milliseconds, honoured by Chromium; default
     * 1000, MP4 500, packets 10000 where the server asks for one when somebody joins, else 2000
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
     * recording starts anew, in bytes, so that it is a recording; default 8388608
     */
    bufferBytes?: number | undefined;
    /**
     * how long stop() waits for the last data to arrive, in milliseconds;
     * default 3000
     */
    stopTimeoutMs?: number | undefined;
    /**
     * keep the screen on while this is live, where the browser can; default true, of raw
     * messages false
     */
    wakeLock?: boolean | undefined;
    /**
     * what the publisher is called in the side channel, at most 64 bytes; default none
     */
    name?: string | undefined;
    /**
     * of raw messages: what they are, for viewers to see; default none
     */
    mime?: string | undefined;
    /**
     * default: `packets`, each picture encoded and sent at
     * once, by WebCodecs: few bits, the least delay; where they cannot be had, or would be slower, or an option is set that
     * only a recording has, a recording. `packets` asked for: the same, but slow rather than recorded, and sound as floats
     * where there is no Opus. `recording`, the same as `film`: what MediaRecorder gives. `pictures`: each picture is sent as
     * a file of its own, sharp and within a few milliseconds at the viewer; the options below are of these, `fps`, `audio`
     * and `soundCodec` of packets, too
     */
    as?: "packets" | "recording" | "film" | "pictures" | undefined;
    /**
     * default `image/jpeg`; alpha is kept in the
     * others. Also without the `image/`
     */
    type?: "rgba" | "image/jpeg" | "image/webp" | "image/png" | undefined;
    /**
     * pictures a second at most; 0 = only what `frame()` is called for; default 30
     */
    fps?: number | undefined;
    /**
     * of JPEG and WebP, 0 to 1; default 0.8
     */
    quality?: number | undefined;
    /**
     * of what is sent, in pixels; default the source's
     */
    width?: number | undefined;
    /**
     * the same; of one alone the other follows
     */
    height?: number | undefined;
    /**
     * sound beside the pictures; default that of the source
     */
    audio?: MediaStream | undefined;
    /**
     * default opus where this browser encodes it
     */
    soundCodec?: "opus" | "pcm-f32" | undefined;
    /**
     * what the socket is handed; default arraybuffer
     */
    messages?: "arraybuffer" | "blob" | undefined;
};
export type PublishState = "connecting" | "live" | "reconnecting" | "ended" | "error";
/**
 * of a Publication, beside what all publications have
 */
export type StreamStats = {
    mimeType: string;
    /**
     * encoded with now: the option, or less while the connection is slow
     */
    videoBitsPerSecond: number;
    /**
     * how the stream is made, and why so
     */
    way: {
        as: "packets" | "recording";
        by: string;
        why: string;
    };
    /**
     * of a recording: how many there were, one after the other
     */
    recordings?: number | undefined;
    /**
     * of packets: pictures
     */
    sent?: number | undefined;
    /**
     * of them, those at which a viewer can join
     */
    keyPackets?: number | undefined;
    /**
     * pictures left out before they were encoded, for encoder or network were behind
     */
    dropped?: number | undefined;
    /**
     * pictures on their way
     */
    underWay?: number | undefined;
    /**
     * what a picture takes
     */
    encodeMs?: number | undefined;
};
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
     * a moderator has cleared the chat: what was said is to be forgotten
     */
    cleared: true;
    /**
     * what of `moderator` this key is good for, if it is for anything
     */
    rights: import("./moderator.js").Rights;
    /**
     * each viewer may say something once in so many milliseconds from now on; 0 = no longer
     */
    slowmode: number;
    /**
     * videoBitsPerSecond has changed to this
     */
    bitrate: number;
    /**
     * the stream goes on. The server's, and `alpha`,
     * `no-data`, `hidden` (the page is in the background, and its pictures stand still), `source-changed`, `recorded-instead` (packets were asked for or begun, and cannot be had) of this SDK
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
    error: import("./errors.js").FramewireError;
};
