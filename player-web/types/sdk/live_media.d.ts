/** @implements {Media} */
export class LiveMedia implements Media {
    /**
     * @param {LiveSource} source
     * @param {import('./publish_types.js').PublishOptions} options
     * @param {Control} control
     */
    constructor(source: LiveSource, options: import("./publish_types.js").PublishOptions, control: Control);
    get hello(): {
        width: number;
        height: number;
        format: string;
        prompt_acks: boolean;
        keyframes: boolean;
    } | {
        width?: undefined;
        height?: undefined;
        format: string;
        prompt_acks: boolean;
        keyframes: boolean;
    } | {
        format: "webm" | "mp4" | undefined;
        mime: string | undefined;
        width: number | undefined;
        height: number | undefined;
    } | null;
    get running(): boolean;
    get stats(): {
        mimeType: string;
        videoBitsPerSecond: number;
        recordings: number;
        way: {
            as: "recording";
            by: string;
            why: string;
        };
    } | {
        underWay: number;
        encodeMs: number;
        way: {
            by: string;
            why: string;
            as: "packets";
        };
        sent: number;
        keyPackets: number;
        dropped: number;
        mimeType: string;
        videoBitsPerSecond: number;
    };
    begin(): void;
    discard(): void;
    drain(): Promise<void>;
    close(): void;
    room(): void;
    /** A recorder makes keyframes when it likes. @param {boolean} will */
    willBeAsked(will: boolean): void;
    keyframe(): void;
    /** @param {LiveSource} source @param {MediaStream | null} [audio] sound beside it; null = its own; default: as before */
    replace(source: LiveSource, audio?: MediaStream | null): void;
    #private;
}
/**
 * The way with the least delay that this browser has: packets, or what a recorder gives where packets cannot be had.
 */
export type Media = import("./base_publication.js").Media;
/**
 * The way with the least delay that this browser has: packets, or what a recorder gives where packets cannot be had.
 */
export type Control = import("./base_publication.js").Control;
/**
 * The way with the least delay that this browser has: packets, or what a recorder gives where packets cannot be had.
 */
export type LiveSource = import("./packet_capture.js").PacketSource | import("./sources.js").PublishSource;
