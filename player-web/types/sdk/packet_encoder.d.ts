/**
 * What encodes a publication's pictures, wherever it lives: a FrameEncoder, and the reader of a track where there is
 * one. Its calls are those of FrameEncoder, and `read`.
 */
export class PacketEncoder extends FrameEncoder {
    /** @param {ReadableStream<VideoFrame>} readable @param {number} fps at most; 0 = all */
    read(readable: ReadableStream<VideoFrame>, fps: number): void;
    #private;
}
import { FrameEncoder } from "./frame_encoder.js";
