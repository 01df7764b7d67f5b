/** @implements {Media} */
export class PictureMedia implements Media {
    /**
     * @param {import('./picture_sources.js').PictureSource} source
     * @param {import('./publish_types.js').PublishOptions} options
     * @param {Control} control
     */
    constructor(source: import("./picture_sources.js").PictureSource, options: import("./publish_types.js").PublishOptions, control: Control);
    running: boolean;
    /** null: of RGBA the size must be said, and is not known before the first picture. */
    get hello(): {
        format: string;
        prompt_acks: boolean;
        width?: undefined;
        height?: undefined;
    } | {
        format: string;
        width: number;
        height: number;
        prompt_acks: boolean;
    } | null;
    get stats(): {
        mimeType: string;
        /** Pictures sent; left out for a newer one; not sent for being the same as the one before. */
        sent: number;
        replaced: number;
        equal: number;
        underWay: number;
        /** What has given way to a slow network: factors of the wished quality, size and rate. */
        level: {
            quality: number;
            scale: number;
            rate: number;
        };
        encodeMs: number;
        offThread: boolean;
    };
    begin(): void;
    discard(): void;
    drain(): Promise<void>;
    close(): void;
    /** Something was acknowledged. */
    room(): void;
    /**
     * The picture as it is now, whatever `fps` says.
     *
     * @param {any} [given] a picture in place of the source's
     * @returns {Promise<boolean>} true = sent; false = a newer one took its place, or it is the same as the last
     */
    frame(given?: any): Promise<boolean>;
    #private;
}
/**
 * Pictures, each a message of its own: taken when there is room for one, encoded off the main thread, sent if it
 * is another than the last. A new one replaces one that waits, so what arrives is never old. With sound they are
 * packets.
 */
export type Media = import("./base_publication.js").Media;
/**
 * Pictures, each a message of its own: taken when there is room for one, encoded off the main thread, sent if it
 * is another than the last. A new one replaces one that waits, so what arrives is never old. With sound they are
 * packets.
 */
export type Control = import("./base_publication.js").Control;
/**
 * Pictures, each a message of its own: taken when there is room for one, encoded off the main thread, sent if it
 * is another than the last. A new one replaces one that waits, so what arrives is never old. With sound they are
 * packets.
 */
export type Image = import("./picture_encoder.js").Image;
/**
 * Pictures, each a message of its own: taken when there is room for one, encoded off the main thread, sent if it
 * is another than the last. A new one replaces one that waits, so what arrives is never old. With sound they are
 * packets.
 */
export type Held = {
    bytes: Uint8Array<ArrayBuffer> | Blob;
    size: {
        width: number;
        height: number;
    };
    atMs: number;
};
/**
 * Pictures, each a message of its own: taken when there is room for one, encoded off the main thread, sent if it
 * is another than the last. A new one replaces one that waits, so what arrives is never old. With sound they are
 * packets.
 */
export type Waiting = {
    image: Image;
    width: number;
    height: number;
    atMs: number;
    done: (sent: boolean) => void;
};
