/** Containers that came damaged, cut, or of forms that are rare. */
import { ffmpeg, muxed } from "./odd_media.mjs";
import { COUNT, PICTURES, SECONDS, SOUND, X264 } from "./odd_raw_bare.mjs";
import { inBites } from "./odd_raw_run.mjs";

/** @typedef {import('./odd_raw_run.mjs').Raw} Raw */

/** @param {string} format @param {string[]} [more] */
export const film = (format, more = []) =>
  ffmpeg([
    ...PICTURES,
    ...SOUND,
    ...X264,
    "-bf",
    "2",
    "-c:a",
    "aac",
    ...more,
    ...(format === "mp4" ? ["-movflags", "frag_keyframe+empty_moov+default_base_moof"] : []),
    "-f",
    format,
    "-",
  ]);
export const ts = () => film("mpegts");
export const both = { pictures: COUNT, sound: SECONDS };
const NOISE = Buffer.from(Array.from({ length: 333 }, (_, i) => (i * 89) % 71));

/** Something put in at a place. @param {Buffer} bytes @param {number} at @param {Buffer} what */
const put = (bytes, at, what) => Buffer.concat([bytes.subarray(0, at), what, bytes.subarray(at)]);
/** The first packet of pictures behind a place that is no begin of a PES packet. @param {Buffer} bytes @param {number} from */
function inside(bytes, from) {
  let at = Math.ceil(from / 188) * 188;
  while ((bytes.readUInt16BE(at + 1) & 0x5fff) !== 0x100) at += 188;
  return at;
}
/** @param {Buffer} bytes @param {number} before @param {number} behind */
const inUnits = (bytes, before, behind) =>
  Buffer.concat(
    Array.from({ length: bytes.length / 188 }, (_, i) => [
      Buffer.alloc(before, i),
      bytes.subarray(i * 188, (i + 1) * 188),
      Buffer.alloc(behind, 5),
    ]).flat(),
  );

/** @param {(tag: Buffer, i: number) => Buffer[]} each of whole tags with the sizes behind */
const flv = async (/** @type {(tag: Buffer, i: number) => Buffer[]} */ each) => {
  const bytes = await film("flv", ["-flvflags", "no_duration_filesize"]);
  const out = [bytes.subarray(0, 13)];
  for (let at = 13, i = 0; at + 15 <= bytes.length; ++i) {
    const size = bytes.readUIntBE(at + 1, 3) + 15;
    out.push(...each(bytes.subarray(at, at + size), i));
    at += size;
  }
  return Buffer.concat(out);
};
const lastTag = (/** @type {Buffer} */ tag, /** @type {number} */ size) => {
  const out = Buffer.from(tag);
  out.writeUInt32BE(size, out.length - 4);
  return out;
};

