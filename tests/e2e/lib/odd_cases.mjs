/**
 * Odd inputs, made by combining: containers with codecs, times that go wrong, tracks that do not come,
 * pictures of all shapes. Each says what is right of it.
 */
import { element, float, ID, unsigned, withTracks } from "./ebml.mjs";
import { boxes, CLOCKS, clockTs } from "./odd_clock.mjs";
import { CORNERS, HEIGHT, muxed, STEP_MS, truth, WIDTH } from "./odd_media.mjs";

/** @typedef {import('./odd_clock.mjs').Clock} Clock @typedef {import('./odd_media.mjs').Rgb} Rgb */
/**
 * @typedef {object} Right
 * @property {number[]} video shown times, milliseconds, sorted; distances count
 * @property {number[]} audio
 * @property {number} [jumps] distances of pictures that may be off by up to 100 ms
 * @property {number} [soundJumps] likewise
 * @property {number} [apart] by how much the sound begins later than the pictures; none: not known
 * @property {[number, number]} [shown] width and height, upright, of square pixels
 * @property {(Rgb | null)[]} [corners] null: not looked at
 * @property {number} [lateSounds] so many come before the keyframe that HLS begins anew with
 * @property {boolean} [discontinuous] HLS may say so
 *
 * @typedef {object} Case
 * @property {string} name
 * @property {string} container
 * @property {string} [codec] of the pictures
 * @property {string} [sound]
 * @property {"plain" | "time" | "tracks" | "shape"} kind
 * @property {() => Promise<Buffer>} bytes
 * @property {() => Promise<Right>} right
 * @property {boolean} [told] that something is left out
 * @property {boolean} [refused] when it is published: by name (1003)
 * @property {boolean} [reshaped] what copies cannot say all of it: encoded
 */

/** @param {string | undefined} video @param {string | undefined} audio @param {Partial<Right>} [more] @returns {Promise<Right>} */
async function plain(video, audio, more = {}) {
  const v = video ? await truth(video) : [];
  const a = audio ? await truth(audio) : [];
  return { video: v, audio: a, apart: v.length && a.length ? a[0] - v[0] : undefined, ...more };
}

const both = (/** @type {(string | undefined)[]} */ ...codecs) =>
  /** @type {string[]} */ (codecs.filter(Boolean));

// ---- containers and codecs

/** @type {[container: string, video: string[], audio: string[]][]} */
const HELD = [
  ["webm", ["vp8", "vp9", "av1"], ["opus", "vorbis"]],
  [
    "mkv",
    ["h264", "h264b", "hevc", "hevcb", "vp8", "vp9", "av1", "mpeg4", "mjpeg", "mpeg2", "theora"],
    ["aac", "opus", "vorbis", "mp3", "ac3", "flac", "pcm", "alac", "mp2", "eac3", "dts", "alaw"],
  ],
  [
    "mp4",
    ["h264", "h264b", "hevc", "vp9", "av1", "mpeg4"],
    ["aac", "opus", "mp3", "ac3", "flac", "alac"],
  ],
  [
    "ts",
    ["h264", "h264b", "hevc", "hevcb", "mpeg4", "mpeg2"],
    ["aac", "mp3", "ac3", "mp2", "opus", "eac3", "aac_44k"],
  ],
  ["flv", ["h264", "h264b", "flv1"], ["aac", "mp3", "speex", "alaw", "aac_44k"]],
  ["ogg", ["theora"], ["vorbis", "opus", "flac", "speex"]],
];

/** @returns {Case[]} */
function plainCases() {
  /** @type {Case[]} */ const out = [];
  const add = (
    /** @type {string} */ container,
    /** @type {string?} */ codec,
    /** @type {string?} */ sound,
  ) =>
    out.push({
      name: `${container} ${codec ?? "no pictures"} ${sound ?? "no sound"}`,
      container,
      codec: codec ?? undefined,
      sound: sound ?? undefined,
      kind: "plain",
      // Ogg: one stream of Opus, Vorbis or FLAC.
      refused: container === "ogg" && (codec !== null || sound === "speex"),
      bytes: () => muxed(container, both(codec ?? undefined, sound ?? undefined)),
      right: () => plain(codec ?? undefined, sound ?? undefined),
    });
  for (const [container, videos, sounds] of HELD) {
    for (const [i, video] of videos.entries()) {
      add(container, video, sounds[i % sounds.length]);
      add(container, video, null);
    }
    for (const sound of sounds.slice(videos.length === 1 ? 1 : 0)) add(container, videos[0], sound);
    for (const sound of sounds.slice(0, 4)) add(container, null, sound);
  }
  return [...new Map(out.map((one) => [one.name, one])).values()];
}

