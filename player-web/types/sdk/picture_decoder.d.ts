/** @implements {Track} */
export class PictureDecoder implements Track {
    /** @param {import('./frame_decoder.js').Tell} tell */
    constructor(tell: import("./frame_decoder.js").Tell);
    /** @param {{codec: string, codedWidth: number, codedHeight: number}} config */
    configure({ codec, codedWidth, codedHeight }: {
        codec: string;
        codedWidth: number;
        codedHeight: number;
    }): void;
    /** @param {Encoded} encoded */
    decode(encoded: Encoded): void;
    close(): void;
    #private;
}
/**
 * Whole pictures: JPEG, PNG and WebP by `createImageBitmap`, RGBA and I420 as they are. One is decoded at a time; of those that
 * come meanwhile the newest waits, so what is shown is never far behind.
 */
export type Encoded = import("./frame_decoder.js").Encoded;
/**
 * Whole pictures: JPEG, PNG and WebP by `createImageBitmap`, RGBA and I420 as they are. One is decoded at a time; of those that
 * come meanwhile the newest waits, so what is shown is never far behind.
 */
export type Track = import("./frame_decoder.js").Track;
