/** Containers as other muxers than FFmpeg's write them: the same packets at the same times. */
import { child, element, ID, number, parseEbml, unsigned } from "./ebml.mjs";
import { boxes, readTime, writeTime } from "./odd_clock.mjs";

const TS = 188;
const VIDEO_PID = 256;
const NAL_DELIMITER = Buffer.from("0000000109", "hex");

/** @typedef {(packet: Buffer, pid: number, index: number) => Buffer | Buffer[] | null} EachPacket null: left out */
/** @param {Buffer} ts @param {EachPacket} each */
export function eachPacket(ts, each) {
  const out = [];
  for (let at = 0, i = 0; at + TS <= ts.length; at += TS, ++i) {
    const packet = Buffer.from(ts.subarray(at, at + TS));
    const made = each(packet, packet.readUInt16BE(1) & 0x1fff, i);
    if (made) out.push(...(Array.isArray(made) ? made : [made]));
  }
  return Buffer.concat(out);
}

/** Where the payload of a packet begins. @param {Buffer} packet */
const payloadOf = (packet) => (packet[3] & 0x20 ? 5 + packet[4] : 4);
/** @param {Buffer} packet */
const beginsPes = (packet) =>
  (packet[1] & 0x40) !== 0 && packet.readUIntBE(Math.min(payloadOf(packet), 185), 3) === 1;

/** No clock reference. @param {Buffer} ts */
export const withoutReference = (ts) =>
  eachPacket(ts, (packet) => {
    if (packet[3] & 0x20 && packet[4] > 0 && packet[5] & 0x10) {
      packet[5] &= ~0x10;
      packet.fill(0xff, 6, 12);
    }
    return packet;
  });

/** Nothing tells which pictures are key. @param {Buffer} ts */
export const withoutRandomAccess = (ts) =>
  eachPacket(ts, (packet) => {
    if (packet[3] & 0x20 && packet[4] > 0) packet[5] &= ~0x40;
    return packet;
  });

/** Access unit delimiters become zero bytes, which may stand there. @param {Buffer} ts */
export const withoutDelimiters = (ts) =>
  eachPacket(ts, (packet, pid) => {
    if (pid !== VIDEO_PID || !beginsPes(packet)) return packet;
    const at = payloadOf(packet);
    const begin = at + 9 + packet[at + 8];
    if (packet.subarray(begin, begin + 5).equals(NAL_DELIMITER)) packet.fill(0, begin, begin + 6);
    return packet;
  });

/** Every second picture of 25 a second comes without its times. @param {Buffer} ts */
export function withHalfTheTimes(ts) {
  let pictures = 0;
  return eachPacket(ts, (packet, pid) => {
    if (pid !== VIDEO_PID || !beginsPes(packet) || pictures++ % 2 === 0) return packet;
    const at = payloadOf(packet);
    packet[at + 7] &= 0x3f;
    packet.fill(0xff, at + 9, at + 9 + packet[at + 8]);
    return packet;
  });
}

/** So many empty packets after each. @param {Buffer} ts @param {number} count */
export function withNulls(ts, count) {
  const empty = Buffer.alloc(TS, 0xff);
  empty.set([0x47, 0x1f, 0xff, 0x10]);
  return eachPacket(ts, (packet) => [packet, ...Array(count).fill(empty)]);
}

/** Counters jump at each tenth packet of a track, and say so. @param {Buffer} ts */
export function withToldJumps(ts) {
  /** @type {Record<number, number>} */ const by = {};
  return eachPacket(ts, (packet, pid) => {
    by[pid] ??= 0;
    const adapted = packet[3] & 0x20 && packet[4] > 0;
    if (pid >= VIDEO_PID && adapted && beginsPes(packet)) {
      packet[5] |= 0x80;
      by[pid] += 5;
    }
    packet[3] = (packet[3] & 0xf0) | ((packet[3] + by[pid]) & 15);
    return packet;
  });
}

/** Tables only in front. @param {Buffer} ts */
export function withFirstTables(ts) {
  /** @type {Record<number, number>} */ const seen = {};
  return eachPacket(ts, (packet, pid) => {
    if (pid >= VIDEO_PID && pid < 0x1000) return packet;
    seen[pid] = (seen[pid] ?? 0) + 1;
    return seen[pid] > 1 ? null : packet;
  });
}

/** Times of another piece go on behind this one's. @param {Buffer} ts @param {number} ms */
export const laterTs = (ts, ms) =>
  eachPacket(ts, (packet) => {
    if (packet[3] & 0x20 && packet[4] > 0 && packet[5] & 0x10) {
      const base = packet.readUInt32BE(6) * 2 + (packet[10] >> 7) + ms * 90;
      packet.writeUInt32BE(Math.floor(base / 2), 6);
      packet[10] = (packet[10] & 0x7f) | ((base & 1) << 7);
    }
    if (!beginsPes(packet)) return packet;
    const at = payloadOf(packet);
    const flags = packet[at + 7] >> 6;
    if (flags & 2) writeTime(packet, at + 9, readTime(packet, at + 9) + ms * 90);
    if (flags === 3) writeTime(packet, at + 14, readTime(packet, at + 14) + ms * 90);
    return packet;
  });