// ---- times

const HOUR = 3_600_000;
const HALF = 2000; // a keyframe
const LATE = 1500;
const WRAP_TS = 2 ** 33 / 90;
const [WRAP_FLV, WRAP_FLV_2] = [2 ** 31, 2 ** 32];

/** @type {{name: string, in: string[], clock: (container: string) => Clock, right?: Partial<Right>, bend?: (times: number[], kind: string) => number[]}[]} */
const TIMES = [
  { name: "wraps", in: ["ts"], clock: () => (_, ms) => ms + WRAP_TS - HALF },
  {
    name: "wraps at 2^31 ms",
    in: ["flv"],
    clock: () => (_, ms) => (ms + WRAP_FLV - HALF) % WRAP_FLV,
  },
  {
    name: "wraps at 2^32 ms",
    in: ["flv"],
    clock: () => (_, ms) => (ms + WRAP_FLV_2 - HALF) % WRAP_FLV_2,
  },
  {
    name: "begins again from 0",
    in: ["ts", "flv", "mkv", "mp4"],
    clock: () => (_, ms) => (ms < HALF ? ms : ms - HALF),
    right: { jumps: 1, soundJumps: 1, discontinuous: true },
  },
  {
    name: "one picture 3 h ahead",
    in: ["ts", "flv", "mkv", "mp4"],
    clock: () => (kind, ms, i) => (kind === "video" && i === 60 ? ms + 3 * HOUR : ms),
  },
  {
    name: "one picture 1.5 s back",
    in: ["ts", "flv", "mkv", "mp4"],
    clock: () => (kind, ms, i) => (kind === "video" && i === 70 ? ms - 1500 : ms),
  },
  {
    name: "one sound an hour ahead",
    in: ["ts", "flv", "mkv", "mp4"],
    clock: () => (kind, ms, i) => (kind === "audio" && i === 80 ? ms + HOUR : ms),
  },
  {
    name: "steps by 5 h",
    in: ["ts", "flv", "mkv", "mp4"],
    clock: () => (_, ms) => (ms < HALF ? ms : ms + 5 * HOUR),
    right: { jumps: 1, soundJumps: 1, discontinuous: true },
  },
  { name: "begins below 0", in: ["ts", "flv"], clock: () => (_, ms) => ms - 1500 },
  {
    name: "a hole of a minute",
    in: ["ts", "flv", "mkv", "mp4"],
    clock: () => (_, ms) => (ms < HALF ? ms : ms + 60_000),
    right: { jumps: 1, soundJumps: 1, discontinuous: true },
    bend: (times) => times.map((t) => (t < HALF ? t : t + 60_000)),
  },
  {
    name: "stands still for half a second",
    in: ["ts", "flv", "mkv", "mp4"],
    clock: () => (kind, ms) => (kind === "video" && ms > 1000 && ms < 1500 ? 1000 : ms),
    right: { jumps: 2 },
  },
  { name: "by the wall clock", in: ["mkv", "mp4", "ts"], clock: () => (_, ms) => ms + 1.7e12 },
  {
    name: "sound an hour later than pictures",
    in: ["ts", "flv", "mkv", "mp4"],
    clock: () => (kind, ms) => (kind === "audio" ? ms + HOUR : ms),
    right: { apart: undefined },
  },
  {
    name: "trembles by 10 ms",
    in: ["ts", "flv", "mkv", "mp4"],
    clock: () => (_, ms, i) => ms + (i % 3) * 5,
    right: { jumps: 200, soundJumps: 400 },
  },
];

