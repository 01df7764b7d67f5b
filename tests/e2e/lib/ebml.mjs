/** Matroska taken apart and put together again: elements as a tree, blocks with their times. */

/** @typedef {{id: number, data: Buffer, children?: Element[]}} Element */

export const ID = {
  ebml: 0x1a45dfa3,
  segment: 0x18538067,
  info: 0x1549a966,
  tracks: 0x1654ae6b,
  entry: 0xae,
  trackNumber: 0xd7,
  trackType: 0x83,
  codecId: 0x86,
  video: 0xe0,
  displayWidth: 0x54b0,
  displayHeight: 0x54ba,
  projection: 0x7670,
  projectionType: 0x7671,
  poseRoll: 0x7675,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  simpleBlock: 0xa3,
  blockGroup: 0xa0,
  block: 0xa1,
};
const MASTERS = new Set([ID.segment, ID.tracks, ID.entry, ID.video, ID.cluster, ID.blockGroup]);
const UNKNOWN = 0xffffffffffffffn;

/** @param {Buffer} from @param {number} at @returns {{id: number, size: bigint, head: number}} */
function readHead(from, at) {
  const idLength = Math.clz32(from[at]) - 23;
  const id = from.readUIntBE(at, idLength);
  const first = from[at + idLength];
  const length = Math.clz32(first) - 23;
  let size = BigInt(first & (0xff >> length));
  for (let i = 1; i < length; ++i) size = (size << 8n) | BigInt(from[at + idLength + i]);
  if (size === (1n << BigInt(7 * length)) - 1n) size = UNKNOWN;
  return { id, size, head: idLength + length };
}

/** Of unknown size are a Segment and its Clusters: these end where the next one begins. @param {Buffer} bytes @returns {Element[]} */
export function parseEbml(bytes) {
  /** @type {Element[]} */ const out = [];
  for (let at = 0; at < bytes.length; ) {
    const { id, size, head } = readHead(bytes, at);
    const from = at + head;
    let to = size === UNKNOWN ? bytes.length : from + Number(size);
    if (size === UNKNOWN && id === ID.cluster) {
      to = from;
      while (to < bytes.length) {
        const next = readHead(bytes, to);
        if (next.id > 0xffffff) break;
        to += next.head + Number(next.size);
      }
    }
    const data = bytes.subarray(from, to);
    out.push(MASTERS.has(id) ? { id, data, children: parseEbml(data) } : { id, data });
    at = to;
  }
  return out;
}

/** @param {number} id */
function idBytes(id) {
  const hex = id.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex");
}

/** @param {number} id @param {Buffer | Element[]} content @param {boolean} [open] of unknown size @returns {Buffer} */
export function element(id, content, open = false) {
  const data = Buffer.isBuffer(content) ? content : Buffer.concat(content.map(written));
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE((1n << 56n) | (open ? UNKNOWN : BigInt(data.length)));
  return Buffer.concat([idBytes(id), size, data]);
}

/** @param {Element} one @returns {Buffer} */
const written = (one) => element(one.id, one.children ?? one.data);

/** @param {number} value */
export function unsigned(value) {
  const out = Buffer.alloc(8);
  out.writeBigUInt64BE(BigInt(value));
  return out;
}

/** @param {number} value */
export function float(value) {
  const out = Buffer.alloc(8);
  out.writeDoubleBE(value);
  return out;
}

/** @param {Element[]} among @param {number} id */
export const child = (among, id) => among.find((one) => one.id === id);

/** The element's value. @param {Element | undefined} one */
export const number = (one) => (one ? Number(`0x${one.data.toString("hex") || "0"}`) : 0);

/** A file whose tracks' header has been changed. @param {Buffer} mkv @param {(entry: Element[], type: number) => void} change */
export function withTracks(mkv, change) {
  const top = parseEbml(mkv);
  for (const segment of top.filter((one) => one.id === ID.segment)) {
    const tracks = child(segment.children ?? [], ID.tracks);
    for (const entry of tracks?.children ?? []) {
      const own = entry.children ?? [];
      change(own, number(child(own, ID.trackType)));
    }
    segment.children = segment.children?.filter((one) =>
      [ID.info, ID.tracks, ID.cluster].includes(one.id),
    );
  }
  return Buffer.concat(
    top.map((one) =>
      one.id === ID.segment ? element(one.id, one.children ?? [], true) : written(one),
    ),
  );
}
