/**
 * Test pictures and tones for odd inputs, made with ffmpeg, each once: four seconds, 25 pictures a second,
 * a keyframe every two seconds, and a colour in each corner, so that what is turned is seen.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./decode.mjs";
import { clockMp4 } from "./odd_clock.mjs";

export const WIDTH = 192;
export const HEIGHT = 108;
export const STEP_MS = 40;
/** @typedef {[number, number, number]} Rgb */
/** Of the corners: left and right above, left and right below. @type {Rgb[]} */
export const CORNERS = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 0],
];

const dir = mkdtempSync(join(tmpdir(), "framewire-odd-media-"));
process.on("exit", () => rmSync(dir, { recursive: true, force: true }));

const X264 = "-c:v libx264 -preset veryfast -sc_threshold 0 -pix_fmt yuv420p";
/** @type {Record<string, string>} */
const VIDEO = {
  h264: `${X264} -bf 0`,
  h264b: `${X264} -bf 2`,
  hevc: "-c:v libx265 -preset ultrafast -x265-params bframes=0:keyint=50:scenecut=0:log-level=none",
  hevcb:
    "-c:v libx265 -preset ultrafast -x265-params bframes=2:keyint=50:scenecut=0:open-gop=0:log-level=none",
  vp8: "-c:v libvpx -deadline realtime -cpu-used 8 -b:v 400k -lag-in-frames 0",
  vp9: "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 400k -lag-in-frames 0",
  av1: "-c:v libaom-av1 -usage realtime -cpu-used 8 -b:v 400k -lag-in-frames 0",
  mpeg4: "-c:v mpeg4 -q:v 4",
  mjpeg: "-c:v mjpeg -q:v 4 -pix_fmt yuvj420p",
  mpeg2: "-c:v mpeg2video -q:v 4 -bf 0",
  theora: "-c:v libtheora -q:v 6",
  flv1: "-c:v flv -q:v 4",
  // shape
  sar: `${X264} -bf 0 -aspect 4:3`,
  interlaced: `${X264} -bf 0 -flags +ildct+ilme -x264-params tff=1`,
  mpeg2i: "-c:v mpeg2video -q:v 4 -bf 0 -flags +ildct+ilme -aspect 4:3",
  full: "-c:v libx264 -preset veryfast -sc_threshold 0 -bf 0 -pix_fmt yuvj420p",
  ten: "-c:v libx264 -preset veryfast -sc_threshold 0 -bf 0 -pix_fmt yuv420p10le",
  s422: "-c:v libx264 -preset veryfast -sc_threshold 0 -bf 0 -pix_fmt yuv422p",
  s444: "-c:v libx264 -preset veryfast -sc_threshold 0 -bf 0 -pix_fmt yuv444p",
  vp9ten:
    "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 400k -pix_fmt yuv420p10le -profile:v 2",
  vp8alpha:
    "-c:v libvpx -deadline realtime -cpu-used 8 -b:v 400k -pix_fmt yuva420p -auto-alt-ref 0",
  vp9alpha:
    "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 400k -pix_fmt yuva420p -auto-alt-ref 0",
  // sizes, rates and depths
  vp8odd: "-c:v libvpx -deadline realtime -cpu-used 8 -b:v 400k -lag-in-frames 0",
  h264_60: `${X264} -bf 2`,
  h264_film: `${X264} -bf 2`,
  hevc10:
    "-c:v libx265 -preset ultrafast -pix_fmt yuv420p10le -x265-params bframes=0:keyint=50:scenecut=0:log-level=none",
  av1ten:
    "-c:v libaom-av1 -usage realtime -cpu-used 8 -b:v 400k -lag-in-frames 0 -pix_fmt yuv420p10le",
  vp9s444:
    "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 400k -lag-in-frames 0 -pix_fmt yuv444p -profile:v 1",
  // how encoders order and cut pictures
  opengop: `${X264} -bf 2 -x264-params open-gop=1`,
  refresh: `${X264} -bf 0 -x264-params intra-refresh=1:keyint=50`,
  hevcopen:
    "-c:v libx265 -preset ultrafast -x265-params bframes=2:keyint=50:scenecut=0:open-gop=1:log-level=none",
  pyramid: `${X264} -bf 5 -x264-params b-pyramid=normal:b-adapt=0`,
  slices: `${X264} -bf 2 -x264-params slices=4`,
  gray: "-c:v libx264 -preset veryfast -sc_threshold 0 -bf 0 -pix_fmt gray",
  rgb: "-c:v libx264rgb -preset veryfast -sc_threshold 0 -bf 0 -pix_fmt rgb24",
  hevc422:
    "-c:v libx265 -preset ultrafast -pix_fmt yuv422p10le -x265-params bframes=0:keyint=50:scenecut=0:log-level=none",
  h264odd: `${X264} -bf 2`,
  tiny: `${X264} -bf 0`,
  bt601full:
    "-c:v libx264 -preset veryfast -sc_threshold 0 -bf 0 -pix_fmt yuvj420p -colorspace smpte170m -color_primaries smpte170m -color_trc smpte170m",
  vp9s422:
    "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 400k -lag-in-frames 0 -pix_fmt yuv422p -profile:v 1",
  mpeg2b: "-c:v mpeg2video -q:v 4 -bf 2",
  mpeg4b: "-c:v mpeg4 -q:v 4 -bf 2",
  large: `${X264} -bf 0`,
  tall: `${X264} -bf 0`,
};
/** @type {Record<string, string>} */
const FILTERS = {
  vp8odd: ",scale=191:107",
  h264_60: ",fps=60",
  h264_film: ",fps=24000/1001",
  h264odd: ",scale=190:106",
  tiny: ",scale=16:16,setsar=1",
  bt601full: ",scale=out_color_matrix=smpte170m:out_range=full",
  large: ",scale=256:144",
  tall: ",scale=108:192,setsar=1",
  interlaced: ",setfield=tff",
  mpeg2i: ",setfield=tff",
  // The upper half of the pictures cannot be seen through.
  vp8alpha: ",format=yuva420p,geq=lum='lum(X,Y)':cb='cb(X,Y)':cr='cr(X,Y)':a='if(lt(Y,54),255,0)'",
};
FILTERS.vp9alpha = FILTERS.vp8alpha;
/** @type {Record<string, string>} */
const AUDIO = {
  aac: "-c:a aac -b:a 64k",
  opus: "-c:a libopus -b:a 48k",
  vorbis: "-c:a libvorbis -ac 2",
  mp3: "-c:a libmp3lame -b:a 64k",
  mp2: "-c:a mp2 -b:a 64k",
  ac3: "-c:a ac3 -b:a 96k",
  eac3: "-c:a eac3 -b:a 96k",
  flac: "-c:a flac",
  alac: "-c:a alac",
  pcm: "-c:a pcm_s16le",
  alaw: "-c:a pcm_alaw -ar 8000",
  speex: "-c:a libspeex -ar 16000 -ac 1",
  dts: "-c:a dca -strict -2 -b:a 256k",
  aac_51: "-c:a aac -b:a 192k -ac 6",
  aac_8k: "-c:a aac -b:a 16k -ar 8000 -ac 1",
  opus_51: "-c:a libopus -b:a 192k -ac 6",
  flac_96k: "-c:a flac -ar 96000 -sample_fmt s32",
  ac3_51: "-c:a ac3 -b:a 384k -ac 6",
  mp3_32k: "-c:a libmp3lame -b:a 64k -ar 32000",
  aac_44k: "-c:a aac -b:a 64k -ar 44100 -ac 2",
};
const corner = (/** @type {Rgb} */ [r, g, b], /** @type {string} */ at) =>
  `,drawbox=${at}:w=40:h=28:color=0x${[r, g, b].map((c) => c.toString(16).padStart(2, "0")).join("")}:t=fill`;