/** @returns {Case[]} */
function timeCases() {
  /** @type {Case[]} */ const out = [];
  for (const row of TIMES)
    for (const container of row.in)
      for (const codec of ["h264", "h264b"]) {
        out.push({
          name: `${container} ${codec} aac, ${row.name}`,
          container,
          codec,
          sound: "aac",
          kind: "time",
          bytes: async () =>
            CLOCKS[container](await muxed(container, [codec, "aac"]), row.clock(container)),
          right: async () => {
            const right = await plain(codec, "aac");
            if (row.bend) {
              // In order of decoding: what stands before is moved with the keyframe.
              const at = right.video.map((t) => t - right.video[0]);
              right.video = row.bend(at, "video").map((t) => t + right.video[0]);
              right.audio = row.bend(right.audio, "audio");
            }
            return { ...right, ...row.right };
          },
        });
      }
  for (const codec of ["h264", "h264b"])
    out.push({
      name: `ts ${codec} aac, no decoding times`,
      container: "ts",
      codec,
      sound: "aac",
      kind: "time",
      bytes: async () =>
        clockTs(await muxed("ts", [codec, "aac"]), (_, ms) => ms, { decodingTimes: false }),
      right: () => plain(codec, "aac"),
    });
  return out;
}

// ---- tracks

/** @type {Clock} */ const promised = (kind, ms) => (kind === "audio" ? null : ms);
/** @type {Clock} */ const late = (kind, ms) => (kind === "audio" && ms < LATE ? null : ms);
/** @type {Clock} */ const ends = (kind, ms) => (kind === "audio" && ms > 1500 ? null : ms);
/** @type {Clock} */ const picturesEnd = (kind, ms) => (kind === "video" && ms > 1500 ? null : ms);

/** Sound that came only in part. @param {string} codec @param {(ms: number) => boolean} came @param {boolean} [ofPictures] */
async function partly(codec, came, ofPictures = false) {
  const right = await plain(codec, "aac");
  const [decoded, began] = [right.video[0], right.video[0]];
  if (ofPictures) right.video = right.video.filter((t) => came(t - began));
  else right.audio = right.audio.filter(came);
  right.apart = right.audio.length ? right.audio[0] - decoded : undefined;
  return right;
}

