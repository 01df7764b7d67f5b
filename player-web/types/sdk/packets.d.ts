/**
 * What stands before the packets: send it first, and again when a config changes.
 *
 * @param {Config[]} configs of the tracks 0, 1, ...: an encoder's `metadata.decoderConfig`
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function packetsHeader(configs: Config[]): Uint8Array<ArrayBuffer>;
/**
 * Writes what stands before the data of a packet of track 0.
 *
 * @param {Uint8Array<ArrayBuffer>} to
 * @param {number} at PACKET_ROOM bytes before the data
 * @param {{key: boolean, timestamp: number, duration: number, bytes: number}} packet bytes: of the data
 */
export function writePacketHead(to: Uint8Array<ArrayBuffer>, at: number, { key, timestamp, duration, bytes }: {
    key: boolean;
    timestamp: number;
    duration: number;
    bytes: number;
}): void;
/**
 * @param {number} track
 * @param {EncodedVideoChunk | EncodedAudioChunk | EncodedVideoChunkInit} chunk as an encoder gave it; or
 *   `{type, timestamp, duration, data}`, which whole pictures (jpeg, png, webp, rgba) and sound (pcm-s16, pcm-f32) are
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function packetsPacket(track: number, chunk: EncodedVideoChunk | EncodedAudioChunk | EncodedVideoChunkInit): Uint8Array<ArrayBuffer>;
/**
 * Reads a message of `/live/NAME.packets`: whole records, in order. Views are of the bytes given.
 *
 * @param {ArrayBuffer | Uint8Array<ArrayBuffer>} message
 * @returns {Generator<ConfigRecord | ChunkRecord>} a config for a decoder's `configure()`, or what
 *   `new EncodedVideoChunk()` takes
 */
export function readPackets(message: ArrayBuffer | Uint8Array<ArrayBuffer>): Generator<ConfigRecord | ChunkRecord>;
/** What stands before the data of a packet. */
export const PACKET_ROOM: number;
export function bytesOf(source: AllowSharedBufferSource): Uint8Array;
/**
 * The packets format (PROTOCOL.md): what WebCodecs' encoders give and its decoders take, as bytes for
 * `/publish/NAME` and of `/live/NAME.packets`.
 */
export type Config = VideoDecoderConfig | AudioDecoderConfig;
/**
 * The packets format (PROTOCOL.md): what WebCodecs' encoders give and its decoders take, as bytes for
 * `/publish/NAME` and of `/live/NAME.packets`.
 */
export type ConfigRecord = {
    config: Config;
    track: number;
};
/**
 * The packets format (PROTOCOL.md): what WebCodecs' encoders give and its decoders take, as bytes for
 * `/publish/NAME` and of `/live/NAME.packets`.
 */
export type ChunkRecord = {
    chunk: EncodedVideoChunkInit | EncodedAudioChunkInit;
    track: number;
};
