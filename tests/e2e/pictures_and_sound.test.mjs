// Pictures with sound beside them, as packets: what is made of them has both, together.
// @alone: sound and pictures at their times
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { run } from "./lib/decode.mjs";
import { packetsOf, untilDerived } from "./lib/derived.mjs";
import { configRecord, header, packetRecord } from "./lib/packets.mjs";
import { BarePublisher } from "./lib/publisher.mjs";
import { finished } from "./lib/recordings.mjs";
import { Server } from "./lib/server.mjs";
import { HttpViewer } from "./lib/viewer.mjs";
import { sleep } from "./lib/wait.mjs";

const SIZE = { width: 160, height: 90 };
const FPS = 25;
const SECONDS = 4;
const RATE = 48_000;
const PCM_SAMPLES = 960; // of a packet
const OPUS_US = 20_000; // of a packet
const OPUS_SKIP_US = 6_500; // that an Opus encoder needs to begin
const FRAME_SECONDS = 1 / FPS;
/** Flash and beep, in seconds: at the start of a picture. */
const EVENTS = [1, 2.4, 3.2];
const BEEP_SECONDS = 0.2;

/** @type {string} */ let folder;
/** @type {Server} */ let server;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "framewire-sound-"));
  const flags = ["--codec-idle", "1s", "--record-dir", folder, "--record", "all"];
  server = await Server.start({ flags });
});
after(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Of an event, so many seconds ago; infinity before the first. @param {number} seconds */
const sinceEvent = (seconds) =>
  EVENTS.reduce((least, at) => (seconds >= at - 1e-9 ? seconds - at : least), Infinity);

/** All samples of the film's sound, mono. */
const samples = () =>
  Float32Array.from({ length: RATE * SECONDS }, (_, i) =>
    sinceEvent(i / RATE) < BEEP_SECONDS ? 0.5 * Math.sin((2 * Math.PI * 1000 * i) / RATE) : 0,
  );

/** The film's pictures. @param {string} codec @returns {Promise<Buffer[]>} */
async function pictures(codec) {
  /** @type {Map<boolean, Buffer>} */ const made = new Map();
  for (const flash of [true, false]) {
    const { width, height } = SIZE;
    const rgba = Buffer.alloc(width * height * 4, flash ? 255 : 20);
    for (let i = 3; i < rgba.length; i += 4) rgba[i] = 255;
    const from = ["-v", "error", "-f", "rawvideo", "-pix_fmt", "rgba", "-s", `${width}x${height}`];
    const encoder = { jpeg: "mjpeg", png: "png", webp: "libwebp" }[codec] ?? "";
    const to = ["-i", "-", "-c:v", encoder, "-f", codec === "webp" ? "webp" : "image2pipe", "-"];
    made.set(flash, codec === "rgba" ? rgba : (await run("ffmpeg", [...from, ...to], rgba)).out);
  }
  const frames = Array.from({ length: FPS * SECONDS }, (_, n) => n / FPS);
  return frames.map((at) => /** @type {Buffer} */ (made.get(sinceEvent(at) < BEEP_SECONDS)));
}

/** The payloads of the pages (RFC 3533, section 6). @param {Buffer} ogg */
function oggPages(ogg) {
  const out = [];
  for (let at = 0; at < ogg.length; ) {
    const sizes = ogg.subarray(at + 27, at + 27 + ogg[at + 26]);
    const from = at + 27 + sizes.length;
    at = from + sizes.reduce((sum, size) => sum + size, 0);
    out.push(ogg.subarray(from, at));
  }
  return out;
}

/** Its sound as packets of track 1. @param {string} codec */
async function sound(codec) {
  const all = samples();
  const config = { codec, sampleRate: RATE, numberOfChannels: 1 };
  if (codec === "opus") {
    const from = ["-v", "error", "-f", "f32le", "-ar", `${RATE}`, "-ac", "1", "-i", "-"];
    const to = ["-c:a", "libopus", "-page_duration", "1", "-f", "ogg", "-"]; // a page for each packet
    const { out } = await run("ffmpeg", [...from, ...to], Buffer.from(all.buffer));
    const [head, , ...pages] = oggPages(out);
    const packets = pages.map((data, n) => ({
      track: 1,
      key: true,
      pts: Math.max(0, n * OPUS_US - OPUS_SKIP_US),
      duration: OPUS_US,
      data,
    }));
    return { config: configRecord(1, config, head), packets };
  }
  const bytes =
    codec === "pcm-f32"
      ? Buffer.from(all.buffer)
      : Buffer.from(Int16Array.from(all, (value) => Math.round(value * 32767)).buffer);
  const size = (PCM_SAMPLES * bytes.length) / all.length;
  const packets = Array.from({ length: all.length / PCM_SAMPLES }, (_, n) => ({
    track: 1,
    key: true,
    pts: Math.round((n * PCM_SAMPLES * 1e6) / RATE),
    duration: Math.round((PCM_SAMPLES * 1e6) / RATE),
    data: bytes.subarray(n * size, (n + 1) * size),
  }));
  return { config: configRecord(1, config, Buffer.alloc(0)), packets };
}

/** The film as messages. @param {string} picture @param {string} codec */
async function film(picture, codec) {
  const size = { codedWidth: SIZE.width, codedHeight: SIZE.height };
  const beside = await sound(codec);
  const shown = (await pictures(picture)).map((data, n) => ({
    track: 0,
    key: true,
    pts: (n * 1e6) / FPS,
    duration: 1e6 / FPS,
    data,
  }));
  const packets = [...shown, ...beside.packets].sort((a, b) => a.pts - b.pts || a.track - b.track);
  const config = configRecord(0, { codec: picture, ...size }, Buffer.alloc(0));
  return {
    first: Buffer.concat([header(2), config, beside.config]),
    packets: packets.map((packet) => ({ atMs: packet.pts / 1000, record: packetRecord(packet) })),
  };
}

/**
 * Sends packets when they are due: an encoder that is behind leaves pictures out, as it is meant to.
 * @param {BarePublisher} publisher @param {{atMs: number, record: Buffer}[]} packets
 */
async function sendInTime(publisher, packets) {
  const start = Date.now() - packets[0].atMs;
  for (const { atMs, record } of packets) {
    if (start + atMs > Date.now()) await sleep(start + atMs - Date.now());
    await publisher.send(record);
  }
}

/** When it flashes, and when it beeps: seconds; and how much there is of both. @param {Buffer} bytes */
async function eventsIn(bytes) {
  const times = await packetsOf(bytes);
  const read = async (/** @type {string[]} */ args) => {
    const { out, stderr } = await run("ffmpeg", ["-v", "error", "-i", "-", ...args, "-"], bytes);
    assert.equal(stderr, "");
    return out;
  };
  const grey = await read([
    "-an",
    "-fps_mode",
    "passthrough",
    "-vf",
    "scale=1:1,format=gray",
    "-f",
    "rawvideo",
  ]);
  const raw = await read(["-vn", "-ac", "1", "-ar", `${RATE}`, "-f", "f32le"]);
  const heard = new Float32Array(raw.buffer, raw.byteOffset, raw.length / 4);
  const [picture, sounds] = [times.h264.pts, times.aac.pts];
  assert.equal(grey.length, picture.length, "each packet a picture");
  const flashes = picture.filter((_, n) => grey[n] > 128 && !(grey[n - 1] > 128));
  /** @type {number[]} */ const beeps = [];
  let silentSince = 0;
  for (let i = 0; i < heard.length; i++) {
    if (Math.abs(heard[i]) < 0.1) continue;
    if (i - silentSince > RATE / 10) beeps.push(sounds[0] / 1e6 + i / RATE);
    silentSince = i;
  }
  return {
    flashes: flashes.map((us) => us / 1e6),
    beeps,
    frames: grey.length,
    samples: heard.length,
  };
}

/** @param {string} what @param {Buffer} bytes */
async function assertTogether(what, bytes) {
  const { flashes, beeps, frames, samples: count } = await eventsIn(bytes);
  assert.equal(flashes.length, EVENTS.length, `${what}: flashes at ${flashes}`);
  assert.equal(beeps.length, EVENTS.length, `${what}: beeps at ${beeps}`);
  for (const [i, at] of flashes.entries()) {
    assert.ok(Math.abs(beeps[i] - at) <= FRAME_SECONDS, `${what}: ${beeps[i]} s beside ${at} s`);
    if (i > 0) {
      const apart = at - flashes[i - 1] - (EVENTS[i] - EVENTS[i - 1]);
      assert.ok(Math.abs(apart) < 0.002, `${what}: flashes ${apart} s off`);
    }
  }
  assert.ok(frames >= FPS * SECONDS - 3, `${what}: ${frames} pictures`);
  // An encoder needs one frame of 1,024 to begin, and fills the last one.
  const due = (RATE * frames) / FPS;
  assert.ok(Math.abs(count - due) <= 3 * 1024, `${what}: ${count} samples of ${due}`);
  const worst = Math.max(...flashes.map((at, i) => Math.abs(beeps[i] - at)));
  console.log(
    `figure: ${what}: ${frames} pictures, ${count} samples, flash and beep ${(worst * 1000).toFixed(1)} ms apart at most`,
  );
}

for (const [picture, codec] of [
  ["jpeg", "opus"],
  ["png", "pcm-s16"],
  ["webp", "pcm-f32"],
  ["rgba", "pcm-s16"],
])
  test(`${picture} beside ${codec}: mp4, flv and the recording have both, together`, async () => {
    const { first, packets } = await film(picture, codec);
    const stream = `sound/${picture}`;
    const viewers = ["mp4", "flv"].map((to) => new HttpViewer(server, `${stream}.${to}?wait=30`));
    const publisher = await BarePublisher.open(server, stream);
    await publisher.send(first);
    await publisher.sendAll(packets.slice(0, 2).map(({ record }) => record));
    await untilDerived(server, `${stream}.mp4`);
    await untilDerived(server, `${stream}.flv`);
    const poster = await server.fetch(`/live/${stream}.jpg`);
    assert.equal(poster.status, 200);
    await sendInTime(publisher, packets.slice(2));
    await publisher.end();
    await Promise.all(viewers.map((viewer) => viewer.ended()));
    await assertTogether(`${picture} beside ${codec}, .mp4`, viewers[0].bytes);
    await assertTogether(`${picture} beside ${codec}, .flv`, viewers[1].bytes);
    const [recorded] = await finished(server, stream);
    assert.equal(recorded.state, "done", recorded.error);
    await assertTogether(
      `${picture} beside ${codec}, recorded`,
      readFileSync(join(folder, recorded.id)),
    );
  });