/** @returns {Case[]} */
function trackCases() {
  /** @type {Case[]} */ const out = [];
  for (const container of ["ts", "flv", "mkv", "mp4"]) {
    const bend = (
      /** @type {string} */ what,
      /** @type {Clock} */ clock,
      /** @type {() => Promise<Right>} */ right,
    ) =>
      out.push({
        name: `${container} h264 aac, ${what}`,
        container,
        codec: "h264",
        sound: "aac",
        kind: "tracks",
        bytes: async () => CLOCKS[container](await muxed(container, ["h264", "aac"]), clock),
        right,
      });
    bend("sound never comes", promised, () => partly("h264", () => false));
    bend("sound comes late", late, async () => ({
      ...(await partly("h264", (ms) => ms >= LATE)),
      lateSounds: Math.ceil((HALF - LATE) / (1024 / 48)) + 2,
    }));
    bend("sound ends", ends, () => partly("h264", (ms) => ms <= 1500));
    bend("pictures end", picturesEnd, () => partly("h264", (ms) => ms <= 1500, true));
    out.push({
      name: `${container} h264 aac, becomes larger`,
      container,
      codec: "h264",
      sound: "aac",
      kind: "tracks",
      bytes: async () => {
        const second = await muxed(container, ["large", "aac"]);
        const goesOn = container === "ts" || container === "flv";
        const moved = goesOn ? CLOCKS[container](second, (_, ms) => ms + 4000) : second;
        return Buffer.concat([
          await muxed(container, ["h264", "aac"]),
          container === "flv" ? moved.subarray(13) : moved,
        ]);
      },
      right: async () => {
        const one = await plain("h264", "aac");
        const again = (/** @type {number[]} */ times) => [...times, ...times.map((t) => t + 4000)];
        return {
          ...one,
          video: again(one.video),
          audio: again(one.audio),
          jumps: 2,
          soundJumps: 3,
          discontinuous: true,
        };
      },
    });
  }
  for (const container of ["ts", "mkv", "mp4"]) {
    const several = (
      /** @type {string} */ what,
      /** @type {string[]} */ codecs,
      /** @type {string[]} */ more = [],
    ) =>
      out.push({
        name: `${container} ${codecs.join(" ")}, ${what}`,
        container,
        codec: codecs[0],
        sound: "aac",
        kind: "tracks",
        told: true,
        bytes: () => muxed(container, codecs, more),
        right: () => plain(codecs[0], "aac"),
      });
    several("two sounds", ["h264", "aac", "mp3"], ["-metadata:s:a:1", "language=fra"]);
    several("two pictures", ["h264", "tall", "aac"]);
    several(
      "the second is for the deaf",
      ["h264b", "aac", "ac3"],
      ["-disposition:a:1", "hearing_impaired"],
    );
  }
  /** @type {[string, string, string][]} */
  const unknown = [
    ["mkv", "A_AAC", "A_QQQ"],
    ["mp4", "mp4a", "qqqq"],
    ["mkv", "V_MPEG4/ISO/AVC", "V_QQQQQ/QQQ/QQQ"],
    ["mp4", "avc1", "qqqq"],
  ];
  for (const [container, from, to] of unknown) {
    const ofSound = from.startsWith("A") || from === "mp4a";
    out.push({
      name: `${container} h264 aac, ${ofSound ? "sound" : "pictures"} of an unknown codec`,
      container,
      codec: ofSound ? "h264" : undefined,
      sound: ofSound ? undefined : "aac",
      kind: "tracks",
      told: true,
      bytes: async () => {
        const bytes = Buffer.from(await muxed(container, ["h264", "aac"]));
        const track =
          ofSound || container === "mp4"
            ? Math.max(0, bytes.indexOf(ofSound ? "soun" : "vide"))
            : 0;
        bytes.write(to, bytes.indexOf(from, track), "latin1");
        return bytes;
      },
      right: () => (ofSound ? plain("h264", undefined) : plain(undefined, "aac")),
    });
  }
  return out;
}

// ---- shape

/** How EXIF numbers these. @type {Record<string, number>} */
export const EXIF = {
  "turned by 90": 6,
  "turned by 180": 3,
  "turned by 270": 8,
  mirrored: 2,
  "upside down": 4,
};
/** Row by row: a b u c d v x y w. @type {Record<string, {matrix: number[], corners: number[], swaps: boolean}>} corners: which of the file's is left above, right above, ... */
export const TURNS = {
  "turned by 90": { matrix: [0, 1, -1, 0], corners: [2, 0, 3, 1], swaps: true },
  "turned by 180": { matrix: [-1, 0, 0, -1], corners: [3, 2, 1, 0], swaps: false },
  "turned by 270": { matrix: [0, -1, 1, 0], corners: [1, 3, 0, 2], swaps: true },
  mirrored: { matrix: [-1, 0, 0, 1], corners: [1, 0, 3, 2], swaps: false },
  "upside down": { matrix: [1, 0, 0, -1], corners: [2, 3, 0, 1], swaps: false },
};

/** @param {Buffer} mp4 @param {number[]} matrix */
function withMatrix(mp4, [a, b, c, d]) {
  const out = Buffer.from(mp4);
  const moov = boxes(out).find((one) => one.type === "moov")?.body ?? Buffer.alloc(0);
  for (const trak of boxes(moov)) {
    const head = boxes(trak.body).find((one) => one.type === "tkhd")?.body;
    if (trak.type !== "trak" || !head || trak.body.indexOf("vide") < 0) continue;
    for (const [i, value] of [a, b, 0, c, d, 0].entries())
      head.writeInt32BE(value * 0x10000, 40 + 4 * i);
    break;
  }
  return out;
}

/** @param {Buffer} mkv @param {[number, Buffer][]} values of the pictures */
const withVideo = (mkv, values) =>
  withTracks(mkv, (entry, type) => {
    if (type !== 1) return;
    const video = entry.find((one) => one.id === ID.video);
    const ids = values.map(([id]) => id);
    if (video?.children)
      video.children = [
        ...video.children.filter((one) => !ids.includes(one.id)),
        ...values.map(([id, data]) => ({ id, data })),
      ];
  });

