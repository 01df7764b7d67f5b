/** @implements {Media} */
export class PacketMedia implements Media {
    /**
     * @param {PacketSource} source
     * @param {import('./publish_types.js').PublishOptions} options
     * @param {Control} control
     * @param {(why: FramewireError) => void} unfit packets cannot be had of this, in this browser
     */
    constructor(source: PacketSource, options: import("./publish_types.js").PublishOptions, control: Control, unfit: (why: FramewireError) => void);
    running: boolean;
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
    } | null;
    get stats(): {
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
        /** What pictures are encoded with now: the option, or less while the connection is slow. */
        videoBitsPerSecond: number;
    };
    /** @param {boolean} will */
    willBeAsked(will: boolean): void;
    keyframe(): void;
    begin(): void;
    discard(): void;
    drain(): Promise<void>;
    close(): void;
    /** Something was acknowledged, or the connection is back. */
    room(): void;
    /**
     * Goes on with another source.
     *
     * @param {PacketSource} source
     * @param {MediaStream | null} [audio] sound beside it; null = its own; default: as before
     */
    replace(source: PacketSource, audio?: MediaStream | null): void;
    #private;
}
/**
 * Pictures and sound by WebCodecs' encoders, each packet a message, sent as soon as it is there. While the network or
 * the encoder is behind, pictures are left out before they are encoded, never after.
 */
export type Media = import("./base_publication.js").Media;
/**
 * Pictures and sound by WebCodecs' encoders, each packet a message, sent as soon as it is there. While the network or
 * the encoder is behind, pictures are left out before they are encoded, never after.
 */
export type Control = import("./base_publication.js").Control;
/**
 * Pictures and sound by WebCodecs' encoders, each packet a message, sent as soon as it is there. While the network or
 * the encoder is behind, pictures are left out before they are encoded, never after.
 */
export type PacketSource = import("./packet_capture.js").PacketSource;
import { FramewireError } from "./errors.js";
