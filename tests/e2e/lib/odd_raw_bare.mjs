/** Streams without a container as people pipe them: raw video, framed sound, WAV. */
import { ffmpeg } from "./odd_media.mjs";
import { inBites } from "./odd_raw_run.mjs";

/** @typedef {import('./odd_raw_run.mjs').Raw} Raw */

export const PICTURES = ["-f", "lavfi", "-i", "testsrc2=size=192x108:rate=25:duration=3"];
export const SOUND = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=3"];
export const COUNT = 75;
export const SECONDS = 3;
export const X264 = "-c:v libx264 -preset veryfast -sc_threshold 0 -g 25 -pix_fmt yuv420p".split(
  " ",
);
const X265 = "-c:v libx265 -preset ultrafast -g 25".split(" ");

const h264 = (/** @type {string[]} */ ...more) =>
  ffmpeg([...PICTURES, ...X264, ...more, "-f", "h264", "-"]);
const hevc = (/** @type {string} */ params, /** @type {string[]} */ ...more) =>
  ffmpeg([
    ...PICTURES,
    ...X265,
    "-x265-params",
    `keyint=25:scenecut=0:log-level=none:${params}`,
    ...more,
    "-f",
    "hevc",
    "-",
  ]);

/** NAL units, without start codes. @param {Buffer} bytes */
export function nals(bytes) {
  const out = [];
  const code = Buffer.from([0, 0, 1]);
  for (let at = bytes.indexOf(code); at >= 0; ) {
    const next = bytes.indexOf(code, at + 3);
    let end = next < 0 ? bytes.length : next;
    while (end > at + 3 && bytes[end - 1] === 0) --end;
    out.push(bytes.subarray(at + 3, end));
    at = next;
  }
  return out;
}
/** @param {Buffer[]} units @param {string} code hex, before each @param {string} [behind] */
const joined = (units, code, behind = "") =>
  Buffer.concat(
    units.flatMap((unit) => [Buffer.from(code, "hex"), unit, Buffer.from(behind, "hex")]),
  );
const type = (/** @type {Buffer} */ unit) => unit[0] & 31;

const sound = (/** @type {string} */ args) => ffmpeg([...SOUND, ...args.split(" "), "-"]);
const adts = (more = "") => sound(`-c:a aac -b:a 96k ${more} -f adts`.replace(/ +/g, " "));
const mp3 = (more = "") =>
  sound(
    `-c:a libmp3lame -b:a 96k ${more} -id3v2_version 0 -write_xing 0 -f mp3`.replace(/ +/g, " "),
  );

/** @param {Buffer} bytes of ADTS */
export function adtsFrames(bytes) {
  const out = [];
  for (let at = 0; at + 7 <= bytes.length; ) {
    const size = ((bytes[at + 3] & 3) << 11) | (bytes[at + 4] << 3) | (bytes[at + 5] >> 5);
    out.push(bytes.subarray(at, at + size));
    at += size;
  }
  return out;
}
/** With a checksum of zeros, which nobody looks at. @param {Buffer} frame of ADTS */
function checked(frame) {
  const out = Buffer.concat([frame.subarray(0, 7), Buffer.alloc(2), frame.subarray(7)]);
  out[1] &= 0xfe;
  const size = out.length;
  out[3] = (out[3] & 0xfc) | (size >> 11);
  out[4] = (size >> 3) & 255;
  out[5] = (out[5] & 0x1f) | ((size & 7) << 5);
  return out;
}
/** @param {number} bytes of its content */
function id3(bytes) {
  const head = Buffer.from("4944330400000000", "hex");
  const size = [21, 14, 7, 0].map((bits) => (bytes >> bits) & 127);
  return Buffer.concat([head.subarray(0, 6), Buffer.from(size), Buffer.alloc(bytes, 0x55)]);
}
const TAG = Buffer.concat([Buffer.from("TAG"), Buffer.alloc(125, 0x20)]);
/** Something between frames, at every so many. @param {Buffer[]} frames @param {number} each @param {Buffer} what */
const between = (frames, each, what) =>
  Buffer.concat(frames.flatMap((frame, i) => (i % each === each - 1 ? [frame, what] : [frame])));

/** Chunks of a WAV file. @param {Buffer} wav */
function chunks(wav) {
  /** @type {[string, Buffer][]} */ const out = [];
  for (let at = 12; at + 8 <= wav.length; ) {
    const size = Math.min(wav.readUInt32LE(at + 4), wav.length - at - 8);
    out.push([wav.toString("latin1", at, at + 4), wav.subarray(at + 8, at + 8 + size)]);
    at += 8 + size + (size % 2);
  }
  return out;
}
/** @param {[string, Buffer][]} list @param {string} [magic] @param {number} [size] of data, as it says */
function wavOf(list, magic = "RIFF", size = -1) {
  const body = Buffer.concat(
    list.flatMap(([id, data]) => {
      const head = Buffer.alloc(8);
      head.write(id, "latin1");
      head.writeUInt32LE(id === "data" && size >= 0 ? size : data.length, 4);
      return [head, data, Buffer.alloc(data.length % 2)];
    }),
  );
  const head = Buffer.alloc(12);
  head.write(magic, "latin1");
  head.writeUInt32LE(magic === "RIFF" ? body.length + 4 : 0xffffffff, 4);
  head.write("WAVE", 8, "latin1");
  return Buffer.concat([head, body]);
}
const wav = (/** @type {string} */ args) => sound(`${args} -f wav`);
const only = async (/** @type {string} */ args) =>
  chunks(await wav(args)).filter(([id]) => id === "fmt " || id === "data");
