// recordCanvas({ alpha: true }): what is half transparent on the canvas is so in the film, whatever drew it and however its
// frames were sent; and what cannot keep it is refused.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launchChromium } from "./lib/chromium.mjs";
import { launchFirefox } from "./lib/firefox.mjs";
import { withFolder } from "./lib/recordings.mjs";
import { Server } from "./lib/server.mjs";
import { decodedFrames, SWATCHES, worstSwatch } from "./lib/swatches.mjs";

const [WIDTH, HEIGHT, FRAMES] = [320, 180, 10];
const ALPHA = 128;

/** @type {import('./lib/browsers.mjs').Browser} */ let browser;
before(async () => (browser = await launchChromium()));
after(() => browser.close());

/**
 * @param {any} page at the server's origin
 * @param {{url: string, kind: string, options: Record<string, any>}} wish
 * @returns {Promise<any>} the film's facts, or the error's
 */
const film = (page, wish) =>
  page.evaluate(
    async (/** @type {any} */ { url, kind, options, colours, alpha, width, height, frames }) => {
      const sdk = "/framewire.js";
      const { recordCanvas } = await import(sdk);
      /** @type {any} */
      const canvas =
        kind === "offscreen"
          ? new OffscreenCanvas(width, height)
          : Object.assign(document.createElement("canvas"), { width, height });
      const [w, h] = [width / 4, height / 2];
      const flat = () => {
        const paint = canvas.getContext("2d");
        paint.clearRect(0, 0, width, height);
        colours.forEach((/** @type {number[]} */ rgb, /** @type {number} */ n) => {
          paint.fillStyle = `rgb(${rgb.join(" ")} / ${alpha / 255})`;
          paint.fillRect((n % 4) * w, Math.floor(n / 4) * h, w, h);
        });
      };
      const gl = kind === "webgl" ? canvas.getContext("webgl2") : null;
      const shaded = () => {
        gl.enable(gl.SCISSOR_TEST);
        colours.forEach((/** @type {number[]} */ rgb, /** @type {number} */ n) => {
          gl.scissor((n % 4) * w, (1 - Math.floor(n / 4)) * h, w, h); // from below
          const [r, g, b] = rgb.map((value) => ((value / 255) * alpha) / 255); // premultiplied
          gl.clearColor(r, g, b, alpha / 255);
          gl.clear(gl.COLOR_BUFFER_BIT);
        });
      };
      try {
        const recorder = recordCanvas(canvas, { url, fps: 30, frames, alpha: true, ...options });
        for (let n = 0; n < frames; n += 1) {
          if (gl) shaded();
          else flat();
          await recorder.frame();
        }
        return { ...(await recorder.finish()), format: recorder.stats.format };
      } catch (error) {
        const { code, message } = /** @type {any} */ (error);
        return { code, message };
      }
    },
    { ...wish, colours: SWATCHES, alpha: ALPHA, width: WIDTH, height: HEIGHT, frames: FRAMES },
  );

/** @param {any} page @param {string} dir @param {string} url @param {string} kind @param {Record<string, any>} options */
async function assertKept(page, dir, url, kind, options) {
  const made = await film(page, { url, kind, options });
  assert.equal(made.code, undefined, made.message);
  assert.deepEqual([made.frames, made.encode, made.incomplete], [FRAMES, "server", ""]);
  assert.match(made.url, /\.webm$/);
  const bytes = readFileSync(join(dir, new URL(made.url).pathname.slice("/recordings/".length)));
  // FFmpeg's VP8 decoders do not hand on the colours that the container tells.
  const vp8 = options.codec === "vp8";
  const how = { decoder: vp8 ? "libvpx" : "libvpx-vp9", matrix: vp8 ? "bt709" : "" };
  const { bytes: frames, errors } = await decodedFrames(bytes, { format: "rgba", ...how });
  assert.equal(errors, "");
  assert.equal(frames.length, FRAMES * WIDTH * HEIGHT * 4);
  const worst = worstSwatch(frames, WIDTH, HEIGHT, 4, () => ALPHA);
  assert.ok(worst <= 3, `${kind} ${JSON.stringify(options)}: off by ${worst}`);
  return made;
}

