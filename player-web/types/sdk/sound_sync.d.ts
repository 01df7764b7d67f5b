export class SoundSync {
    /**
     * A picture has come.
     *
     * @param {number} nowMs any steady clock
     * @param {number} lateMs since its sound was heard; negative: it will be
     * @returns {number} so much longer is the sound to wait, in milliseconds; negative: less; 0: as it is
     */
    picture(nowMs: number, lateMs: number): number;
    /** Another stream, or another beginning of it. */
    restart(): void;
    #private;
}
