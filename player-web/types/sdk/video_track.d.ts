/** @implements {Track} */
export class VideoTrack implements Track {
    /** @param {import('./frame_decoder.js').Tell} tell */
    constructor(tell: import("./frame_decoder.js").Tell);
    /** @param {VideoDecoderConfig} config */
    configure(config: VideoDecoderConfig): void;
    /** @param {Encoded} encoded */
    decode({ type, ptsUs, data, hidden, at }: Encoded): void;
    close(): void;
    #private;
}
/**
 * A picture track of packets, by WebCodecs' VideoDecoder. Times of hidden packets (lead-in) are remembered: what
 * comes out of them is not shown. Behind by much, it goes on at the next key packet. H.264 that shows that it reorders
 * nothing is made to say so, or a decoder keeps pictures back.
 */
export type Encoded = import("./frame_decoder.js").Encoded;
/**
 * A picture track of packets, by WebCodecs' VideoDecoder. Times of hidden packets (lead-in) are remembered: what
 * comes out of them is not shown. Behind by much, it goes on at the next key packet. H.264 that shows that it reorders
 * nothing is made to say so, or a decoder keeps pictures back.
 */
export type Track = import("./frame_decoder.js").Track;
