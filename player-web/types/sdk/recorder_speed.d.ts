/**
 * @param {{width: number, height: number, fps: number, bitrate: number}} wish
 * @param {CodecName | undefined} codec undefined: the recorder's best
 * @returns {Promise<number>} pictures a second; 0 = it cannot be told
 */
export function recorderSpeed(wish: {
    width: number;
    height: number;
    fps: number;
    bitrate: number;
}, codec: CodecName | undefined): Promise<number>;
/**
 * How many pictures a second a MediaRecorder of this browser makes of a canvas of some size, when it is given more than
 * it can: tried for a second on something that moves. Asked only where WebCodecs proved too slow (codec_speed.js).
 */
export type CodecName = import("./video_codec.js").CodecName;
