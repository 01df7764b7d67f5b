/**
 * Packets of pictures and sound as one stream of the packets format (PROTOCOL.md): a header when a stream begins, and
 * again, at a key packet, when a config is another one. Pure.
 *
 * @typedef {import('./frame_encoder.js').PicturePacket} PicturePacket
 * @typedef {import('./sound_source.js').SoundConfig} SoundConfig
 * @typedef {{captureUs: number, ptsUs: number}} Times
 * @typedef {(bytes: Uint8Array, times: Times) => void} Push
 */
export class PacketEpochs {
    /** @param {Push} push @param {boolean} silent there are no pictures, only sound */
    constructor(push: Push, silent: boolean);
    /** A stream begins. @param {number} zeroUs its time 0, since 1970 */
    begin(zeroUs: number): void;
    /** Of which sound there will be packets. @param {SoundConfig} config */
    expectSound(config: SoundConfig): void;
    /** What is said has changed, so that the next picture had better be a key packet. */
    get wantsKey(): boolean;
    get codecs(): string;
    /**
     * @param {PicturePacket} packet
     * @returns {boolean} false: it belongs to what was before
     */
    picture({ key, atUs, durationUs, data, config }: PicturePacket): boolean;
    /** @param {{atUs: number, durationUs: number, data: Uint8Array<ArrayBuffer>}} packet */
    sound({ atUs, durationUs, data }: {
        atUs: number;
        durationUs: number;
        data: Uint8Array<ArrayBuffer>;
    }): boolean;
    #private;
}
/**
 * Packets of pictures and sound as one stream of the packets format (PROTOCOL.md): a header when a stream begins, and
 * again, at a key packet, when a config is another one. Pure.
 */
export type PicturePacket = import("./frame_encoder.js").PicturePacket;
/**
 * Packets of pictures and sound as one stream of the packets format (PROTOCOL.md): a header when a stream begins, and
 * again, at a key packet, when a config is another one. Pure.
 */
export type SoundConfig = import("./sound_source.js").SoundConfig;
/**
 * Packets of pictures and sound as one stream of the packets format (PROTOCOL.md): a header when a stream begins, and
 * again, at a key packet, when a config is another one. Pure.
 */
export type Times = {
    captureUs: number;
    ptsUs: number;
};
/**
 * Packets of pictures and sound as one stream of the packets format (PROTOCOL.md): a header when a stream begins, and
 * again, at a key packet, when a config is another one. Pure.
 */
export type Push = (bytes: Uint8Array, times: Times) => void;
