/** What a packet has, as bytes. @param {SoundPacket} packet */
export function soundBytes({ data }: SoundPacket): Uint8Array<ArrayBuffer>;
/**
 * How this browser encodes Opus with the least delay; null: not at all.
 *
 * @param {number} bitrate
 * @returns {Promise<AudioEncoderConfig | null>}
 */
export function opusConfig(bitrate: number): Promise<AudioEncoderConfig | null>;
export class SoundSource {
    /**
     * @param {MediaStream} stream
     * @param {AudioEncoderConfig | null} opus of opusConfig(); null: as floats
     * @param {(packet: SoundPacket) => void} onPacket
     * @param {(why: unknown) => void} onFailed
     */
    constructor(stream: MediaStream, opus: AudioEncoderConfig | null, onPacket: (packet: SoundPacket) => void, onFailed: (why: unknown) => void);
    /** What the packets are; known once the first is there. @type {SoundConfig | null} */
    config: SoundConfig | null;
    /** Its samples have to go through an AudioContext, and that does not run: before a click, or without a sound card. */
    get waits(): boolean;
    close(): void;
    #private;
}
/**
 * Sound beside pictures: a MediaStream's, in packets of 10 ms with times by the clock of the page, as Opus or as
 * floats. Its samples are read from the track where the browser allows it, else they go through an AudioContext, which
 * has to run.
 */
export type SoundPacket = {
    /**
     * when its first sample was captured, as performance.now()
     */
    atMs: number;
    durationUs: number;
    data: Uint8Array<ArrayBuffer> | EncodedAudioChunk;
};
/**
 * Sound beside pictures: a MediaStream's, in packets of 10 ms with times by the clock of the page, as Opus or as
 * floats. Its samples are read from the track where the browser allows it, else they go through an AudioContext, which
 * has to run.
 */
export type SoundConfig = {
    codec: string;
    sampleRate: number;
    numberOfChannels: number;
    description?: any;
};
