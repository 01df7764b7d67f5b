// recordCanvas() with `encode: "page"`: the browser's encoder makes the packets, and each frame is in the film once, at
// n / fps, whatever breaks. (record_canvas.test.mjs has the same for frames that the server encodes.)
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { renderFilm } from "./lib/canvas_film.mjs";
import { launchChromium } from "./lib/chromium.mjs";
import { numbersIn, upTo } from "./lib/counter.mjs";
import { run } from "./lib/decode.mjs";
import { launchFirefox } from "./lib/firefox.mjs";
import { captureChildren } from "./lib/lossless.mjs";
import { listed, probe, seekTo90, track, withFolder } from "./lib/recordings.mjs";
import { Server } from "./lib/server.mjs";
import { Throttle } from "./lib/throttle.mjs";
import { until } from "./lib/wait.mjs";

const FRAMES = 60;
const FAST = 1e9;
/** What a browser says by itself of a connection that is cut in its handshake. */
const CUT = /^WebSocket connection to/;

/** @type {import('./lib/browsers.mjs').Browser} */ let browser;
before(async () => (browser = await launchChromium()));
after(() => browser.close());

/** @param {(server: Server, dir: string, page: any) => Promise<any>} use */
const withPage = (use) =>
  withFolder((dir) =>
    Server.with({ flags: ["--record-dir", dir] }, async (server) => {
      const { page, close, complaints } = /** @type {any} */ (await browser.open());
      await page.goto(`${server.origin}/healthz`); // the list would ask for posters
      await use(server, dir, page);
      await close();
      assert.deepEqual(
        complaints.filter((/** @type {string} */ text) => !CUT.test(text)),
        [],
      );
    }),
  );

/** @param {string} dir @param {any} film */
const fileOf = (dir, film) => join(dir, new URL(film.url).pathname.slice("/recordings/".length));

/** @param {string} dir @param {any} film @param {number} [frames] @param {number} [fps] */
async function assertWhole(dir, film, frames = FRAMES, fps = 30) {
  assert.equal(film.code, undefined, film.message);
  const { state, incomplete, duration, encode } = film;
  assert.deepEqual(
    { state, incomplete, frames: film.frames, encode },
    { state: "done", incomplete: "", frames, encode: "page" },
  );
  assert.ok(Math.abs(duration - frames / fps) < 0.0011, `${duration} s`);
  const file = fileOf(dir, film);
  assert.deepEqual(await numbersIn(file), upTo(frames), "each frame decodes to its own number");
  const video = track(await probe(file), "video");
  const tick = film.url.endsWith(".webm") ? 0.0006 : 0.000012; // WebM counts milliseconds
  for (const [n, time] of (video?.times ?? []).entries())
    assert.ok(Math.abs(time - n / fps) < tick, `frame ${n} is at ${time} s`);
  assert.equal(video?.codec, film.stats.codec);
  return file;
}

/** @typedef {Partial<import('./lib/canvas_film.mjs').FilmWish>} Wish */

test("2D, WebGL, OffscreenCanvas; each container; with hashes; the browser plays it", async () => {
  await withPage(async (_server, dir, page) => {
    const wishes = /** @type {Wish[]} */ ([
      { kind: "2d", options: { hash: true } },
      { kind: "webgl", options: { hash: true, quality: "good" } },
      { kind: "offscreen", options: { quality: "draft" } },
      { kind: "2d", options: { container: "webm", hash: true } },
      { kind: "2d", options: { codec: "vp9" } },
      { kind: "webgl", options: { codec: "av1" }, frames: 20 },
      { kind: "2d", options: { container: "webm", codec: "vp8" } },
    ]);
    for (const [at, { options, ...wish }] of wishes.entries()) {
      const url = `/publish/film/${at}`;
      const film = await renderFilm(page, {
        url,
        frames: FRAMES,
        ...wish,
        options: { encode: "page", ...options },
      });
      await assertWhole(dir, film, wish.frames);
      assert.equal(film.hashed, options?.hash ? FRAMES : 0);
      assert.equal(film.told.at(-1).encoded, wish.frames ?? FRAMES, "progress to the end");
      if (options?.codec) assert.equal(film.stats.codec, options.codec);
    }
    const options = { encode: "page" };
    const url = (await renderFilm(page, { url: "/publish/seek", frames: FRAMES, options })).url;
    const seen = await seekTo90(page, url);
    assert.equal(seen.error, "", "the browser plays it, and seeks");
    assert.equal(seen.width, 320);
  });
});

