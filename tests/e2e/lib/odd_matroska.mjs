/** Matroska and WebM as other writers than FFmpeg write them. */
import { element, ID } from "./ebml.mjs";
import * as bends from "./odd_bends.mjs";

/** @typedef {import('./odd_written.mjs').Row} Row */

const VOID = element(0xec, Buffer.alloc(40));
const PRIVATE = element(0x4abc, Buffer.from("nobody knows this"));

/** @param {import('./odd_bends.mjs').Writing} how */
const mkv = (how) => (/** @type {Buffer} */ bytes) => bends.rewritten(bytes, how);

/** The first frames' bytes that are alike stand in the header. @param {Buffer} bytes */
function stripped(bytes) {
  const { ebml, info, tracks, frames, kinds } = bends.framesOf(bytes);
  const sounds = frames.filter((one) => kinds.get(one.track) === 2);
  const alike = sounds[0].data.subarray(0, 2);
  for (const one of sounds) {
    if (!one.data.subarray(0, 2).equals(alike)) throw new Error("frames begin differently");
    one.data = one.data.subarray(2);
  }
  const compression = element(
    0x5034,
    Buffer.concat([element(0x4254, Buffer.from([3])), element(0x4255, alike)]),
  );
  const encoding = Buffer.concat([
    element(0x5031, Buffer.from([0])),
    element(0x5032, Buffer.from([1])),
    element(0x5033, Buffer.from([0])),
    compression,
  ]);
  for (const entry of tracks)
    if (entry.children?.some((one) => one.id === ID.trackType && one.data.at(-1) === 2))
      entry.children.push({ id: 0x6d80, data: element(0x6240, encoding) });
  const head = Buffer.concat([element(ID.info, info), element(ID.tracks, tracks)]);
  const clusters = frames.map((frame) =>
    element(
      ID.cluster,
      Buffer.concat([
        element(ID.timestamp, Buffer.from([frame.time >> 8, frame.time & 255])),
        bends.block(frame, frame.time),
      ]),
    ),
  );
  return Buffer.concat([ebml, element(ID.segment, head, true), ...clusters]);
}

/** @type {Row[]} */
export const MATROSKA = [
  { name: "clusters of unknown size", codecs: ["h264b", "aac"], bend: mkv({ open: true }) },
  { name: "block groups", codecs: ["h264b", "aac"], bend: mkv({ groups: true }) },
  { name: "sound laced as Xiph does", codecs: ["h264b", "aac"], bend: mkv({ lacing: 1 }) },
  { name: "sound laced as EBML", codecs: ["h264", "aac"], bend: mkv({ lacing: 3 }) },
  { name: "laced block groups", codecs: ["h264", "aac"], bend: mkv({ lacing: 1, groups: true }) },
  { name: "time stamps of 0.1 ms", codecs: ["h264b", "aac"], bend: mkv({ finer: 10 }) },
  { name: "time stamps of 20 us", codecs: ["h264b", "aac"], bend: mkv({ finer: 50 }) },
  {
    name: "sound first, large numbers",
    codecs: ["h264", "aac"],
    bend: mkv({ numbers: { 1: 300, 2: 7 } }),
  },
  { name: "clusters anywhere", codecs: ["h264b", "aac"], bend: mkv({ clusterMs: 700 }) },
  { name: "a cluster for each packet", codecs: ["h264b", "aac"], bend: mkv({ clusterMs: 1e-9 }) },
  { name: "void between blocks", codecs: ["h264", "aac"], bend: mkv({ between: VOID }) },
  {
    name: "unknown elements between blocks",
    codecs: ["h264", "aac"],
    bend: mkv({ between: PRIVATE }),
  },
  { name: "heads of frames left out", codecs: ["h264", "ac3"], bend: stripped },
];
/** @type {Row[]} */
export const WEBM = [
  { name: "clusters of unknown size", codecs: ["vp8", "opus"], bend: mkv({ open: true }) },
  { name: "block groups", codecs: ["vp9", "opus"], bend: mkv({ groups: true }) },
  { name: "clusters anywhere", codecs: ["vp8", "opus"], bend: mkv({ clusterMs: 700 }) },
  { name: "time stamps of 0.1 ms", codecs: ["vp9", "opus"], bend: mkv({ finer: 10 }) },
  {
    name: "sound first, large numbers",
    codecs: ["vp8", "opus"],
    bend: mkv({ numbers: { 1: 300, 2: 7 } }),
  },
];
