/**
 * What the browser's video encoder is asked for when a film is encoded in the page: the codecs that a container
 * holds, in the order in which they are asked for; their levels; and the quality, which is meant to be that of the
 * server's encoder (its SSIM): a quantizer for each frame where the browser takes one, else a bitrate.
 *
 * @typedef {object} FilmCodec
 * @property {string} name h264, vp8, vp9, av1
 * @property {string} container
 * @property {VideoEncoderConfig} config
 * @property {VideoEncoderEncodeOptions} perFrame
 *
 * @typedef {object} FilmWish
 * @property {number} width
 * @property {number} height
 * @property {number} fps
 * @property {'mp4' | 'webm'} [container]
 * @property {'h264' | 'vp8' | 'vp9' | 'av1'} [codec]
 * @property {'draft' | 'good' | 'high' | 'lossless'} [quality]
 */

/** @type {{[container: string]: string[]}} */
const CONTAINERS = { mp4: ["h264", "vp9", "av1"], webm: ["vp9", "av1", "vp8"] };

/** ITU-T H.264, table A-1: level_idc, macroblocks of a picture, in a second. */
const H264_LEVELS = [
  [0x1f, 3_600, 108_000],
  [0x28, 8_192, 245_760],
  [0x2a, 8_704, 522_240],
  [0x32, 22_080, 589_824],
  [0x33, 36_864, 983_040],
  [0x34, 36_864, 2_073_600],
  [0x3e, 139_264, 16_711_680],
];
/** Level of VP9, seq_level_idx of AV1, pixels of a picture, in a second: the smaller of both codecs' limits. */
const OTHER_LEVELS = [
  ["31", "05", 983_040, 36_864_000],
  ["41", "09", 2_228_224, 155_713_536],
  ["51", "13", 8_912_896, 534_773_760],
  ["62", "18", 35_651_584, 4_278_190_080],
];

/** @param {FilmWish} wish */
function codecString({ width, height, fps }, /** @type {string} */ name) {
  if (name === "vp8") return "vp8";
  if (name === "h264") {
    const blocks = Math.ceil(width / 16) * Math.ceil(height / 16);
    const level = H264_LEVELS.find(([, most, rate]) => blocks <= most && blocks * fps <= rate);
    return `avc1.6400${(level ?? H264_LEVELS[H264_LEVELS.length - 1])[0].toString(16)}`;
  }
  const pixels = width * height;
  const level =
    OTHER_LEVELS.find(([, , most, rate]) => pixels <= +most && pixels * fps <= +rate) ??
    OTHER_LEVELS[OTHER_LEVELS.length - 1];
  return name === "vp9" ? `vp09.00.${level[0]}.08` : `av01.0.${level[1]}M.08`;
}

/** @type {{[codec: string]: {member: string, draft: number, good: number, high: number}}} */
const QUANTIZERS = {
  h264: { member: "avc", draft: 30, good: 23, high: 17 },
  vp8: { member: "vp8", draft: 40, good: 24, high: 12 },
  vp9: { member: "vp9", draft: 40, good: 26, high: 14 },
  av1: { member: "av1", draft: 40, good: 26, high: 14 },
};
/** Bits of a pixel, where there is no quantizer. @type {{[quality: string]: number}} */
const BITS = { draft: 0.1, good: 0.25, high: 0.6 };

/**
 * Those that this browser says it has an encoder for, the first one first.
 *
 * @param {FilmWish} wish
 * @returns {Promise<FilmCodec[]>}
 */
export async function filmCodecs(wish) {
  const { width, height, fps, container = "mp4", codec, quality = "high" } = wish;
  if (!globalThis.VideoEncoder || quality === "lossless") return [];
  const names = (CONTAINERS[container] ?? []).filter((name) => !codec || name === codec);
  const found = [];
  for (const name of names) {
    /** @type {VideoEncoderConfig} */
    const config = {
      codec: codecString(wish, name),
      width,
      height,
      framerate: fps,
      latencyMode: "quality",
      ...(name === "h264" && { avc: { format: "avc" } }),
    };
    const quantizer = QUANTIZERS[name];
    const bitrate = Math.round(BITS[quality] * width * height * fps);
    const ways = /** @type {VideoEncoderConfig[]} */ ([
      { ...config, bitrateMode: "quantizer" },
      { ...config, bitrateMode: "variable", bitrate },
    ]);
    for (const way of ways) {
      const support = await VideoEncoder.isConfigSupported(way).catch(() => null);
      if (!support?.supported) continue;
      const perFrame =
        way.bitrateMode === "quantizer"
          ? { [quantizer.member]: { quantizer: quantizer[quality] } }
          : {};
      found.push({ name, container, config: way, perFrame });
      break;
    }
  }
  return found;
}
