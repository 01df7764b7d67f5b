export class PictureGovernor {
    /** @param {{fps: number, hasQuality: boolean, hasSize: boolean}} options what the type of picture lets be changed */
    constructor({ fps, hasQuality, hasSize }: {
        fps: number;
        hasQuality: boolean;
        hasSize: boolean;
    });
    get level(): {
        quality: number;
        scale: number;
        rate: number;
    };
    /** 0 = nothing has given way. */
    get steps(): number;
    /** How many pictures may be on their way: what a round trip needs, and one. */
    get underWayMost(): number;
    /** The soonest answer, in milliseconds; 0 before the first. */
    get roundTripMs(): number;
    /**
     * @param {number} now
     * @param {number} sentAt
     * @param {number} bytes
     */
    acknowledged(now: number, sentAt: number, bytes: number): void;
    /** Something has been on its way for too long. @param {number} now @param {number} since */
    waiting(now: number, since: number): void;
    #private;
}
/**
 * How good, how large and how often pictures are while the network gives less than they need: first quality gives
 * way, then size, then rate; they come back in the other order. Pure: it is told when pictures were sent and
 * acknowledged, by any steady clock in milliseconds.
 */
export type Level = {
    /**
     * factor of the wished one, 0 to 1
     */
    quality: number;
    /**
     * of both sides
     */
    scale: number;
    /**
     * of the pictures a second
     */
    rate: number;
};
