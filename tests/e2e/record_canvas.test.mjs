// recordCanvas(): a page renders a film of 60 frames, each with its number in it, and each is in the file.
// The same at 600 frames of 1280x720 is in slow/record_canvas.mjs.
// @alone: encoders that take both cores
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { renderFilm } from "./lib/canvas_film.mjs";
import { launchChromium } from "./lib/chromium.mjs";
import { counterFrame, numbersIn, upTo } from "./lib/counter.mjs";
import { launchFirefox } from "./lib/firefox.mjs";
import { captureChildren } from "./lib/lossless.mjs";
import { listed, seekTo90, withFolder } from "./lib/recordings.mjs";
import { Server } from "./lib/server.mjs";
import { Throttle } from "./lib/throttle.mjs";
import { until } from "./lib/wait.mjs";

const FRAMES = 60;
const FAST = 1e9;

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
      assert.deepEqual(complaints, []);
    }),
  );

/** @param {string} dir @param {any} film @param {number} [frames] */
async function assertWhole(dir, film, frames = FRAMES) {
  assert.equal(film.code, undefined, film.message);
  const { state, incomplete, duration } = film;
  assert.deepEqual(
    { state, incomplete, frames: film.frames },
    { state: "done", incomplete: "", frames },
  );
  assert.ok(Math.abs(duration - frames / 30) < 0.001, `${duration} s`);
  const file = join(dir, new URL(film.url).pathname.slice("/recordings/".length));
  assert.deepEqual(await numbersIn(file), upTo(frames), "each frame decodes to its own number");
}

test("2D, WebGL without preserveDrawingBuffer, OffscreenCanvas; i420, rgba, png, jpeg, webp; with hashes", async () => {
  await withPage(async (_server, dir, page) => {
    const wishes = /** @type {Partial<import('./lib/canvas_film.mjs').FilmWish>[]} */ ([
      { kind: "2d", options: { encode: "server", hash: true } },
      { kind: "webgl", options: { encode: "server", hash: true } },
      { kind: "offscreen", options: { encode: "server" } },
      { kind: "2d", options: { format: "rgba", hash: true } },
      { kind: "webgl", options: { format: "rgba" }, frames: 10 },
      { kind: "2d", options: { format: "png", hash: true } },
      { kind: "webgl", options: { format: "jpeg", imageQuality: 1 } },
      { kind: "offscreen", options: { format: "webp", imageQuality: 1 }, frames: 10 },
      { kind: "2d", options: { quality: "lossless", container: "webm" }, frames: 20 },
    ]);
    for (const [at, wish] of wishes.entries()) {
      const film = await renderFilm(page, { url: `/publish/film/${at}`, frames: FRAMES, ...wish });
      await assertWhole(dir, film, wish.frames);
      assert.equal(film.hashed, wish.options?.hash ? FRAMES : 0);
      assert.equal(film.encode, "server");
      assert.equal(film.told.at(-1).encoded, wish.frames ?? FRAMES, "progress to the end");
    }
    // The page's pixels are those that the encoder alone is fed in the slow test.
    const hashed = await page.evaluate(async () => {
      const sdk = "/sdk/canvas_frames.js";
      const { openFrames } = await import(sdk);
      const canvas = /** @type {any} */ (globalThis).filmed;
      const room = (/** @type {number} */ bytes) => new Uint8Array(36 + bytes);
      const bytes = (await openFrames(canvas, "rgba").read(room)).subarray(36);
      return [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))];
    });
    const last = counterFrame(19, 320, 180); // of the last of the wishes
    assert.deepEqual(Buffer.from(hashed), createHash("sha256").update(last).digest());

    const url = (await renderFilm(page, { url: "/publish/seek", frames: FRAMES })).url;
    const seen = await seekTo90(page, url);
    assert.equal(seen.error, "", "the browser plays it, and seeks");
    assert.equal(seen.width, 320);
  });
});

// Its canvases are read by other ways, and it has no WebGL without a display.
test("in Firefox: 2D and OffscreenCanvas; i420, rgba, png, jpeg, webp; with hashes", async () => {
  const firefox = await launchFirefox();
  try {
    await withFolder((dir) =>
      Server.with({ flags: ["--record-dir", dir] }, async (server) => {
        const page = await firefox.open();
        await page.goto(`${server.origin}/healthz`); // the list would ask for posters
        const wishes = /** @type {Partial<import('./lib/canvas_film.mjs').FilmWish>[]} */ ([
          { kind: "2d", options: { encode: "server", hash: true } },
          { kind: "offscreen", options: { encode: "server" } },
          { kind: "2d", options: { format: "rgba", hash: true }, frames: 20 },
          { kind: "2d", options: { format: "png", hash: true }, frames: 20 },
          { kind: "2d", options: { format: "jpeg", imageQuality: 1 }, frames: 20 },
          { kind: "offscreen", options: { format: "webp", imageQuality: 1 }, frames: 10 },
          { kind: "2d", options: { quality: "lossless", container: "webm" }, frames: 10 },
        ]);
        for (const [at, wish] of wishes.entries()) {
          const film = await renderFilm(page, {
            url: `/publish/fox/${at}`,
            frames: FRAMES,
            ...wish,
          });
          await assertWhole(dir, film, wish.frames);
          assert.equal(film.hashed, wish.options?.hash ? (wish.frames ?? FRAMES) : 0);
        }
        assert.deepEqual(page.complaints, []);
      }),
    );
  } finally {
    await firefox.close();
  }
});

