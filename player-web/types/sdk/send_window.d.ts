/**
 * What a publisher has recorded and the server has not acknowledged: sent messages are kept for a
 * resume, unsent ones wait for room. Numbers are the wire's sequence numbers.
 *
 * Chunks are bytes of one stream, so a large one is split; none is ever left out.
 */
export class SendWindow {
    /** What makes a time of day of this page one of the server's, in milliseconds; null = not known. @type {number | null} */
    serverOffsetMs: number | null;
    /** Bytes sent and not acknowledged. */
    get unackedBytes(): number;
    /** Bytes that wait for room or for a connection. */
    get unsentBytes(): number;
    /** Every message below this number has arrived. */
    get ackedTo(): number;
    /** The number that the next message gets. */
    get next(): number;
    /** Messages on their way. */
    get underWay(): number;
    /** The most that a whole message may have, in bytes. */
    get messageMost(): number;
    /** How long the oldest byte has waited for its acknowledgement, in milliseconds. @param {number} nowMs */
    lagMs(nowMs: number): number;
    get empty(): boolean;
    /** @param {{message_bytes?: number, unacked_bytes?: number}} limits the server's, from `ready` */
    setLimits({ message_bytes, unacked_bytes }: {
        message_bytes?: number;
        unacked_bytes?: number;
    }): void;
    /**
     * One message as it is, never split.
     *
     * @param {Uint8Array | Blob} payload
     * @param {{captureUs: number, ptsUs: number}} times
     * @param {number} nowMs any steady clock
     * @returns {number} its number
     */
    pushWhole(payload: Uint8Array | Blob, { captureUs, ptsUs }: {
        captureUs: number;
        ptsUs: number;
    }, nowMs: number): number;
    /**
     * @param {Uint8Array} chunk
     * @param {number} captureUs when the page made it, µs since 1970; 0 = unknown
     * @param {number} [nowMs] any steady clock
     */
    push(chunk: Uint8Array, captureUs: number, nowMs?: number): void;
    /** The next message to send now, counted as sent; undefined = nothing, or no room. */
    take(): Uint8Array<ArrayBuffer> | Blob | undefined;
    /**
     * @param {number} sequence every message up to and with this one has arrived
     * @returns {number} bytes that were acknowledged by it
     */
    acknowledge(sequence: number): number;
    /**
     * After a resume: everything from `sequence` on is to be sent again, with its old number.
     *
     * @param {number} sequence the next number that the server expects
     * @returns {boolean} false: the server wants what is no longer kept, so the stream cannot go on
     */
    resume(sequence: number): boolean;
    /**
     * A new publication: forget everything.
     *
     * @param {number} sequence of the next message
     */
    restart(sequence: number): void;
    #private;
}
