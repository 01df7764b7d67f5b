/**
 * Many streams in few workers: what a hundred cost, and that they go when nobody watches; ten that are watched, and a
 * canvas that is recorded, while their workers are killed a hundred times.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { renderFilm } from "../lib/canvas_film.mjs";
import { launchChromium } from "../lib/chromium.mjs";
import { numbersIn, upTo } from "../lib/counter.mjs";
import { isRunning, workerPid } from "../lib/derived.mjs";
import { captureChildren } from "../lib/lossless.mjs";
import { container, sha256, wholeFile } from "../lib/media.mjs";
import { cpuSeconds, median, rssBytes } from "../lib/proc.mjs";
import { BarePublisher } from "../lib/publisher.mjs";
import { withFolder } from "../lib/recordings.mjs";
import { Server } from "../lib/server.mjs";
import { BareViewer, V1Viewer } from "../lib/viewer.mjs";
import { sleep, until } from "../lib/wait.mjs";

const MEDIA = container("chromium-avc1-opus-camera-kf1000.mp4");
const IDLE_MS = 2_000;

/** The server's children. @param {Server} server */
function workers(server) {
  return readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const status = readFileSync(`/proc/${name}/status`, "latin1");
      return Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]) === server.pid;
    } catch {
      return false;
    }
  });
}
/** @param {number} pid */
const descriptors = (pid) => readdirSync(`/proc/${pid}/fd`).length;

/** The film in an endless loop would go back in time: a live stream of its chunks, as long as it lasts. */
class Live {
  /** @type {Promise<void>} */ done = Promise.resolve();
  stopped = false;
  rounds = 0;
  /** @param {BarePublisher} publisher */
  constructor(publisher) {
    this.publisher = publisher;
  }
  /** @param {Server} server @param {string} stream @param {number} everyMs */
  static async start(server, stream, everyMs) {
    const live = new Live(await BarePublisher.open(server, stream));
    live.done = live.run(everyMs);
    return live;
  }
  /** Round and round: each begins an epoch. @param {number} everyMs of a chunk */
  async run(everyMs) {
    while (!this.stopped) {
      for (const chunk of MEDIA.chunks) {
        await this.publisher.send(chunk);
        await sleep(everyMs);
        if (this.stopped) break;
      }
      ++this.rounds;
    }
    await this.publisher.end();
  }
  async stop() {
    this.stopped = true;
    await this.done;
  }
}

test("a hundred streams remuxed at once", { timeout: 300_000 }, async () => {
  const server = await Server.start({ flags: ["--codec-idle", `${IDLE_MS}ms`] });
  const names = Array.from({ length: 100 }, (_, n) => `many/s${n}`);
  // A chunk is a second of film.
  const sources = await Promise.all(names.map((name) => Live.start(server, name, 1000)));
  const viewers = await Promise.all(names.map((name) => BareViewer.open(server, `${name}.ts`)));
  await until(
    () => viewers.every((viewer) => viewer.bytes.length > 100_000),
    "all of them to flow",
    {
      ms: 60_000,
    },
  );
  const children = workers(server).map(Number);
  const cpu = () => children.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  const [before, since] = [cpu(), Date.now()];
  await sleep(10_000);
  const share = (cpu() - before) / ((Date.now() - since) / 1000);
  const rss = children.map(rssBytes);
  for (const viewer of viewers) viewer.ws.cut();
  const left = Date.now();
  await until(() => workers(server).length === 0, "the workers to go", { ms: 20_000 });
  const gone = Date.now() - left;
  await Promise.all(sources.map((source) => source.stop()));
  await server.stop();
  console.log(
    `figure: 100 streams: ${children.length} workers of ${rss.map((bytes) => (bytes / 1e6).toFixed(0)).join(" and ")} MB, ${(rss.reduce((a, b) => a + b, 0) / 1e8).toFixed(2)} MB and ${(share * 10).toFixed(2)} ms of CPU a second for each stream; gone ${gone} ms after the last viewer (idle ${IDLE_MS} ms)`,
  );
  assert.ok(children.length >= 1 && children.length <= 2);
});

/** A canvas that is recorded losslessly, each frame with its number, until the page is told that it is enough. */
async function film(/** @type {Server} */ server, /** @type {any} */ page) {
  await page.goto(`${server.origin}/healthz`);
  const options = { encode: "server", hash: true };
  const done = renderFilm(page, { url: "/publish/film", paceMs: 15, options });
  await until(() => captureChildren(server).length === 1, "the film's encoder");
  return {
    async finish() {
      await page.evaluate(() => Object.assign(globalThis, { enough: true }));
      return done;
    },
  };
}

