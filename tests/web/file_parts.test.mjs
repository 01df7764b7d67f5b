import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { AlphaProbe } from "../../player-web/sdk/alpha_probe.js";
import { FileParts, formatOfFile } from "../../player-web/sdk/file_parts.js";
import { Mp4Times } from "../../player-web/sdk/mp4_times.js";
import { WebmTimes } from "../../player-web/sdk/webm_times.js";
import { WebmWriter } from "../../player-web/sdk/webm_writer.js";

const media = new URL("../media/", import.meta.url);
/** @param {string} name */
const read = (name) => new Uint8Array(readFileSync(new URL(name, media)));
const recordings = readdirSync(new URL("browser/", media)).filter((n) => /\.(webm|mp4)$/.test(n));

/** @param {Blob} blob @param {'webm' | 'mp4'} format */
async function partsOf(blob, format) {
  const parts = new FileParts(blob, format);
  const all = [];
  for (let part = await parts.next(); part; part = await parts.next()) all.push(part);
  return { init: parts.init, all };
}

describe("a recorded file, cut", () => {
  for (const name of recordings) {
    test(name, async () => {
      const bytes = read(`browser/${name}`);
      const format = name.endsWith("webm") ? "webm" : "mp4";
      const blob = new Blob([bytes]);
      assert.equal(await formatOfFile(blob), format);
      const { init, all } = await partsOf(blob, format);
      const joined = Buffer.concat([...init, ...all.map((part) => part.bytes)]);
      assert.ok(joined.equals(bytes), "end to end it is the file");
      assert.ok(all[0].joins, "it may be joined at its first part");
      const { chunks } = JSON.parse(
        readFileSync(new URL(`browser/${name}.chunks.json`, media), "utf8"),
      );
      const times = all.map((part) => part.timeMs).filter((time) => !Number.isNaN(time));
      for (let i = 1; i < times.length; i += 1) {
        assert.ok(times[i] >= times[i - 1], `${times[i - 1]} ms, then ${times[i]} ms`);
      }
      const span = times[times.length - 1] - times[0];
      assert.ok(chunks.length < 2 || span > 500, `it spans ${span} ms`);
    });
  }
});

test("bytes may come in any pieces", () => {
  for (const [name, Reader] of /** @type {const} */ ([
    ["browser/chromium-vp8-canvas-alpha-opus.webm", WebmTimes],
    ["browser/chromium-avc1-opus-camera-kf1000.mp4", Mp4Times],
  ])) {
    const bytes = read(name).slice(0, 60_000);
    const whole = new Reader().push(bytes);
    const reader = new Reader();
    const cuts = [];
    for (let at = 0; at < bytes.length; at += 997) {
      cuts.push(...reader.push(bytes.slice(at, at + 997)));
    }
    assert.deepEqual(cuts, whole, name);
  }
});

describe("a file that cannot be streamed says what to do", () => {
  for (const name of ["not-fragmented.mp4", "not-fragmented-faststart.mp4"]) {
    test(name, async () => {
      await assert.rejects(partsOf(new Blob([read(`made/${name}`)]), "mp4"), {
        code: "unsupported-file",
        message: /not fragmented.*ffmpeg/,
      });
    });
  }
  test("another format", async () => {
    await assert.rejects(formatOfFile(new Blob([read("made/avc1-aac.ts")])), {
      code: "unsupported-file",
      message: /ffmpeg/,
    });
  });
  test("damage", async () => {
    const bytes = read("browser/chromium-vp8-opus-camera.webm");
    bytes.fill(0xa3, 400, 500);
    bytes.fill(0x1f, 420, 424);
    await assert.rejects(
      async () => {
        for (const Reader of [WebmTimes, Mp4Times]) new Reader().push(bytes);
      },
      { code: "unsupported-file" },
    );
  });
  test("a file that is gone", async () => {
    const blob = new Blob(["x".repeat(20)]);
    blob.slice = () => {
      throw new DOMException("gone", "NotReadableError");
    };
    await assert.rejects(partsOf(blob, "webm"), { code: "unreadable-file" });
  });
});

describe("a second, transparent picture", () => {
  for (const [name, alpha] of /** @type {[string, boolean][]} */ ([
    ["chromium-vp8-canvas-alpha-opus.webm", true],
    ["chromium-vp9-canvas.webm", true],
    ["chromium-vp8-canvas-opaque.webm", false],
    ["chromium-vp8-opus-camera.webm", false],
    ["chromium-opus-audio.webm", false],
    ["firefox-vp8-opus-camera.webm", false],
  ])) {
    test(`${name}: ${alpha ? "seen, once" : "not there"}`, () => {
      const probe = new AlphaProbe();
      const bytes = read(`browser/${name}`);
      let found = 0;
      for (let at = 0; at < bytes.length; at += 1009) {
        if (probe.push(bytes.subarray(at, at + 1009))) found += 1;
      }
      assert.equal(found, Number(alpha));
    });
  }
});

test("what the WebM writer writes is read back, block by block", () => {
  const writer = new WebmWriter();
  const frames = [0, 33, 67, 1000, 1033, 40_000].map((timeMs, i) => ({
    timeMs,
    key: i % 3 === 0,
    bytes: new Uint8Array(1000 + i).fill(i),
  }));
  const header = writer.header({ codec: "vp8", width: 640, height: 360 });
  const reader = new WebmTimes();
  const cuts = reader.push(Uint8Array.from(header));
  for (const frame of frames) cuts.push(...reader.push(writer.frame(frame)));
  const media = cuts.filter((cut) => !cut.init);
  assert.deepEqual(
    media.map((cut) => cut.timeMs),
    frames.map((frame) => frame.timeMs),
  );
  assert.deepEqual(
    media.map((cut) => cut.joins),
    [true, false, false, true, false, true],
    "a Cluster at each keyframe, and where 16 bits of time end",
  );
  assert.deepEqual(
    media.map((cut) => cut.bytes[cut.bytes.length - 1]),
    [0, 1, 2, 3, 4, 5],
  );
});