test("in Firefox", async () => {
  const firefox = await launchFirefox();
  try {
    await withFolder((dir) =>
      Server.with({ flags: ["--record-dir", dir] }, async (server) => {
        const page = await firefox.open();
        await page.goto(`${server.origin}/healthz`);
        for (const [at, wish] of /** @type {Wish[]} */ ([
          { kind: "2d", options: { hash: true } },
          { kind: "offscreen", options: { container: "webm", codec: "vp8" } },
        ]).entries()) {
          const film = await renderFilm(page, {
            url: `/publish/fox/${at}`,
            frames: FRAMES,
            ...wish,
            options: { encode: "page", ...wish.options },
          });
          await assertWhole(dir, film);
        }
        assert.deepEqual(page.complaints, []);
      }),
    );
  } finally {
    await firefox.close();
  }
});

test("the page throttled, the connection cut five times, the child killed ten times", async () => {
  await withPage(async (server, dir, page) => {
    const options = { encode: "page", hash: true };
    const cdp = await page.context().newCDPSession(page);
    await cdp.send("Emulation.setCPUThrottlingRate", { rate: 6 });
    const slow = await renderFilm(page, { url: "/publish/slowpage", frames: FRAMES, options });
    await assertWhole(dir, slow);
    await cdp.send("Emulation.setCPUThrottlingRate", { rate: 1 });

    const reached = (/** @type {number} */ n) =>
      page.waitForFunction(
        (/** @type {number} */ least) =>
          /** @type {any} */ (globalThis).recorder?.frames >= least ||
          /** @type {any} */ (globalThis).recorder?.state === "error",
        n,
      );
    const killed = renderFilm(page, { url: "/publish/kill", paceMs: 5, options });
    for (let n = 1; n <= 10; n++) {
      await reached(20 * n);
      const child = await until(() => captureChildren(server)[0], "the child");
      process.kill(child, "SIGKILL");
      await until(() => !captureChildren(server).includes(child), "its end");
    }
    await page.evaluate(() => Object.assign(globalThis, { enough: true }));
    const done = await killed;
    await assertWhole(dir, done, done.frames);

    const line = await Throttle.open(server, FAST);
    try {
      await page.goto(`${line.origin}/healthz`);
      const cut = renderFilm(page, { url: "/publish/cut", paceMs: 5, options });
      for (let n = 1; n <= 5; n++) {
        await reached(25 * n);
        // The page has other connections too, and this one may not be open again yet.
        await until(
          () => {
            for (const socket of line.sockets) socket.destroy();
            return page.evaluate((/** @type {number} */ cuts) => {
              const { recorder } = /** @type {any} */ (globalThis);
              return recorder.state === "error" || recorder.stats.reconnects >= cuts;
            }, n);
          },
          "the connection to be cut",
          { ms: 30_000, every: 1500 },
        );
      }
      await page.evaluate(() => Object.assign(globalThis, { enough: true }));
      const film = await cut;
      await assertWhole(dir, film, film.frames);
      assert.ok(film.stats.reconnects >= 5, `${film.stats.reconnects} times`);
    } finally {
      line.close();
    }
  });
});

