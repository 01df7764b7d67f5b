// Lossless capture of packets that the publisher has encoded, or of pictures in planes: each frame once at n / fps,
// whatever breaks; and what is wrong with them is said by name. (film_page.test.mjs has the same from a page.)
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { i420Bytes, toI420 } from "../../player-web/sdk/i420.js";
import { i420Planes, PACKED_I420, PlanePacker } from "../../player-web/sdk/packed_planes.js";
import { packetsHeader, packetsPacket } from "../../player-web/sdk/packets.js";
import { xxh32 } from "../../player-web/sdk/xxh32.js";
import { counterFrame, numbersIn, upTo } from "./lib/counter.mjs";
import { run } from "./lib/decode.mjs";
import { captureChildren, LosslessPublisher, SIZE } from "./lib/lossless.mjs";
import { probe, track, withFolder } from "./lib/recordings.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const FRAMES = 60;
const KEY_EVERY = 30;

/** @param {(server: Server, dir: string) => Promise<any>} use */
const withServer = (use) =>
  withFolder((dir) => Server.with({ flags: ["--record-dir", dir] }, (server) => use(server, dir)));

/** @param {string} dir @param {any} recorded @param {number} count @param {number} [fps] */
async function assertWhole(dir, recorded, count, fps = 30) {
  assert.equal(recorded.code, undefined, recorded.message);
  assert.equal(recorded.incomplete, undefined);
  assert.equal(recorded.frames, count);
  assert.ok(
    Math.abs(recorded.duration_ms - (1000 * count) / fps) <= 1,
    `${recorded.duration_ms} ms`,
  );
  const file = join(dir, recorded.url.slice("/recordings/".length));
  assert.deepEqual(await numbersIn(file), upTo(count), "each frame, in order, decodes to itself");
  const video = track(await probe(file), "video");
  const tick = recorded.url.endsWith(".webm") ? 0.0006 : 0.000012; // WebM counts milliseconds
  for (const [n, time] of (video?.times ?? []).entries())
    assert.ok(Math.abs(time - n / fps) < tick, `frame ${n} of ${fps} a second is at ${time} s`);
  return video;
}

/** Packets of counter frames, as another encoder makes them. @param {string} codec @param {number} count @param {{width: number, height: number}} [size] */
async function encoded(codec, count, { width, height } = SIZE) {
  const pictures = Buffer.concat(upTo(count).map((n) => counterFrame(n, width, height)));
  const input = ["-f", "rawvideo", "-pix_fmt", "rgba", "-s", `${width}x${height}`, "-r", "30"];
  const how = {
    vp8: ["-c:v", "libvpx", "-auto-alt-ref", "0", "-b:v", "4M"],
    vp9: ["-c:v", "libvpx-vp9", "-crf", "20", "-deadline", "realtime", "-cpu-used", "8"],
    av1: ["-c:v", "libaom-av1", "-crf", "20", "-usage", "realtime", "-cpu-used", "8"],
  }[codec];
  const end = [
    // VP9 says the matrix in each key frame, AV1 all three.
    ...[
      "-vf",
      "scale=out_color_matrix=bt709,setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709",
    ],
    "-lag-in-frames",
    "0",
    "-g",
    `${KEY_EVERY}`,
    "-pix_fmt",
    "yuv420p",
    "-f",
    "ivf",
    "-",
  ];
  const args = ["-v", "error", ...input, "-i", "-", .../** @type {string[]} */ (how), ...end];
  const { out, stderr } = await run("ffmpeg", args, pictures);
  assert.equal(stderr, "");
  const packets = [];
  for (let at = 32; at < out.length; ) {
    const bytes = out.readUInt32LE(at);
    packets.push(out.subarray(at + 12, at + 12 + bytes));
    at += 12 + bytes;
  }
  assert.equal(packets.length, count);
  return packets;
}

const NAMES = /** @type {{[codec: string]: string}} */ ({
  vp8: "vp8",
  vp9: "vp09.00.20.08",
  av1: "av01.0.04M.08",
});
/** @param {string} codec @param {object} [more] */
const configOf = (codec, more) => {
  const size = { codedWidth: SIZE.width, codedHeight: SIZE.height };
  return Buffer.from(packetsHeader([{ codec: NAMES[codec] ?? codec, ...size, ...more }]));
};
/** @param {Uint8Array} data @param {boolean} key */
const record = (data, key) =>
  packetsPacket(0, {
    type: key ? "key" : "delta",
    timestamp: 7,
    duration: 7,
    data: /** @type {any} */ (data),
  });

