/**
 * Nobody is live, while what was before may still come: to whoever joins meanwhile, or is behind. A `waiting` message
 * says which parts those are (PROTOCOL.md, "Viewer"). Pure.
 */
export class Pause {
    /** @param {import('./reconnecting_socket.js').Message} waiting */
    constructor({ epoch, next }: import("./reconnecting_socket.js").Message);
    /**
     * Whether it was before the pause.
     *
     * @param {number} epoch
     * @param {number} [sequence] of a part; none: the epoch's beginning
     */
    covers(epoch: number, sequence?: number): boolean;
    #private;
}
