import { FramewireError } from "./errors.js";

/**
 * Which MediaRecorder type to ask for. A type must name the tracks that there are, and no more:
 * Firefox never finishes a recording of `opus` without an audio track.
 *
 * WebM comes first: it flows frame by frame, where MP4 comes a GOP at a time. From 720 lines up VP9 is
 * asked for before VP8, whose software encoder falls behind there. In MP4 `avc3` comes before `avc1`:
 * with `avc1` Chromium loses the parameter sets of a resized canvas. H.264 in WebM, which Chromium records as
 * well, plays in no browser.
 *
 * @param {object} wish
 * @param {boolean} wish.video
 * @param {boolean} wish.audio
 * @param {number} [wish.height] of the picture, in pixels
 * @param {'webm' | 'mp4'} [wish.format] default: webm where there is one
 * @param {'vp8' | 'vp9' | 'av1' | 'h264'} [wish.codec] of the picture; default: as above
 * @param {(type: string) => boolean} isTypeSupported MediaRecorder.isTypeSupported
 * @returns {{mimeType: string, format: 'webm' | 'mp4'}}
 */
export function chooseRecorderType(wish, isTypeSupported) {
  /** @type {('webm' | 'mp4')[]} */
  const formats = wish.format ? [wish.format] : ["webm", "mp4"];
  for (const format of formats) {
    const mimeType = candidates(format, wish).find((type) => isTypeSupported(type));
    if (mimeType) return { mimeType, format };
  }
  throw new FramewireError(
    "unsupported-recorder",
    `This browser cannot record ${[wish.codec, formats.join(" or ")].filter(Boolean).join(" in ")}. ${
      wish.codec || wish.format
        ? "Leave codec and format to the SDK."
        : "Use a current Chrome, Edge, Firefox or Safari."
    }`,
  );
}

/** By container, in the order of preference; names of MediaRecorder's. */
const CODECS = {
  webm: { vp8: ["vp8"], vp9: ["vp9"], av1: ["av1"], h264: [] },
  mp4: {
    h264: ["avc3.42E01E", "avc1.42E01E"],
    vp9: ["vp9"],
    av1: ["av01.0.04M.08"],
    vp8: [],
  },
};

/**
 * @param {'webm' | 'mp4'} format
 * @param {{video: boolean, audio: boolean, height?: number, codec?: 'vp8' | 'vp9' | 'av1' | 'h264'}} wish
 */
function candidates(format, { video, audio, height = 0, codec }) {
  if (!video) {
    const codecs = format === "webm" ? ["opus"] : ["mp4a.40.2", "opus"];
    return codecs.map((name) => `audio/${format};codecs=${name}`);
  }
  const sounds = audio ? [",opus", ...(format === "mp4" ? [",mp4a.40.2"] : [])] : [""];
  const pictures = codec ? CODECS[format][codec] : usual(format, height);
  const named = pictures.flatMap((name) =>
    sounds.map((sound) => `video/${format};codecs=${name}${sound}`),
  );
  return format === "mp4" && !codec ? [...named, "video/mp4"] : named;
}

/** @param {'webm' | 'mp4'} format @param {number} height */
function usual(format, height) {
  if (format === "mp4") return [...CODECS.mp4.h264, ...CODECS.mp4.vp9];
  return height >= 720 ? ["vp9", "vp8"] : ["vp8", "vp9"];
}
