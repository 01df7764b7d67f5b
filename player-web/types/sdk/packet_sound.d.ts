export class PacketSound {
    /**
     * @param {MediaStream} audio
     * @param {SoundOptions} options
     * @param {(packet: TimedSound) => void} onPacket
     * @param {(message: string) => void} onFailed
     * @param {(why: FramewireError) => void} [onUnfit] it cannot be had as Opus, or not yet; default: then floats, or later
     */
    constructor(audio: MediaStream, options: SoundOptions, onPacket: (packet: TimedSound) => void, onFailed: (message: string) => void, onUnfit?: (why: FramewireError) => void);
    /** What the packets are; known once the first is there. */
    get config(): import("./sound_source.js").SoundConfig | null;
    /** It may still begin, so pictures had better wait for it. */
    get mayCome(): boolean;
    close(): void;
    #private;
}
/**
 * The sound beside a publication's pictures: Opus where this browser encodes it, else floats, if 3 Mb/s are no matter.
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
 * The sound beside a publication's pictures: Opus where this browser encodes it, else floats, if 3 Mb/s are no matter.
 */
export type SoundOptions = {
    soundCodec?: "opus" | "pcm-f32";
    audioBitsPerSecond?: number;
};
import { FramewireError } from "./errors.js";
