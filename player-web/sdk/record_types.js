import { FramewireError } from "./errors.js";
import { checkOptions, flag, oneOf, other, positive, share, text } from "./options.js";

/**
 * @typedef {object} RecordCanvasOptions
 * @property {string | URL} url `/publish/NAME`, a whole URL, or the bare name
 * @property {number} fps frames a second of the film: frame n is shown at n / fps
 * @property {number} [frames] how many there will be: for the ETA, and a film with fewer is marked as such
 * @property {'mp4' | 'webm'} [container] default mp4; with `alpha` webm
 * @property {'h264' | 'vp8' | 'vp9' | 'av1'} [codec] default h264, in WebM vp9; in the page another one, if the browser
 *   has no encoder for that
 * @property {'page' | 'server' | 'auto'} [encode] where the frames are encoded: in the page, by the browser's encoder, or
 *   on the server, which they are sent to as they are. Default auto: both are measured for a moment; `stats.why` says
 *   what was taken, and why
 * @property {'draft' | 'good' | 'high' | 'lossless'} [quality] default high, which is hardly to be told from
 *   the frames; `lossless` is exact but for the step from RGB to YUV 4:4:4
 * @property {import('./canvas_frames.js').FrameFormat} [format] how frames are sent to be encoded on the server, which
 *   it implies. Default i420, the planes that encoders take, packed without a loss; with `lossless` rgba; for frames of more than 16 MiB png
 * @property {number} [imageQuality] of jpeg and webp, 0 to 1
 * @property {boolean} [hash] check on the server that each frame is what was read, or encoded, here; default false
 * @property {boolean} [alpha] keep transparency, which else is laid on black: by the server's encoder, VP9 or VP8 in WebM,
 *   without sound; default false
 * @property {AudioBuffer | import('./film_sound.js').SoundForm} [audio] the film's sound from its first frame on; or
 *   what it will be like, when it comes by `audio()`
 * @property {string} [token] publish key; default: `?token=` of the URL
 * @property {() => string | Promise<string>} [refreshToken] asked for a new token before the present one ends, and, without
 *   `token`, for the first one: the connection goes on, and nobody notices
 * @property {string | URL} [server] the server that a name or path is of; default the one that this SDK came from
 * @property {number} [giveUpMs] a server that was not reached once by then is an error, in milliseconds; default 10000
 * @property {string} [title] of the stream, for people; default none
 *
 * @typedef {'connecting' | 'recording' | 'reconnecting' | 'finishing' | 'done' | 'cancelled' | 'error'}
 *   CanvasRecorderState
 *
 * @typedef {object} RecordProgress
 * @property {number} frames that the server has taken
 * @property {number} encoded frames that are in the file
 * @property {number} fps encoded in a second, lately
 * @property {number | null} etaMs until all are; null: not known
 *
 * @typedef {object} RecordedCanvas
 * @property {string} url of the file
 * @property {number} frames in it
 * @property {number} duration in seconds
 * @property {number} bytes
 * @property {number} hashed frames that the server has checked, with `hash`
 * @property {string} incomplete why it ends too soon; "" = it does not
 * @property {'page' | 'server'} encode where its frames were encoded
 * @property {string} why there
 *
 * @typedef {object} CanvasRecorderEvents
 * @property {CanvasRecorderState} state the new one
 * @property {RecordProgress} progress
 * @property {import('./errors.js').FramewireError} error the end, and why
 */

const KINDS = {
  url: other,
  fps: other, // below
  frames: positive,
  container: oneOf("mp4", "webm"),
  codec: oneOf("h264", "vp8", "vp9", "av1"),
  encode: oneOf("page", "server", "auto"),
  quality: oneOf("draft", "good", "high", "lossless"),
  format: other, // its maker knows
  imageQuality: share,
  hash: flag,
  alpha: flag,
  audio: other,
  title: text,
};

/** @param {RecordCanvasOptions} options */
export function checkFilm(options) {
  checkOptions("recordCanvas()", options, KINDS);
  if (!(options?.fps > 0)) {
    throw new FramewireError("bad-source", "Say how many frames a second the film has: fps.");
  }
  const why = options.alpha ? whyNoAlpha(options) : "";
  if (why) throw new FramewireError("bad-source", why);
}

/** @param {RecordCanvasOptions} options @returns {string} "" = it can be kept */
function whyNoAlpha({ container = "webm", codec = "vp9", format = "png", quality, audio }) {
  if (container !== "webm" || codec === "h264" || codec === "av1") {
    const asked = container === "webm" ? codec : container;
    return `There is no transparency in ${asked}: say webm, with vp9 or vp8, or leave out \`alpha\`.`;
  }
  if (format === "jpeg" || format === "i420") {
    return `Frames sent as ${format} have no transparency: say png, webp or rgba.`;
  }
  if (quality === "lossless") return "Transparency is never lossless: ask for high.";
  return audio ? "A film that keeps transparency has no sound." : "";
}
