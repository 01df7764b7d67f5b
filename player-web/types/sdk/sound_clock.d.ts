export class SoundClock {
    /**
     * @param {number} at the sound's own time of a piece's first sample, in seconds
     * @param {number} durationMs of the piece
     * @param {number} nowMs when it came, which is after its last sample
     * @returns {number} when its first sample was captured, by the clock of `nowMs`
     */
    timeOf(at: number, durationMs: number, nowMs: number): number;
    /** The sound has stood still: what is known of its times is void. */
    restart(): void;
    #private;
}
