/** Odd inputs as other writers than FFmpeg write them: legal, and rare in tests. */
import * as bends from "./odd_bends.mjs";
import { plain } from "./odd_case.mjs";
import { boxes } from "./odd_clock.mjs";
import { MATROSKA, WEBM } from "./odd_matroska.mjs";
import { CORNERS, HEIGHT, muxed, muxedAs, truth, WIDTH } from "./odd_media.mjs";

/** @typedef {import('./odd_case.mjs').Case} Case @typedef {import('./odd_case.mjs').Right} Right */

/** What one kind of file is made of, and how it is bent. @typedef {{name: string, codecs: string[], bend: (bytes: Buffer) => Buffer | Promise<Buffer>, right?: Partial<Right>}} Row */

/** Of a fragment: what stands in its header is made anew. @param {Buffer} mp4 @param {(type: string, body: Buffer) => Buffer | null} each @param {number} by so far do the samples move */
const inFragments = (mp4, each, by) =>
  bends.eachBox(Buffer.from(mp4), ["moof", "traf"], (type, body) => {
    if (type === "trun" && body.readUInt32BE(0) & 1) body.writeInt32BE(body.readInt32BE(8) + by, 8);
    return each(type, body);
  });

/** @param {Buffer} mp4 */
const shortTimes = (mp4) =>
  inFragments(
    mp4,
    (type, body) => {
      if (type !== "tfdt" || body[0] !== 1) return body;
      const short = Buffer.alloc(8);
      short.writeUInt32BE(Number(body.readBigUInt64BE(4)), 4);
      return short;
    },
    -4,
  );

/** @param {Buffer} mp4 */
const longData = (mp4) =>
  Buffer.concat(
    boxes(inFragments(mp4, (_, body) => body, 8)).map(({ type, body, whole }) => {
      if (type !== "mdat") return whole;
      const head = Buffer.alloc(16);
      head.writeUInt32BE(1);
      head.write("mdat", 4, "latin1");
      head.writeBigUInt64BE(BigInt(body.length + 16), 8);
      return Buffer.concat([head, body]);
    }),
  );

/** Pictures are decoded as late as the first one is shown: offsets of some are negative. @param {Buffer} mp4 of one sample a fragment */
function shownBeforeDecoded(mp4) {
  const [first] = boxes(mp4).filter(({ type }) => type === "moof");
  const later = first.whole.readUInt32BE(first.whole.length - 4);
  let track = 0;
  return inFragments(
    mp4,
    (type, body) => {
      if (type === "tfhd") track = body.readUInt32BE(4);
      if (track !== 1) return body;
      if (type === "tfdt") body.writeBigUInt64BE(body.readBigUInt64BE(4) + BigInt(later), 4);
      if (type === "trun") {
        body[0] = 1;
        body.writeInt32BE(body.readUInt32BE(body.length - 4) - later, body.length - 4);
      }
      return body;
    },
    0,
  );
}

/** Events, times and free space stand before each fragment. @param {Buffer} mp4 */
const withEvents = (mp4) =>
  Buffer.concat(
    boxes(mp4).flatMap(({ type, whole }) =>
      type === "moof"
        ? [
            bends.box("free", Buffer.alloc(30)),
            bends.box("emsg", Buffer.concat([Buffer.alloc(20), Buffer.from("urn:x\0\0")])),
            bends.box("uuid", Buffer.alloc(40, 7)),
            whole,
          ]
        : [whole],
    ),
  );

