import { FramewireError } from "./errors.js";
import { LiveTracks, noLiveTrack } from "./live_tracks.js";
import { openPictures } from "./picture_sources.js";

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
export function openCapture(source, options) {
  const stream = streamOf(source);
  if (stream) return ofStream(stream, options);
  if (!isLookedAt(source)) {
    throw new FramewireError(
      "bad-source",
      "Give a MediaStream, a track, a canvas, an OffscreenCanvas, a video element, an async iterable of frames or a File to publish.",
    );
  }
  const pictures = openPictures(/** @type {any} */ (source), options);
  return { ...ofPictures(pictures, ""), recordable: "captureStream" in Object(source) };
}

/** @param {PacketSource} source @returns {MediaStream | null} */
export function streamOf(source) {
  if (!source || typeof source !== "object") return null;
  if ("getTracks" in source) return source;
  return "readyState" in source && "kind" in source
    ? new MediaStream([/** @type {MediaStreamTrack} */ (source)])
    : null;
}

/** @param {any} source */
const isLookedAt = (source) =>
  typeof source === "object" &&
  source !== null &&
  ("videoWidth" in source ||
    "getContext" in source ||
    Symbol.asyncIterator in source ||
    Symbol.iterator in source);

/** @param {MediaStream} stream @param {{fps: number, failed: (why: FramewireError) => void}} options @returns {Capture} */
function ofStream(stream, options) {
  const tracks = new LiveTracks(stream);
  if (tracks.ended) throw noLiveTrack();
  const live = tracks.use();
  const track = tracks.first("video");
  const about = {
    audio: tracks.first("audio") ? live : null,
    contentHint: track?.contentHint ?? "",
    recordable: true,
    ended: () => tracks.ended,
    changed: () => tracks.changed,
  };
  if (!track) return { ...NOTHING, ...about, silent: true, by: "sound alone" };
  const Processor = /** @type {any} */ (globalThis).MediaStreamTrackProcessor;
  if (!Processor)
    return { ...ofPictures(openPictures(live, options), about.contentHint), ...about };
  const size = () => {
    const { width = 0, height = 0 } = track.getSettings();
    return { width, height };
  };
  const open = () => new Processor({ track }).readable;
  return { ...NOTHING, ...about, open, by: "a track processor", size };
}

/** @param {import('./picture_sources.js').Pictures} pictures @param {string} contentHint @returns {Capture} */
const ofPictures = (pictures, contentHint) => ({
  ...NOTHING,
  pictures,
  audio: pictures.audio,
  by: pictures.onTick ? "the canvas, after each animation frame" : "the element or iterable",
  contentHint,
  size: () => pictures.size(),
  ended: () => pictures.ended(),
  stop: () => pictures.stop(),
});

/** @type {Capture} */
const NOTHING = {
  open: null,
  pictures: null,
  audio: null,
  silent: false,
  by: "",
  contentHint: "",
  recordable: false,
  size: () => ({ width: 0, height: 0 }),
  ended: () => false,
  changed: () => "",
  stop: () => {},
};
