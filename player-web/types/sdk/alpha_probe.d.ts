export class AlphaProbe {
    /** @param {Uint8Array} chunk @returns {boolean} true once, when it is found */
    push(chunk: Uint8Array): boolean;
    #private;
}
