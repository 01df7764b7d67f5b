export class StatsRows {
    /**
     * @param {import('../sdk/play.js').Player} player
     * @param {HTMLVideoElement} video
     * @param {number} now in milliseconds
     * @returns {[string, string][]}
     */
    read(player: import("../sdk/play.js").Player, video: HTMLVideoElement, now: number): [string, string][];
    #private;
}
