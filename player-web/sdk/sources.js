import { FramewireError } from "./errors.js";
import { FileSource } from "./file_source.js";
import { FrameSource } from "./frame_source.js";
import { StreamSource } from "./stream_source.js";

/**
 * What a publication is made of: something that gives one run of bytes after another, each an init segment
 * and what follows it.
 *
 * @typedef {MediaStream | HTMLCanvasElement | OffscreenCanvas | Blob} PublishSource
 *
 * @typedef {object} RunSettings
 * @property {number} videoBitsPerSecond
 * @property {number} audioBitsPerSecond
 * @property {number} timesliceMs
 * @property {number} keyframeMs
 * @property {(chunk: Uint8Array, captureUs: number) => void} onChunk
 * @property {() => boolean} hasRoom false = hold back, if it can be
 *
 * @typedef {object} Run
 * @property {Promise<FramewireError | null>} done after the last chunk; with the reason if nobody called stop()
 * @property {() => Promise<FramewireError | null>} stop
 * @property {boolean} [torn] something of it is lost: what follows would be a broken stream
 *
 * @typedef {object} Source
 * @property {'webm' | 'mp4' | ''} format the same for all runs; '' = the server finds out
 * @property {string} mimeType of the newest run; '' = not known
 * @property {{width?: number, height?: number}} size of the picture, in pixels
 * @property {boolean} ended nothing more will come of it
 * @property {boolean} adapts its bitrate can be chosen
 * @property {string} changed why the run no longer fits, so that another is due; '' = it does
 * @property {(settings: RunSettings) => Run} start may throw a FramewireError
 * @property {() => void} close gives back what it has taken; the page's own tracks stay
 */

/**
 * @param {PublishSource} source
 * @param {import('./publish_types.js').PublishOptions} options
 * @returns {Source}
 */
export function openSource(source, options) {
  const frameRate = options.frameRate ?? 30;
  if (source && typeof source === "object") {
    if ("getTracks" in source) return new StreamSource(source, options);
    if ("captureStream" in source) {
      return new StreamSource(source.captureStream(frameRate), options, true);
    }
    if ("convertToBlob" in source) return new FrameSource(source, options);
    if ("arrayBuffer" in source && "slice" in source) return new FileSource(source);
  }
  throw new FramewireError(
    "bad-source",
    "Give a MediaStream, a canvas, an OffscreenCanvas or a File to publish.",
  );
}
