/**
 * Keeps the screen on while something is published, or a phone would sleep, and its camera with it. Browsers take the
 * lock back when the page is hidden, so it is asked for again when it shows. Where there is none, nothing happens.
 * Source: Screen Wake Lock API.
 */
export class WakeLock {
    /** @param {boolean} wanted */
    want(wanted: boolean): void;
    #private;
}