/** @type {Raw[]} */
export const CONTAINERS = [
  { name: "ts, 204 bytes a packet", bytes: async () => inUnits(await ts(), 0, 16), ...both },
  { name: "ts, 192 bytes a packet", bytes: async () => inUnits(await ts(), 4, 0), ...both },
  {
    name: "ts, 192 bytes a packet from inside one",
    bytes: async () => inUnits(await ts(), 4, 0).subarray(100),
    told: ["ts-sync-lost"],
    ...both,
  },
  {
    name: "ts, noise in front",
    bytes: async () => Buffer.concat([NOISE, await ts()]),
    told: ["ts-sync-lost"],
    ...both,
  },
  {
    name: "ts, noise between packets",
    bytes: async () => {
      const all = await ts();
      return put(all, inside(all, all.length / 2), NOISE);
    },
    told: ["ts-sync-lost"],
    ...both,
  },
  {
    name: "ts, zeros between packets",
    bytes: async () => {
      const all = await ts();
      return put(all, inside(all, all.length / 2), Buffer.alloc(4000));
    },
    told: ["ts-sync-lost"],
    ...both,
  },
  {
    name: "ts, ends inside a packet",
    bytes: async () => Buffer.concat([await ts(), (await ts()).subarray(0, 100)]),
    ...both,
    exact: false,
  },
  { name: "ts, byte by byte at first", bytes: ts, pieces: inBites(1, 3000), ...both },
  { name: "ts, 187 bytes at a time", bytes: ts, pieces: inBites(187, 30_000), ...both },
  {
    name: "ts, becomes 192 bytes a packet",
    bytes: async () => {
      const all = await ts();
      const half = Math.floor(all.length / 376) * 188;
      return Buffer.concat([all.subarray(0, half), inUnits(all.subarray(half), 4, 0)]);
    },
    told: ["ts-sync-lost"],
    ...both,
  },
  {
    name: "flv, noise behind",
    bytes: async () => Buffer.concat([await film("flv"), NOISE]),
    refused: { status: 422, says: /no FLV tag where one is due/ },
  },
  {
    name: "flv, zeros behind",
    bytes: async () => Buffer.concat([await film("flv"), Buffer.alloc(500)]),
    told: ["flv-previous-tag-size", "flv-tag-type"],
    ...both,
    exact: false,
  },
  {
    name: "flv, sizes of tags before are 0",
    bytes: () => flv((tag) => [lastTag(tag, 0)]),
    told: ["flv-previous-tag-size"],
    ...both,
  },
  {
    name: "flv, sizes of tags before lack the head",
    bytes: () => flv((tag) => [lastTag(tag, tag.length - 15)]),
    told: ["flv-previous-tag-size"],
    ...both,
  },
  {
    name: "flv, metadata that is none",
    bytes: () =>
      flv((tag, i) =>
        i === 0
          ? [
              lastTag(
                Buffer.concat([
                  Buffer.from("12000010000000" + "00000000", "hex"),
                  Buffer.alloc(16, 0xee),
                  Buffer.alloc(4),
                ]),
                27,
              ),
            ]
          : [tag],
      ),
    ...both,
  },
  {
    name: "flv, the header is longer",
    bytes: async () => {
      const all = Buffer.from(await film("flv"));
      all[8] = 20;
      return put(all, 9, Buffer.alloc(11));
    },
    ...both,
  },
  {
    name: "flv, byte by byte at first",
    bytes: () => film("flv"),
    pieces: inBites(1, 3000),
    ...both,
  },
  { name: "mp4, in threes at first", bytes: () => film("mp4"), pieces: inBites(3, 4000), ...both },
  {
    name: "mp4, free space and another brand in front",
    bytes: async () => {
      const all = Buffer.from(await film("mp4"));
      all.write("qt  ", 8, "latin1");
      const size = all.readUInt32BE(0);
      return put(
        all,
        size,
        Buffer.concat([Buffer.from("00000010", "hex"), Buffer.from("free12345678")]),
      );
    },
    ...both,
  },
  {
    name: "mp4, noise behind",
    bytes: async () => Buffer.concat([await film("mp4"), Buffer.alloc(3)]),
    ...both,
    exact: false,
  },
  {
    name: "mkv, attachments",
    bytes: () =>
      film("matroska", [
        "-attach",
        "tests/media/odd/jpeg-padded.jpg",
        "-metadata:s:t",
        "mimetype=image/jpeg",
      ]),
    told: ["left-out"],
    ...both,
  },
  {
    name: "mkv, byte by byte at first",
    bytes: () => film("matroska"),
    pieces: inBites(1, 3000),
    ...both,
  },
  {
    name: "mkv, cut at its end",
    bytes: async () => {
      const all = await film("matroska");
      return all.subarray(0, all.length - 50);
    },
    sound: SECONDS,
    exact: false,
  },
  {
    name: "ogg, chained",
    bytes: async () =>
      Buffer.concat([
        await muxed("ogg", ["vorbis"]),
        await ffmpeg([...SOUND, "-c:a", "libvorbis", "-ar", "44100", "-f", "ogg", "-"]),
      ]),
    sound: 7,
    unrecorded: true,
  },
  {
    name: "ogg, Opus chained",
    bytes: async () => Buffer.concat([await muxed("ogg", ["opus"]), await muxed("ogg", ["opus"])]),
    sound: 8,
    unrecorded: true,
  },
  {
    name: "ogg, pages of half a second, in odd bites",
    bytes: () => muxed("ogg", ["opus"]),
    pieces: inBites(77, 8000),
    sound: 4,
  },
  {
    name: "ogg, pictures and sound",
    bytes: () =>
      ffmpeg([...PICTURES, ...SOUND, "-c:v", "libtheora", "-c:a", "libvorbis", "-f", "ogg", "-"]),
    refused: { status: 415, says: /[Oo]gg|theora/ },
  },
];
