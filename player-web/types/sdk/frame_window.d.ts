/**
 * @typedef {object} KeptPiece
 * @property {number} kind
 * @property {number} sequence
 * @property {number} frame
 * @property {boolean} more
 * @property {number | null} hash
 * @property {Uint8Array<ArrayBuffer>} room
 * @property {number} at in it
 * @property {number} end
 * @property {number} bytes of its message
 */
export class FrameWindow {
    /** Frames that were pushed. */
    get frames(): number;
    /** Frames with a lower number may be sent. */
    get credit(): number;
    /** Bytes that the server has not acknowledged. */
    get waitingBytes(): number;
    get empty(): boolean;
    /** @param {number} frames never fewer than before: a credit is not taken back */
    grant(frames: number): void;
    /**
     * For a frame of so many bytes, which goes behind FRAME_ROOM.
     *
     * @param {number} bytes
     * @returns {Uint8Array<ArrayBuffer>} whatever was in it
     */
    room(bytes: number): Uint8Array<ArrayBuffer>;
    /**
     * The next frame; there is credit for it.
     *
     * @param {Uint8Array<ArrayBuffer>} room of room(), the window's from now on
     * @param {number | null} hash XXH32 of the frame; null = none is asked for
     */
    push(room: Uint8Array<ArrayBuffer>, hash: number | null): void;
    /**
     * The config of frames that are packets, before the first one.
     *
     * @param {Uint8Array<ArrayBuffer>} header as packetsHeader() makes it
     */
    pushConfig(header: Uint8Array<ArrayBuffer>): void;
    /**
     * Sound beside the frames, which needs no credit.
     *
     * @param {Uint8Array<ArrayBuffer>} room of room(), the window's from now on
     * @param {number} first number of its first sample
     */
    pushSound(room: Uint8Array<ArrayBuffer>, first: number): void;
    /**
     * Everything that was not sent, until it is not taken.
     *
     * @param {(message: Uint8Array<ArrayBuffer>) => boolean} take has copied it when it returns true
     */
    send(take: (message: Uint8Array<ArrayBuffer>) => boolean): void;
    /** @param {number} sequence the server has every message up to and with this one */
    acknowledge(sequence: number): void;
    /**
     * After a lost connection: everything from `sequence` on is sent again.
     *
     * @param {number} sequence the next number that the server expects
     * @returns {boolean} false: the server wants what is no longer kept
     */
    resume(sequence: number): boolean;
    #private;
}
export type KeptPiece = {
    kind: number;
    sequence: number;
    frame: number;
    more: boolean;
    hash: number | null;
    room: Uint8Array<ArrayBuffer>;
    /**
     * in it
     */
    at: number;
    end: number;
    /**
     * of its message
     */
    bytes: number;
};