const LIST = Buffer.concat([
  Buffer.from("INFOISFT"),
  Buffer.from([4, 0, 0, 0]),
  Buffer.from("x.y\0"),
]);

const video = { pictures: COUNT, exact: false };
const heard = { sound: SECONDS, exact: false };

/** @type {Raw[]} */
export const VIDEO = [
  { name: "h264, B-frames", bytes: () => h264("-bf", "2"), ...video },
  { name: "h264, delimiters", bytes: () => h264("-bf", "2", "-x264-params", "aud=1"), ...video },
  {
    name: "h264, four slices",
    bytes: () => h264("-bf", "0", "-x264-params", "slices=4"),
    ...video,
  },
  {
    name: "h264, fields",
    bytes: () => h264("-bf", "2", "-flags", "+ildct+ilme", "-x264-params", "tff=1"),
    ...video,
  },
  {
    name: "h264, short start codes",
    bytes: async () => joined(nals(await h264("-bf", "2")), "000001"),
    ...video,
  },
  {
    name: "h264, zero bytes behind each unit",
    bytes: async () => joined(nals(await h264("-bf", "2")), "00000001", "000000"),
    ...video,
  },
  {
    name: "h264, filler and ends of sequence",
    bytes: async () =>
      joined(
        nals(await h264("-bf", "0")).flatMap((unit, i, all) => {
          const next = all[i + 1];
          const end = next && type(next) === 7 ? [Buffer.from([0x0a])] : [];
          return [unit, ...(type(unit) === 1 ? [Buffer.from("0cffffffff80", "hex")] : []), ...end];
        }),
        "00000001",
      ),
    ...video,
  },
  {
    name: "h264, parameter sets only in front",
    bytes: async () => {
      let sets = 0;
      return joined(
        nals(await h264("-bf", "2")).filter(
          (unit) => !(type(unit) === 7 || type(unit) === 8) || sets++ < 2,
        ),
        "00000001",
      );
    },
    ...video,
  },
  {
    name: "h264, begins inside a picture",
    bytes: async () => {
      const all = await h264("-bf", "0");
      return all.subarray(all.indexOf(Buffer.from("00000141", "hex")) + 20);
    },
    told: ["format-unknown"],
  },
  {
    name: "h264, byte by byte at first",
    bytes: () => h264("-bf", "2"),
    pieces: inBites(1, 3000),
    ...video,
  },
  { name: "h264, in threes", bytes: () => h264("-bf", "0"), pieces: inBites(3, 6000), ...video },
  {
    name: "h264, becomes larger",
    bytes: async () =>
      Buffer.concat([await h264("-bf", "0"), await h264("-bf", "0", "-vf", "scale=256:144")]),
    pictures: 2 * COUNT,
    exact: false,
  },
  {
    name: "h264, no timing in it",
    bytes: () => h264("-bf", "0", "-bsf:v", "h264_metadata=delete_filler=1"),
    ...video,
  },
  { name: "h264 at 50 by ?fps=", bytes: () => h264("-bf", "0"), query: "?fps=50", ...video },
  {
    name: "hevc, B-frames",
    bytes: () => hevc("bframes=2"),
    told: ["raw-video-rate"],
    missed: 25,
    ...video,
  },
  {
    name: "hevc, open groups",
    bytes: () => hevc("bframes=3:open-gop=1"),
    told: ["raw-video-rate"],
    missed: 25,
    ...video,
  },
  {
    name: "hevc of 10 bits",
    bytes: () => hevc("bframes=0", "-pix_fmt", "yuv420p10le"),
    told: ["raw-video-rate"],
    missed: 25,
    ...video,
  },
];

