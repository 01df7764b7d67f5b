/**
 * Cuts WebM into its blocks, each with its time; bytes in, bytes out, nothing changed.
 *
 * @typedef {import('./file_parts.js').FileReader} FileReader
 * @implements {FileReader}
 */
export class WebmTimes implements FileReader {
    /** @param {Uint8Array<ArrayBuffer>} bytes @returns {import('./file_parts.js').Cut[]} */
    push(bytes: Uint8Array<ArrayBuffer>): import("./file_parts.js").Cut[];
    rest(): Uint8Array<ArrayBuffer>;
    #private;
}
/**
 * Cuts WebM into its blocks, each with its time; bytes in, bytes out, nothing changed.
 */
export type FileReader = import("./file_parts.js").FileReader;