const FRAGMENTS = "empty_moov+default_base_moof";
/** @type {[name: string, codecs: string[], args: string[]][]} */
const MP4 = [
  [
    "fragments at keyframes, places in the file",
    ["h264b", "aac"],
    ["-movflags", "frag_keyframe+empty_moov"],
  ],
  ["no places at all", ["h264", "aac"], ["-movflags", "frag_keyframe+empty_moov+omit_tfhd_offset"]],
  [
    "negative composition offsets",
    ["h264b", "aac"],
    ["-movflags", `frag_keyframe+${FRAGMENTS}+negative_cts_offsets`],
  ],
  [
    "edit lists",
    ["h264b", "aac"],
    ["-movflags", "frag_keyframe+delay_moov+default_base_moof", "-use_editlist", "1"],
  ],
  ["as for DASH", ["h264b", "aac"], ["-movflags", `frag_keyframe+${FRAGMENTS}+dash`]],
  [
    "as CMAF",
    ["h264b", "aac"],
    ["-movflags", `frag_keyframe+${FRAGMENTS}+cmaf`, "-write_prft", "wallclock"],
  ],
  [
    "fragments of half a second",
    ["h264b", "aac"],
    ["-movflags", FRAGMENTS, "-frag_duration", "500000"],
  ],
  [
    "a moof for each track",
    ["h264", "aac"],
    ["-movflags", `frag_keyframe+${FRAGMENTS}+separate_moof`],
  ],
  [
    "a time scale of 600",
    ["h264", "aac"],
    ["-movflags", `frag_keyframe+${FRAGMENTS}`, "-video_track_timescale", "600"],
  ],
  [
    "tracks numbered 5 and 9",
    ["h264", "aac"],
    [
      "-movflags",
      `frag_keyframe+${FRAGMENTS}`,
      "-use_stream_ids_as_track_ids",
      "1",
      "-streamid",
      "0:5",
      "-streamid",
      "1:9",
    ],
  ],
];

/** With negative offsets FFmpeg's muxer shows the first picture when it is decoded: with the first sound. */
const SHIFTED = ["negative composition offsets", "as CMAF"];

/** Another piece goes on where the first one ends, its tables new. @param {string[]} codecs @param {string[]} more */
const thenTs = (codecs, more) => async (/** @type {Buffer} */ first) => {
  const second = await muxed("ts", codecs, more);
  return Buffer.concat([first, bends.laterTs(second, 4000)]);
};
/** Both pieces' times. @param {string} video @param {string} sound @param {string} [then] */
async function twice(video, sound, then = sound) {
  const one = await plain(video, sound);
  const more = (/** @type {number[]} */ times) => times.map((t) => t + 4000);
  return {
    ...one,
    video: [...one.video, ...more(one.video)],
    audio: [...one.audio, ...more(await truth(then))],
    jumps: 2,
    soundJumps: 3,
    discontinuous: true,
  };
}

/** @type {(Row & {muxer?: string[], whole?: () => Promise<Right>, more?: Partial<Case>})[]} */
const TS = [
  { name: "no clock reference", codecs: ["h264b", "aac"], bend: bends.withoutReference },
  { name: "nothing says what is key", codecs: ["h264b", "aac"], bend: bends.withoutRandomAccess },
  { name: "no access unit delimiters", codecs: ["h264b", "aac"], bend: bends.withoutDelimiters },
  {
    name: "a flood of empty packets",
    codecs: ["h264", "aac"],
    bend: (ts) => bends.withNulls(ts, 6),
  },
  { name: "counters jump and say so", codecs: ["h264", "aac"], bend: bends.withToldJumps },
  { name: "tables only in front", codecs: ["h264b", "aac"], bend: bends.withFirstTables },
  {
    name: "every second picture without times",
    codecs: ["h264", "aac"],
    bend: bends.withHalfTheTimes,
  },
  { name: "constant rate", codecs: ["h264b", "aac"], bend: (ts) => ts, muxer: ["-muxrate", "3M"] },
  {
    name: "AAC in LATM",
    codecs: ["h264", "aac"],
    bend: (ts) => ts,
    muxer: ["-mpegts_flags", "latm"],
  },
  {
    name: "sound of a second in a packet",
    codecs: ["h264", "aac"],
    bend: (ts) => ts,
    muxer: ["-pes_payload_size", "16000"],
  },
  {
    name: "a packet for each sound",
    codecs: ["h264b", "aac"],
    bend: (ts) => ts,
    muxer: ["-pes_payload_size", "0"],
  },
  {
    name: "as DVB",
    codecs: ["h264b", "mp2"],
    bend: (ts) => ts,
    muxer: [
      "-mpegts_flags",
      "system_b+pat_pmt_at_frames",
      "-mpegts_pmt_start_pid",
      "0x20",
      "-mpegts_start_pid",
      "0x1000",
    ],
  },
  {
    name: "other PIDs from the middle",
    codecs: ["h264b", "aac"],
    bend: thenTs(
      ["h264b", "aac"],
      ["-mpegts_start_pid", "0x300", "-mpegts_pmt_start_pid", "0x400", "-tables_version", "5"],
    ),
    whole: () => twice("h264b", "aac"),
  },
  {
    name: "sound becomes MP3",
    codecs: ["h264b", "aac"],
    bend: thenTs(["h264b", "mp3"], ["-tables_version", "5"]),
    whole: () => twice("h264b", "aac", "mp3"),
    more: { sound: "mp3", changes: true },
  },
  {
    name: "two programmes",
    codecs: ["h264", "aac", "tall", "mp2"],
    bend: (ts) => ts,
    muxer: ["-program", "st=0:st=1", "-program", "st=2:st=3"],
    more: { told: true },
  },
];

