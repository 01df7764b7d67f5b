/** Whether this browser encodes Opus. */
export function encodesOpus(): Promise<boolean>;
export class SoundSource {
    /**
     * @param {MediaStream} stream
     * @param {'opus' | 'pcm-f32'} codec
     * @param {number} bitrate of Opus
     * @param {(packet: SoundPacket) => void} onPacket
     * @param {(why: unknown) => void} onFailed
     */
    constructor(stream: MediaStream, codec: "opus" | "pcm-f32", bitrate: number, onPacket: (packet: SoundPacket) => void, onFailed: (why: unknown) => void);
    /** What the packets are; known once the first is there. @type {SoundConfig | null} */
    config: SoundConfig | null;
    close(): void;
    #private;
}
/**
 * Sound beside pictures: a MediaStream's, in packets of 20 ms with times by the clock of the page, as Opus or as
 * floats. It needs an AudioContext that runs.
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
 * Sound beside pictures: a MediaStream's, in packets of 20 ms with times by the clock of the page, as Opus or as
 * floats. It needs an AudioContext that runs.
 */
export type SoundConfig = {
    codec: string;
    sampleRate: number;
    numberOfChannels: number;
    description?: any;
};
