/**
 * Where each part of an HLS list begins: shaka-player 5.2 adds up the durations, reads the first decode time in the part
 * by the ticks of the first track, and sets its buffer's offset anew where the two differ by a millisecond from how they
 * did. Upon that Chromium drops pictures up to the next keyframe.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { HlsReader } from "./lib/hls.mjs";
import { container } from "./lib/media.mjs";
import { BarePublisher, sendInTime } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

// What it compares, and what it adds to an offset under nought.
const FAR = 0.001;
const ADDED = 0.001;
const ROUNDING = 1e-6;
const SECONDS = 7;

/** @param {Server} server @param {string} stream @param {string} rate @param {string} sound */
function publishTs(server, stream, rate, sound) {
  const args = `-v error -re -f lavfi -i testsrc2=size=320x180:rate=${rate} -f lavfi -i ${sound} -t ${SECONDS} -c:v libx264
    -preset ultrafast -bf 2 -g ${Math.round(2 * Number(rate))} -pix_fmt yuv420p -c:a aac -f mpegts`;
  spawn("ffmpeg", [...args.split(/\s+/), `${server.origin}/publish/${stream}`], {
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** @param {Server} server @param {string} stream @param {string} name */
async function publishRecorded(server, stream, name) {
  const film = container(name);
  const publisher = await BarePublisher.open(server, stream);
  sendInTime((chunk) => publisher.send(chunk), film).then(() => publisher.end());
}

/** The bytes behind the first box of a type. @param {Buffer} bytes @param {string} type */
const inBox = (bytes, type) => bytes.subarray(bytes.indexOf(type, 0, "latin1") + 4);

/** @param {Buffer} init */
function ticksOf(init) {
  const mdhd = inBox(init, "mdhd");
  return mdhd.readUInt32BE(mdhd[0] === 1 ? 20 : 12);
}

/** @param {Buffer} part */
function firstTicks(part) {
  const tfdt = inBox(part, "tfdt");
  return tfdt[0] === 1 ? Number(tfdt.readBigUInt64BE(4)) : tfdt.readUInt32BE(4);
}

describe("each part begins where the durations before it say", () => {
  /** @type {Server} */ let server;
  before(async () => {
    server = await Server.start();
  });
  after(() => server.stop());

  for (const [what, publish] of /** @type {[string, (stream: string) => any][]} */ ([
    ["25 a second with B-frames", (s) => publishTs(server, s, "25", "sine=sample_rate=48000")],
    ["15 a second, sound of 44.1 kHz", (s) => publishTs(server, s, "15", "sine=sample_rate=44100")],
    ["29.97 a second", (s) => publishTs(server, s, "29.97", "sine=sample_rate=48000")],
    ["Chromium's recorder", (s) => publishRecorded(server, s, "chromium-avc1-opus-camera.mp4")],
  ]))
    test(what, { timeout: 60_000 }, async (t) => {
      const stream = what.replaceAll(/\W/g, "-");
      await publish(stream);
      await until(async () => (await server.describe(stream)) !== null, "the stream");
      const reader = new HlsReader(server, stream, "wait=20");
      await reader.open();
      await reader.readToEnd();
      const [{ map }] = reader.all;
      const ticks = ticksOf(/** @type {Buffer} */ (reader.files.get(map)));
      let due = 0;
      let offset = Number.NaN;
      let [seen, moved, lost] = [0, 0, 0];
      // At the end sound may go on alone.
      for (const segment of reader.all.slice(0, -1)) {
        assert.equal(segment.map, map);
        let at = due;
        for (const [i, part] of segment.parts.entries()) {
          const wanted =
            at - firstTicks(/** @type {Buffer} */ (reader.files.get(part.uri))) / ticks;
          if (!(Math.abs(offset - wanted) < FAR - ROUNDING)) {
            offset = wanted + ADDED;
            moved += 1;
            lost += i > 0 || !part.independent ? 1 : 0;
          }
          at += part.duration;
          ++seen;
        }
        due += segment.duration;
      }
      t.diagnostic(`${seen} parts, the offset is set ${moved} times`);
      assert.ok(seen >= 10, `${seen} parts`);
      assert.equal(lost, 0, "set anew in the middle of a group");
    });
});