/** @typedef {(tag: Buffer, type: "video" | "audio" | "data", config: boolean, index: number) => Buffer[]} EachTag */
/** Previous sizes are written anew. @param {Buffer} flv @param {EachTag} each */
export function eachTag(flv, each) {
  /** @type {Buffer[]} */ const out = [Buffer.from(flv.subarray(0, 13))];
  let index = 0;
  for (let at = 13; at + 15 <= flv.length; ) {
    const size = flv.readUIntBE(at + 1, 3) + 11;
    const tag = Buffer.from(flv.subarray(at, at + size));
    at += size + 4;
    const type = tag[0] === 9 ? "video" : tag[0] === 8 ? "audio" : "data";
    const config =
      (type === "video" && (tag[11] & 15) === 7 && tag[12] === 0) ||
      (type === "audio" && tag[11] >> 4 === 10 && tag[12] === 0);
    for (const made of each(tag, type, config, index++)) {
      const previous = Buffer.alloc(4);
      previous.writeUInt32BE(made.length);
      out.push(made, previous);
    }
  }
  return Buffer.concat(out);
}

/** A tag of the same time as this one. @param {Buffer} like @param {number} type @param {number[] | Buffer} body */
export function tagLike(like, type, body) {
  const tag = Buffer.concat([like.subarray(0, 11), Buffer.from(body)]);
  tag[0] = type;
  tag.writeUIntBE(body.length, 1, 3);
  return tag;
}

/** The configurations come again before each keyframe. @param {Buffer} flv */
export function withConfigsAgain(flv) {
  /** @type {Record<string, Buffer>} */ const configs = {};
  return eachTag(flv, (tag, type, config) => {
    if (config) configs[type] = tag;
    const key = type === "video" && !config && tag[11] >> 4 === 1;
    return [
      ...(key ? Object.values(configs).map((one) => tagLike(tag, one[0], one.subarray(11))) : []),
      tag,
    ];
  });
}

/** @typedef {{track: number, time: number, key: boolean, data: Buffer}} Frame in the file's ticks */

/**
 * Matroska's frames, and its head without what only a whole file has.
 * @param {Buffer} mkv @returns {{ebml: Buffer, info: import('./ebml.mjs').Element[], tracks: import('./ebml.mjs').Element[], frames: Frame[], kinds: Map<number, number>}}
 */
export function framesOf(mkv) {
  const top = parseEbml(mkv);
  const segment = child(top, ID.segment)?.children ?? [];
  const tracks = child(segment, ID.tracks)?.children ?? [];
  /** @type {Frame[]} */ const frames = [];
  for (const cluster of segment.filter((one) => one.id === ID.cluster)) {
    const began = number(child(cluster.children ?? [], ID.timestamp));
    for (const one of cluster.children ?? []) {
      const held = one.id === ID.blockGroup ? child(one.children ?? [], ID.block) : one;
      if (!held || (held.id !== ID.simpleBlock && held.id !== ID.block)) continue;
      frames.push({
        track: held.data[0] & 0x7f,
        time: began + held.data.readInt16BE(1),
        key: held !== one || (held.data[3] & 0x80) !== 0,
        data: held.data.subarray(4),
      });
    }
  }
  const kinds = new Map(
    tracks.map((entry) => [
      number(child(entry.children ?? [], ID.trackNumber)),
      number(child(entry.children ?? [], ID.trackType)),
    ]),
  );
  const ebml = top.find((one) => one.id === ID.ebml)?.data ?? Buffer.alloc(0);
  const info = parseEbml(child(segment, ID.info)?.data ?? Buffer.alloc(0));
  return { ebml: element(ID.ebml, ebml), info, tracks, frames, kinds };
}

/** Of a track number: one byte, or two. @param {number} track */
const trackBytes = (track) => (track < 127 ? [0x80 | track] : [0x40 | (track >> 8), track & 255]);

/** @param {Frame} frame @param {number} base @param {{lacing?: number, data?: Buffer, simple?: boolean}} [how] */
export function block(frame, base, { lacing = 0, data = frame.data, simple = true } = {}) {
  const time = Buffer.alloc(3);
  time.writeInt16BE(frame.time - base);
  time[2] = (simple && frame.key ? 0x80 : 0) | (lacing << 1);
  const bytes = Buffer.concat([Buffer.from(trackBytes(frame.track)), time, data]);
  return element(simple ? ID.simpleBlock : ID.block, bytes);
}

