/**
 * Media whose times have been changed, in the container that it is in: MPEG-TS, FLV, Matroska, MP4 of one
 * sample a fragment. A clock is told of each packet, and says its time.
 */
import { child, element, ID, number, parseEbml, unsigned } from "./ebml.mjs";

/**
 * What a packet's time becomes, in milliseconds (both times move alike); null: the packet is left out.
 * @typedef {"video" | "audio"} Kind
 * @typedef {(kind: Kind, ms: number, index: number, id?: number) => number | null} Clock ms: the decoding time; index: of its track; id: the track's, of MP4
 */

const TS_WRAP = 2 ** 33;
const TICKS = 90;

/** @param {Buffer} packet @param {number} at */
export const readTime = (packet, at) =>
  (packet[at] & 0x0e) * 2 ** 29 +
  ((packet.readUInt16BE(at + 1) >> 1) << 15) +
  (packet.readUInt16BE(at + 3) >> 1);

/** @param {Buffer} packet @param {number} at @param {number} ticks */
export function writeTime(packet, at, ticks) {
  const time = ((ticks % TS_WRAP) + TS_WRAP) % TS_WRAP;
  packet[at] = (packet[at] & 0xf1) | ((Math.floor(time / 2 ** 30) & 7) << 1);
  packet.writeUInt16BE(((Math.floor(time / 2 ** 15) & 0x7fff) << 1) | 1, at + 1);
  packet.writeUInt16BE(((time & 0x7fff) << 1) | 1, at + 3);
}

/** @param {Buffer} packet @param {number} by ticks */
export function moveReference(packet, by) {
  const field = packet[3] & 0x20 && packet[4] > 0 && packet[5] & 0x10;
  if (!field) return;
  const base = packet.readUInt32BE(6) * 2 + (packet[10] >> 7) + by;
  const time = ((base % TS_WRAP) + TS_WRAP) % TS_WRAP;
  packet.writeUInt32BE(Math.floor(time / 2), 6);
  packet[10] = (packet[10] & 0x7f) | ((time & 1) << 7);
}

/** @param {Buffer} ts as FFmpeg writes it: pictures in PID 256, or sound if there are none @param {Clock} clock @param {{decodingTimes?: boolean}} [how] */
export function clockTs(ts, clock, { decodingTimes = true } = {}) {
  const out = [];
  /** @type {Record<number, number>} */ const indices = {};
  /** @type {Record<number, number>} */ const counters = {};
  /** @type {Record<number, boolean>} */ const dropped = {};
  let moved = 0;
  for (let at = 0; at + 188 <= ts.length; at += 188) {
    const packet = Buffer.from(ts.subarray(at, at + 188));
    const pid = packet.readUInt16BE(1) & 0x1fff;
    const payload = packet[3] & 0x20 ? 5 + packet[4] : 4;
    if (packet[1] & 0x40 && pid >= 256 && packet.readUIntBE(payload, 3) === 1) {
      const id = packet[payload + 3];
      const flags = packet[payload + 7] >> 6;
      const pts = readTime(packet, payload + 9);
      const ms = (flags === 3 ? readTime(packet, payload + 14) : pts) / TICKS;
      indices[pid] = (indices[pid] ?? -1) + 1;
      const kind = id >= 0xe0 && id < 0xf0 ? "video" : "audio";
      const to = flags & 2 ? clock(kind, ms, indices[pid]) : ms;
      dropped[pid] = to === null;
      if (to !== null && flags & 2) {
        moved = Math.round((to - ms) * TICKS);
        writeTime(packet, payload + 9, pts + moved);
        if (flags === 3 && decodingTimes) writeTime(packet, payload + 14, ms * TICKS + moved);
        if (flags === 3 && !decodingTimes) {
          packet[payload + 7] &= 0xbf;
          packet[payload + 9] = (packet[payload + 9] & 0x0f) | 0x20;
          packet.fill(0xff, payload + 14, payload + 19);
        }
      }
    }
    if (dropped[pid]) continue;
    moveReference(packet, moved);
    if (packet[3] & 0x10) {
      counters[pid] = ((counters[pid] ?? -1) + 1) & 15;
      packet[3] = (packet[3] & 0xf0) | counters[pid];
    }
    out.push(packet);
  }
  return Buffer.concat(out);
}

