/**
 * @param {Uint8Array<ArrayBuffer>} init EBML header, Segment of unknown size, Info, Tracks
 * @param {number} lastsMs how long its pictures are said to last where it does not say it; 0 = not said
 * @returns {Uint8Array<ArrayBuffer>} `init` itself where nothing is to be done
 */
export function liveInit(init: Uint8Array<ArrayBuffer>, lastsMs: number): Uint8Array<ArrayBuffer>;
/**
 * `from`, `to`: its body
 */
export type Element = {
    id: number;
    whole: Uint8Array<ArrayBuffer>;
    from: number;
    to: number;
};
