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
 * @extends {Emitter<import('./record_types.js').CanvasRecorderEvents>}
 */
export class CanvasRecorder extends Emitter<import("./record_types.js").CanvasRecorderEvents> {
    /**
     * @param {import('./canvas_frames.js').AnyCanvas} canvas
     * @param {RecordCanvasOptions} options
     */
    constructor(canvas: import("./canvas_frames.js").AnyCanvas, options: RecordCanvasOptions);
    get state(): import("./record_types.js").CanvasRecorderState;
    /** Frames that were drawn: the number of the next one. */
    get frames(): number;
    get progress(): import("./record_types.js").RecordProgress;
    get stats(): {
        frames: number;
        credit: number;
        waitingBytes: number;
        reconnects: number;
        encode: string;
        why: string;
        format: string;
        codec: string;
    };
    /**
     * The canvas as it is now is the next frame; call it in the task that drew it. Resolves when the next one
     * may be drawn: as fast as page or server encode, and no faster.
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
     * @returns {Promise<void>} the server knows: the stream's name is free again
     */
    cancel(): Promise<void>;
    #private;
}
export type RecordCanvasOptions = import("./record_types.js").RecordCanvasOptions;
export type CanvasRecorderState = import("./record_types.js").CanvasRecorderState;
export type RecordProgress = import("./record_types.js").RecordProgress;
export type RecordedCanvas = import("./record_types.js").RecordedCanvas;
import { Emitter } from "./emitter.js";