export const VIDEO_SOURCE =
  `testsrc2=size=${WIDTH}x${HEIGHT}:rate=25` +
  ["x=0:y=0", "x=152:y=0", "x=0:y=80", "x=152:y=80"]
    .map((at, i) => corner(CORNERS[i], at))
    .join("");

/** @type {Map<string, Promise<any>>} */ const made = new Map();
/** @template T @param {string} name @param {() => Promise<T>} make @returns {Promise<T>} */
function once(name, make) {
  if (!made.has(name)) made.set(name, make());
  return /** @type {Promise<T>} */ (made.get(name));
}

/** @param {string[]} args @param {Buffer | null} [input] */
export async function ffmpeg(args, input = null) {
  const { code, out, stderr } = await run("ffmpeg", ["-v", "error", "-y", ...args], input);
  if (code !== 0) throw new Error(`ffmpeg ${args.join(" ")}: ${stderr}`);
  return out;
}

// NUT holds neither ALAC nor what stands beside a packet.
const kindOf = (/** @type {string} */ codec) =>
  codec === "alac" ? "mp4" : codec.endsWith("alpha") ? "webm" : "nut";

/** A file of one track, with exact times. @param {string} codec @param {string} [kind] */
function track(codec, kind = kindOf(codec)) {
  return once(`${codec} ${kind}`, async () => {
    const file = join(dir, `${codec}.${kind}`);
    const video = VIDEO[codec];
    const source = video
      ? `${VIDEO_SOURCE}${FILTERS[codec] ?? ""}`
      : "sine=frequency=440:sample_rate=48000";
    const group = video && !codec.startsWith("hevc") ? ["-g", "50"] : [];
    const args = (video ?? AUDIO[codec]).split(" ");
    await ffmpeg(["-f", "lavfi", "-i", source, "-t", "4", ...args, ...group, file]);
    return file;
  });
}

