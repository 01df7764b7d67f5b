/** @implements {FileReader} */
export class Mp4Times implements FileReader {
    /** @param {Uint8Array<ArrayBuffer>} bytes @returns {import('./file_parts.js').Cut[]} */
    push(bytes: Uint8Array<ArrayBuffer>): import("./file_parts.js").Cut[];
    rest(): Uint8Array<ArrayBuffer>;
    #private;
}
/**
 * Cuts fragmented MP4 (ISO/IEC 14496-12) into its fragments, each with the decode time of its first track;
 * bytes in, bytes out, nothing changed.
 *
 *     ftyp moov { trak { tkhd, mdia { mdhd } } ..., mvex }  (moof { traf { tfhd, tfdt } } mdat) ...
 */
export type FileReader = import("./file_parts.js").FileReader;
