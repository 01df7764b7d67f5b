/**
 * Where a publication of packets takes its pictures from: a track that is read, in a worker, by a
 * MediaStreamTrackProcessor; or what is looked at whenever it may have changed (picture_sources.js).
 *
 * @typedef {import('./picture_sources.js').PictureSource | MediaStreamTrack} PacketSource
 *
 * @typedef {object} Capture
 * @property {(() => ReadableStream<VideoFrame>) | null} open to be read by one; null = `pictures` are asked. Who reads it
 *   cancels it
 * @property {import('./picture_sources.js').Pictures | null} pictures
 * @property {MediaStream | null} audio
 * @property {boolean} silent there are no pictures at all
 * @property {string} by what takes them, in words
 * @property {string} contentHint
 * @property {() => {width: number, height: number}} size 0 while it is not known
 * @property {() => boolean} ended
 * @property {boolean} recordable a recorder could take it
 * @property {() => string} changed why another capture is due: a track was lost or added; '' = none is
 * @property {() => void} stop
 */
/**
 * @param {PacketSource} source
 * @param {{fps: number, failed: (why: import('./errors.js').FramewireError) => void}} options
 * @returns {Capture}
 */
export function openCapture(source: PacketSource, options: {
    fps: number;
    failed: (why: import("./errors.js").FramewireError) => void;
}): Capture;
/** @param {PacketSource} source @returns {MediaStream | null} */
export function streamOf(source: PacketSource): MediaStream | null;
/**
 * Where a publication of packets takes its pictures from: a track that is read, in a worker, by a
 * MediaStreamTrackProcessor; or what is looked at whenever it may have changed (picture_sources.js).
 */
export type PacketSource = import("./picture_sources.js").PictureSource | MediaStreamTrack;
/**
 * Where a publication of packets takes its pictures from: a track that is read, in a worker, by a
 * MediaStreamTrackProcessor; or what is looked at whenever it may have changed (picture_sources.js).
 */
export type Capture = {
    /**
     * to be read by one; null = `pictures` are asked. Who reads it
     * cancels it
     */
    open: (() => ReadableStream<VideoFrame>) | null;
    pictures: import("./picture_sources.js").Pictures | null;
    audio: MediaStream | null;
    /**
     * there are no pictures at all
     */
    silent: boolean;
    /**
     * what takes them, in words
     */
    by: string;
    contentHint: string;
    /**
     * 0 while it is not known
     */
    size: () => {
        width: number;
        height: number;
    };
    ended: () => boolean;
    /**
     * a recorder could take it
     */
    recordable: boolean;
    /**
     * why another capture is due: a track was lost or added; '' = none is
     */
    changed: () => string;
    stop: () => void;
};