test("packets of each codec go into each container as they are", async () => {
  await withServer(async (server, dir) => {
    for (const [at, [codec, container, fps]] of /** @type {[string, string, number][]} */ ([
      ["vp8", "webm", 30],
      ["vp9", "webm", 60],
      ["vp9", "mp4", 29.97],
      ["av1", "mp4", 24],
    ]).entries()) {
      const packets = await encoded(codec, FRAMES);
      const wish = { format: "packets", codec, container, fps };
      const publisher = await LosslessPublisher.open(server, `films/${at}`, wish);
      await publisher.config(
        configOf(codec, {
          colorSpace: { matrix: "bt709", primaries: "bt709", transfer: "bt709", fullRange: false },
        }),
      );
      for (const [n, data] of packets.entries())
        await publisher.frame(record(data, n % KEY_EVERY === 0));
      const recorded = await publisher.finish();
      await publisher.ws.close(1000);
      const video = await assertWhole(dir, recorded, FRAMES, fps);
      assert.equal(video?.codec, codec);
      const file = join(dir, recorded.url.slice("/recordings/".length));
      const shown = [
        "-show_entries",
        "stream=color_space,color_primaries,color_transfer,color_range",
        "-of",
        "csv=p=0",
      ];
      const { out } = await run("ffprobe", ["-v", "error", "-select_streams", "v", ...shown, file]);
      assert.equal(out.toString().trim(), "tv,bt709,bt709,bt709", `${codec} in ${container}`);
    }
  });
});

test("pictures in planes are encoded by the server, in each codec, of odd sides too", async () => {
  await withServer(async (server, dir) => {
    for (const [at, [codec, container, width]] of /** @type {[string, string, number][]} */ ([
      ["h264", "mp4", 320],
      ["h264", "mp4", 321],
      ["vp9", "webm", 321],
      ["vp8", "webm", 320],
      ["av1", "mp4", 320],
    ]).entries()) {
      const size = { width, height: SIZE.height + (width & 1) };
      const wish = { format: "packets", codec, container, quality: "good", ...size };
      const publisher = await LosslessPublisher.open(server, `films/${at}`, wish);
      const config = { codec: "i420", codedWidth: size.width, codedHeight: size.height };
      await publisher.config(Buffer.from(packetsHeader([config])));
      for (let n = 0; n < 20; n++) await publisher.frame(record(planes(n, size), true));
      await assertWhole(dir, await publisher.finish(), 20);
      await publisher.ws.close(1000);
    }
  });
});

/** @param {number} n @param {{width: number, height: number}} size */
function planes(n, { width, height }) {
  const [w, h] = [width & ~1, height & ~1];
  const even = new Int32Array(Uint8Array.from(counterFrame(n, w, h)).buffer);
  const words = new Int32Array(width * height); // the last column and row twice
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      words[y * width + x] = even[Math.min(y, h - 1) * w + Math.min(x, w - 1)];
  const out = new Uint8Array(i420Bytes(width, height));
  toI420({ words, blueFirst: false, upward: false }, width, height, out);
  return out;
}

/** The same, packed. @param {number} n @param {{width: number, height: number}} size */
function packedPlanes(n, { width, height }) {
  const packer = PlanePacker.open(width, height, i420Planes(width, height));
  assert.ok(packer);
  packer.words.set(new Int32Array(Uint8Array.from(counterFrame(n, width, height)).buffer));
  packer.toI420({ blueFirst: false, upward: false });
  return packer.pack().slice();
}

test("planes that are packed, and not packed: the child killed, the connection cut, every frame once", async () => {
  await withServer(async (server, dir) => {
    const wish = { format: "packets", codec: "h264", container: "mp4", frames: 40 };
    const publisher = await LosslessPublisher.open(server, "packed", wish);
    await publisher.config(configOf(PACKED_I420));
    for (let n = 0; n < 40; n++) {
      const picture = n % 5 === 2 ? planes(n, SIZE) : packedPlanes(n, SIZE);
      assert.ok(n % 5 === 2 || picture.length < i420Bytes(SIZE.width, SIZE.height) / 4);
      await publisher.frame(record(picture, true));
      if ([0, 13].includes(n)) {
        const child = await until(() => captureChildren(server)[0], "the child");
        process.kill(child, "SIGKILL");
        await until(() => !captureChildren(server).includes(child), "its end");
      }
      if (n === 10 || n === 30) {
        publisher.cut();
        await publisher.resume();
      }
    }
    await assertWhole(dir, await publisher.finish(), 40);
  });
});

