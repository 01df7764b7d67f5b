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
export function chooseRecorderType(wish: {
    video: boolean;
    audio: boolean;
    height?: number | undefined;
    format?: "webm" | "mp4" | undefined;
    codec?: "vp8" | "vp9" | "av1" | "h264" | undefined;
}, isTypeSupported: (type: string) => boolean): {
    mimeType: string;
    format: "webm" | "mp4";
};
