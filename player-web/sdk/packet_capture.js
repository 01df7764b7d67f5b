import { openPictures } from "./picture_sources.js";

/**
 * Where a publication of packets takes its pictures from: a track that is read, in a worker, by a
 * MediaStreamTrackProcessor; or what is looked at whenever it may have changed (picture_sources.js).
 *
 * @typedef {import('./picture_sources.js').PictureSource | MediaStreamTrack} PacketSource
 *
 * @typedef {object} Capture
 * @property {ReadableStream<VideoFrame> | null} readable null = `pictures` are asked
 * @property {import('./picture_sources.js').Pictures | null} pictures
 * @property {MediaStream | null} audio
 * @property {boolean} silent there are no pictures at all
 * @property {string} by what takes them, in words
 * @property {string} contentHint
 * @property {() => {width: number, height: number}} size 0 while it is not known
 * @property {() => boolean} ended
 * @property {() => void} stop
 */

/**
 * @param {PacketSource} source
 * @param {{fps: number, failed: (why: import('./errors.js').FramewireError) => void}} options
 * @returns {Capture}
 */
export function openCapture(source, options) {
  const stream = streamOf(source);
  const [track] = stream?.getVideoTracks() ?? [];
  if (stream && !track) return soundAlone(stream);
  const Processor = /** @type {any} */ (globalThis).MediaStreamTrackProcessor;
  if (stream && Processor) return ofTrack(stream, track, new Processor({ track }).readable);
  const pictures = openPictures(stream ?? /** @type {any} */ (source), options);
  return {
    readable: null,
    pictures,
    audio: pictures.audio,
    silent: false,
    by: pictures.onTick ? "the canvas, after each animation frame" : "the element or iterable",
    contentHint: track?.contentHint ?? "",
    size: () => pictures.size(),
    ended: () => pictures.ended(),
    stop: () => pictures.stop(),
  };
}

/** @param {PacketSource} source @returns {MediaStream | null} */
export function streamOf(source) {
  if (!source || typeof source !== "object") return null;
  if ("getTracks" in source) return source;
  return "readyState" in source && "kind" in source
    ? new MediaStream([/** @type {MediaStreamTrack} */ (source)])
    : null;
}

/** @param {MediaStream} stream */
const endedOf = (stream) => () =>
  stream.getTracks().every(({ readyState }) => readyState === "ended");

/** @param {MediaStream} stream @param {MediaStreamTrack} track @param {ReadableStream<VideoFrame>} readable @returns {Capture} */
function ofTrack(stream, track, readable) {
  return {
    readable,
    pictures: null,
    audio: stream.getAudioTracks().length > 0 ? stream : null,
    silent: false,
    by: "a track processor",
    contentHint: track.contentHint,
    size: () => {
      const { width = 0, height = 0 } = track.getSettings();
      return { width, height };
    },
    ended: endedOf(stream),
    stop: () => {}, // who reads it cancels it
  };
}

/** @param {MediaStream} stream @returns {Capture} */
function soundAlone(stream) {
  return {
    readable: null,
    pictures: null,
    audio: stream,
    silent: true,
    by: "sound alone",
    contentHint: "",
    size: () => ({ width: 0, height: 0 }),
    ended: endedOf(stream),
    stop: () => {},
  };
}