test("the child killed, the connection cut, hashes checked: every frame is there once", async () => {
  await withServer(async (server, dir) => {
    const packets = await encoded("vp9", FRAMES);
    const wish = { format: "packets", codec: "vp9", frames: FRAMES };
    const publisher = await LosslessPublisher.open(server, "cap", wish);
    await publisher.config(configOf("vp9"));
    for (const [n, data] of packets.entries()) {
      await publisher.frame(record(data, n % KEY_EVERY === 0));
      if ([0, 19, 20, 45].includes(n)) {
        const child = await until(() => captureChildren(server)[0], "the child");
        process.kill(child, "SIGKILL");
        await until(() => !captureChildren(server).includes(child), "its end");
      }
      if (n === 10 || n === 50) {
        publisher.cut();
        await publisher.resume();
        assert.equal(publisher.ready.resumed, true);
      }
    }
    await assertWhole(dir, await publisher.finish(), FRAMES);
  });
});

test("what is wrong with packets is said by name, and the frames before are kept", async () => {
  await withServer(async (server) => {
    const packets = await encoded("vp9", 4);
    const good = [record(packets[0], true), record(packets[1], false), record(packets[2], false)];
    const rows =
      /** @type {[string, {config?: Buffer, frames?: Uint8Array[], hello?: object, hash?: number}, string, RegExp, number][]} */ ([
        ["no config", { frames: good }, "protocol", /frame 0 before the config/, 0],
        [
          "of another codec",
          { config: configOf("av1") },
          "malformed-media",
          /av01.*is to be vp9/,
          0,
        ],
        [
          "of another size",
          { config: configOf("vp9", { codedWidth: 64 }) },
          "malformed-media",
          /64x180/,
          0,
        ],
        ["no config at all", { config: Buffer.from("{}") }, "malformed-media", /config|header/, 0],
        [
          "lossless",
          { config: configOf("vp9"), hello: { quality: "lossless" } },
          "malformed-media",
          /lossless/,
          0,
        ],
        [
          "no key first",
          { config: configOf("vp9"), frames: [record(packets[1], false)] },
          "bad-frame",
          /frame 0 is no key/,
          0,
        ],
        [
          "a key that is none",
          { config: configOf("vp9"), frames: [good[0], record(packets[1], true)] },
          "bad-frame",
          /frame 1 says/,
          1,
        ],
        [
          "first, a key that is none",
          { config: configOf("vp9"), frames: [record(packets[1], true)] },
          "bad-frame",
          /frame 0 says/,
          0,
        ],
        [
          "planes of another size",
          { config: configOf("i420"), frames: [record(Buffer.alloc(99), true)] },
          "bad-frame",
          /frame 0 .*99 bytes/,
          0,
        ],
        [
          "packed planes that are none",
          { config: configOf(PACKED_I420), frames: [record(Buffer.alloc(99), true)] },
          "bad-frame",
          /frame 0 .*packed planes of 99 bytes/,
          0,
        ],
        [
          "no record",
          { config: configOf("vp9"), frames: [good[0], good[1].subarray(0, 30)] },
          "malformed-media",
          /frame 1/,
          1,
        ],
        [
          "two records",
          { config: configOf("vp9"), frames: [good[0], Buffer.concat(good.slice(1))] },
          "malformed-media",
          /frame 1/,
          1,
        ],
        [
          "of another track",
          { config: configOf("vp9"), frames: [Buffer.from(good[0]).fill(1, 5, 6)] },
          "malformed-media",
          /track 1/,
          0,
        ],
        [
          "empty",
          { config: configOf("vp9"), frames: [record(Buffer.alloc(0), true)] },
          "malformed-media",
          /empty/,
          0,
        ],
      ]);
    for (const [at, [what, { config, frames = [], hello }, code, why, kept]] of rows.entries()) {
      const wish = { format: "packets", codec: "vp9", ...hello };
      const publisher = await LosslessPublisher.open(server, `bad/${at}`, wish);
      if (config) await publisher.config(config);
      for (const frame of frames) await publisher.frame(frame);
      await until(() => publisher.error, `${what}: the refusal`);
      assert.equal(publisher.error.code, code, `${what}: ${publisher.error.message}`);
      assert.match(publisher.error.message, why, what);
      if (code === "bad-frame") assert.equal(publisher.recorded?.frames ?? 0, kept, what);
    }
  });
});

test("the hash of a packet is checked", async () => {
  await withServer(async (server) => {
    const [data] = await encoded("vp9", 1);
    for (const wrong of [0, 1]) {
      const wish = { format: "packets", codec: "vp9", hash: true };
      const publisher = await LosslessPublisher.open(server, `hash/${wrong}`, wish);
      await publisher.config(configOf("vp9"));
      const packet = record(data, true);
      await publisher.hashed(packet, (xxh32(packet) + wrong) >>> 0);
      const result = wrong ? null : await publisher.finish();
      if (!wrong) assert.equal(result.hashed, 1, result.message);
      else {
        await until(() => publisher.error, "the refusal");
        assert.equal(publisher.error.code, "hash-mismatch");
        assert.match(publisher.error.message, /frame 0/);
      }
    }
  });
});
