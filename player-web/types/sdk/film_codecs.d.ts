/**
 * Those that this browser says it has an encoder for, the first one first.
 *
 * @param {FilmWish} wish
 * @returns {Promise<FilmCodec[]>}
 */
export function filmCodecs(wish: FilmWish): Promise<FilmCodec[]>;
/**
 * What the browser's video encoder is asked for when a film is encoded in the page: the codecs that a container
 * holds, in the order in which they are asked for; their levels; and the quality, which is meant to be that of the
 * server's encoder (its SSIM): a quantizer for each frame where the browser takes one, else a bitrate.
 */
export type FilmCodec = {
    /**
     * h264, vp8, vp9, av1
     */
    name: string;
    container: string;
    config: VideoEncoderConfig;
    perFrame: VideoEncoderEncodeOptions;
};
/**
 * What the browser's video encoder is asked for when a film is encoded in the page: the codecs that a container
 * holds, in the order in which they are asked for; their levels; and the quality, which is meant to be that of the
 * server's encoder (its SSIM): a quantizer for each frame where the browser takes one, else a bitrate.
 */
export type FilmWish = {
    width: number;
    height: number;
    fps: number;
    container?: "webm" | "mp4" | undefined;
    codec?: "vp8" | "vp9" | "av1" | "h264" | undefined;
    quality?: "high" | "draft" | "good" | "lossless" | undefined;
};