/** @type {Raw[]} */
export const FRAMED = [
  { name: "adts", bytes: () => adts(), ...heard },
  { name: "adts, byte by byte at first", bytes: () => adts(), pieces: inBites(1, 2500), ...heard },
  {
    name: "adts behind an ID3 tag",
    bytes: async () => Buffer.concat([id3(300), await adts()]),
    ...heard,
  },
  {
    name: "adts behind an ID3 tag with a picture",
    bytes: async () => Buffer.concat([id3(90_000), await adts()]),
    ...heard,
  },
  {
    name: "adts, ID3 tags between",
    bytes: async () => between(adtsFrames(await adts()), 20, id3(200)),
    ...heard,
  },
  {
    name: "adts, zeros between",
    bytes: async () => between(adtsFrames(await adts()), 30, Buffer.alloc(300)),
    told: ["sound-junk"],
    ...heard,
  },
  {
    name: "adts with checksums",
    bytes: async () => Buffer.concat(adtsFrames(await adts()).map(checked)),
    ...heard,
  },
  { name: "adts of 8 kHz", bytes: () => adts("-ar 8000 -b:a 16k"), ...heard },
  { name: "adts of 5.1", bytes: () => adts("-ac 6 -b:a 192k"), ...heard },
  {
    name: "adts, becomes stereo of 44.1 kHz",
    bytes: async () => Buffer.concat([await adts("-ac 1"), await adts("-ac 2 -ar 44100")]),
    sound: 6,
    exact: false,
  },
  {
    name: "adts, an ID3v1 tag behind",
    bytes: async () => Buffer.concat([await adts(), TAG]),
    told: ["sound-junk"],
    ...heard,
  },
  {
    name: "mp3, Xing's frame",
    bytes: () => sound("-c:a libmp3lame -q:a 4 -id3v2_version 0 -f mp3"),
    ...heard,
  },
  {
    name: "mp3, ID3v2 with a picture",
    bytes: async () => Buffer.concat([id3(150_000), await mp3()]),
    ...heard,
  },
  {
    name: "mp3, ID3v1 behind",
    bytes: async () => Buffer.concat([await mp3(), TAG]),
    told: ["sound-junk"],
    ...heard,
  },
  { name: "mp3, variable rate", bytes: () => mp3("-q:a 2"), ...heard },
  { name: "mp3 of 22.05 kHz, one channel", bytes: () => mp3("-ar 22050 -ac 1 -b:a 32k"), ...heard },
  { name: "mp3 of 8 kHz", bytes: () => mp3("-ar 8000 -ac 1 -b:a 16k"), ...heard },
  {
    name: "mp3 of free format",
    bytes: async () => {
      const out = Buffer.from(await mp3("-b:a 64k -ac 1"));
      for (let at = 0; at + 4 < out.length; at += 192) out[at + 2] &= 0x0f;
      return out;
    },
    told: ["format-unknown"],
  },
  { name: "mp2", bytes: () => sound("-c:a mp2 -b:a 128k -f mp2"), ...heard },
  { name: "ac3", bytes: () => sound("-c:a ac3 -f ac3"), told: ["format-unknown"] },
  { name: "flac", bytes: () => sound("-c:a flac -f flac"), told: ["format-unknown"] },
];

/** @type {Raw[]} */
export const WAVES = [
  ...[
    "pcm_u8",
    "pcm_s16le",
    "pcm_s24le",
    "pcm_s32le",
    "pcm_f32le",
    "pcm_f64le",
    "pcm_alaw",
    "pcm_mulaw",
  ].map((codec) => ({ name: `wav of ${codec}`, bytes: () => wav(`-c:a ${codec}`), ...heard })),
  { name: "wav of 5.1, extensible", bytes: () => wav("-c:a pcm_s24le -ac 6"), ...heard },
  { name: "wav of 64 bits", bytes: () => wav("-c:a pcm_s16le -rf64 always"), ...heard },
  {
    name: "wav with bext and odd chunks in front",
    bytes: async () => {
      const [format, data] = await only("-c:a pcm_s16le");
      return wavOf([
        ["bext", Buffer.alloc(603)],
        ["junk", Buffer.alloc(27)],
        format,
        ["LIST", LIST],
        data,
      ]);
    },
    ...heard,
  },
  {
    name: "wav with chunks behind the sound",
    bytes: async () => {
      const [format, data] = await only("-c:a pcm_s16le");
      return wavOf([
        format,
        data,
        ["LIST", Buffer.alloc(30_000, 0x99)],
        ["id3 ", Buffer.alloc(30_000, 0x66)],
      ]);
    },
    ...heard,
  },
  ...[0, 0xffffffff, 0x7fffffff, 44_100].map((size) => ({
    name: `wav whose data is said to be ${size} long`,
    bytes: async () => wavOf(await only("-c:a pcm_s16le"), "RIFF", size),
    ...heard,
  })),
  {
    name: "wav, byte by byte at first",
    bytes: () => wav("-c:a pcm_s16le"),
    pieces: inBites(1, 2000),
    ...heard,
  },
  { name: "wav of 11.025 kHz", bytes: () => wav("-c:a pcm_s16le -ar 11025"), ...heard },
  {
    name: "wav of IMA ADPCM",
    bytes: () => wav("-c:a adpcm_ima_wav"),
    refused: { status: 415, says: /coding 17/ },
  },
  {
    name: "wav of MP3",
    bytes: () => wav("-c:a libmp3lame"),
    refused: { status: 415, says: /coding 85/ },
  },
  { name: "Wave64", bytes: () => sound("-c:a pcm_s16le -f w64"), told: ["format-unknown"] },
  { name: "AIFF", bytes: () => sound("-c:a pcm_s16be -f aiff"), told: ["format-unknown"] },
];
