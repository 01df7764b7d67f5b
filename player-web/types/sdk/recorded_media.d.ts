/** @implements {Media} */
export class RecordedMedia implements Media {
    /**
     * @param {import('./sources.js').PublishSource} source
     * @param {import('./publish_types.js').PublishOptions} options
     * @param {Control} control
     * @param {string} why it is recorded, and not sent as packets
     */
    constructor(source: import("./sources.js").PublishSource, options: import("./publish_types.js").PublishOptions, control: Control, why: string);
    get running(): boolean;
    get hello(): {
        format: "webm" | "mp4" | undefined;
        mime: string | undefined;
        width: number | undefined;
        height: number | undefined;
    };
    get stats(): {
        mimeType: string;
        /** What is recorded with now: the option, or less while the connection is slow. */
        videoBitsPerSecond: number;
        recordings: number;
        /** How the stream is made, and why so. */
        way: {
            as: "recording";
            by: string;
            why: string;
        };
    };
    begin(): void;
    discard(): void;
    drain(): Promise<void>;
    close(): void;
    room(): void;
    /** @param {import('./sources.js').PublishSource} source */
    replace(source: import("./sources.js").PublishSource): void;
    #private;
}
/**
 * A film as it is recorded: one run of a source after another (sources.js), all its bytes in order, none left out;
 * while acknowledgements lag, at a lower bitrate.
 */
export type Media = import("./base_publication.js").Media;
/**
 * A film as it is recorded: one run of a source after another (sources.js), all its bytes in order, none left out;
 * while acknowledgements lag, at a lower bitrate.
 */
export type Control = import("./base_publication.js").Control;
