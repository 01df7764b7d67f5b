export class FrameEncoder {
    /** @param {TellNews} tell */
    constructor(tell: TellNews);
    /** @param {Settings} settings */
    configure(settings: Settings): void;
    /** @param {number} bitrate from the next picture on */
    setBitrate(bitrate: number): void;
    /** @param {number} keyframeMs */
    setKeyframeMs(keyframeMs: number): void;
    /** While held no picture is encoded. @param {boolean} held */
    hold(held: boolean): void;
    /** The next picture can be joined at. */
    wantKey(): void;
    /** A picture that can be joined at is waited for. */
    get wantsKey(): boolean;
    get held(): boolean;
    /**
     * @param {VideoFrame} frame the encoder's to close
     * @param {number} capturedUs when it was captured, since 1970
     */
    encode(frame: VideoFrame, capturedUs: number): void;
    /** Tells `drained` once all that was given is out. */
    drain(): Promise<void>;
    close(): void;
    #private;
}
/**
 * Pictures in, packets out, in a worker or in the page: each is encoded at once or not at all, so what comes out is
 * whole, and never old. A picture of another size, or another codec, begins anew with a key packet.
 */
export type CodecName = import("./video_codec.js").CodecName;
/**
 * Pictures in, packets out, in a worker or in the page: each is encoded at once or not at all, so what comes out is
 * whole, and never old. A picture of another size, or another codec, begins anew with a key packet.
 */
export type Settings = {
    codec: CodecName;
    fps: number;
    bitrate: number;
    keyframeMs: number;
    contentHint?: string | undefined;
};
/**
 * Pictures in, packets out, in a worker or in the page: each is encoded at once or not at all, so what comes out is
 * whole, and never old. A picture of another size, or another codec, begins anew with a key packet.
 */
export type PicturePacket = {
    type: "packet";
    key: boolean;
    /**
     * when the picture was captured, since 1970
     */
    atUs: number;
    /**
     * 0 = not known
     */
    durationUs: number;
    data: Uint8Array<ArrayBuffer>;
    /**
     * with each key packet
     */
    config: VideoDecoderConfig | null;
    encodeMs: number;
};
/**
 * pictures that were not encoded
 */
export type LeftOut = {
    type: "dropped";
    count: number;
};
/**
 * Pictures in, packets out, in a worker or in the page: each is encoded at once or not at all, so what comes out is
 * whole, and never old. A picture of another size, or another codec, begins anew with a key packet.
 */
export type EncoderFailed = {
    type: "failed";
    message: string;
};
/**
 * Pictures in, packets out, in a worker or in the page: each is encoded at once or not at all, so what comes out is
 * whole, and never old. A picture of another size, or another codec, begins anew with a key packet.
 */
export type Drained = {
    type: "drained";
};
/**
 * the track that is read
 */
export type Ended = {
    type: "ended";
};
/**
 * a track gives nothing new, for so long
 */
export type Still = {
    type: "still";
    ms: number;
};
/**
 * Pictures in, packets out, in a worker or in the page: each is encoded at once or not at all, so what comes out is
 * whole, and never old. A picture of another size, or another codec, begins anew with a key packet.
 */
export type EncoderNews = Still | PicturePacket | LeftOut | EncoderFailed | Drained | Ended;
/**
 * Pictures in, packets out, in a worker or in the page: each is encoded at once or not at all, so what comes out is
 * whole, and never old. A picture of another size, or another codec, begins anew with a key packet.
 */
export type TellNews = (news: EncoderNews, transfer: Transferable[]) => void;
