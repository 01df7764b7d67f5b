/**
 * Its samples as floats, a plane for each channel.
 * @param {AudioData} data @param {boolean} convert from 16 bits where floats need no conversion
 * @returns {Float32Array<ArrayBuffer>[]}
 */
export function planesOf(data: AudioData, convert: boolean): Float32Array<ArrayBuffer>[];
/** @implements {Track} */
export class SoundDecoder implements Track {
    /** @param {import('./frame_decoder.js').Tell} tell */
    constructor(tell: import("./frame_decoder.js").Tell);
    /** @param {AudioDecoderConfig} config */
    configure(config: AudioDecoderConfig): void;
    /** @param {Encoded} encoded */
    decode({ ptsUs, data, hidden }: Encoded): void;
    close(): void;
    #private;
}
/**
 * A sound track of packets: PCM as it is, everything else by WebCodecs' AudioDecoder. Out come floats, a plane for
 * each channel.
 */
export type Encoded = import("./frame_decoder.js").Encoded;
/**
 * A sound track of packets: PCM as it is, everything else by WebCodecs' AudioDecoder. Out come floats, a plane for
 * each channel.
 */
export type Track = import("./frame_decoder.js").Track;
