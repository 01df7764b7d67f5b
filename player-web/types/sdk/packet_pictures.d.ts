export class PacketPictures {
    /**
     * @param {import('./packet_capture.js').PacketSource} source
     * @param {import('./publish_types.js').PublishOptions} options
     * @param {{bitrate: number, keyframeMs: number}} settings
     * @param {PacketTaker} taker
     */
    constructor(source: import("./packet_capture.js").PacketSource, options: import("./publish_types.js").PublishOptions, { bitrate, keyframeMs }: {
        bitrate: number;
        keyframeMs: number;
    }, taker: PacketTaker);
    /** The codec is chosen. */
    get ready(): boolean;
    /** There is only sound. */
    get silent(): boolean;
    get audio(): MediaStream | null;
    get ended(): boolean;
    /** Why it no longer fits its source, in words; '' = it does. */
    get changed(): string;
    get size(): {
        width: number;
        height: number;
    };
    /** How long its pictures have been the same, where the page is in the background. */
    get stillMs(): number;
    /** How, and why so, in words. */
    get told(): {
        by: string;
        why: string;
    };
    /** @param {boolean} held while held no picture is encoded */
    hold(held: boolean): void;
    /** The next picture can be joined at. */
    wantKey(): void;
    /** @param {number} bitrate */
    setBitrate(bitrate: number): void;
    /** @param {number} keyframeMs */
    setKeyframeMs(keyframeMs: number): void;
    /** A while without a new one: the last may be given again. */
    look(): void;
    /** Nothing more is captured; resolves once all that was is told. */
    drain(): Promise<void>;
    close(): void;
    #private;
}
/**
 * The pictures of one source as packets: captured, and encoded by the codec that suits this machine; by the next one,
 * when that fails.
 */
export type EncoderNews = import("./frame_encoder.js").EncoderNews;
/**
 * The pictures of one source as packets: captured, and encoded by the codec that suits this machine; by the next one,
 * when that fails.
 */
export type Choice = import("./video_codec.js").Choice;
/**
 * The pictures of one source as packets: captured, and encoded by the codec that suits this machine; by the next one,
 * when that fails.
 */
export type PacketTaker = {
    packet: (packet: import("./frame_encoder.js").PicturePacket) => void;
    /**
     * pictures left out before they were encoded
     */
    dropped: (count: number) => void;
    /**
     * asked before each picture that is looked at
     */
    mayTake: () => boolean;
    /**
     * the codec is chosen
     */
    ready: () => void;
    /**
     * the source may be over
     */
    ended: () => void;
    /**
     * packets cannot be had of this, in this browser
     */
    unfit: (why: FramewireError) => void;
    /**
     * the source is at fault
     */
    failed: (why: FramewireError) => void;
};
import { FramewireError } from "./errors.js";
