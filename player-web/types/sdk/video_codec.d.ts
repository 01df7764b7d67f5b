/** As WebCodecs names it. @param {CodecName} name @param {Size} size */
export function codecString(name: CodecName, { width, height, fps }: Size): string;
/**
 * @param {CodecName} name
 * @param {Size & {bitrate: number, contentHint?: string}} wish `contentHint`: of the track, `text` or `motion` say
 * @returns {VideoEncoderConfig}
 */
export function encoderConfig(name: CodecName, { width, height, fps, bitrate, contentHint }: Size & {
    bitrate: number;
    contentHint?: string;
}): VideoEncoderConfig;
/**
 * @param {Size & {bitrate: number}} wish
 * @param {string | undefined} codec that was asked for; undefined = the best
 * @param {Speed} speed
 * @param {Set<CodecName>} [failed] of these no more
 * @returns {Promise<Choice>}
 */
export function chooseCodec(wish: Size & {
    bitrate: number;
}, codec: string | undefined, speed: Speed, failed?: Set<CodecName>): Promise<Choice>;
/** What an option says; null: nothing. Throws if it is none. @param {string | undefined} codec @returns {CodecName | null} */
export function codecNamed(codec: string | undefined): CodecName | null;
/**
 * Which codec pictures are encoded with: the first one that this machine encodes in time, tried on a few pictures of
 * the size that is wanted. What a browser says of itself is not enough: it says yes to an encoder that needs seconds.
 */
export type CodecName = "h264" | "vp8" | "vp9" | "av1";
/**
 * Which codec pictures are encoded with: the first one that this machine encodes in time, tried on a few pictures of
 * the size that is wanted. What a browser says of itself is not enough: it says yes to an encoder that needs seconds.
 */
export type Size = {
    width: number;
    height: number;
    fps: number;
};
/**
 * milliseconds for a picture;
 * Infinity = not with this browser
 */
export type Speed = (name: CodecName, config: VideoEncoderConfig) => Promise<number>;
/**
 * Which codec pictures are encoded with: the first one that this machine encodes in time, tried on a few pictures of
 * the size that is wanted. What a browser says of itself is not enough: it says yes to an encoder that needs seconds.
 */
export type Choice = {
    /**
     * null = none works
     */
    codec: CodecName | null;
    /**
     * a sentence
     */
    why: string;
    /**
     * what a picture takes, where that is too long for all of them to be encoded
     */
    slowMs?: number | undefined;
};
