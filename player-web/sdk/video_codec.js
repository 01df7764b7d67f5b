/**
 * Which codec pictures are encoded with: the first one that this machine encodes in time, tried on a few pictures of
 * the size that is wanted. What a browser says of itself is not enough: it says yes to an encoder that needs seconds.
 *
 * @typedef {'h264' | 'vp8' | 'vp9' | 'av1'} CodecName
 * @typedef {{width: number, height: number, fps: number}} Size
 * @typedef {(name: CodecName, config: VideoEncoderConfig) => Promise<number>} Speed milliseconds for a picture;
 *   Infinity = not with this browser
 *
 * @typedef {object} Choice
 * @property {CodecName | null} codec null = none works
 * @property {string} why a sentence
 * @property {number} [slowMs] what a picture takes, where that is too long for all of them to be encoded
 */
import { FramewireError } from "./errors.js";

/** H.264 first: it costs least, and every output of the server has it as it is. */
const NAMES = /** @type {CodecName[]} */ (["h264", "vp8", "vp9", "av1"]);
/** A picture may take so much of the time until the next: page, network and viewer have the rest. */
const BUDGET = 0.6;

/** H.264 levels: macroblocks of a picture, of a second, level_idc (ITU-T H.264, table A-1). */
const H264_LEVELS = [
  [1620, 40_500, 30],
  [3600, 108_000, 31],
  [5120, 216_000, 32],
  [8192, 245_760, 40],
  [8704, 522_240, 42],
  [22_080, 589_824, 50],
  [36_864, 983_040, 51],
  [36_864, 2_073_600, 52],
];
/** Of VP9 and AV1, by pixels of a picture: VP9's level, AV1's seq_level_idx. */
const LEVELS = [
  [552_960, 30, 4],
  [983_040, 31, 5],
  [2_228_224, 40, 8],
  [8_912_896, 50, 12],
  [35_651_584, 60, 16],
];

/** As WebCodecs names it. @param {CodecName} name @param {Size} size */
export function codecString(name, { width, height, fps }) {
  if (name === "vp8") return "vp8";
  if (name === "h264") {
    const blocks = Math.ceil(width / 16) * Math.ceil(height / 16);
    const fits = H264_LEVELS.find(([frame, second]) => blocks <= frame && blocks * fps <= second);
    const level = (fits ?? H264_LEVELS[H264_LEVELS.length - 1])[2];
    return `avc1.42e0${level.toString(16).padStart(2, "0")}`;
  }
  const pixels = width * height;
  const [, vp9, av1] = LEVELS.find(([most]) => pixels <= most) ?? LEVELS[LEVELS.length - 1];
  return name === "vp9" ? `vp09.00.${vp9}.08` : `av01.0.${String(av1).padStart(2, "0")}M.08`;
}

/**
 * @param {CodecName} name
 * @param {Size & {bitrate: number, contentHint?: string}} wish `contentHint`: of the track, `text` or `motion` say
 * @returns {VideoEncoderConfig}
 */
export function encoderConfig(name, { width, height, fps, bitrate, contentHint }) {
  const config = /** @type {any} */ ({
    codec: codecString(name, { width, height, fps }),
    width,
    height,
    bitrate,
    framerate: fps,
    latencyMode: "realtime",
  });
  if (name === "h264") config.avc = { format: "avc" };
  if (contentHint) config.contentHint = contentHint;
  return config;
}

/**
 * @param {Size & {bitrate: number}} wish
 * @param {string | undefined} codec that was asked for; undefined = the best
 * @param {Speed} speed
 * @param {Set<CodecName>} [failed] of these no more
 * @returns {Promise<Choice>}
 */
export async function chooseCodec(wish, codec, speed, failed = new Set()) {
  const asked = codecNamed(codec);
  const budgetMs = (1000 / wish.fps) * BUDGET;
  /** @type {string[]} */
  const slow = [];
  /** @type {{name: CodecName, ms: number} | null} */
  let fastest = null;
  for (const name of asked ? [asked] : NAMES) {
    if (failed.has(name)) continue;
    const ms = await speed(name, encoderConfig(name, wish));
    if (ms === Number.POSITIVE_INFINITY) continue;
    const took = `${name} takes ${ms.toFixed(1)} ms for a picture of ${wish.width} × ${wish.height}`;
    const slowMs = ms > budgetMs ? ms : undefined;
    if (asked) return { codec: name, why: `It was asked for; ${took}.`, slowMs };
    if (ms <= budgetMs) return { codec: name, why: [...slow, `${took}.`].join(" ") };
    slow.push(`${took}, too long.`);
    if (!fastest || ms < fastest.ms) fastest = { name, ms };
  }
  if (fastest) {
    const { name, ms } = fastest;
    return { codec: name, why: `${slow.join(" ")} It is the fastest.`, slowMs: ms };
  }
  const what = asked ?? "of H.264, VP8, VP9 and AV1 none";
  const why = `This browser's VideoEncoder encodes no pictures of ${wish.width} × ${wish.height} (${what}).`;
  return { codec: null, why };
}

/** What an option says; null: nothing. Throws if it is none. @param {string | undefined} codec @returns {CodecName | null} */
export function codecNamed(codec) {
  if (codec === undefined) return null;
  const name = NAMES.find((each) => each === codec);
  if (name) return name;
  throw new FramewireError(
    "bad-option",
    `codec: "${codec}" is none. Codecs: ${NAMES.join(", ")}; by default the best for this machine.`,
  );
}