test("2D, WebGL, OffscreenCanvas; VP9 and VP8; png, webp and rgba", async () => {
  await withFolder((dir) =>
    Server.with({ flags: ["--record-dir", dir] }, async (server) => {
      const { page, close } = /** @type {any} */ (await browser.open());
      await page.goto(`${server.origin}/healthz`);
      const wishes = /** @type {[string, Record<string, any>][]} */ ([
        ["2d", {}],
        ["2d", { codec: "vp8", hash: true }],
        ["2d", { format: "rgba" }],
        ["webgl", {}],
        ["webgl", { format: "rgba", quality: "good" }],
        ["offscreen", { container: "webm", codec: "vp9" }],
        ["offscreen", { format: "webp", imageQuality: 1 }],
      ]);
      for (const [n, [kind, options]] of wishes.entries()) {
        const made = await assertKept(page, dir, `/publish/clear/${n}`, kind, options);
        if (n === 0) {
          assert.equal(made.format, "png");
          assert.match(made.why, /keeps transparency/);
        }
      }

      // As Chromium shows it over a page.
      const made = await film(page, { url: "/publish/shown", kind: "2d", options: {} });
      const shown = await page.evaluate(async (/** @type {string} */ url) => {
        const video = Object.assign(document.createElement("video"), { src: url, muted: true });
        await new Promise((resolve, reject) => {
          video.onerror = () => reject(video.error);
          video.requestVideoFrameCallback(resolve);
          video.play();
        });
        const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
        const paint = /** @type {any} */ (canvas.getContext("2d"));
        paint.drawImage(video, 0, 0);
        return [...paint.getImageData(20, 20, 1, 1).data];
      }, made.url);
      assert.ok(Math.abs(shown[3] - ALPHA) <= 3, `${shown}`);
      await close();
    }),
  );
});

test("in Firefox", async () => {
  const firefox = await launchFirefox();
  try {
    await withFolder((dir) =>
      Server.with({ flags: ["--record-dir", dir] }, async (server) => {
        const page = await firefox.open();
        await page.goto(`${server.origin}/healthz`);
        await assertKept(page, dir, "/publish/fox/1", "2d", {});
        await assertKept(page, dir, "/publish/fox/2", "offscreen", { format: "rgba" });
      }),
    );
  } finally {
    await firefox.close();
  }
});

test("what keeps no transparency is refused, by the page and by the server", async () => {
  await withFolder((dir) =>
    Server.with({ flags: ["--record-dir", dir] }, async (server) => {
      const { page, close } = /** @type {any} */ (await browser.open());
      await page.goto(`${server.origin}/healthz`);
      /** @type {[Record<string, any>, string, RegExp][]} */
      const cases = [
        [{ container: "mp4" }, "bad-source", /no transparency in mp4: say webm/],
        [{ codec: "av1" }, "bad-source", /no transparency in av1/],
        [{ format: "jpeg" }, "bad-source", /jpeg have no transparency/],
        [{ quality: "lossless" }, "bad-source", /never lossless/],
        [{ encode: "page" }, "unsupported-recorder", /keeps transparency/],
        [{ audio: { sampleRate: 48_000, numberOfChannels: 1 } }, "bad-source", /no sound/],
      ];
      for (const [options, code, words] of cases) {
        const told = await film(page, { url: "/publish/no", kind: "2d", options });
        assert.equal(told.code, code, JSON.stringify(options));
        assert.match(told.message, words);
      }
      const refused = await page.evaluate(
        async (/** @type {string} */ url) => {
          const socket = new WebSocket(url, "framewire.v1");
          await new Promise((resolve) => (socket.onopen = resolve));
          const film = { lossless: true, format: "png", width: 320, height: 180, fps: 30 };
          const wish = { type: "publish", ...film, alpha: true, container: "mp4", codec: "h264" };
          socket.send(JSON.stringify(wish));
          return new Promise((resolve) => {
            socket.onmessage = ({ data }) => {
              const said = JSON.parse(data);
              if (said.type === "error") resolve(said);
            };
          });
        },
        `${server.origin.replace("http", "ws")}/publish/no`,
      );
      assert.equal(refused.code, "unsupported-format");
      assert.match(refused.message, /h264 in mp4 has no transparency: vp9 and vp8 in webm have/);
      await close();
    }),
  );
});
