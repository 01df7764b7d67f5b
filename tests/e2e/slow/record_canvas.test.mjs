// 600 frames of 1280x720 by recordCanvas(), each with its number in it: in order, each once, under load and
// with a connection that breaks; and how fast that is, beside the same encoder fed from memory.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { renderFilm } from "../lib/canvas_film.mjs";
import { launchChromium } from "../lib/chromium.mjs";
import { counterFrame, numbersIn, upTo } from "../lib/counter.mjs";
import { captureChildren } from "../lib/lossless.mjs";
import { PlainPage } from "../lib/plain_page.mjs";
import { cpuWithChildren, median } from "../lib/proc.mjs";
import { withFolder } from "../lib/recordings.mjs";
import { binary, Server } from "../lib/server.mjs";
import { Throttle } from "../lib/throttle.mjs";
import { sleep, until } from "../lib/wait.mjs";

const FRAMES = 600;
const SIZE = { width: 1280, height: 720 };
const FAST = 1e9;
const FROM_MEMORY = 200;
const ROUNDS = 3;
/** What the page must reach of the encoder alone. */
const LEAST = 0.7;

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
        const film = await renderFilm(page, { url, frames: FRAMES, ...SIZE, ...wish });
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

test("as fast as 0.7 of the encoder alone, fed from memory", { timeout: 1_800_000 }, async () => {
  /** @type {number[]} */ const shares = [];
  for (let round = 0; round < ROUNDS; round++) {
    const film = await filmed();
    const alone = await encoderAlone();
    shares.push(film.frames / film.seconds / alone.rate);
    console.log(
      `figure: ${rate(film.frames, film.seconds)}, the encoder alone ${alone.rate.toFixed(1)}: ${shares[round].toFixed(2)} of it; load ${loadavg()[0].toFixed(1)}`,
    );
    console.log(`figure: CPU of a frame: ${film.cpu}; the encoder alone ${alone.cpu}`);
  }
  const share = median(shares);
  console.log(`figure: ${share.toFixed(2)} of the encoder alone (median), at least ${LEAST}`);
  assert.ok(share >= LEAST, `${share.toFixed(2)} of the encoder alone`);
});

/** What a film costs a page that is not listened to. */
const filmed = () =>
  withFolder((dir) =>
    Server.with({ flags: ["--record-dir", dir] }, async (server) => {
      const page = await PlainPage.open(browser, `${server.origin}/healthz`);
      const chromium = await page.cpu();
      const film = await renderFilm(page, { url: "/publish/plain", frames: FRAMES, ...SIZE });
      assert.deepEqual([film.code, film.frames, film.incomplete], [undefined, FRAMES, ""]);
      const spent = (await page.cpu()) - chromium;
      const [own, children] = cpuWithChildren(server.pid);
      await page.close();
      const file = join(dir, new URL(film.url).pathname.slice("/recordings/".length));
      assert.deepEqual(await numbersIn(file), upTo(FRAMES));
      const cpu = `browser ${perFrame(spent, FRAMES)}, server ${perFrame(own, FRAMES)}, encoder and finaliser ${perFrame(children, FRAMES)}`;
      return { ...film, cpu };
    }),
  );
/** @param {number} seconds @param {number} frames */
const perFrame = (seconds, frames) => `${((1000 * seconds) / frames).toFixed(1)} ms`;

/** The same child with the same settings and pictures, all of them in memory before. */
const encoderAlone = () =>
  withFolder(async (dir) => {
    const { width, height } = SIZE;
    const spec = {
      format: "rgba",
      ...SIZE,
      fps: 30,
      container: "mp4",
      codec: "h264",
      quality: "high",
    };
    const silent = { audio: "", sample_rate: 0, channels: 0, written_samples: 0 };
    const more = { hash: false, written_frames: 0, written_bytes: 0, ...silent };
    const frames = upTo(FROM_MEMORY).map((n) => counterFrame(n, width, height));
    const file = join(dir, "alone.mp4");
    const words = ["capture", String(process.pid), "warn", JSON.stringify({ ...spec, ...more })];
    const [, spent] = cpuWithChildren(process.pid);
    const begun = performance.now();
    const child = spawn(binary(), words, {
      stdio: ["ignore", "pipe", "inherit", "pipe", openSync(file, "w+")],
    });
    const ended = new Promise((resolve) => child.on("exit", resolve));
    const socket = /** @type {import('node:stream').Duplex} */ (child.stdio[3]);
    socket.resume(); // its news
    for (const [n, frame] of frames.entries()) {
      const head = Buffer.alloc(16);
      head.writeUInt32BE(frame.length, 0);
      head.writeBigUInt64BE(BigInt(n), 8);
      socket.write(head);
      if (!socket.write(frame)) await new Promise((resolve) => socket.once("drain", resolve));
    }
    socket.write(Buffer.alloc(16));
    assert.equal(await ended, 0);
    const took = (performance.now() - begun) / 1000;
    const cpu = perFrame(cpuWithChildren(process.pid)[1] - spent, FROM_MEMORY);
    assert.deepEqual(await numbersIn(file), upTo(FROM_MEMORY));
    return { rate: FROM_MEMORY / took, cpu };
  });
