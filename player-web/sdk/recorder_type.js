import { FramewireError } from "./errors.js";

/**
 * Which MediaRecorder type to ask for. A type must name the tracks that there are, and no more:
 * Firefox never finishes a recording of `opus` without an audio track.
 *
 * WebM comes first: it flows frame by frame, where MP4 comes a GOP at a time. From 720 lines up VP9 is
 * asked for before VP8, whose software encoder falls behind there. In MP4 `avc3` comes before `avc1`:
 * with `avc1` Chromium loses the parameter sets of a resized canvas.
 *
 * @param {object} wish
 * @param {boolean} wish.video
 * @param {boolean} wish.audio
 * @param {number} [wish.height] of the picture, in pixels
 * @param {'webm' | 'mp4'} [wish.format] default: webm where there is one
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
    `This browser cannot record ${formats.join(" or ")}. Use a current Chrome, Edge, Firefox or Safari.`,
  );
}

/**
 * @param {'webm' | 'mp4'} format
 * @param {{video: boolean, audio: boolean, height?: number}} wish
 */
function candidates(format, { video, audio, height = 0 }) {
  if (!video) {
    const codecs = format === "webm" ? ["opus"] : ["mp4a.40.2", "opus"];
    return codecs.map((codec) => `audio/${format};codecs=${codec}`);
  }
  if (format === "webm") {
    const codecs = height >= 720 ? ["vp9", "vp8"] : ["vp8", "vp9"];
    return codecs.map((codec) => `video/webm;codecs=${codec}${audio ? ",opus" : ""}`);
  }
  const sound = audio ? [",opus", ",mp4a.40.2"] : [""];
  const named = ["avc3.42E01E", "avc1.42E01E", "vp9"].flatMap((codec) =>
    sound.map((codec2) => `video/mp4;codecs=${codec}${codec2}`),
  );
  return [...named, "video/mp4"];
}
