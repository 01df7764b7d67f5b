/**
 * Ticks while this page is in the background, where it gets no animation frames, and browsers hold its timers back to
 * one a second: by the timer of a worker, which they leave alone. Where no worker can be had, by the page's own. In a
 * worker there is no background.
 */
export class HiddenTicks {
    /** @param {number} everyMs @param {() => void} onTick */
    constructor(everyMs: number, onTick: () => void);
    stop(): void;
    #private;
}
