// Films of a canvas with sound: all frames, all samples, and both together, whatever breaks.
// @alone: sound at its times
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { launchChromium } from "./lib/chromium.mjs";
import { counterFrame, numbersIn, upTo } from "./lib/counter.mjs";
import { run } from "./lib/decode.mjs";
import { packetsOf } from "./lib/derived.mjs";
import { captureChildren, LosslessPublisher } from "./lib/lossless.mjs";
import { withFolder } from "./lib/recordings.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const FPS = 30;
const RATE = 48_000;
const FRAMES = 90;
const BEEP_EVERY = 30; // frames: at 0, 30, 60
const BEEP_SAMPLES = 4_800;
const FRAME_SECONDS = 1 / FPS;

/** Two channels, with a beep at the start of each second. @param {number} from sample @param {number} count */
function samples(from, count) {
  const out = Buffer.alloc(count * 4);
  for (let i = 0; i < count; i++) {
    const into = (from + i) % ((RATE * BEEP_EVERY) / FPS);
    const value = into < BEEP_SAMPLES ? Math.round(16_000 * Math.sin(into * 0.13)) : 0;
    out.writeInt16LE(value, i * 4);
    out.writeInt16LE(value, i * 4 + 2);
  }
  return out;
}

/** Every frame its own number; when it beeps, in seconds; how many samples. @param {string} file */
async function assertFilm(file, frames = FRAMES) {
  assert.deepEqual(await numbersIn(file), upTo(frames));
  const bytes = readFileSync(file);
  const times = await packetsOf(bytes);
  const codec = file.endsWith(".webm") ? "opus" : "aac";
  const args = ["-v", "error", "-i", "-", "-vn", "-ac", "1", "-ar", `${RATE}`, "-f", "f32le", "-"];
  const { out, stderr } = await run("ffmpeg", args, bytes);
  assert.equal(stderr, "");
  const heard = new Float32Array(out.buffer, out.byteOffset, out.length / 4);
  /** @type {number[]} */ const beeps = [];
  let last = -RATE;
  for (let i = 0; i < heard.length; i++) {
    if (Math.abs(heard[i]) < 0.05) continue;
    if (i - last > RATE / 5) beeps.push(Math.max(0, times[codec].pts[0]) / 1e6 + i / RATE);
    last = i;
  }
  assert.equal(beeps.length, frames / BEEP_EVERY, `beeps at ${beeps}`);
  for (const [n, at] of beeps.entries())
    assert.ok(Math.abs(at - (n * BEEP_EVERY) / FPS) < FRAME_SECONDS, `beep ${n} at ${at} s`);
  const due = (frames * RATE) / FPS;
  assert.ok(Math.abs(heard.length - due) <= 3 * 1024, `${heard.length} samples of ${due}`);
  const worst = Math.max(...beeps.map((at, n) => Math.abs(at - (n * BEEP_EVERY) / FPS)));
  console.log(
    `figure: ${codec}: ${frames} frames, ${heard.length} samples of ${due}, beeps ${(worst * 1000).toFixed(1)} ms off at most`,
  );
}

test("frames and sound of a publisher, its encoder killed and its connection cut", async () => {
  await withFolder(async (dir) => {
    await Server.with({ flags: ["--record-dir", dir] }, async (server) => {
      const audio = { codec: "pcm-s16", sample_rate: RATE, channels: 2 };
      for (const wish of [
        {},
        { container: "webm", codec: "vp8" },
        { codec: "vp9", quality: "draft" },
      ]) {
        const stream = `film/${wish.codec ?? "h264"}`;
        const publisher = await LosslessPublisher.open(server, stream, { ...wish, audio });
        const each = RATE / FPS;
        for (let n = 0; n < FRAMES; n++) {
          await publisher.sound(samples(n * each, each), n * each);
          await publisher.frame(counterFrame(n, 320, 180));
          if (n === 20 || n === 21 || n === 50) {
            const [child] = await until(() => {
              const found = captureChildren(server);
              return found.length ? found : null;
            }, "the encoder");
            process.kill(child, "SIGKILL");
            await until(() => !captureChildren(server).includes(child), "its end");
          }
          if (n === 70) {
            publisher.cut();
            await publisher.resume();
          }
        }
        const recorded = await publisher.finish();
        assert.equal(recorded.code, undefined, recorded.message);
        assert.deepEqual([recorded.frames, recorded.incomplete], [FRAMES, undefined]);
        await publisher.ws.close(1000);
        await assertFilm(join(dir, recorded.url.slice("/recordings/".length)));
      }
    });
  });
});

test("recordCanvas: an AudioBuffer, and sound that comes with the frames", async () => {
  const browser = await launchChromium();
  await withFolder(async (dir) => {
    await Server.with({ flags: ["--record-dir", dir] }, async (server) => {
      const { page } = /** @type {any} */ (await browser.open());
      await page.goto(`${server.origin}/healthz`);
      for (const whole of [true, false]) {
        const film = await page.evaluate(
          async (/** @type {any} */ { whole, frames, fps, rate, beep, every }) => {
            const sdk = "/framewire.js";
            const { recordCanvas } = await import(sdk);
            const canvas = Object.assign(document.createElement("canvas"), {
              width: 320,
              height: 180,
            });
            const g = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
            // Longer than the film: what is more is left out.
            const all = Float32Array.from({ length: ((frames + 30) * rate) / fps }, (_, i) => {
              const into = i % ((rate * every) / fps);
              return into < beep ? 0.5 * Math.sin(into * 0.13) : 0;
            });
            const form = { length: all.length, sampleRate: rate, numberOfChannels: 1 };
            const buffer = new AudioBuffer(form);
            buffer.copyToChannel(all, 0);
            const audio = whole ? buffer : { sampleRate: rate, numberOfChannels: 1 };
            const recorder = recordCanvas(canvas, { url: "/publish/film", fps, frames, audio });
            const each = rate / fps;
            for (let n = 0; n < frames; n++) {
              for (let bit = 0; bit < 16; bit++) {
                g.fillStyle = (n >> (15 - bit)) & 1 ? "#fff" : "#000";
                g.fillRect((bit * 320) / 16, 0, 20, 180);
              }
              if (!whole) recorder.audio(all.subarray(n * each, (n + 1) * each));
              await recorder.frame();
            }
            return recorder.finish();
          },
          { whole, frames: FRAMES, fps: FPS, rate: RATE, beep: BEEP_SAMPLES, every: BEEP_EVERY },
        );
        assert.deepEqual([film.frames, film.incomplete], [FRAMES, ""]);
        await assertFilm(join(dir, new URL(film.url).pathname.slice("/recordings/".length)));
      }
    });
  });
  await browser.close();
});
