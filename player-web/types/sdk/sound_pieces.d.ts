export class SoundPieces {
    /** @param {number} size of a piece, in samples @param {number} rate samples a second */
    constructor(size: number, rate: number);
    /**
     * @param {Float32Array[]} planes one for each channel, of one length; the first two are taken, one alone twice
     * @param {number} at the time of their first sample, in seconds
     * @returns {SoundPiece[]} those that are whole now
     */
    push(planes: Float32Array[], at: number): SoundPiece[];
    #private;
}
/**
 * `at`: of the first sample, in seconds
 */
export type SoundPiece = {
    planes: Float32Array<ArrayBuffer>[];
    at: number;
};
