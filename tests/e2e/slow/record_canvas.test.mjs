// 600 frames of 1280x720 by recordCanvas(), each with its number in it: in order, each once, under load and
// with a connection that breaks. (How fast that is: film_speed.mjs.)
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { renderFilm } from "../lib/canvas_film.mjs";
import { launchChromium } from "../lib/chromium.mjs";
import { numbersIn, upTo } from "../lib/counter.mjs";
import { captureChildren } from "../lib/lossless.mjs";
import { withFolder } from "../lib/recordings.mjs";
import { Server } from "../lib/server.mjs";
import { Throttle } from "../lib/throttle.mjs";
import { sleep, until } from "../lib/wait.mjs";

const FRAMES = 600;
const SIZE = { width: 1280, height: 720 };
const FAST = 1e9;

/** @type {Awaited<ReturnType<typeof launchChromium>>} */ let browser;
before(async () => (browser = await launchChromium()));
after(() => browser.close());

/** @param {(server: Server, page: any, film: (url: string, wish?: object) => Promise<any>) => Promise<any>} use */
const withPage = (use) =>
  withFolder((dir) =>
    Server.with({ flags: ["--record-dir", dir] }, async (server) => {
      const { page, close } = /** @type {any} */ (await browser.open());
      page.setDefaultTimeout(600_000);
      await page.goto(server.origin);
      await use(server, page, async (url, wish) => {
        const options = { encode: "server" };
        const film = await renderFilm(page, { url, frames: FRAMES, ...SIZE, options, ...wish });
        assert.equal(film.code, undefined, film.message);
        assert.deepEqual([film.frames, film.incomplete], [FRAMES, ""]);
        const file = join(dir, new URL(film.url).pathname.slice("/recordings/".length));
        assert.deepEqual(await numbersIn(file), upTo(FRAMES));
        return film;
      });
      await close();
    }),
  );

/** @param {string} what @param {any} film */
const tell = (what, { frames, seconds }) =>
  console.log(`figure: ${what}: ${frames} frames, each its own number, ${rate(frames, seconds)}`);
/** @param {number} frames @param {number} seconds */
const rate = (frames, seconds) => `${(frames / seconds).toFixed(1)} a second`;

test("600 frames: the page throttled, the encoder slowed, the connection cut twice", {
  timeout: 1_800_000,
}, async () => {
  await withPage(async (server, page, film) => {
    const cdp = await page.context().newCDPSession(page);
    await cdp.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    tell("the page throttled to a quarter", await film("/publish/slowpage"));
    await cdp.send("Emulation.setCPUThrottlingRate", { rate: 1 });

    const slowed = film("/publish/slowencoder");
    const child = await until(() => captureChildren(server)[0], "the encoder");
    try {
      for (;;) {
        process.kill(child, "SIGSTOP");
        await sleep(60);
        process.kill(child, "SIGCONT");
        await sleep(60);
      }
    } catch {} // it has ended
    tell("the encoder halted half of the time", await slowed);

    const line = await Throttle.open(server, FAST);
    try {
      await page.goto(line.origin);
      const cut = film("/publish/cut");
      for (const at of [150, 400]) {
        await page.waitForFunction(`globalThis.recorder?.frames >= ${at}`);
        for (const socket of line.sockets) socket.destroy();
      }
      const done = await cut;
      assert.equal(done.stats.reconnects, 2);
      tell("the connection cut twice", done);
    } finally {
      line.close();
    }
  });
});