/** @param {Buffer} flv @param {Clock} clock the 32 bits of what it says are written */
export function clockFlv(flv, clock) {
  const out = [flv.subarray(0, 13)];
  /** @type {Record<string, number>} */ const indices = { video: 0, audio: 0 };
  /** @type {Record<string, Buffer>} a configuration waits for its first packet */ const waiting =
    {};
  let began = false;
  for (let at = 13; at + 15 <= flv.length; ) {
    const size = flv.readUIntBE(at + 1, 3) + 15;
    const tag = Buffer.from(flv.subarray(at, at + size));
    at += size;
    const type = tag[0] & 0x1f;
    if (type !== 8 && type !== 9) {
      out.push(tag);
      continue;
    }
    const kind = type === 9 ? "video" : "audio";
    const config =
      (kind === "video" ? (tag[11] & 0x0f) === 7 : tag[11] >> 4 === 10) && tag[12] === 0;
    if (config) {
      waiting[kind] = tag;
      continue;
    }
    const ms = tag.readUIntBE(4, 3) + (tag[7] << 24);
    const to = clock(kind, ms, indices[kind]++);
    if (to === null) continue;
    const time = Math.round(to) >>> 0;
    // As muxers write them: the configurations of all that begins now stand in front.
    const other = kind === "video" ? "audio" : "video";
    const both = !began && waiting[other] && clock(other, ms, 0) !== null;
    began = true;
    for (const one of [waiting[kind], both ? waiting[other] : undefined, tag]) {
      one?.writeUIntBE(time & 0xffffff, 4, 3);
      if (one) one[7] = time >>> 24;
      if (one) out.push(one);
    }
    delete waiting[kind];
    if (both) delete waiting[other];
  }
  return Buffer.concat(out);
}

/** @param {Buffer} mkv with time stamps in milliseconds @param {Clock} clock */
export function clockMkv(mkv, clock) {
  const top = parseEbml(mkv);
  const segment = child(top, ID.segment)?.children ?? [];
  /** @type {Map<number, Kind>} */ const kinds = new Map();
  for (const entry of child(segment, ID.tracks)?.children ?? []) {
    const own = entry.children ?? [];
    const kind = number(child(own, ID.trackType)) === 1 ? "video" : "audio";
    kinds.set(number(child(own, ID.trackNumber)), kind);
  }
  /** @type {Buffer[]} */ const clusters = [];
  /** @type {Buffer[]} */ let blocks = [];
  let base = -1;
  const close = () => {
    if (blocks.length) clusters.push(element(ID.cluster, Buffer.concat(blocks)));
    blocks = [];
  };
  /** @type {Record<number, number>} */ const indices = {};
  for (const cluster of segment.filter((one) => one.id === ID.cluster)) {
    const began = number(child(cluster.children ?? [], ID.timestamp));
    for (const one of cluster.children ?? []) {
      const held = one.id === ID.blockGroup ? child(one.children ?? [], ID.block) : one;
      if (!held || (held.id !== ID.simpleBlock && held.id !== ID.block)) continue;
      const data = Buffer.from(held.data);
      const track = data[0] & 0x7f;
      indices[track] = (indices[track] ?? -1) + 1;
      const kind = kinds.get(track) ?? "audio";
      const shown = began + data.readInt16BE(1);
      // Matroska has no decoding times: those of 25 pictures a second.
      const ms = kind === "video" ? 40 * indices[track] : shown;
      const to = clock(kind, ms, indices[track]);
      if (to === null) continue;
      const time = Math.max(0, Math.round(shown + to - ms));
      const key = kind === "video" && (held.id === ID.simpleBlock ? (data[3] & 0x80) !== 0 : false);
      if (base < 0 || key || Math.abs(time - base) > 5000) {
        close();
        base = time;
        blocks.push(element(ID.timestamp, unsigned(base)));
      }
      data.writeInt16BE(time - base, 1);
      if (held === one) blocks.push(element(ID.simpleBlock, data));
      else
        blocks.push(
          element(
            ID.blockGroup,
            (one.children ?? []).map((c) => (c === held ? { id: c.id, data } : c)),
          ),
        );
    }
  }
  close();
  const head = top.filter((one) => one.id === ID.ebml).map((one) => element(one.id, one.data));
  const kept = segment.filter((one) => one.id === ID.info || one.id === ID.tracks);
  return Buffer.concat([...head, element(ID.segment, kept, true), ...clusters]);
}

