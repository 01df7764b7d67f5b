export class ScreenTrials {
    /** Another screen, which has shown nothing yet. */
    begin(): void;
    /** @param {number} nowMs any steady clock */
    painted(nowMs: number): void;
    /**
     * @param {number} nowMs
     * @param {boolean} forGood it says itself that it cannot
     * @returns {boolean} true: the next way; false: the same anew
     */
    died(nowMs: number, forGood: boolean): boolean;
    #private;
}
