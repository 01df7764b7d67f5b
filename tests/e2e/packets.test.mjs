/** The packets format: what WebCodecs' encoders give, relayed, put into containers, and made of containers. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { decodeErrors, run } from "./lib/decode.mjs";
import { farthest, fragmentsOf, made, packetsOf, untilDerived } from "./lib/derived.mjs";
import { container, wholeFile } from "./lib/media.mjs";
import { packetRecord, packetsStream, readPackets } from "./lib/packets.mjs";
import { BarePublisher } from "./lib/publisher.mjs";
import { binary, Server } from "./lib/server.mjs";
import { BareViewer, HttpViewer } from "./lib/viewer.mjs";

/** @type {Server} */ let server;
/** @type {string} */ let folder;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "framewire-packets-"));
  server = await Server.start({ flags: ["--codec-idle", "1s"] });
});
after(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

let count = 0;
const freshName = () => `packets/s${++count}`;
const TOLERANCE_US = 1001; // containers count in milliseconds, or in 1/90,000 s

/** All of a derived rendition, from its first byte. @param {Buffer[]} messages @param {string} output */
async function derived(messages, output) {
  const stream = freshName();
  const viewer = new HttpViewer(server, `${stream}.${output}?wait=30`);
  const publisher = await BarePublisher.open(server, stream);
  await publisher.sendAll(messages.slice(0, 2));
  await untilDerived(server, `${stream}.${output}`);
  await publisher.sendAll(messages.slice(2));
  await publisher.end();
  await viewer.ended();
  assert.equal(viewer.status, 200);
  return viewer.bytes;
}

describe("published packets", () => {
  test("are relayed byte by byte, and a joiner begins at a keyframe", async () => {
    const { messages } = packetsStream(["vp8", "opus"]);
    const stream = freshName();
    const publisher = await BarePublisher.open(server, stream);
    const first = await BareViewer.open(server, stream);
    await publisher.sendAll(messages);
    const late = await BareViewer.open(server, stream);
    await publisher.end();
    await Promise.all([first.ended(), late.ended()]);
    assert.ok(first.bytes.equals(Buffer.concat(messages)));
    const { configs, packets } = readPackets(late.bytes);
    assert.deepEqual(
      configs.map((c) => c.config.codec),
      ["vp8", "opus"],
    );
    assert.ok(packets[0].key && packets[0].track === 0);
  });

  for (const [names, codecs, outputs] of [
    ["vp8 opus", "vp8 opus", "webm"],
    ["vp9", "vp9", "webm mp4"],
    ["av1 opus", "av1 opus", "webm mp4"],
    ["avc1-avcc opus", "h264 opus", "mp4 ts"],
    ["avc1-annexb", "h264", "mp4 flv ts"],
    ["firefox-vp8 firefox-opus", "vp8 opus", "webm"],
  ]) {
    const { messages, packets } = packetsStream(names.split(" "));
    for (const output of outputs.split(" "))
      test(`${names} as ${output}: every packet, at its time`, async () => {
        const bytes = await derived(messages, output);
        assert.equal(await decodeErrors(bytes), "");
        const got = await packetsOf(bytes);
        codecs.split(" ").forEach((codec, track) => {
          const want = packets.filter((p) => p.track === track).map((p) => p.pts);
          const base = output === "ts" ? got[codec].pts[0] - want[0] : 0;
          const worst = farthest(
            want,
            got[codec].pts.map((pts) => pts - base),
          );
          assert.ok(
            worst <= TOLERANCE_US,
            `${codec}: ${worst} µs, ${got[codec].pts.length} packets`,
          );
        });
      });
  }

  // Chromium's MSE drops all up to a keyframe behind a step of more than twice what the picture before it lasts.
  for (const [names, output] of [
    ["avc1-avcc opus", "mp4"],
    ["vp8 opus", "h264"], // encoded anew
    ["vp9", "mp4"],
  ])
    test(`${names} at an uneven pace as ${output}: no step is a new beginning`, async () => {
      const { messages, packets } = packetsStream(names.split(" "));
      const steps = [33, 17, 50, 33, 13, 45, 30, 37];
      let pts = 0;
      const uneven = packets
        .filter(({ track }) => track === 0)
        .map((packet, n) => {
          pts += n ? steps[(n - 1) % steps.length] * 1000 : 0;
          return { ...packet, pts, duration: 0 };
        });
      const sound = packets.filter((packet) => packet.track > 0 && packet.pts <= pts);
      const all = [...uneven, ...sound].sort((a, b) => a.pts - b.pts);
      const bytes = await derived([messages[0], ...all.map(packetRecord)], output);
      const pictures = fragmentsOf(bytes).filter(({ track }) => track === 1);
      assert.ok(pictures.length > 8, `${pictures.length} pictures`);
      pictures.slice(1).forEach(({ begin }, n) => {
        const step = begin - pictures[n].begin;
        const ms = `${step / 48} ms behind ${pictures[n].duration / 48} ms`;
        assert.ok(step <= 2 * pictures[n].duration, `picture ${n + 1}: ${ms}`);
      });
    });

  test("are verified and put into a file by the command line", async () => {
    const file = join(folder, "a.packets");
    writeFileSync(file, Buffer.concat(packetsStream(["avc1-avcc", "opus"]).messages));
    const verified = await run(binary(), ["verify", file]);
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
    const remuxed = await run(binary(), ["remux", file, join(folder, "a.mp4")]);
    assert.equal(remuxed.code, 0, remuxed.stderr);
    assert.equal(await decodeErrors(readFileSync(join(folder, "a.mp4"))), "");
  });

  test("are recorded", async () => {
    await Server.with({ flags: ["--record", "all", "--record-dir", folder] }, async (recorder) => {
      const publisher = await BarePublisher.open(recorder, "kept");
      await publisher.sendAll(packetsStream(["vp9", "opus"]).messages);
      await publisher.end();
      const { finished } = await import("./lib/recordings.mjs");
      const [film] = await finished(recorder, "kept", 1);
      assert.equal(film.state, "done", film.error);
      assert.equal(film.format, "webm");
      assert.equal(await decodeErrors(readFileSync(join(folder, film.id))), "");
    });
  });
});

describe("/live/NAME.packets", () => {
  for (const [name, codecs] of [
    ["chromium-vp8-opus-camera.webm", "vp8 opus"],
    ["chromium-h264-opus-camera.webm", "h264 opus"],
    ["chromium-vp9-opus-camera.mp4", "vp9 opus"],
    ["chromium-av1-opus-camera.webm", "av1 opus"],
    ["avc1-aac.ts", "h264 aac"],
  ]) {
    test(`${name}: every packet, and back again`, async () => {
      const media = /^chromium/.test(name) ? container(name) : made(name);
      const bytes = await derived(media.chunks, "packets");
      const { configs, packets } = readPackets(bytes);
      const want = await packetsOf(wholeFile(media));
      const kinds = {
        vp8: /^vp8$/,
        vp9: /^vp09\./,
        av1: /^av01\./,
        h264: /^avc1\./,
        opus: /^opus$/,
        aac: /^mp4a\.40\.2$/,
      };
      codecs.split(" ").forEach((codec, track) => {
        assert.match(configs[track].config.codec, kinds[/** @type {keyof kinds} */ (codec)]);
        const times = packets.filter((p) => p.track === track).map((p) => p.pts);
        const worst = farthest(
          want[codec].pts,
          [...times].sort((a, b) => a - b),
        );
        assert.ok(worst <= TOLERANCE_US, `${codec}: ${worst} µs, ${times.length} packets`);
      });
      const file = join(folder, `${codecs.replace(" ", "-")}.packets`);
      writeFileSync(file, bytes);
      const verified = await run(binary(), ["verify", file]);
      assert.equal(verified.code, 0, verified.stdout + verified.stderr);
    });
  }
});