test("a page that is throttled, an encoder that is slowed, a connection cut twice", async () => {
  await withPage(async (server, dir, page) => {
    const cdp = await page.context().newCDPSession(page);
    await cdp.send("Emulation.setCPUThrottlingRate", { rate: 6 });
    const options = { encode: "server" };
    const slow = await renderFilm(page, { url: "/publish/slowpage", frames: FRAMES, options });
    await assertWhole(dir, slow);
    await cdp.send("Emulation.setCPUThrottlingRate", { rate: 1 });

    let halts = 0;
    const film = renderFilm(page, { url: "/publish/slowencoder", frames: FRAMES, options });
    const [child] = await until(() => nonEmpty(captureChildren(server)), "the encoder");
    for (let on = true; on; halts += 1) {
      on = signal(child, "SIGSTOP");
      await new Promise((resolve) => setTimeout(resolve, 30));
      on &&= signal(child, "SIGCONT");
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await assertWhole(dir, await film);
    assert.ok(halts > 3, `it was halted ${halts} times`);

    const line = await Throttle.open(server, FAST);
    try {
      await page.goto(`${line.origin}/healthz`);
      const cut = renderFilm(page, { url: "/publish/cut", frames: FRAMES, options });
      for (const at of [15, 40]) {
        await page.waitForFunction(
          (/** @type {number} */ n) => /** @type {any} */ (globalThis).recorder?.frames >= n,
          at,
        );
        for (const socket of line.sockets) socket.destroy();
      }
      const done = await cut;
      await assertWhole(dir, done);
      assert.equal(done.stats.reconnects, 2);
    } finally {
      line.close();
    }
  });
});

/** @param {number[]} list */
const nonEmpty = (list) => (list.length > 0 ? list : null);
/** @param {number} pid @param {NodeJS.Signals} name @returns {boolean} it is still there */
function signal(pid, name) {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

test("cancelled, and the same name begun anew at once, 10 times", async () => {
  await withPage(async (_server, _dir, page) => {
    for (let n = 1; n <= 10; n += 1) {
      const film = renderFilm(page, {
        url: "/publish/again",
        frames: 1000,
        width: 640,
        height: 360,
      });
      await page.waitForFunction(() => {
        const { recorder } = /** @type {any} */ (globalThis);
        return recorder?.progress.encoded > 0 || recorder?.state === "error";
      });
      await page.evaluate(async () => {
        await /** @type {any} */ (globalThis).recorder.cancel();
        Object.assign(globalThis, { recorder: null });
      });
      assert.equal((await film).code, "cancelled", `film ${n}: ${(await film).message}`);
    }
  });
});

test("cancel, a canvas of another size, a server without a folder: errors with a code", async () => {
  await withPage(async (server, _dir, page) => {
    const film = renderFilm(page, { url: "/publish/cancel", frames: 100_000 });
    await page.waitForFunction(() => /** @type {any} */ (globalThis).recorder?.frames > 20);
    await page.evaluate(() => /** @type {any} */ (globalThis).recorder.cancel());
    assert.equal((await film).code, "cancelled");
    assert.equal((await film).state, "cancelled");
    await until(async () => (await listed(server)).length === 0, "nothing to be kept");

    const codes = await page.evaluate(async () => {
      const sdk = "/framewire.js";
      const { recordCanvas } = await import(sdk);
      const code = (/** @type {Promise<any>} */ promise) =>
        promise.then(
          () => "",
          (/** @type {any} */ error) => error.code,
        );
      const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 64 });
      canvas.getContext("2d");
      const recorder = recordCanvas(canvas, { url: "/publish/errors", fps: 30 });
      const first = recorder.frame();
      const pending = await code(recorder.frame());
      await first;
      canvas.width = 32;
      const changed = await code(recorder.frame());
      canvas.width = 64;
      await recorder.frame();
      const { frames } = await recorder.finish();
      const bad = recordCanvas(canvas, { url: "/publish/bad", fps: 30, codec: "vp8" });
      const refused = await code(bad.frame());
      return { pending, changed, frames, refused };
    });
    assert.deepEqual(codes, {
      pending: "frame-pending",
      changed: "canvas-changed",
      frames: 2,
      refused: "unsupported-format",
    });
  });
  await Server.with({}, async (server) => {
    const { page } = /** @type {any} */ (await browser.open());
    await page.goto(`${server.origin}/healthz`); // the list would ask for posters
    const film = await renderFilm(page, { url: "/publish/cam", frames: 5 });
    assert.equal(film.code, "not-recording");
  });
});