/** How many bytes a lace takes: of 255 each, or as EBML. @param {Buffer[]} frames @param {1 | 2 | 3} lacing Xiph, fixed, EBML */
export function laced(frames, lacing) {
  const sizes = frames.slice(0, -1).map((one) => one.length);
  const head = [frames.length - 1];
  if (lacing === 1)
    for (const size of sizes) head.push(...Array(Math.floor(size / 255)).fill(255), size % 255);
  if (lacing === 3)
    for (const [i, size] of sizes.entries()) {
      const value = i === 0 ? size : size - sizes[i - 1] + 0x1fff;
      head.push(0x40 | (value >> 8), value & 255);
    }
  return Buffer.concat([Buffer.from(head), ...frames]);
}

/**
 * @typedef {object} Writing
 * @property {boolean} [open] clusters of unknown size
 * @property {boolean} [groups] block groups in place of simple blocks
 * @property {1 | 2 | 3} [lacing] of four sounds a block
 * @property {number} [finer] so many ticks a millisecond
 * @property {number} [clusterMs] as long at most, wherever keyframes are
 * @property {Record<number, number>} [numbers] of tracks
 * @property {Buffer} [between] an element between blocks
 */
/** @param {Buffer} mkv @param {Writing} how */
export function rewritten(mkv, how) {
  const { ebml, info, tracks, frames, kinds } = framesOf(mkv);
  const ticks = how.finer ?? 1;
  const ofSound = (/** @type {Frame} */ one) => kinds.get(one.track) === 2;
  const renumbered = (/** @type {number} */ track) => how.numbers?.[track] ?? track;
  for (const entry of tracks) {
    const own = entry.children ?? [];
    const told = child(own, ID.trackNumber);
    if (told) told.data = unsigned(renumbered(number(told)));
    if (how.lacing && number(child(own, ID.trackType)) === 2)
      own.push({ id: 0x23e383, data: unsigned(Math.round(1024e9 / 48000)) });
  }
  if (how.numbers) tracks.reverse();
  const scale = child(info, 0x2ad7b1);
  if (scale) scale.data = unsigned(1e6 / ticks);
  /** @type {Buffer[]} */ const clusters = [];
  /** @type {Buffer[]} */ let blocks = [];
  let base = Number.NaN;
  const close = () => {
    if (blocks.length) clusters.push(element(ID.cluster, Buffer.concat(blocks), how.open));
    blocks = [];
  };
  /** @type {Frame[]} */ let lace = [];
  const longest = (how.clusterMs ?? 5000) * ticks;
  const put = (/** @type {Frame} */ frame, /** @type {object} */ more = {}) => {
    const key = !how.clusterMs && frame.key && kinds.get(frame.track) === 1;
    if (Number.isNaN(base) || key || frame.time - base > Math.min(longest, 30000)) {
      close();
      base = Math.max(0, frame.time);
      blocks.push(element(ID.timestamp, unsigned(base)));
    }
    if (how.between) blocks.push(how.between);
    if (!how.groups) return blocks.push(block(frame, base, more));
    const children = [block(frame, base, { simple: false, ...more })];
    if (!frame.key) children.push(element(0xfb, Buffer.from([0xd8])));
    return blocks.push(element(ID.blockGroup, Buffer.concat(children)));
  };
  const flush = () => {
    if (!lace.length || !how.lacing) return;
    const datas = lace.map((one) => one.data);
    const same = datas.every((data) => data.length === datas[0].length);
    const lacing = how.lacing === 2 && !same ? 3 : how.lacing;
    if (lace.length === 1) put(lace[0]);
    else put(lace[0], { lacing, data: laced(datas, lacing) });
    lace = [];
  };
  for (const one of frames) {
    const frame = { ...one, time: one.time * ticks, track: renumbered(one.track) };
    if (how.lacing && ofSound(one)) {
      lace.push(frame);
      if (lace.length === 4) flush();
    } else put(ofSound(one) ? frame : { ...frame, track: frame.track });
  }
  flush();
  close();
  const head = [element(ID.info, info), element(ID.tracks, tracks)];
  return Buffer.concat([ebml, element(ID.segment, Buffer.concat(head), true), ...clusters]);
}

/** Boxes, those inside the named ones, too, each as it is made. @param {Buffer} mp4 @param {string[]} inside @param {(type: string, body: Buffer) => Buffer | null} each of the body; null: left out @returns {Buffer} */
export function eachBox(mp4, inside, each) {
  const out = [];
  for (const { type, body } of boxes(mp4)) {
    const own = inside.includes(type) ? eachBox(body, inside, each) : body;
    const made = each(type, own);
    if (made === null) continue;
    const head = Buffer.alloc(8);
    head.writeUInt32BE(8 + made.length);
    head.write(type, 4, "latin1");
    out.push(head, made);
  }
  return Buffer.concat(out);
}

/** @param {string} type @param {Buffer} body */
export const box = (type, body) =>
  eachBox(Buffer.concat([Buffer.from([0, 0, 0, 8]), Buffer.from(type, "latin1")]), [], () => body);
