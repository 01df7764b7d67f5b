/**
 * @param {CodecName} name
 * @param {VideoEncoderConfig} config
 * @returns {Promise<number>} milliseconds; Infinity = this browser does not encode it
 */
export function codecSpeed(name: CodecName, config: VideoEncoderConfig): Promise<number>;
/**
 * How long this machine takes to encode a picture: some are encoded, one after the other, and the median counts.
 */
export type CodecName = import("./video_codec.js").CodecName;
