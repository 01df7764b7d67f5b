/**
 * @typedef {object} Part
 * @property {number} kind KIND_INIT or KIND_MEDIA
 * @property {boolean} groupStart a viewer may join here
 * @property {boolean} leadIn decode, don't show
 * @property {number} epoch
 * @property {number} sequence
 * @property {number} ptsUs
 * @property {number} captureUs since 1970; 0 = unknown
 * @property {boolean} captured then it was captured; else, then the server received it
 * @property {Uint8Array<ArrayBuffer>} payload a view into the message
 */
/**
 * @param {ArrayBuffer} message a whole WebSocket message
 * @returns {Part}
 */
export function decodePart(message: ArrayBuffer): Part;
/**
 * @typedef {object} MediaFields
 * @property {number} sequence
 * @property {number} [ptsUs]
 * @property {number} [captureUs]
 * @property {boolean} [captured] `captureUs` is in the server's time
 */
/**
 * A publisher's message: header and payload in one buffer, kept as it is until it is acknowledged.
 *
 * @param {MediaFields} fields
 * @param {Uint8Array} payload
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function encodeMedia(fields: MediaFields, payload: Uint8Array): Uint8Array<ArrayBuffer>;
/**
 * The header alone, for a payload that is a Blob.
 *
 * @param {MediaFields} fields
 */
export function mediaHeader(fields: MediaFields): Uint8Array<ArrayBuffer>;
/**
 * The header of a message of a lossless capture, a frame or a piece of one, written before its payload.
 *
 * @param {Uint8Array<ArrayBuffer>} room
 * @param {number} at where the payload begins: FRAME_ROOM or more
 * @param {{kind?: number, sequence: number, frame: number, more: boolean, hash: number | null}} fields `more`: the
 *   frame goes on in the next message; `hash`: of the whole frame, null = none; of sound `frame` is its first sample
 * @returns {number} where the message begins
 */
export function writeFrameHeader(room: Uint8Array<ArrayBuffer>, at: number, { kind, sequence, frame, more, hash }: {
    kind?: number;
    sequence: number;
    frame: number;
    more: boolean;
    hash: number | null;
}): number;
/** The subprotocol. */
export const PROTOCOL: "framewire.v1";
/** Bytes of the fields; `H` may be more in what a server sends. */
export const HEADER_BYTES: 32;
export const KIND_INIT: 1;
export const KIND_MEDIA: 2;
/** Beside the frames of a lossless capture, from its publisher. */
export const KIND_SOUND: 3;
/** What stands before the payload of a lossless capture's message, at most. */
export const FRAME_ROOM: number;
export type Part = {
    /**
     * KIND_INIT or KIND_MEDIA
     */
    kind: number;
    /**
     * a viewer may join here
     */
    groupStart: boolean;
    /**
     * decode, don't show
     */
    leadIn: boolean;
    epoch: number;
    sequence: number;
    ptsUs: number;
    /**
     * since 1970; 0 = unknown
     */
    captureUs: number;
    /**
     * then it was captured; else, then the server received it
     */
    captured: boolean;
    /**
     * a view into the message
     */
    payload: Uint8Array<ArrayBuffer>;
};
export type MediaFields = {
    sequence: number;
    ptsUs?: number | undefined;
    captureUs?: number | undefined;
    /**
     * `captureUs` is in the server's time
     */
    captured?: boolean | undefined;
};
