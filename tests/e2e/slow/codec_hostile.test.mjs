/**
 * Broken media of every kind, through the cutters, the codec worker and out again: truncated, with bits flipped,
 * with pieces shuffled, repeated or left out, from a seed. The server lives, the stream beside loses nothing, the
 * worker does not die of it; FRAMEWIRE_BIN may name a sanitizer build.
 *   FRAMEWIRE_SEED, FRAMEWIRE_CASES: other cases, or more
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { made } from "../lib/derived.mjs";
import { container, pictureFixtures, rgbaFixture } from "../lib/media.mjs";
import { Neighbour } from "../lib/neighbour.mjs";
import { packetsStream } from "../lib/packets.mjs";
import { rssBytes } from "../lib/proc.mjs";
import { V1Publisher } from "../lib/publisher.mjs";
import { Server } from "../lib/server.mjs";
import { Dice } from "../lib/shuffle.mjs";
import { HttpViewer } from "../lib/viewer.mjs";

const CASES = Number(process.env.FRAMEWIRE_CASES ?? 500);
const SEED = Number(process.env.FRAMEWIRE_SEED ?? 1);
const AT_ONCE = 4;
const OUTPUTS = ["mp4", "ts", "flv", "webm", "h264", "packets", "mpeg1"];

const packets = (/** @type {string} */ names) => ({
  name: `packets of ${names}`,
  format: "packets",
  chunks: packetsStream(names.split(" ")).messages,
  atMs: [],
  hello: { format: "packets" },
  needsHello: false,
});

/** @type {() => import('../lib/media.mjs').Fixture[]} */
const kinds = () => [
  ...[
    "chromium-vp8-opus-camera.webm",
    "chromium-vp9-canvas.webm",
    "chromium-vp8-canvas-alpha-opus.webm",
    "chromium-h264-opus-camera.webm",
    "chromium-av1-opus-camera.webm",
    "firefox-vp8-opus-camera.webm",
    "chromium-avc1-opus-camera-kf1000.mp4",
    "chromium-avc3-canvas-resize.mp4",
    "chromium-vp9-opus-camera.mp4",
    "firefox-opus-audio.ogg",
  ].map(container),
  ...["avc1-aac.ts", "avc1-aac.flv", "avc1-aac-frag.mp4", "mp2.ts", "vorbis.ogg", "mpeg1.ts"].map(
    made,
  ),
  packets("avc1-avcc opus"),
  packets("av1 opus"),
  ...pictureFixtures(),
  rgbaFixture(),
];

/** @type {Record<string, (bytes: Buffer, dice: Dice) => Buffer>} */
const SPOILS = {
  truncated: (bytes, dice) => bytes.subarray(0, dice.int(bytes.length)),
  flipped(bytes, dice) {
    const out = Buffer.from(bytes);
    for (let n = 1 + dice.int(60); n > 0; --n) out[dice.int(out.length)] ^= 1 << dice.int(8);
    return out;
  },
  // Past the header, so that the container is understood and its contents are not.
  "flipped inside"(bytes, dice) {
    const out = Buffer.from(bytes);
    const from = Math.min(4000, out.length >> 1);
    for (let n = 20 + dice.int(400); n > 0; --n)
      out[from + dice.int(out.length - from)] ^= 1 << dice.int(8);
    return out;
  },
  shuffled(bytes, dice) {
    const size = 1 + dice.int(5000);
    const pieces = [];
    for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
    for (let i = pieces.length - 1; i > 1; --i) {
      const j = 1 + dice.int(i);
      [pieces[i], pieces[j]] = [pieces[j], pieces[i]];
    }
    return Buffer.concat(pieces);
  },
  "with a hole"(bytes, dice) {
    const from = dice.int(bytes.length);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + dice.int(20_000))]);
  },
  repeated(bytes, dice) {
    const from = dice.int(bytes.length);
    return Buffer.concat([bytes.subarray(0, from + dice.int(20_000)), bytes.subarray(from)]);
  },
  "of another kind behind it": (bytes, dice) =>
    Buffer.concat([bytes.subarray(0, dice.int(bytes.length)), dice.one(wholes())]),
};
/** @type {Buffer[] | undefined} */ let all;
const wholes = () => (all ??= kinds().map(({ chunks }) => Buffer.concat(chunks)));

/** In pieces of the sizes that the good ones had. @param {Buffer} bytes @param {Buffer[]} chunks */
function cutAs(bytes, chunks) {
  const out = [];
  for (let at = 0, i = 0; at < bytes.length; ++i) {
    const size = chunks[i % chunks.length].length || 1;
    out.push(bytes.subarray(at, at + size));
    at += size;
  }
  return out;
}

/** @param {Server} server @param {number} number */
async function run(server, number) {
  const dice = new Dice(SEED * 100_000 + number);
  const kind = dice.one(kinds());
  const [how, spoil] = dice.one(Object.entries(SPOILS));
  const stream = `hostile/s${number}`;
  const outputs = [dice.one(OUTPUTS), dice.one(OUTPUTS)];
  const viewers = outputs.map((output) => new HttpViewer(server, `${stream}.${output}?wait=10`));
  const publisher = await V1Publisher.open(server, stream, kind.hello);
  try {
    await publisher.sendAll(cutAs(spoil(Buffer.concat(kind.chunks), dice), kind.chunks));
    await publisher.end();
  } catch {
    // closed by the server, with the error that the media deserved
  }
  await Promise.all(viewers.map((viewer) => viewer.ended(10_000).catch(() => viewer.cut())));
  return `${how}: ${kind.name} as ${outputs.join(", ")}`;
}

test(`${CASES} broken streams`, { timeout: 3_600_000 }, async () => {
  const server = await Server.start({ flags: ["--codec-idle", "1s", "--linger", "0s"] });
  const neighbour = await Neighbour.start(server);
  let next = 0;
  let deaths = 0;
  /** @type {string[]} */ const fatal = [];
  const lane = async () => {
    while (next < CASES) {
      const what = await run(server, next++);
      assert.equal(server.exit, null, `${what}: the server ended: ${server.output.slice(-2000)}`);
      const died = await server.metric("framewire_codec_worker_deaths_total");
      if (died > deaths) {
        deaths = died;
        fatal.push(what);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  await neighbour.finish();
  const rss = rssBytes(server.pid);
  await server.stop();
  const reports = server.output.match(/ERROR: \w+Sanitizer.*|runtime error: .*/g) ?? [];
  console.log(
    `figure: ${CASES} broken streams of seed ${SEED}: ${deaths} deaths of a worker, ${reports.length} sanitizer reports, server at ${(rss / 1e6).toFixed(0)} MB`,
  );
  assert.deepEqual(reports, []);
  assert.deepEqual(fatal, []);
});
