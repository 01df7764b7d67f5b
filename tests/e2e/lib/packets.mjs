/** The packets format (PROTOCOL.md), written from what WebCodecs' encoders gave and read back. */
import { readFileSync } from "node:fs";
import { mediaPath } from "./media.mjs";

/** @typedef {{codec: string, codedWidth?: number, codedHeight?: number, sampleRate?: number, numberOfChannels?: number}} Config */
/** @typedef {{track: number, key: boolean, pts: number, duration: number, data: Buffer}} Packet */

/** @param {number} kind @param {number} track @param {number} flags @param {Buffer[]} rest */
function record(kind, track, flags, rest) {
  const body = Buffer.concat([Buffer.from([kind, track, flags, 0]), ...rest]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/** @param {number} tracks */
export const header = (tracks) => Buffer.from([0x46, 0x57, 0x50, 0x4b, 1, tracks, 0, 0]);

/** @param {number} track @param {Config} config @param {Buffer} description */
export function configRecord(track, config, description) {
  const json = Buffer.from(JSON.stringify(config));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  return record(1, track, 0, [length, json, description]);
}

/** @param {Packet} packet */
export function packetRecord(packet) {
  const times = Buffer.alloc(12);
  times.writeBigInt64BE(BigInt(packet.pts));
  times.writeUInt32BE(packet.duration, 8);
  return record(2, packet.track, packet.key ? 1 : 0, [times, packet.data]);
}

/** One track as a browser's encoder made it. @param {string} name of tests/media/browser/webcodecs @param {number} track */
export function encoded(name, track) {
  const facts = JSON.parse(readFileSync(mediaPath(`webcodecs/${name}.json`), "utf8"));
  const bytes = readFileSync(mediaPath(`webcodecs/${name}.bin`));
  const { description_hex, codec, codedWidth, codedHeight, sampleRate, numberOfChannels } =
    facts.decoderConfig;
  return {
    config: configRecord(
      track,
      { codec, codedWidth, codedHeight, sampleRate, numberOfChannels },
      Buffer.from(description_hex ?? "", "hex"),
    ),
    /** @type {Packet[]} */
    packets: facts.chunks.map((/** @type {any} */ chunk) => ({
      track,
      key: chunk.type === "key",
      pts: chunk.timestamp_us,
      duration: chunk.duration_us ?? 0,
      data: bytes.subarray(chunk.offset, chunk.offset + chunk.size),
    })),
  };
}

/** Tracks side by side, in the order of their times, a message each. @param {string[]} names */
export function packetsStream(names) {
  const tracks = names.map((name, track) => encoded(name, track));
  const packets = tracks.flatMap((track) => track.packets).sort((a, b) => a.pts - b.pts);
  const init = Buffer.concat([header(names.length), ...tracks.map((track) => track.config)]);
  return { packets, messages: [init, ...packets.map(packetRecord)] };
}

/** @param {Buffer} bytes */
export function readPackets(bytes) {
  /** @type {{config: Config, description: Buffer}[]} */ const configs = [];
  /** @type {Packet[]} */ const packets = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes.toString("latin1", at, at + 4) === "FWPK") {
      at += 8;
      continue;
    }
    const end = at + 4 + bytes.readUInt32BE(at);
    if (bytes[at + 4] === 1) {
      const json = at + 12 + bytes.readUInt32BE(at + 8);
      configs.push({
        config: JSON.parse(bytes.toString("utf8", at + 12, json)),
        description: bytes.subarray(json, end),
      });
    } else {
      packets.push({
        track: bytes[at + 5],
        key: (bytes[at + 6] & 1) === 1,
        pts: Number(bytes.readBigInt64BE(at + 8)),
        duration: bytes.readUInt32BE(at + 16),
        data: bytes.subarray(at + 20, end),
      });
    }
    at = end;
  }
  return { configs, packets };
}

/** Whole records of what came so far. @param {Buffer} bytes */
export function wholePackets(bytes) {
  let at = 0;
  while (at + 4 <= bytes.length) {
    const header = bytes.toString("latin1", at, at + 4) === "FWPK";
    const end = header ? at + 8 : at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) break;
    at = end;
  }
  return bytes.subarray(0, at);
}
