export class StillPictures {
    /** @param {CanvasImageSource} picture @param {number} now in milliseconds, by any steady clock */
    look(picture: CanvasImageSource, now: number): void;
    /** How long they had been the same when they were looked at last. */
    get ms(): number;
    #private;
}
