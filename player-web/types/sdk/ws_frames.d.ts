/**
 * A client's header, masked by zeros: the payload stays as it is.
 *
 * @param {number} opcode @param {number} size of the payload, in bytes
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function frameHeader(opcode: number, size: number): Uint8Array<ArrayBuffer>;
/**
 * Frames of RFC 6455, section 5.2, by hand: for where there is no WebSocket to make and read them.
 *
 * @typedef {{opcode: number, fin: boolean, payload: Uint8Array<ArrayBuffer>}} Frame
 */
export const CONTINUATION: 0;
export const TEXT: 1;
export const BINARY: 2;
export const CLOSE: 8;
export const PING: 9;
export const PONG: 10;
/** A server's frames, from bytes that come in any pieces. */
export class FrameReader {
    /** @param {Uint8Array} bytes @returns {Generator<Frame>} those that are whole by now */
    feed(bytes: Uint8Array): Generator<Frame>;
    #private;
}
/**
 * Frames of RFC 6455, section 5.2, by hand: for where there is no WebSocket to make and read them.
 */
export type Frame = {
    opcode: number;
    fin: boolean;
    payload: Uint8Array<ArrayBuffer>;
};