test("workers killed a hundred times: ten streams watched, a canvas recorded", {
  timeout: 900_000,
}, async () => {
  const browser = await launchChromium();
  await withFolder(async (dir) => {
    // One loop: one worker, which all ten are in.
    const flags = ["--loops", "1", "--codec-idle", "1s", "--ring-age", "2s", "--record-dir", dir];
    const server = await Server.start({ flags });
    const { page } = /** @type {any} */ (await browser.open());
    const canvas = await film(server, page);
    const names = Array.from({ length: 10 }, (_, n) => `killed/s${n}`);
    const origins = await Promise.all(names.map((name) => BareViewer.open(server, name)));
    const sources = await Promise.all(names.map((name) => Live.start(server, name, 200)));
    const viewers = await Promise.all(names.map((name) => V1Viewer.open(server, `${name}.mp4`)));
    await until(() => viewers.every((viewer) => viewer.media.length > 5), "all of them to flow");
    const [fds, rss] = [descriptors(server.pid), rssBytes(server.pid)];
    let rssHalf = 0; // the rings are full by then
    let filmKills = 0;
    /** @type {number[]} */ const waits = [];
    for (let kill = 0; kill < 100; ++kill) {
      const worker = workerPid(server);
      const had = viewers.map((viewer) => viewer.media.at(-1)?.epoch ?? 0);
      process.kill(worker, "SIGKILL");
      const at = Date.now();
      if (kill % 4 === 3)
        for (const child of captureChildren(server)) {
          process.kill(child, "SIGKILL");
          ++filmKills;
        }
      await until(
        () => viewers.every((viewer, n) => (viewer.media.at(-1)?.epoch ?? 0) > had[n]),
        "all to go on",
        { ms: 20_000, every: 5 },
      );
      waits.push(Date.now() - at);
      assert.ok(!isRunning(worker));
      await sleep(100);
      if (kill === 49) rssHalf = rssBytes(server.pid);
    }
    const [fdsAfter, rssAfter] = [descriptors(server.pid), rssBytes(server.pid)];

    const recorded = await canvas.finish();
    assert.deepEqual([recorded.code, recorded.incomplete], [undefined, ""], recorded.message);
    assert.equal(recorded.hashed, recorded.frames);
    const file = join(dir, new URL(recorded.url).pathname.slice("/recordings/".length));
    assert.deepEqual(await numbersIn(file), upTo(recorded.frames));
    assert.ok(filmKills >= 20, `its encoder was killed ${filmKills} times`);

    await Promise.all(sources.map((source) => source.stop()));
    await Promise.all(origins.map((viewer) => viewer.ended()));
    for (const [n, viewer] of origins.entries()) {
      const whole = wholeFile(MEDIA);
      const rounds = Math.floor(viewer.bytes.length / whole.length);
      const tail = viewer.bytes.subarray(rounds * whole.length);
      const repeated = Buffer.concat(Array.from({ length: rounds }, () => whole));
      assert.equal(sha256(viewer.bytes.subarray(0, repeated.length)), sha256(repeated), names[n]);
      assert.ok(tail.equals(whole.subarray(0, tail.length)), names[n]);
    }
    await until(() => workers(server).length === 0, "every child to go", { ms: 20_000 });
    await server.stop();
    waits.sort((a, b) => a - b);
    console.log(
      `figure: 100 kills: all ten go on after ${median(waits)} ms (median), ${waits.at(-1)} ms at most; origins whole; descriptors ${fds} before, ${fdsAfter} after; server ${(rss / 1e6).toFixed(0)} MB before, ${(rssHalf / 1e6).toFixed(0)} MB after 50, ${(rssAfter / 1e6).toFixed(0)} MB after`,
    );
    console.log(
      `figure: the canvas beside them, its encoder killed ${filmKills} times: ${recorded.frames} frames of ${recorded.frames} in the film, in order, each its own number and hash`,
    );
    assert.ok(/** @type {number} */ (waits.at(-1)) < 1000, `${waits.at(-1)} ms`);
    assert.ok(rssAfter < rssHalf * 1.25, `${rssHalf} bytes, then ${rssAfter}`);
    assert.ok(fdsAfter <= fds + 2, `${fds} descriptors, then ${fdsAfter}`);
  });
  await browser.close();
});
