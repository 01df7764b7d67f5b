/** Nothing is touched that says so already: screen readers follow changes. @param {HTMLElement} element @param {string} text */
export function write(element: HTMLElement, text: string): void;
/** @param {string} tag @param {string} name @returns {HTMLElement} */
export function part(tag: string, name: string): HTMLElement;
/** @param {import('./icons.js').IconName} name @param {string} text @param {() => void} onClick */
export function iconButton(name: import("./icons.js").IconName, text: string, onClick: () => void): HTMLButtonElement;
/**
 * The bar below the picture: play, sound, volume, facts, statistics, picture in picture, full screen.
 * It shows what it is told and calls what it is given; it decides nothing.
 *
 * @typedef {object} Actions
 * @property {() => void} play toggles
 * @property {() => void} sound toggles
 * @property {(volume: number) => void} volume 0 to 1
 * @property {() => void} stats toggles
 * @property {() => void} pip toggles
 * @property {() => void} full toggles
 *
 * @typedef {object} Shown
 * @property {boolean} paused
 * @property {boolean} silent the stream has no sound
 * @property {boolean} muted
 * @property {number} volume 0 to 1
 * @property {boolean} stats the overlay is open
 * @property {boolean} full
 * @property {number} viewers
 * @property {number} behindMs 0 = not known
 */
export class Controls {
    /** @param {Actions} actions */
    constructor(actions: Actions);
    element: HTMLElement;
    /** @param {Shown} now @param {{playable: boolean, pip: boolean}} can */
    show(now: Shown, can: {
        playable: boolean;
        pip: boolean;
    }): void;
    #private;
}
/**
 * The bar below the picture: play, sound, volume, facts, statistics, picture in picture, full screen.
 * It shows what it is told and calls what it is given; it decides nothing.
 */
export type Actions = {
    /**
     * toggles
     */
    play: () => void;
    /**
     * toggles
     */
    sound: () => void;
    /**
     * 0 to 1
     */
    volume: (volume: number) => void;
    /**
     * toggles
     */
    stats: () => void;
    /**
     * toggles
     */
    pip: () => void;
    /**
     * toggles
     */
    full: () => void;
};
/**
 * The bar below the picture: play, sound, volume, facts, statistics, picture in picture, full screen.
 * It shows what it is told and calls what it is given; it decides nothing.
 */
export type Shown = {
    paused: boolean;
    /**
     * the stream has no sound
     */
    silent: boolean;
    muted: boolean;
    /**
     * 0 to 1
     */
    volume: number;
    /**
     * the overlay is open
     */
    stats: boolean;
    full: boolean;
    viewers: number;
    /**
     * 0 = not known
     */
    behindMs: number;
};