test("auto measures and says what it took; what the page cannot do is refused, or the server's", async () => {
  await withPage(async (server, dir, page) => {
    const auto = await renderFilm(page, { url: "/publish/auto", frames: 20 });
    assert.match(auto.why, /Measured: this page's .* frames a second, .* to the server\./);
    assert.equal(auto.why, auto.stats.why);
    if (auto.encode === "page") await assertWhole(dir, auto, 20);
    else assert.equal(auto.encode, "server");
    assert.deepEqual(await numbersIn(fileOf(dir, auto)), upTo(20));

    const lossless = await renderFilm(page, {
      url: "/publish/lossless",
      frames: 5,
      options: { quality: "lossless" },
    });
    assert.deepEqual(
      [lossless.encode, lossless.stats.format],
      ["server", "rgba"],
      lossless.message,
    );
    assert.match(lossless.why, /lossless/);

    for (const [options, code] of /** @type {[object, string][]} */ ([
      [{ encode: "page", quality: "lossless" }, "unsupported-recorder"],
      [{ encode: "page", codec: "vp8" }, "unsupported-recorder"],
      [{ encode: "page", container: "webm", codec: "h264" }, "unsupported-recorder"],
    ])) {
      const film = await renderFilm(page, { url: "/publish/none", frames: 5, options });
      assert.equal(film.code, code, JSON.stringify(options));
    }
    const thrown = await page.evaluate(async () => {
      const sdk = "/framewire.js";
      const { recordCanvas } = await import(sdk);
      const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 64 });
      canvas.getContext("2d");
      return [{ encode: "page", format: "png" }, { encode: "gpu" }].map((options) => {
        try {
          recordCanvas(canvas, { url: "/publish/bad", fps: 30, ...options });
          return "";
        } catch (error) {
          return /** @type {any} */ (error).code;
        }
      });
    });
    assert.deepEqual(thrown, ["bad-source", "bad-option"]);
    // The server's own encoder is asked for by name.
    const options = { encode: "page", frames: 100_000 };
    const film = renderFilm(page, { url: "/publish/cancel", frames: 100_000, options });
    await page.waitForFunction(() => /** @type {any} */ (globalThis).recorder?.frames > 20);
    await page.evaluate(() => /** @type {any} */ (globalThis).recorder.cancel());
    assert.equal((await film).code, "cancelled");
    await until(async () => (await listed(server, "cancel")).length === 0, "nothing to be kept");
  });
});

/** Pure colours and greys, as pixels. */
const SWATCHES = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 0],
  [255, 255, 255],
  [128, 128, 128],
  [0, 0, 0],
  [200, 90, 40],
];

test("colours are those of the canvas, and tagged, both ways", async () => {
  await withPage(async (_server, dir, page) => {
    for (const options of [
      { encode: "page" },
      { encode: "page", codec: "vp9" },
      { encode: "server" },
      { encode: "server", container: "webm" },
    ]) {
      const film = await page.evaluate(
        async (/** @type {any} */ [wish, swatches]) => {
          const sdk = "/framewire.js";
          const { recordCanvas } = await import(sdk);
          const size = { width: 512, height: 128 };
          const canvas = Object.assign(document.createElement("canvas"), size);
          const g = /** @type {any} */ (canvas.getContext("2d", { alpha: false }));
          const recorder = recordCanvas(canvas, { url: "/publish/colours", fps: 30, ...wish });
          for (let n = 0; n < 3; n++) {
            for (const [i, [r, gg, b]] of swatches.entries()) {
              g.fillStyle = `rgb(${r} ${gg} ${b})`;
              g.fillRect(i * 64, 0, 64, 128);
            }
            await recorder.frame();
          }
          return recorder.finish();
        },
        [options, SWATCHES],
      );
      const file = fileOf(dir, film);
      const shown = await run("ffprobe", [
        ...["-v", "error", "-select_streams", "v", "-show_entries"],
        ...[
          "stream=color_range,color_space,color_transfer,color_primaries",
          "-of",
          "csv=p=0",
          file,
        ],
      ]);
      const [range, matrix, transfer, primaries] = shown.stdout.trim().split(",");
      const what = JSON.stringify({ ...options, range, matrix, transfer, primaries });
      assert.match(matrix, /^(bt709|smpte170m|bt470bg)$/, what);
      const filter =
        "scale=in_color_matrix=auto:in_range=auto:flags=accurate_rnd+full_chroma_int,format=rgb24";
      const { out } = await run("ffmpeg", [
        ...["-v", "error", "-i", file, "-frames:v", "1", "-vf", filter, "-f", "rawvideo", "-"],
      ]);
      let worst = 0;
      for (const [i, colour] of SWATCHES.entries()) {
        const at = (64 * 512 + i * 64 + 32) * 3;
        for (const [c, value] of colour.entries())
          worst = Math.max(worst, Math.abs(out[at + c] - value));
      }
      console.log(`figure: colours ${what}: ${worst} of 255 off at most`);
      assert.ok(worst <= 4, `${what}: ${worst} of 255`);
    }
  });
});
