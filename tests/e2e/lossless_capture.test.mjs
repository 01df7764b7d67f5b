// Lossless capture on the wire: every frame of a publisher in one file, whatever happens on the way.
// (record_canvas.test.mjs has the same from a page.)
// @alone: encoders that take both cores
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { numbersIn, upTo } from "./lib/counter.mjs";
import { captureChildren, LosslessPublisher } from "./lib/lossless.mjs";
import { greyPng } from "./lib/png.mjs";
import { listed, probe, track, withFolder } from "./lib/recordings.mjs";
import { Server } from "./lib/server.mjs";
import { BareViewer } from "./lib/viewer.mjs";
import { until } from "./lib/wait.mjs";

/** @param {(server: Server, dir: string) => Promise<any>} use @param {string[]} [flags] */
const withServer = (use, flags = []) =>
  withFolder((dir) =>
    Server.with({ flags: ["--record-dir", dir, ...flags] }, (server) => use(server, dir)),
  );

/** @param {string} dir @param {any} recorded */
const fileOf = (dir, recorded) => join(dir, recorded.url.slice("/recordings/".length));

/** @param {string} dir @param {any} recorded @param {number} count @param {number} [fps] */
async function assertWhole(dir, recorded, count, fps = 30) {
  assert.equal(recorded.code, undefined, recorded.message);
  assert.equal(recorded.incomplete, undefined);
  assert.equal(recorded.frames, count);
  const file = fileOf(dir, recorded);
  assert.deepEqual(await numbersIn(file), upTo(count), "each frame, in order, decodes to itself");
  const video = track(await probe(file), "video");
  const tick = recorded.url.endsWith(".webm") ? 0.0006 : 0.000012; // WebM counts milliseconds
  for (const [n, time] of (video?.times ?? []).entries())
    assert.ok(Math.abs(time - n / fps) < tick, `frame ${n} of ${fps} a second is at ${time} s`);
}

test("every frame is in the file, at n / fps, in each container and codec", async () => {
  await withServer(async (server, dir) => {
    const wishes = [
      { frames: 40 },
      { codec: "vp9", quality: "draft", fps: 25 },
      { codec: "av1", quality: "draft", fps: 24 },
      { container: "webm", fps: 60 },
      { container: "webm", codec: "vp8", quality: "good" },
      { quality: "lossless", fps: 29.97 },
    ];
    for (const [at, wish] of wishes.entries()) {
      const publisher = await LosslessPublisher.open(server, `films/${at}`, wish);
      await publisher.framesUpTo(40);
      const recorded = await publisher.finish();
      await publisher.ws.close(1000);
      await assertWhole(dir, recorded, 40, wish.fps);
      assert.ok(recorded.url.endsWith(`.${wish.container ?? "mp4"}`), recorded.url);
      const progress = publisher.said.filter(({ type }) => type === "progress");
      assert.equal(progress.at(-1).encoded, 40, "progress is told to the end");
    }
    const all = await listed(server);
    assert.equal(all.length, wishes.length);
    for (const { state, frames, width, thumbnail, error } of /** @type {any[]} */ (all)) {
      assert.deepEqual({ state, frames, width, error }, doneWith(40));
      assert.equal((await server.fetch(thumbnail)).status, 200);
    }
  });
});
/** @param {number} frames */
const doneWith = (frames) => ({ state: "done", frames, width: 320, error: undefined });

test("a live viewer sees the capture's pictures meanwhile", async () => {
  await withServer(async (server, dir) => {
    const viewer = await BareViewer.open(server, "cap");
    const publisher = await LosslessPublisher.open(server, "cap");
    await publisher.framesUpTo(5);
    await until(() => viewer.messages.length > 0, "a picture");
    assert.equal(viewer.messages[0].length, 320 * 180 * 4);
    await assertWhole(dir, await publisher.finish(), 5);
  });
});

