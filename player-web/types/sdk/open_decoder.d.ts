/**
 * A FrameDecoder in a worker; in the page where a worker cannot be had (a policy that forbids it, an old browser).
 *
 * @typedef {object} Decoder
 * @property {(name: 'begin' | 'part', rest: any[], transfer: Transferable[]) => void} call
 * @property {() => void} close
 *
 * @param {(news: import('./frame_decoder.js').News) => void} onNews
 * @returns {Decoder}
 */
export function openDecoder(onNews: (news: import("./frame_decoder.js").News) => void): Decoder;
/**
 * A FrameDecoder in a worker; in the page where a worker cannot be had (a policy that forbids it, an old browser).
 */
export type Decoder = {
    call: (name: "begin" | "part", rest: any[], transfer: Transferable[]) => void;
    close: () => void;
};