/** The tracks as FFmpeg's muxer writes them by itself, to a pipe or to a file of this ending. @param {string[]} codecs @param {string[]} args @param {string} [ending] @returns {Promise<Buffer>} */
export function muxedAs(codecs, args, ending) {
  return once([...codecs, ...args].join(" "), async () => {
    const inputs = await Promise.all(codecs.map((codec) => track(codec)));
    const maps = codecs.flatMap((_, i) => ["-map", String(i)]);
    const from = ["-copyts", ...inputs.flatMap((file) => ["-i", file]), ...maps, "-c", "copy"];
    if (!ending) return ffmpeg([...from, ...args, "-"]);
    const file = join(dir, `whole-${++files}.${ending}`);
    await ffmpeg([...from, ...args, file]);
    return readFileSync(file);
  });
}
let files = 0;

/** @param {string[]} args of ffprobe @param {Buffer | null} [input] @returns {Promise<number[]>} */
async function shownTimes(args, input = null) {
  const entries = ["-show_entries", "packet=pts_time,size", "-of", "csv=p=0"];
  const { stdout } = await run("ffprobe", ["-v", "error", ...entries, ...args], input);
  // FLAC's encoder ends with a packet of no sound.
  const lines = stdout.split("\n").filter((line) => Number(line.split(",")[1]) > 0);
  const times = lines.map((line) => Number.parseFloat(line) * 1000);
  return times.filter((time) => !Number.isNaN(time)).sort((a, b) => a - b);
}

/** The shown times of a track's packets, in milliseconds, sorted. @param {string} codec */
export const truth = (codec) =>
  once(`${codec} truth`, async () => shownTimes([await track(codec)]));

// A fragment for each packet. With frag_every_frame FFmpeg 7 gives every other packet the time of the one after it; with
// -frag_duration it has two sounds in one.
const version = /version \D?(\d+)/.exec(execFileSync("ffmpeg", ["-version"]).toString())?.[1];
const EACH_FRAME = Number(version) < 7 ? "frag_every_frame+" : "";
const END = [...(EACH_FRAME ? [] : ["-frag_duration", "1"]), "-f", "mp4"];

/** @type {Record<string, string[]>} */
export const MUXERS = {
  webm: ["-f", "webm"],
  mkv: ["-f", "matroska"],
  mp4: ["-strict", "-2", "-movflags", `${EACH_FRAME}empty_moov+default_base_moof`, ...END],
  ts: ["-muxdelay", "0", "-muxpreload", "0", "-f", "mpegts"],
  flv: ["-flvflags", "no_duration_filesize", "-f", "flv"],
  ogg: ["-page_duration", "200000", "-f", "ogg"],
};

/** The tracks in a container, as a live encoder writes it. @param {string} container @param {string[]} codecs @param {string[]} [more] @returns {Promise<Buffer>} */
export function muxed(container, codecs, more = []) {
  return once([container, ...codecs, ...more].join(" "), async () => {
    // From NUT FFmpeg does not know how long FLAC's packets are, and writes pages a packet too short.
    const inputs = await Promise.all(
      codecs.map((codec) =>
        container === "ogg" && codec === "flac" ? track(codec, "ogg") : track(codec),
      ),
    );
    const maps = codecs.flatMap((_, i) => ["-map", String(i)]);
    const from = inputs.flatMap((file) => ["-i", file]);
    // FFmpeg's MP4 header tells of AC-3 what only its packets know.
    const delayed = codecs.some((codec) => codec.startsWith("ac3"));
    const muxer = MUXERS[container].map((arg) => (delayed ? arg.replace("empty", "delay") : arg));
    // MPEG-TS has no other place for the headers.
    if (container === "ts" && codecs.includes("mpeg4"))
      muxer.unshift("-bsf:v", "dump_extra=freq=keyframe");
    const made = await ffmpeg(["-copyts", ...from, ...maps, "-c", "copy", ...more, ...muxer, "-"]);
    if (container !== "mp4" || !codecs.some((codec) => AUDIO[codec])) return made;
    // At its end FFmpeg's muxer gives two sounds one time. A header that is delayed moves all of them.
    const times = await Promise.all(codecs.map((codec) => (AUDIO[codec] ? truth(codec) : [])));
    /** @type {Record<number, number>} */ const moved = {};
    return clockMp4(made, (_, ms, i, id = 1) => {
      const time = times[id - 1][i];
      moved[id] ??= delayed && time !== undefined ? ms - time : 0;
      return time === undefined ? ms : time + moved[id];
    });
  });
}
