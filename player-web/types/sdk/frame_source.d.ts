/** @implements {Source} */
export class FrameSource implements Source {
    /**
     * @param {OffscreenCanvas} canvas
     * @param {import('./publish_types.js').PublishOptions} options
     */
    constructor(canvas: OffscreenCanvas, { frameRate, codec, format }: import("./publish_types.js").PublishOptions);
    /** @type {'webm'} */
    format: "webm";
    ended: boolean;
    adapts: boolean;
    changed: string;
    get mimeType(): string;
    get size(): {
        width: number;
        height: number;
    };
    /** @param {import('./sources.js').RunSettings} settings @returns {import('./sources.js').Run} */
    start(settings: import("./sources.js").RunSettings): import("./sources.js").Run;
    close(): void;
    #private;
}
/**
 * An OffscreenCanvas by way of WebCodecs, which works in a worker, where there is no MediaRecorder. Its
 * picture is taken `frameRate` times a second, whether it was painted anew or not; no sound.
 */
export type Source = import("./sources.js").Source;
/**
 * An OffscreenCanvas by way of WebCodecs, which works in a worker, where there is no MediaRecorder. Its
 * picture is taken `frameRate` times a second, whether it was painted anew or not; no sound.
 */
export type Run = import("./sources.js").Run;
