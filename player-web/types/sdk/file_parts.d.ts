/**
 * @param {Blob} blob
 * @returns {Promise<'webm' | 'mp4'>} by its first bytes
 */
export function formatOfFile(blob: Blob): Promise<"webm" | "mp4">;
export class FileParts {
    /**
     * @param {Blob} blob
     * @param {'webm' | 'mp4'} format
     */
    constructor(blob: Blob, format: "webm" | "mp4");
    /** All that was read of the init segment. */
    get init(): Uint8Array<ArrayBuffer>[];
    /** @returns {Promise<FilePart | null>} the next part, init segments left out; null at the end */
    next(): Promise<FilePart | null>;
    #private;
}
/**
 * A recorded file as parts with their times, so that it can be sent as if it happened now.
 */
export type FilePart = {
    bytes: Uint8Array<ArrayBuffer>;
    /**
     * when it begins, in milliseconds of the file's own clock
     */
    timeMs: number;
    /**
     * what follows an init segment may begin with it
     */
    joins: boolean;
};
/**
 * A recorded file as parts with their times, so that it can be sent as if it happened now.
 */
export type FileReader = {
    /**
     * the next bytes of the file; what they complete
     */
    push: (bytes: Uint8Array<ArrayBuffer>) => Cut[];
    /**
     * bytes that complete nothing
     */
    rest: () => Uint8Array<ArrayBuffer>;
};
/**
 * `init`: it is (a piece of) the init segment
 */
export type Cut = FilePart & {
    init: boolean;
};
