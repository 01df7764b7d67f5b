/** @param {number} width @param {number} height @returns {Plane[]} */
export function i420Planes(width: number, height: number): Plane[];
/** Green, red less green, blue less green, and alpha. @param {number} width @param {number} height @param {boolean} alpha @returns {Plane[]} */
export function colourPlanes(width: number, height: number, alpha: boolean): Plane[];
/**
 * @param {Uint8Array} packed
 * @param {Plane[]} planes
 * @returns {Uint8Array<ArrayBuffer> | null} the planes, one behind the other; null: it is none
 */
export function unpackPlanes(packed: Uint8Array, planes: Plane[]): Uint8Array<ArrayBuffer> | null;
/**
 * @template {Uint8Array} T
 * @param {T} data @param {number} width @param {number} height @param {string} codec `i420` or PACKED_I420
 * @returns {T | Uint8Array<ArrayBuffer> | null} the planes; null: it is no such picture
 */
export function unpackI420<T extends Uint8Array>(data: T, width: number, height: number, codec: string): T | Uint8Array<ArrayBuffer> | null;
/** The pixels of one size of picture, their planes, and these packed: all in the memory of one module. */
export class PlanePacker {
    /** Before the heads there is room for what its caller says of them. */
    static ROOM: number;
    /**
     * @param {number} width @param {number} height @param {Plane[]} planes
     * @returns {PlanePacker | null} null: this browser cannot, or not in this size
     */
    static open(width: number, height: number, planes: Plane[]): PlanePacker | null;
    /** @param {Kernels} found @param {number} width @param {number} height @param {Plane[]} planes */
    constructor(found: Kernels, width: number, height: number, planes: Plane[]);
    /** @param {number} width @param {number} height */
    fits(width: number, height: number): boolean;
    /** Where the pixels go, a word each. */
    get words(): Int32Array<ArrayBuffer>;
    /** Of `words`, as toI420(). @param {{blueFirst: boolean, upward: boolean}} order */
    toI420({ blueFirst, upward }: {
        blueFirst: boolean;
        upward: boolean;
    }): void;
    /** Of `words`. @param {boolean} blueFirst */
    toColours(blueFirst: boolean): void;
    /** @returns {Uint8Array<ArrayBuffer>} good until the next call */
    pack(): Uint8Array<ArrayBuffer>;
    /** As they are. @param {Uint8Array} to */
    copyPlanes(to: Uint8Array): void;
    /**
     * What pack() gave, in base64: two bytes before it, the number of planes and that of zeros at the end.
     *
     * @param {number} length of what it gave @returns {Uint8Array<ArrayBuffer>} ASCII
     */
    toBase64(length: number): Uint8Array<ArrayBuffer>;
    #private;
}
/** The codec of pictures in planes, these packed where that makes fewer bytes of them. */
export const PACKED_I420: "i420-packed";
/**
 * Planes packed without a loss (PROTOCOL.md, "Packed planes"): what a canvas shows is mostly areas, slopes and
 * edges, of which a third to a twentieth is left; of noise all, which is then sent as it is. Done by WebAssembly,
 * 16 bytes at a time: for 1280x720 the planes take 0.4 ms and packing them 0.9, where the planes alone take plain
 * JavaScript 3. A browser that has not its SIMD (Chromium 91, Firefox 89, Safari 16.4) packs nothing.
 */
export type Plane = {
    bytes: number;
    /**
     * of a row
     */
    stride: number;
};
/**
 * player-web/wasm/planes.c; places are offsets in `memory`
 */
export type Kernels = {
    memory: WebAssembly.Memory;
    __heap_base: WebAssembly.Global;
    i420: (words: number, width: number, height: number, blueFirst: number, upward: number, y: number, u: number, v: number) => void;
    split: (words: number, count: number, green: number, first: number, third: number, alpha: number) => void;
    pack: (plane: number, count: number, stride: number, heads: number, block: number, to: number) => number;
    base64: (from: number, count: number, to: number) => void;
};