test("a connection cut twice: what was not acknowledged is sent again, and nothing is lost or doubled", async () => {
  await withServer(async (server, dir) => {
    const publisher = await LosslessPublisher.open(server, "cap", { frames: 60 });
    for (const at of [20, 45]) {
      await publisher.framesUpTo(at);
      publisher.cut();
      await publisher.resume();
      assert.equal(publisher.ready.resumed, true);
    }
    await publisher.framesUpTo(60);
    // Once more while the file is being finished.
    await publisher.ws.sendText({ type: "end" });
    publisher.cut();
    await publisher.resume();
    const recorded = publisher.recorded ?? (await publisher.finish());
    await assertWhole(dir, recorded, 60);
  });
});

test("kill -9 of the encoder: another one goes on behind the last frame in the file", async () => {
  await withServer(async (server, dir) => {
    for (const wish of [{}, { container: "webm" }]) {
      const publisher = await LosslessPublisher.open(server, "cap", wish);
      let killed = 0;
      for (const at of [1, 20, 21, 40]) {
        await publisher.framesUpTo(at);
        const [child] = await until(() => {
          const found = captureChildren(server);
          return found.length > 0 ? found : null;
        }, "the child");
        process.kill(child, "SIGKILL");
        killed += 1;
        await until(() => !captureChildren(server).includes(child), "its end");
      }
      await publisher.framesUpTo(60);
      const recorded = await publisher.finish();
      await publisher.ws.close(1000);
      await assertWhole(dir, recorded, 60);
      assert.equal(killed, 4);
    }
    assert.deepEqual(captureChildren(server), []);
  });
});

test("an encoder that stands still stops the publisher by its credit, and loses nothing", async () => {
  await withServer(
    async (server, dir) => {
      const publisher = await LosslessPublisher.open(server, "cap");
      await publisher.framesUpTo(8);
      const [child] = captureChildren(server);
      process.kill(child, "SIGSTOP");
      try {
        // What it wrote before is still told; then a text that comes back is behind all credit.
        for (let quiet = false; !quiet; ) {
          const { credit } = publisher;
          while (publisher.next < publisher.credit) await publisher.frame();
          const texts = publisher.said.length;
          await publisher.ws.sendText({ type: "message", data: 1 });
          await until(() => publisher.said.slice(texts).some(isMessage), "the message");
          quiet = publisher.credit === credit;
        }
        assert.equal(publisher.credit, publisher.next, "no more is granted");
      } finally {
        process.kill(child, "SIGCONT");
      }
      await publisher.framesUpTo(40);
      await assertWhole(dir, await publisher.finish(), 40);
    },
    ["--capture-frames", "6"],
  );
});

/** @param {any} text */
const isMessage = ({ type }) => type === "message";

test("what is refused is refused by name", async () => {
  const refusals = /** @type {[object, string][]} */ ([
    [{ container: "avi" }, "unsupported-format"],
    [{ container: "webm", codec: "h264" }, "unsupported-format"],
    [{ codec: "vp8" }, "unsupported-format"],
    [{ container: "webm", codec: "vp8", quality: "lossless" }, "unsupported-format"],
    [{ quality: "best" }, "unsupported-format"],
    [{ format: "webm" }, "unsupported-format"],
    [{ fps: undefined }, "unsupported-format"],
    [{ width: undefined }, "unsupported-format"],
  ]);
  await withServer(async (server, dir) => {
    for (const [hello, code] of refusals) {
      const publisher = await LosslessPublisher.open(server, "cap", hello);
      assert.equal(publisher.error?.code, code, JSON.stringify(hello));
    }
    const past = await LosslessPublisher.open(server, "past");
    await past.frame();
    const child = await firstChild(server);
    process.kill(child, "SIGSTOP"); // or it might keep up
    try {
      const granted = past.credit;
      past.credit += 1;
      while (past.next <= granted) await past.frame();
      await until(() => past.error, "the refusal");
    } finally {
      process.kill(child, "SIGCONT");
    }
    assert.equal(past.error.code, "past-credit");
    assert.equal((await past.ws.closed()).code, 1008);

    const short = await LosslessPublisher.open(server, "short");
    await short.frame(Buffer.alloc(100));
    await until(() => short.error, "the refusal");
    assert.equal(short.error.code, "malformed-media");
    assert.match(short.error.message, /frame 0 are not one whole picture/);
    await until(async () => (await listed(server)).every(({ state }) => state === "done"), "files");
    assert.equal((await listed(server, "short")).length, 0, "a film without frames is none");
    const [kept] = await listed(server, "past");
    assert.match(String(kept.error), /credit/);
    assert.ok(existsSync(join(dir, kept.id)));
  });
  await Server.with({}, async (server) => {
    const publisher = await LosslessPublisher.open(server, "cap");
    assert.equal(publisher.error?.code, "not-recording");
  });
});

