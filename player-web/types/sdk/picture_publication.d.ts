/** Pictures being published, each by itself. Events: those of PublicationEvents. */
export class PicturePublication extends BasePublication {
    /**
     * @param {import('./picture_sources.js').PictureSource} source
     * @param {string | URL} url
     * @param {import('./publish_types.js').PublishOptions} options
     */
    constructor(source: import("./picture_sources.js").PictureSource, url: string | URL, options: import("./publish_types.js").PublishOptions);
    get stats(): {
        mimeType: string;
        sent: number;
        replaced: number;
        equal: number;
        underWay: number;
        level: {
            quality: number;
            scale: number;
            rate: number;
        };
        encodeMs: number;
        offThread: boolean;
        viewers: number;
        ackedBytes: number;
        bitsPerSecond: number;
        lagMs: number;
        unackedBytes: number;
        unsentBytes: number;
        reconnects: number;
        transport: "http" | "websocket";
    };
    /**
     * Sends the picture as it is now, or another one. Call it when a picture is finished; with `fps: 0` nothing else
     * is sent. While the network is slow a newer picture takes the place of one that waits.
     *
     * @param {import('./picture_sources.js').Frame | HTMLVideoElement} [picture] default: the source's. A VideoFrame or
     *   ImageBitmap is the publication's from then on
     * @returns {Promise<boolean>} true = sent; false = a newer one took its place, or it is the same as the last one
     */
    frame(picture?: import("./picture_sources.js").Frame | HTMLVideoElement): Promise<boolean>;
    /** The same as `say()`. @param {unknown} data @param {import('./side_channel.js').SendOptions} [options] */
    send(data: unknown, options?: import("./side_channel.js").SendOptions): void;
    #private;
}
import { BasePublication } from "./base_publication.js";
