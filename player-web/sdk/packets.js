/**
 * The packets format (PROTOCOL.md): what WebCodecs' encoders give and its decoders take, as bytes for
 * `/publish/NAME` and of `/live/NAME.packets`.
 *
 * @typedef {VideoDecoderConfig | AudioDecoderConfig} Config
 * @typedef {{config: Config, track: number}} ConfigRecord
 * @typedef {{chunk: EncodedVideoChunkInit | EncodedAudioChunkInit, track: number}} ChunkRecord
 */
const MAGIC = 0x46_57_50_4b; // "FWPK"
const HEADER_BYTES = 8;
const HEAD_BYTES = 8;
const CONFIG = 1;
const PACKET = 2;
const KEY = 1;

/** What stands before the data of a packet. */
export const PACKET_ROOM = HEAD_BYTES + 12;

/** @param {AllowSharedBufferSource} source @returns {Uint8Array} a view of it */
export const bytesOf = (source) =>
  ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);

/** @param {number} kind @param {number} track @param {number} flags @param {number} bytes of what follows */
function record(kind, track, flags, bytes) {
  const out = new Uint8Array(HEAD_BYTES + bytes);
  const view = new DataView(out.buffer);
  view.setUint32(0, HEAD_BYTES - 4 + bytes);
  out.set([kind, track, flags], 4);
  return { out, view };
}

/**
 * What stands before the packets: send it first, and again when a config changes.
 *
 * @param {Config[]} configs of the tracks 0, 1, ...: an encoder's `metadata.decoderConfig`
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function packetsHeader(configs) {
  const header = new Uint8Array(HEADER_BYTES);
  new DataView(header.buffer).setUint32(0, MAGIC);
  header.set([1, configs.length], 4);
  const records = configs.map((config, track) => {
    const { codec, codedWidth, codedHeight, colorSpace, sampleRate, numberOfChannels } =
      /** @type {VideoDecoderConfig & AudioDecoderConfig} */ (config);
    const facts = { codec, codedWidth, codedHeight, colorSpace, sampleRate, numberOfChannels };
    const json = new TextEncoder().encode(JSON.stringify(facts));
    const description = config.description ? bytesOf(config.description) : new Uint8Array(0);
    const { out, view } = record(CONFIG, track, 0, 4 + json.length + description.length);
    view.setUint32(HEAD_BYTES, json.length);
    out.set(json, HEAD_BYTES + 4);
    out.set(description, HEAD_BYTES + 4 + json.length);
    return out;
  });
  const all = new Uint8Array(records.reduce((sum, { length }) => sum + length, HEADER_BYTES));
  all.set(header);
  let at = HEADER_BYTES;
  for (const one of records) {
    all.set(one, at);
    at += one.length;
  }
  return all;
}

/**
 * Writes what stands before the data of a packet of track 0.
 *
 * @param {Uint8Array<ArrayBuffer>} to
 * @param {number} at PACKET_ROOM bytes before the data
 * @param {{key: boolean, timestamp: number, duration: number, bytes: number}} packet bytes: of the data
 */
export function writePacketHead(to, at, { key, timestamp, duration, bytes }) {
  const view = new DataView(to.buffer, to.byteOffset + at, PACKET_ROOM);
  view.setUint32(0, PACKET_ROOM - 4 + bytes);
  view.setUint32(4, (PACKET << 24) | ((key ? KEY : 0) << 8));
  view.setBigInt64(HEAD_BYTES, BigInt(timestamp));
  view.setUint32(HEAD_BYTES + 8, duration);
}

/**
 * @param {number} track
 * @param {EncodedVideoChunk | EncodedAudioChunk | EncodedVideoChunkInit} chunk as an encoder gave it; or
 *   `{type, timestamp, duration, data}`, which whole pictures (jpeg, png, webp, rgba) and sound (pcm-s16, pcm-f32) are
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function packetsPacket(track, chunk) {
  const encoded = "copyTo" in chunk ? chunk : null;
  const data = "data" in chunk ? bytesOf(chunk.data) : new Uint8Array(0);
  const bytes = encoded?.byteLength ?? data.byteLength;
  const { out, view } = record(PACKET, track, chunk.type === "key" ? KEY : 0, 12 + bytes);
  view.setBigInt64(HEAD_BYTES, BigInt(Math.round(chunk.timestamp)));
  view.setUint32(HEAD_BYTES + 8, Math.round(chunk.duration ?? 0));
  out.set(data, HEAD_BYTES + 12);
  encoded?.copyTo(out.subarray(HEAD_BYTES + 12));
  return out;
}

/**
 * Reads a message of `/live/NAME.packets`: whole records, in order. Views are of the bytes given.
 *
 * @param {ArrayBuffer | Uint8Array<ArrayBuffer>} message
 * @returns {Generator<ConfigRecord | ChunkRecord>} a config for a decoder's `configure()`, or what
 *   `new EncodedVideoChunk()` takes
 */
export function* readPackets(message) {
  const bytes = /** @type {Uint8Array<ArrayBuffer>} */ (bytesOf(message));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length; ) {
    if (view.getUint32(at) === MAGIC) {
      at += HEADER_BYTES;
      continue;
    }
    const end = at + 4 + view.getUint32(at);
    const track = bytes[at + 5];
    if (bytes[at + 4] === CONFIG) {
      const json = at + HEAD_BYTES + 4 + view.getUint32(at + HEAD_BYTES);
      const config = JSON.parse(
        new TextDecoder().decode(bytes.subarray(at + HEAD_BYTES + 4, json)),
      );
      if (end > json) config.description = bytes.slice(json, end);
      yield { config, track };
    } else {
      /** @type {EncodedVideoChunkInit} */
      const chunk = {
        type: bytes[at + 6] & KEY ? "key" : "delta",
        timestamp: Number(view.getBigInt64(at + HEAD_BYTES)),
        duration: view.getUint32(at + HEAD_BYTES + 8),
        data: bytes.subarray(at + HEAD_BYTES + 12, end),
      };
      yield { chunk, track };
    }
    at = end;
  }
}
