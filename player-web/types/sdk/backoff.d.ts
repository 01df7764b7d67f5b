/**
 * Whether a close may be answered by connecting again. Anything that would only be refused again (a
 * policy, a broken rule, a limit) is final.
 *
 * @param {number} code of the close event; 1005 = none given, 1006 = lost or never open
 * @param {string} [error] code of the server's `error` message, if one came
 */
export function mayReconnect(code: number, error?: string): boolean;
/**
 * When to connect again after a lost connection: the delay doubles from `firstMs` to `mostMs`, half of
 * it by chance, so that the viewers of a restarted server do not come back in one instant.
 * A connection that lived `stableMs` starts the count anew.
 */
export class Backoff {
    /**
     * @param {{firstMs?: number, mostMs?: number, stableMs?: number, random?: () => number}} [options]
     *   in milliseconds; defaults 250, 10000, 5000
     */
    constructor({ firstMs, mostMs, stableMs, random }?: {
        firstMs?: number;
        mostMs?: number;
        stableMs?: number;
        random?: () => number;
    });
    /**
     * @param {number} livedMs how long the lost connection had been open; 0 = it never was
     * @returns {number} milliseconds to wait
     */
    next(livedMs: number): number;
    #private;
}
