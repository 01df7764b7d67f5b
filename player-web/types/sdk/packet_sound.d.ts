export class PacketSound {
    /**
     * @param {MediaStream} audio
     * @param {SoundOptions} options
     * @param {(packet: TimedSound) => void} onPacket
     * @param {(message: string) => void} onFailed
     */
    constructor(audio: MediaStream, options: SoundOptions, onPacket: (packet: TimedSound) => void, onFailed: (message: string) => void);
    /** What the packets are; known once the first is there. */
    get config(): import("./sound_source.js").SoundConfig | null;
    /** It may still begin, so pictures had better wait for it. */
    get mayCome(): boolean;
    close(): void;
    #private;
}
/**
 * The sound beside a publication's pictures: Opus where this browser encodes it, else floats.
 */
export type TimedSound = {
    /**
     * when its first sample was captured, as performance.now()
     */
    atMs: number;
    durationUs: number;
    data: Uint8Array<ArrayBuffer>;
};
/**
 * The sound beside a publication's pictures: Opus where this browser encodes it, else floats.
 */
export type SoundOptions = {
    soundCodec?: "opus" | "pcm-f32";
    audioBitsPerSecond?: number;
};
