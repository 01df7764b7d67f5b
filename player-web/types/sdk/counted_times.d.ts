/**
 * How long a packet is by its samples.
 *
 * @param {string} codec @param {number} sampleRate @param {Uint8Array} packet
 * @returns {number | null} microseconds; null: not to be told
 */
export function packetUs(codec: string, sampleRate: number, packet: Uint8Array): number | null;
export class CountedTimes {
    /**
     * A piece goes in.
     *
     * @param {number} trueUs of its first sample
     * @param {number} durationUs by its samples, unrounded
     * @returns {number} the time to tell the codec
     */
    put(trueUs: number, durationUs: number): number;
    /** What has come out. @param {number} countedUs the codec's time of it @returns {number} the true one */
    of(countedUs: number): number;
    #private;
}
