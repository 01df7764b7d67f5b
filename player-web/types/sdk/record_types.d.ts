/** @param {RecordCanvasOptions} options */
export function checkFilm(options: RecordCanvasOptions): void;
export type RecordCanvasOptions = {
    /**
     * `/publish/NAME`, a whole URL, or the bare name
     */
    url: string | URL;
    /**
     * frames a second of the film: frame n is shown at n / fps
     */
    fps: number;
    /**
     * how many there will be: for the ETA, and a film with fewer is marked as such
     */
    frames?: number | undefined;
    /**
     * default mp4; with `alpha` webm
     */
    container?: "webm" | "mp4" | undefined;
    /**
     * default h264, in WebM vp9; in the page another one, if the browser
     * has no encoder for that
     */
    codec?: "vp8" | "vp9" | "av1" | "h264" | undefined;
    /**
     * where the frames are encoded: in the page, by the browser's encoder, or
     * on the server, which they are sent to as they are. Default auto: both are measured for a moment; `stats.why` says
     * what was taken, and why
     */
    encode?: "server" | "page" | "auto" | undefined;
    /**
     * default high, which is hardly to be told from
     * the frames; `lossless` is exact but for the step from RGB to YUV 4:4:4
     */
    quality?: "high" | "draft" | "good" | "lossless" | undefined;
    /**
     * how frames are sent to be encoded on the server, which
     * it implies. Default i420, the planes that encoders take, packed without a loss; with `lossless` rgba; for frames of more than 16 MiB png
     */
    format?: import("./canvas_frames.js").FrameFormat | undefined;
    /**
     * of jpeg and webp, 0 to 1
     */
    imageQuality?: number | undefined;
    /**
     * check on the server that each frame is what was read, or encoded, here; default false
     */
    hash?: boolean | undefined;
    /**
     * keep transparency, which else is laid on black: by the server's encoder, VP9 or VP8 in WebM,
     * without sound; default false
     */
    alpha?: boolean | undefined;
    /**
     * the film's sound from its first frame on; or
     * what it will be like, when it comes by `audio()`
     */
    audio?: AudioBuffer | import("./film_sound.js").SoundForm | undefined;
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
     * the server that a name or path is of; default the one that this SDK came from
     */
    server?: string | URL | undefined;
    /**
     * a server that was not reached once by then is an error, in milliseconds; default 10000
     */
    giveUpMs?: number | undefined;
    /**
     * of the stream, for people; default none
     */
    title?: string | undefined;
};
export type CanvasRecorderState = "connecting" | "recording" | "reconnecting" | "finishing" | "done" | "cancelled" | "error";
export type RecordProgress = {
    /**
     * that the server has taken
     */
    frames: number;
    /**
     * frames that are in the file
     */
    encoded: number;
    /**
     * encoded in a second, lately
     */
    fps: number;
    /**
     * until all are; null: not known
     */
    etaMs: number | null;
};
export type RecordedCanvas = {
    /**
     * of the file
     */
    url: string;
    /**
     * in it
     */
    frames: number;
    /**
     * in seconds
     */
    duration: number;
    bytes: number;
    /**
     * frames that the server has checked, with `hash`
     */
    hashed: number;
    /**
     * why it ends too soon; "" = it does not
     */
    incomplete: string;
    /**
     * where its frames were encoded
     */
    encode: "page" | "server";
    /**
     * there
     */
    why: string;
};
export type CanvasRecorderEvents = {
    /**
     * the new one
     */
    state: CanvasRecorderState;
    progress: RecordProgress;
    /**
     * the end, and why
     */
    error: import("./errors.js").FramewireError;
};
