export class PacketGovernor {
    /** @param {{most: number, fps: number, adaptive?: boolean}} options `most`: the bitrate that is wished for */
    constructor({ most, fps, adaptive }: {
        most: number;
        fps: number;
        adaptive?: boolean;
    });
    get bits(): number;
    /** How many pictures may be on their way. */
    get underWayMost(): number;
    /**
     * @param {number} now
     * @param {number} sentAt
     * @param {number} bytes
     * @returns {boolean} whether `bits` has changed
     */
    acknowledged(now: number, sentAt: number, bytes: number): boolean;
    #private;
}
