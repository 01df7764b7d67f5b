/**
 * Renders a canvas into a film on the server, every frame of it: however slow page, network or encoder are,
 * nothing is left out and nothing comes twice.
 *
 *     const recorder = recordCanvas(canvas, { url: "/publish/film", fps: 30, frames: 600 });
 *     for (let n = 0; n < 600; n += 1) {
 *       draw(n / 30);
 *       await recorder.frame();
 *     }
 *     const { url } = await recorder.finish();
 *
 * Throws a FramewireError if URL or canvas are not fit for it; what goes wrong later rejects frame() and
 * finish(), and comes as an `error` event.
 *
 * @param {import('./canvas_frames.js').AnyCanvas} canvas with a 2D, WebGL or WebGPU context; in a worker an
 *   OffscreenCanvas
 * @param {RecordCanvasOptions | string | URL} options or the URL, as for publish()
 * @param {Omit<RecordCanvasOptions, 'url'>} [more] behind a URL
 * @returns {CanvasRecorder}
 */
export function recordCanvas(canvas: import("./canvas_frames.js").AnyCanvas, options: RecordCanvasOptions | string | URL, more?: Omit<RecordCanvasOptions, "url">): CanvasRecorder;
/**
 * A canvas being rendered into a file on the server, frame by frame. Events: those of CanvasRecorderEvents,
 * by `on(type, listener)` or, as the `detail` of a CustomEvent, by `addEventListener`.
 *
 * @extends {Emitter<CanvasRecorderEvents>}
 */
export class CanvasRecorder extends Emitter<CanvasRecorderEvents> {
    /**
     * @param {import('./canvas_frames.js').AnyCanvas} canvas
     * @param {RecordCanvasOptions} options
     */
    constructor(canvas: import("./canvas_frames.js").AnyCanvas, options: RecordCanvasOptions);
    get state(): CanvasRecorderState;
    /** Frames that were drawn: the number of the next one. */
    get frames(): number;
    get progress(): RecordProgress;
    get stats(): {
        format: import("./canvas_frames.js").FrameFormat;
        frames: number;
        credit: number;
        waitingBytes: number;
        reconnects: number;
    };
    /**
     * The canvas as it is now is the next frame; call it in the task that drew it. Resolves when the next one
     * may be drawn: as fast as the server encodes, and no faster.
     *
     * @returns {Promise<void>} rejects with a FramewireError when there is no going on
     */
    frame(): Promise<void>;
    /**
     * Sound that follows what came before: of the frames from the first one on, before they are drawn, or when they are.
     * What is missing at the end is silence, what is more than the frames is left out.
     *
     * @param {import('./film_sound.js').Samples} samples
     */
    audio(samples: import("./film_sound.js").Samples): void;
    /**
     * No frame follows. Waits for the file.
     *
     * @returns {Promise<RecordedCanvas>} rejects with a FramewireError; `partial` of it is the file with what
     *   there is, if there is one
     */
    finish(): Promise<RecordedCanvas>;
    /**
     * The end, and nothing is kept. What is awaited is rejected with the code `cancelled`.
     *
     * @returns {Promise<void>} the server knows: the stream's name is free again
     */
    cancel(): Promise<void>;
    #private;
}
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
     * default mp4
     */
    container?: "webm" | "mp4" | undefined;
    /**
     * default h264, in WebM vp9
     */
    codec?: "vp8" | "vp9" | "av1" | "h264" | undefined;
    /**
     * default high, which is hardly to be told from
     * the frames; `lossless` is exact but for the step from RGB to YUV 4:4:4
     */
    quality?: "high" | "draft" | "good" | "lossless" | undefined;
    /**
     * how frames are sent. Default rgba, which is
     * exact and the least work; for frames of more than 16 MiB png
     */
    format?: import("./canvas_frames.js").FrameFormat | undefined;
    /**
     * of jpeg and webp, 0 to 1
     */
    imageQuality?: number | undefined;
    /**
     * check on the server that each frame is what was read here; default false
     */
    hash?: boolean | undefined;
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
    error: FramewireError;
};
import { Emitter } from "./emitter.js";
import { FramewireError } from "./errors.js";