/** @returns {Case[]} */
function shapeCases() {
  /** @type {Case[]} */ const out = [];
  const add = (
    /** @type {string} */ container,
    /** @type {string} */ codec,
    /** @type {string} */ what,
    /** @type {(bytes: Buffer) => Buffer} */ bend,
    /** @type {Partial<Right>} */ right,
    /** @type {{sound?: string, reshaped?: boolean}} */ { sound = "aac", reshaped = false } = {},
  ) =>
    out.push({
      name: `${container} ${codec}${sound ? ` ${sound}` : ""}${what ? `, ${what}` : ""}`,
      container,
      codec,
      sound: sound || undefined,
      kind: "shape",
      reshaped,
      bytes: async () => bend(await muxed(container, both(codec, sound || undefined))),
      right: () =>
        plain(codec, sound || undefined, {
          shown: [WIDTH, HEIGHT],
          corners: CORNERS,
          ...right,
        }),
    });
  const same = (/** @type {Buffer} */ bytes) => bytes;
  for (const [what, { matrix, corners, swaps }] of Object.entries(TURNS)) {
    const right = {
      shown: /** @type {[number, number]} */ (swaps ? [HEIGHT, WIDTH] : [WIDTH, HEIGHT]),
      corners: corners.map((i) => CORNERS[i]),
    };
    for (const codec of ["h264", "h264b", "hevc", "vp9"])
      if (codec !== "vp9" || what === "turned by 90")
        add("mp4", codec, what, (mp4) => withMatrix(mp4, matrix), right, { reshaped: true });
  }
  for (const [what, roll] of /** @type {[string, number][]} */ ([
    ["turned by 90", -90],
    ["turned by 180", 180],
    ["turned by 270", 90],
  ])) {
    const { corners, swaps } = TURNS[what];
    const pose = Buffer.concat([
      element(ID.projectionType, unsigned(0)),
      element(ID.poseRoll, float(roll)),
    ]);
    for (const [container, codec, sound] of [
      ["mkv", "h264", "aac"],
      ["webm", "vp8", "opus"],
    ])
      add(
        container,
        codec,
        what,
        (mkv) => withVideo(mkv, [[ID.projection, pose]]),
        {
          shown: swaps ? [HEIGHT, WIDTH] : [WIDTH, HEIGHT],
          corners: corners.map((i) => CORNERS[i]),
        },
        { sound, reshaped: true },
      );
  }
  const wide = { shown: /** @type {[number, number]} */ ([(HEIGHT * 4) / 3, HEIGHT]) };
  for (const container of ["ts", "flv", "mkv", "mp4"])
    add(container, "sar", "oblong pixels", same, wide);
  add("ts", "mpeg2i", "interlaced, oblong pixels", same, wide, { sound: "mp2" });
  for (const [container, codec, sound] of [
    ["mkv", "h264", "aac"],
    ["webm", "vp9", "opus"],
    ["webm", "vp8", "opus"],
  ]) {
    add(
      container,
      codec,
      "shown as 4:3",
      (mkv) =>
        withVideo(mkv, [
          [ID.displayWidth, unsigned(144)],
          [ID.displayHeight, unsigned(108)],
        ]),
      wide,
      { sound, reshaped: true },
    );
  }
  for (const container of ["ts", "mkv", "mp4", "flv"]) {
    add(container, "interlaced", "", same, {});
    add(container, "full", "full range", same, {});
    add(container, "tall", "", same, { shown: [108, 192] });
  }
  for (const codec of ["ten", "s422", "s444"])
    for (const container of ["ts", "mkv", "mp4"]) add(container, codec, "", same, {});
  add("webm", "vp9ten", "", same, {}, { sound: "opus" });
  const below = [CORNERS[0], CORNERS[1], null, null];
  for (const codec of ["vp8alpha", "vp9alpha"])
    add("webm", codec, "", same, { corners: below }, { sound: "opus" });
  return out;
}

export const STEP = STEP_MS;
/** @type {Case[]} */
export const CASES = [...plainCases(), ...timeCases(), ...trackCases(), ...shapeCases()];
