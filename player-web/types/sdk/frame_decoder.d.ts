export class FrameDecoder {
    /** @param {Tell} tell */
    constructor(tell: Tell);
    /** An epoch. @param {string} format @param {number} width @param {number} height of `rgba` */
    begin(format: string, width: number, height: number): void;
    /**
     * @param {ArrayBuffer} message
     * @param {number} offset of the payload in it
     * @param {{ptsUs: number, hidden: boolean, at: number, init: boolean}} facts
     */
    part(message: ArrayBuffer, offset: number, { ptsUs, hidden, at, init }: {
        ptsUs: number;
        hidden: boolean;
        at: number;
        init: boolean;
    }): void;
    close(): void;
    #private;
}
/**
 * Parts of pictures or packets in, pictures and sound out, in a worker or, where there is none, in the page. It
 * knows what a stream is made of and leaves the decoding to one object for each track.
 */
export type Picture = {
    type: "picture";
    /**
     * whoever gets it closes it
     */
    image: ImageBitmap | VideoFrame | ImageData;
    width: number;
    height: number;
    ptsUs: number;
    /**
     * when its part came, by the clock of the page
     */
    at: number;
};
/**
 * Parts of pictures or packets in, pictures and sound out, in a worker or, where there is none, in the page. It
 * knows what a stream is made of and leaves the decoding to one object for each track.
 */
export type Sound = {
    type: "sound";
    /**
     * a channel each
     */
    planes: Float32Array<ArrayBuffer>[];
    rate: number;
    ptsUs: number;
};
/**
 * pictures left out, behind
 */
export type Dropped = {
    type: "dropped";
    count: number;
};
/**
 * nothing of a track can be decoded before its next key packet
 */
export type WantsKey = {
    type: "wantsKey";
};
/**
 * nothing of this stream can be decoded here
 */
export type Failed = {
    type: "failed";
    message: string;
};
/**
 * Parts of pictures or packets in, pictures and sound out, in a worker or, where there is none, in the page. It
 * knows what a stream is made of and leaves the decoding to one object for each track.
 */
export type News = Picture | Sound | Dropped | WantsKey | Failed;
/**
 * Parts of pictures or packets in, pictures and sound out, in a worker or, where there is none, in the page. It
 * knows what a stream is made of and leaves the decoding to one object for each track.
 */
export type Tell = (news: News, transfer: Transferable[]) => void;
/**
 * one picture, or one packet of one
 */
export type Encoded = {
    type: "key" | "delta";
    ptsUs: number;
    data: Uint8Array<ArrayBuffer>;
    /**
     * decode, don't show
     */
    hidden: boolean;
    at: number;
};
/**
 * Parts of pictures or packets in, pictures and sound out, in a worker or, where there is none, in the page. It
 * knows what a stream is made of and leaves the decoding to one object for each track.
 */
export type Track = {
    configure: (config: any) => void;
    decode: (encoded: Encoded) => void;
    close: () => void;
};