/** @param {Buffer} made a sample in each fragment @param {Clock} clock */
export function clockMp4(made, clock) {
  const mp4 = Buffer.from(made);
  /** @type {Map<number, {kind: Kind, scale: number}>} */ const tracks = new Map();
  for (const trak of boxes(boxes(mp4).find((b) => b.type === "moov")?.body ?? Buffer.alloc(0))) {
    if (trak.type !== "trak") continue;
    const head = boxes(trak.body).find((b) => b.type === "tkhd")?.body ?? Buffer.alloc(24);
    const mdia = boxes(boxes(trak.body).find((b) => b.type === "mdia")?.body ?? Buffer.alloc(0));
    const mdhd = mdia.find((b) => b.type === "mdhd")?.body ?? Buffer.alloc(24);
    const hdlr = mdia.find((b) => b.type === "hdlr")?.body ?? Buffer.alloc(24);
    const kind = hdlr.toString("latin1", 8, 12) === "vide" ? "video" : "audio";
    tracks.set(head.readUInt32BE(head[0] ? 20 : 12), {
      kind,
      scale: mdhd.readUInt32BE(mdhd[0] ? 20 : 12) / 1000,
    });
  }
  const out = [];
  /** @type {Record<number, number>} */ const indices = {};
  let dropped = false;
  for (const box of boxes(mp4)) {
    if (box.type === "moof") {
      const traf = boxes(box.body).find((b) => b.type === "traf")?.body ?? Buffer.alloc(0);
      const id =
        boxes(traf)
          .find((b) => b.type === "tfhd")
          ?.body.readUInt32BE(4) ?? 0;
      const tfdt = boxes(traf).find((b) => b.type === "tfdt")?.body;
      const track = tracks.get(id);
      if (!tfdt || !track) throw new Error("a fragment of no track");
      indices[id] = (indices[id] ?? -1) + 1;
      const ms = Number(tfdt.readBigUInt64BE(4)) / track.scale;
      const to = clock(track.kind, ms, indices[id], id);
      dropped = to === null;
      if (to !== null) tfdt.writeBigUInt64BE(BigInt(Math.max(0, Math.round(to * track.scale))), 4);
    }
    if (!(dropped && (box.type === "moof" || box.type === "mdat"))) out.push(box.whole);
  }
  return Buffer.concat(out);
}

/** Boxes, each a view of the bytes. @param {Buffer} bytes @returns {{type: string, body: Buffer, whole: Buffer}[]} */
export function boxes(bytes) {
  const out = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32BE(at) || bytes.length - at;
    const whole = bytes.subarray(at, at + size);
    out.push({ type: whole.toString("latin1", 4, 8), body: whole.subarray(8), whole });
    at += size;
  }
  return out;
}

/** @type {Record<string, (bytes: Buffer, clock: Clock) => Buffer>} */
export const CLOCKS = { ts: clockTs, flv: clockFlv, mkv: clockMkv, webm: clockMkv, mp4: clockMp4 };
