export class LoneTrack {
    /**
     * @param {number} end of what is buffered, in seconds
     * @param {{time: number, at: number}} newest of what was taken: its time, in seconds of the same timeline; when it
     *   came, in milliseconds
     * @param {number} now in milliseconds
     * @returns {boolean} whether one track goes on alone
     */
    goesOn(end: number, newest: {
        time: number;
        at: number;
    }, now: number): boolean;
    #private;
}
