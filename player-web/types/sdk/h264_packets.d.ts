/**
 * @param {Bytes} avcc
 * @param {boolean} known nothing is reordered; false = only if the sets show it
 * @returns {Bytes} the same object, if nothing is to be said
 */
export function promptAvcC(avcc: Bytes, known: boolean): Bytes;
/**
 * The same for the sets in a key packet.
 *
 * @param {Bytes} data
 * @param {Bytes | null} avcc null = NAL units behind start codes
 * @param {boolean} known
 * @returns {Bytes}
 */
export function promptPacket(data: Bytes, avcc: Bytes | null, known: boolean): Bytes;
export function isH264(codec: string): boolean;
/**
 * `from`: with its length or start code
 */
export type Unit = {
    from: number;
    at: number;
    end: number;
};
/**
 * The parameter sets of H.264 as WebCodecs has them: in an avcC (ISO/IEC 14496-15, 5.3.3.1) before NAL units behind
 * lengths, or among NAL units behind start codes. Rewritten, they say that nothing is reordered (h264_sps.js).
 */
export type Bytes = Uint8Array<ArrayBuffer>;
