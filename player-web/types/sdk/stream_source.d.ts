/**
 * A MediaStream by way of MediaRecorder: camera, screen, canvas.
 *
 * @typedef {import('./sources.js').Source} Source
 * @implements {Source}
 */
export class StreamSource implements Source {
    /**
     * @param {MediaStream} stream
     * @param {import('./publish_types.js').PublishOptions} options
     * @param {boolean} [owned] its tracks are ours to stop
     */
    constructor(stream: MediaStream, options: import("./publish_types.js").PublishOptions, owned?: boolean);
    adapts: boolean;
    get format(): "webm" | "mp4";
    get mimeType(): string;
    get size(): {
        width: number | undefined;
        height: number | undefined;
    };
    get ended(): boolean;
    get changed(): string;
    /** @param {import('./sources.js').RunSettings} settings @returns {import('./sources.js').Run} */
    start(settings: import("./sources.js").RunSettings): import("./sources.js").Run;
    close(): void;
    #private;
}
/**
 * A MediaStream by way of MediaRecorder: camera, screen, canvas.
 */
export type Source = import("./sources.js").Source;
