/**
 * Publishes a live stream. Throws a FramewireError if URL, source or browser are not fit for it; what goes
 * wrong later comes as an `error` event and by `closed`.
 *
 * @overload
 * @param {string | URL} url `/publish/NAME`, a whole URL, or the bare name
 * @param {PublishOptions & {format: 'binary'}} options raw messages: what `send()` is given, each as it is
 * @returns {MessagePublication}
 */
export function publish(url: string | URL, options: PublishOptions & {
    format: "binary";
}): MessagePublication;
/**
 * @overload
 * @param {import('./picture_sources.js').PictureSource} source
 *   - a canvas, an OffscreenCanvas (also in a worker), a video element, a MediaStream;
 *   - an async iterable of frames: VideoFrames, ImageBitmaps, ImageData, Blobs, canvases. Asked for one `fps` times a
 *     second; its end ends the stream;
 *   - null: only what `frame(picture)` is given
 * @param {string | URL} url
 * @param {PublishOptions & {as: 'pictures'}} options each picture by itself
 * @returns {PicturePublication}
 */
export function publish(source: import("./picture_sources.js").PictureSource, url: string | URL, options: PublishOptions & {
    as: "pictures";
}): PicturePublication;
/**
 * @overload
 * @param {import('./live_media.js').LiveSource} source
 *   - a MediaStream or a track: camera, microphone, screen, `canvas.captureStream()`;
 *   - a canvas, an OffscreenCanvas (also in a worker), a video element, an async iterable of frames;
 *   - a File or Blob, WebM or fragmented MP4: sent as it is, as if it happened now
 * @param {string | URL} url
 * @param {PublishOptions} [options] by default packets, made by WebCodecs, with the least delay; what cannot be sent so
 *   is recorded, and `stats.way` says why
 * @returns {Publication}
 */
export function publish(source: import("./live_media.js").LiveSource, url: string | URL, options?: import("./publish_types.js").PublishOptions | undefined): Publication;
/**
 * @typedef {import('./publish_types.js').PublishOptions} PublishOptions
 * @typedef {import('./publish_types.js').PublishState} PublishState
 * @typedef {import('./publish_types.js').PublicationEvents} PublicationEvents
 * @typedef {import('./publish_types.js').RecordingNews} RecordingNews
 * @typedef {import('./publish_types.js').RecordedFile} RecordedFile
 */
/**
 * A film, or packets, being published. Events: those of PublicationEvents, by `on(type, listener)` or, as the `detail` of a
 * CustomEvent, by `addEventListener`.
 */
export class Publication extends BasePublication {
    /**
     * @param {import('./live_media.js').LiveSource} source
     * @param {string | URL} url
     * @param {PublishOptions} [options]
     */
    constructor(source: import("./live_media.js").LiveSource, url: string | URL, options?: PublishOptions);
    get stats(): {
        mimeType: string;
        /**
         * encoded with now: the option, or less while the connection is slow
         */
        videoBitsPerSecond: number;
        /**
         * how the stream is made, and why so
         */
        way: {
            as: "packets" | "recording";
            by: string;
            why: string;
        };
        /**
         * of a recording: how many there were, one after the other
         */
        recordings?: number | undefined;
        /**
         * of packets: pictures
         */
        sent?: number | undefined;
        /**
         * of them, those at which a viewer can join
         */
        keyPackets?: number | undefined;
        /**
         * pictures left out before they were encoded, for encoder or network were behind
         */
        dropped?: number | undefined;
        /**
         * pictures on their way
         */
        underWay?: number | undefined;
        /**
         * what a picture takes
         */
        encodeMs?: number | undefined;
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
     * The same as `say()`: something to all viewers, by the side channel.
     *
     * @param {unknown} data any JSON value
     * @param {import('./side_channel.js').SendOptions} [options]
     */
    send(data: unknown, options?: import("./side_channel.js").SendOptions): void;
    /**
     * Goes on with another source, say another camera: viewers stay and see it next.
     *
     * @param {import('./live_media.js').LiveSource} source
     * @param {{audio?: MediaStream | null}} [options] `audio`: sound beside it; null = the source's own; default: as before
     */
    replace(source: import("./live_media.js").LiveSource, { audio }?: {
        audio?: MediaStream | null;
    }): void;
    #private;
}
export type PublishOptions = import("./publish_types.js").PublishOptions;
export type PublishState = import("./publish_types.js").PublishState;
export type PublicationEvents = import("./publish_types.js").PublicationEvents;
export type RecordingNews = import("./publish_types.js").RecordingNews;
export type RecordedFile = import("./publish_types.js").RecordedFile;
import { MessagePublication } from "./message_publication.js";
import { PicturePublication } from "./picture_publication.js";
import { BasePublication } from "./base_publication.js";
