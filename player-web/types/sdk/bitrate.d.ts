export class BitrateGovernor {
    /** @param {number} most what was asked for, in bits per second */
    constructor(most: number);
    get bits(): number;
    /**
     * A few times a second.
     *
     * @param {number} nowMs any steady clock
     * @param {number} lagMs age of the oldest chunk that is not acknowledged; 0 = there is none
     * @returns {boolean} whether `bits` changed
     */
    sample(nowMs: number, lagMs: number): boolean;
    /**
     * The connection proved too slow.
     *
     * @param {number} nowMs
     * @returns {boolean} whether `bits` changed
     */
    lower(nowMs: number): boolean;
    #private;
}
