import assert from "node:assert/strict";
import { test } from "node:test";
import { packetsHeader, packetsPacket, readPackets } from "../../player-web/sdk/packets.js";
import { packetsStream, readPackets as readByTest } from "../e2e/lib/packets.mjs";

/** What an encoder hands out, as far as it is looked at. @param {"key" | "delta"} type @param {number} timestamp @param {string} data */
const chunkOf = (type, timestamp, data) =>
  /** @type {EncodedVideoChunk} */ ({
    type,
    timestamp,
    duration: 33_333,
    byteLength: data.length,
    copyTo: (/** @type {Uint8Array} */ to) => to.set(Buffer.from(data)),
  });

const video = {
  codec: "avc1.42001f",
  codedWidth: 320,
  codedHeight: 180,
  description: Uint8Array.of(1, 66),
};
const audio = { codec: "opus", sampleRate: 48_000, numberOfChannels: 2 };

test("whole pictures and plain sound are written from their bytes", () => {
  const samples = Float32Array.of(0, 0.5, -0.5);
  const bytes = Buffer.concat([
    packetsHeader([
      { codec: "jpeg", codedWidth: 32, codedHeight: 18 },
      { codec: "pcm-f32", sampleRate: 48_000, numberOfChannels: 1 },
    ]),
    packetsPacket(0, {
      type: "key",
      timestamp: 40_000,
      duration: 40_000,
      data: Uint8Array.of(255, 216),
    }),
    packetsPacket(1, { type: "key", timestamp: 62.5, duration: 62.5, data: samples }),
  ]);
  const { configs, packets } = readByTest(bytes);
  assert.deepEqual(
    configs.map(({ config }) => config.codec),
    ["jpeg", "pcm-f32"],
  );
  assert.deepEqual(
    packets.map(({ track, key, pts, duration }) => [track, key, pts, duration]),
    [
      [0, true, 40_000, 40_000],
      [1, true, 63, 63],
    ],
  );
  assert.deepEqual([...packets[0].data], [255, 216]);
  assert.ok(packets[1].data.equals(Buffer.from(samples.buffer)));
});

test("what is written is read, by the SDK and by the tests' own reader", () => {
  const bytes = Buffer.concat([
    packetsHeader([video, audio]),
    packetsPacket(0, chunkOf("key", -5, "picture")),
    packetsPacket(1, chunkOf("key", 0, "sound")),
    packetsPacket(0, chunkOf("delta", 33_333.4, "next")),
  ]);
  const records = [...readPackets(Uint8Array.from(bytes))];
  assert.deepEqual(records.slice(0, 2), [
    { config: video, track: 0 },
    { config: audio, track: 1 },
  ]);
  const chunks = records.slice(2).map((record) => ("chunk" in record ? record.chunk : null));
  assert.deepEqual(
    chunks.map((chunk) => [
      chunk?.type,
      chunk?.timestamp,
      String(Buffer.from(/** @type {any} */ (chunk).data)),
    ]),
    [
      ["key", -5, "picture"],
      ["key", 0, "sound"],
      ["delta", 33_333, "next"],
    ],
  );
  const { configs, packets } = readByTest(bytes);
  assert.deepEqual(configs[0].config, { codec: "avc1.42001f", codedWidth: 320, codedHeight: 180 });
  assert.deepEqual(
    packets.map((p) => [p.track, p.key, p.pts, p.duration]),
    [
      [0, true, -5, 33_333],
      [1, true, 0, 33_333],
      [0, false, 33_333, 33_333],
    ],
  );
});

test("a stream of a browser's chunks is read whole, and a view in the middle of a buffer", () => {
  const { messages, packets } = packetsStream(["avc1-avcc", "opus"]);
  const padded = Buffer.concat([Buffer.alloc(3), ...messages]);
  const records = [
    ...readPackets(new Uint8Array(padded.buffer, padded.byteOffset + 3, padded.length - 3)),
  ];
  assert.equal(records.length, packets.length + 2);
  assert.ok(
    "config" in records[0] && /** @type {any} */ (records[0].config).description.length > 20,
  );
});
