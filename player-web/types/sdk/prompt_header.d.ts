export class PromptHeader {
    /** @param {Uint8Array<ArrayBuffer>} init EBML header, Segment of unknown size, Info, Tracks */
    constructor(init: Uint8Array<ArrayBuffer>);
    /** What a run begins with. */
    get first(): Uint8Array<ArrayBuffer>;
    /**
     * @param {Uint8Array} part whole elements
     * @param {boolean} groupStart it begins with a keyframe
     * @returns {{bytes: Uint8Array<ArrayBuffer>, lastsMs: number} | null} a header to go before it; null = none
     */
    look(part: Uint8Array, groupStart: boolean): {
        bytes: Uint8Array<ArrayBuffer>;
        lastsMs: number;
    } | null;
    #private;
}
