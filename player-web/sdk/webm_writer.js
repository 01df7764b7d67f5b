/**
 * Writes the least WebM that plays: one video track of VP8 or VP9, a Cluster of unknown size at each
 * keyframe, SimpleBlocks, times in milliseconds (RFC 9559).
 */
const CODEC_IDS = { vp8: "V_VP8", vp9: "V_VP9" };
/** A block's time is 16 bits, relative to its Cluster; in milliseconds. */
const CLUSTER_MOST_MS = 30_000;

export class WebmWriter {
  #clusterMs = Number.NEGATIVE_INFINITY;

  /**
   * The init segment.
   *
   * @param {{codec: 'vp8' | 'vp9', width: number, height: number}} track
   */
  header({ codec, width, height }) {
    const video = element(0xe0, [...element(0xb0, uint(width)), ...element(0xba, uint(height))]);
    const entry = element(0xae, [
      ...element(0xd7, [1]), // TrackNumber
      ...element(0x73c5, [1]), // TrackUID
      ...element(0x83, [1]), // video
      ...element(0x86, text(CODEC_IDS[codec])),
      ...video,
    ]);
    const info = element(0x1549a966, [
      ...element(0x2ad7b1, uint(1_000_000)), // a tick is a millisecond
      ...element(0x4d80, text("framewire")),
      ...element(0x5741, text("framewire")),
    ]);
    const ebml = element(0x1a45dfa3, [
      ...element(0x4282, text("webm")),
      ...element(0x4287, [4]),
      ...element(0x4285, [2]),
    ]);
    const segment = [0x18, 0x53, 0x80, 0x67, ...UNKNOWN];
    return Uint8Array.from([...ebml, ...segment, ...info, ...element(0x1654ae6b, entry)]);
  }

  /**
   * @param {{timeMs: number, key: boolean, bytes: Uint8Array}} frame
   * @returns {Uint8Array<ArrayBuffer>} its block, with a Cluster header before a keyframe
   */
  frame({ timeMs, key, bytes }) {
    const late = timeMs - this.#clusterMs > CLUSTER_MOST_MS;
    /** @type {number[]} */
    let head = [];
    if (key || late) {
      this.#clusterMs = timeMs;
      head = [0x1f, 0x43, 0xb6, 0x75, ...UNKNOWN, ...element(0xe7, uint(timeMs))];
    }
    const relative = timeMs - this.#clusterMs;
    head.push(
      0xa3,
      ...size(bytes.length + 4),
      0x81,
      relative >> 8,
      relative & 0xff,
      key ? 0x80 : 0,
    );
    const out = new Uint8Array(head.length + bytes.length);
    out.set(head);
    out.set(bytes, head.length);
    return out;
  }
}

const UNKNOWN = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

/** @param {number} id @param {number[]} body */
function element(id, body) {
  return [...uint(id), ...size(body.length), ...body];
}

/** In eight bytes, which every reader takes. @param {number} value */
function size(value) {
  const high = Math.floor(value / 2 ** 32);
  return [0x01, 0, 0, high & 0xff, ...[24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff)];
}

/** In as few bytes as it needs. @param {number} value below 2^48 */
function uint(value) {
  const bytes = [];
  for (let left = value; left > 0 || bytes.length === 0; left = Math.floor(left / 256)) {
    bytes.unshift(left % 256);
  }
  return bytes;
}

/** @param {string} ascii */
function text(ascii) {
  return [...ascii].map((c) => c.charCodeAt(0));
}