const KEY_END = [0x17, 2, 0, 0, 0];
/** A piece with another sound goes on behind it. @param {string} sound */
const thenFlv = (sound) => async (/** @type {Buffer} */ first) => {
  const later = bends.eachTag(await muxed("flv", ["h264", sound]), (tag) => {
    tag.writeUIntBE(tag.readUIntBE(4, 3) + 4000, 4, 3);
    return [tag];
  });
  return Buffer.concat([first, later.subarray(13)]);
};

/** @type {(Row & {whole?: () => Promise<Right>, more?: Partial<Case>})[]} */
const FLV = [
  {
    name: "configurations again and again",
    codecs: ["h264b", "aac"],
    bend: bends.withConfigsAgain,
  },
  {
    name: "no metadata",
    codecs: ["h264", "aac"],
    bend: (flv) => bends.eachTag(flv, (tag, type) => (type === "data" ? [] : [tag])),
  },
  {
    name: "metadata again and again",
    codecs: ["h264", "aac"],
    bend: (flv) => {
      /** @type {Buffer | undefined} */ let data;
      return bends.eachTag(flv, (tag, type, _, i) => {
        if (type === "data") data = tag;
        return data && i % 10 === 9 ? [bends.tagLike(tag, 18, data.subarray(11)), tag] : [tag];
      });
    },
  },
  {
    name: "the header promises nothing",
    codecs: ["h264", "aac"],
    bend: (flv) => {
      const out = Buffer.from(flv);
      out[4] = 0;
      return out;
    },
  },
  {
    name: "empty tags and commands",
    codecs: ["h264b", "aac"],
    bend: (flv) =>
      bends.eachTag(flv, (tag, _, config, i) =>
        config || i % 12 !== 11
          ? [tag]
          : [
              bends.tagLike(tag, 9, []),
              bends.tagLike(tag, 8, []),
              bends.tagLike(tag, 9, [0x57, 0, 0, 0, 0, 0]),
              tag,
            ],
      ),
  },
  {
    name: "an end of sequence in the middle",
    codecs: ["h264", "aac"],
    bend: (flv) => {
      /** @type {Buffer | undefined} */ let config;
      let pictures = 0;
      return bends.eachTag(flv, (tag, type, isConfig) => {
        if (type === "video" && isConfig) config = tag;
        if (type !== "video" || isConfig || pictures++ !== 50 || !config) return [tag];
        return [bends.tagLike(tag, 9, KEY_END), bends.tagLike(tag, 9, config.subarray(11)), tag];
      });
    },
  },
  {
    name: "sound becomes 44.1 kHz",
    codecs: ["h264", "aac"],
    bend: thenFlv("aac_44k"),
    whole: () => twice("h264", "aac", "aac_44k"),
  },
  {
    name: "sound becomes MP3",
    codecs: ["h264", "aac"],
    bend: thenFlv("mp3"),
    whole: () => twice("h264", "aac", "mp3"),
    more: { sound: "mp3", changes: true },
  },
];

/** As large as they were, and of the same colours. @param {number} [w] @param {number} [h] @returns {Partial<Right>} */
const shown = (w = WIDTH, h = HEIGHT) => ({ shown: [w, h], corners: CORNERS });
/** Pictures as other encoders order, cut and colour them. @type {[codec: string, containers: string[], sound: string, right: Partial<Right>][]} */
const CODED = [
  ["opengop", ["ts", "mkv", "flv", "mp4"], "aac", {}],
  ["refresh", ["ts", "mkv", "flv", "mp4"], "aac", {}],
  ["hevcopen", ["ts", "mkv", "mp4"], "aac", {}],
  ["pyramid", ["ts", "mkv", "flv"], "aac", {}],
  ["slices", ["ts", "flv"], "aac", {}],
  ["gray", ["ts", "mp4", "mkv"], "aac", { shown: [WIDTH, HEIGHT] }],
  ["rgb", ["mkv", "ts"], "aac", shown()],
  ["hevc422", ["mkv", "ts", "mp4"], "aac", shown()],
  ["h264odd", ["ts", "mp4", "flv", "mkv"], "aac", shown(190, 106)],
  ["tiny", ["ts", "mp4", "mkv"], "aac", { shown: [16, 16] }],
  ["bt601full", ["ts", "mp4", "mkv"], "aac", shown()],
  ["vp9s422", ["webm", "mp4"], "opus", shown()],
  ["mpeg2b", ["ts", "mkv"], "mp2", shown()],
  ["mpeg4b", ["mkv", "mp4"], "aac", shown()],
];

