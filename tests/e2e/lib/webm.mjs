/**
 * Just enough of Matroska to look inside a stream from outside: which blocks, in which Clusters,
 * and which of them are keyframes. Unknown sizes are understood; damage is an error.
 */

const ID = {
  ebml: 0x1a45dfa3,
  segment: 0x18538067,
  cluster: 0x1f43b675,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackType: 0x83,
  timestamp: 0xe7,
  simpleBlock: 0xa3,
  blockGroup: 0xa0,
  block: 0xa1,
  referenceBlock: 0xfb,
};
const OPENED = new Set([ID.segment, ID.cluster, ID.tracks, ID.trackEntry, ID.blockGroup]);

/** @typedef {{id: number, start: number, body: number, end: number, unknown: boolean}} Element */
/** @typedef {{track: number, type: number, timeMs: number, key: boolean, start: number, size: number, cluster: number}} Block */
/** @typedef {{blocks: Block[], clusters: {timeMs: number, unknown: boolean}[], inits: number, tracks: Map<number, number>}} Layout */

/** @param {Buffer} data @param {number} at @param {boolean} keepMarker @returns {{value: number, size: number, ones: boolean}} */
function vint(data, at, keepMarker) {
  const first = data[at];
  const size = Math.clz32(first) - 23;
  if (!(size >= 1 && size <= 8) || at + size > data.length) throw new Error(`bad vint at ${at}`);
  let value = keepMarker ? first : first & (0xff >> size);
  let ones = (first | ((0xff << (8 - size)) & 0xff)) === 0xff;
  for (let i = 1; i < size; ++i) {
    value = value * 256 + data[at + i];
    ones = ones && data[at + i] === 0xff;
  }
  return { value, size, ones };
}

/** @param {Buffer} data @param {number} at @returns {Element} */
function element(data, at) {
  const id = vint(data, at, true);
  const size = vint(data, at + id.size, false);
  const body = at + id.size + size.size;
  return {
    id: id.value,
    start: at,
    body,
    end: size.ones ? Infinity : body + size.value,
    unknown: size.ones,
  };
}

/** @param {Buffer} data @param {Element} e */
const uint = (data, e) => data.subarray(e.body, e.end).reduce((sum, byte) => sum * 256 + byte, 0);

/** @param {Buffer} data @param {number} at the block's body */
function blockHead(data, at) {
  const track = vint(data, at, false);
  return {
    track: track.value,
    relative: data.readInt16BE(at + track.size),
    flags: data[at + track.size + 2],
  };
}

/**
 * @param {Buffer} data a stream from its first byte; an unfinished last element is left out
 * @returns {Layout}
 */
export function layoutOf(data) {
  /** @type {Layout} */
  const out = { blocks: [], clusters: [], inits: 0, tracks: new Map() };
  let at = 0;
  let entry = 0;
  /** @type {Block | null} */
  let group = null;
  while (at + 12 < data.length) {
    const e = element(data, at);
    if (Number.isFinite(e.end) && e.end > data.length && !OPENED.has(e.id)) break;
    if (e.id === ID.ebml) ++out.inits;
    if (e.id === ID.trackNumber) entry = uint(data, e);
    if (e.id === ID.trackType) out.tracks.set(entry, uint(data, e));
    if (e.id === ID.cluster) out.clusters.push({ timeMs: 0, unknown: e.unknown });
    if (e.id === ID.timestamp) out.clusters[out.clusters.length - 1].timeMs = uint(data, e);
    if (e.id === ID.simpleBlock || e.id === ID.block) group = addBlock(out, data, e);
    if (e.id === ID.referenceBlock && group) group.key = false;
    at = OPENED.has(e.id) ? e.body : e.end;
  }
  return out;
}

/** @param {Layout} out @param {Buffer} data @param {Element} e */
function addBlock(out, data, e) {
  const { track, relative, flags } = blockHead(data, e.body);
  const cluster = out.clusters.length - 1;
  const key = e.id === ID.block ? true : (flags & 0x80) !== 0; // of a BlockGroup: until a reference is seen
  const block = {
    track,
    type: out.tracks.get(track) ?? 0,
    timeMs: out.clusters[cluster].timeMs + relative,
    key,
    start: e.body,
    size: e.end - e.body,
    cluster,
  };
  out.blocks.push(block);
  return block;
}

export const VIDEO = 1;

/** @param {Layout} layout */
export const videoBlocks = (layout) => layout.blocks.filter((block) => block.type === VIDEO);

/** Clusters whose first video block is not a keyframe. @param {Layout} layout */
export function clustersWithoutKeyframe(layout) {
  const hasVideo = [...layout.tracks.values()].includes(VIDEO);
  if (!hasVideo) return [];
  return layout.clusters
    .map((_, index) => index)
    .filter((index) => {
      const first = layout.blocks.find((block) => block.cluster === index && block.type === VIDEO);
      return first ? !first.key : layout.blocks.some((block) => block.cluster === index);
    });
}