/** @param {Server} server */
const firstChild = (server) => until(() => captureChildren(server)[0], "the child");

test("a frame that is no picture of this size ends the film with a named error, and keeps what it has", async () => {
  await withServer(async (server, dir) => {
    const publisher = await LosslessPublisher.open(server, "cap", { format: "png" });
    for (let n = 0; n < 4; n++) await publisher.frame(greyPng(320, 180, n * 50));
    await publisher.frame(greyPng(160, 90, 255));
    await until(() => publisher.error, "the error");
    assert.equal(publisher.error.code, "bad-frame");
    assert.match(publisher.error.message, /frame 4 .*160x90/);
    assert.equal(publisher.recorded.frames, 4);
    assert.match(publisher.recorded.incomplete, /frame 4/);
    const video = track(await probe(fileOf(dir, publisher.recorded)), "video");
    assert.equal(video?.packets, 4);
  });
});

test("cancel leaves nothing; a publisher that stays away leaves what it sent, marked as incomplete", async () => {
  await withServer(
    async (server, dir) => {
      const cancelled = await LosslessPublisher.open(server, "gone");
      await cancelled.framesUpTo(10);
      await cancelled.ws.sendText({ type: "cancel" });
      assert.equal((await cancelled.ws.closed()).code, 1000);
      await until(async () => (await listed(server, "gone")).length === 0, "no recording");
      await until(() => captureChildren(server).length === 0, "no child");
      assert.deepEqual(
        readdirSync(dir, { recursive: true, withFileTypes: true }).filter((f) => f.isFile()),
        [],
      );

      const lost = await LosslessPublisher.open(server, "lost", { frames: 100 });
      await lost.framesUpTo(12);
      await until(() => lost.kept.size === 0, "acknowledgements");
      lost.cut();
      const [kept] = await until(async () => {
        const all = await listed(server, "lost");
        return all[0]?.state === "done" ? all : null;
      }, "the rest of the film");
      assert.match(String(kept.error), /lost after 12 frames/);
      assert.deepEqual(await numbersIn(join(dir, kept.id)), upTo(12));

      const early = await LosslessPublisher.open(server, "early", { frames: 100 });
      await early.framesUpTo(3);
      assert.match((await early.finish()).incomplete, /3 frames of 100/);
    },
    ["--linger", "500ms"],
  );
});

test("no more captures than --max-transcodes are encoded at a time", async () => {
  await withServer(
    async (server, dir) => {
      const first = await LosslessPublisher.open(server, "first");
      await first.framesUpTo(5);
      const second = await LosslessPublisher.open(server, "second");
      const error = await until(() => second.error, "the refusal");
      assert.equal(error.code, "overloaded");
      assert.equal((await second.ws.closed()).code, 1013);
      await assertWhole(dir, await first.finish(), 5);
      await first.ws.close(1000);
      const third = await LosslessPublisher.open(server, "third");
      await third.framesUpTo(5);
      await assertWhole(dir, await third.finish(), 5);
      await third.ws.close(1000);
    },
    ["--loops", "1", "--max-transcodes", "1"],
  );
});