/** Its header says where all packets are, which a live stream cannot: fragments are asked for. */
const WHOLE = { refused: true };

/** @returns {Case[]} */
export function writtenCases() {
  /** @type {Case[]} */ const out = [];
  const add = (
    /** @type {string} */ container,
    /** @type {string[]} */ codecs,
    /** @type {string} */ what,
    /** @type {() => Promise<Buffer>} */ bytes,
    /** @type {(() => Promise<Right>) | undefined} */ right = undefined,
    /** @type {Partial<Case>} */ more = {},
  ) =>
    out.push({
      name: `${container} ${codecs.join(" ")}${what ? `, ${what}` : ""}`,
      container,
      codec: codecs[0],
      sound: codecs[1],
      kind: "written",
      bytes,
      right: right ?? (() => plain(codecs[0], codecs[1])),
      ...more,
    });
  for (const [container, rows] of /** @type {[string, Row[]][]} */ ([
    ["mkv", MATROSKA],
    ["webm", WEBM],
  ]))
    for (const { name, codecs, bend } of rows)
      add(container, codecs, name, async () => bend(await muxed(container, codecs)));
  for (const { name, codecs, bend, muxer, whole, more } of TS)
    add("ts", codecs, name, async () => bend(await muxed("ts", codecs, muxer)), whole, more);
  for (const { name, codecs, bend, whole, more } of FLV)
    add("flv", codecs, name, async () => bend(await muxed("flv", codecs)), whole, more);
  // At its end FFmpeg's muxer gives two sounds one time.
  const ending = async (/** @type {string[]} */ codecs, shifted = false) => ({
    ...(await plain(codecs[0], codecs[1], shifted ? { apart: 0 } : {})),
    soundJumps: 2,
  });
  for (const [name, codecs, args] of MP4)
    add(
      "mp4",
      codecs,
      name,
      () => muxedAs(codecs, ["-f", "mp4", ...args]),
      () => ending(codecs, SHIFTED.includes(name)),
    );
  add(
    "mp4",
    ["h264b", "aac"],
    "Smooth Streaming's",
    () => muxedAs(["h264b", "aac"], ["-f", "ismv"]),
    () => ending(["h264b", "aac"], true),
  );
  for (const [name, bend] of /** @type {[string, (mp4: Buffer) => Buffer][]} */ ([
    ["times of 32 bits", shortTimes],
    ["lengths of 64 bits", longData],
    ["events between fragments", withEvents],
  ]))
    add("mp4", ["h264b", "aac"], name, async () => bend(await muxed("mp4", ["h264b", "aac"])));
  add(
    "mp4",
    ["pyramid", "aac"],
    "negative composition offsets, a fragment for each sample",
    async () => shownBeforeDecoded(await muxed("mp4", ["pyramid", "aac"])),
  );
  add("mkv", ["h264b", "aac"], "a whole file", () =>
    muxedAs(["h264b", "aac"], ["-f", "matroska", "-cues_to_front", "0"], "mkv"),
  );
  add("mkv", ["h264b", "aac"], "a whole file, cues in front", () =>
    muxedAs(
      ["h264b", "aac"],
      ["-f", "matroska", "-cues_to_front", "1", "-reserve_index_space", "4096"],
      "mkv",
    ),
  );
  add(
    "mp4",
    ["h264b", "aac"],
    "a whole file, header in front",
    () => muxedAs(["h264b", "aac"], ["-f", "mp4", "-movflags", "faststart"], "mp4"),
    undefined,
    WHOLE,
  );
  add(
    "mp4",
    ["h264b", "aac"],
    "a whole file",
    () => muxedAs(["h264b", "aac"], ["-f", "mp4"], "mp4"),
    undefined,
    WHOLE,
  );
  for (const [codec, containers, sound, right] of CODED)
    for (const container of containers)
      add(
        container,
        [codec, sound],
        "",
        () => muxed(container, [codec, sound]),
        () => plain(codec, sound, right),
      );
  return out;
}
