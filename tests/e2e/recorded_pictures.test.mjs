// Pictures in formats that are no film of their own are recorded as the film that is made of them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { counterFrame, numbersIn, upTo } from "./lib/counter.mjs";
import { run } from "./lib/decode.mjs";
import { LosslessPublisher } from "./lib/lossless.mjs";
import { mediaPath } from "./lib/media.mjs";
import { V1Publisher } from "./lib/publisher.mjs";
import { finished, listed, probe, recorder, track, withFolder } from "./lib/recordings.mjs";
import { Server } from "./lib/server.mjs";
import { sleep, until } from "./lib/wait.mjs";

const SIZE = { width: 320, height: 180 };
const FPS = 25;
const FRAMES = 40;
const FIRST = 5; // of the frames at the latest is in the film: the making begins with the stream

/** The frame as a picture of the format. @param {number} n @param {string} format */
async function picture(n, format) {
  const rgba = counterFrame(n, SIZE.width, SIZE.height);
  if (format === "rgba") return rgba;
  const raw = ["-f", "rawvideo", "-pix_fmt", "rgba", "-s", `${SIZE.width}x${SIZE.height}`];
  const codec = format === "webp" ? ["libwebp", "-f", "webp"] : ["png", "-f", "image2pipe"];
  const { out } = await run(
    "ffmpeg",
    ["-v", "error", ...raw, "-i", "-", "-c:v", ...codec, "-"],
    rgba,
  );
  return out;
}

/** Sends pictures at their times, until all are sent or the connection ends. @param {V1Publisher} publisher @param {Buffer[]} pictures */
async function play(publisher, pictures) {
  const begun = Date.now();
  for (const [n, bytes] of pictures.entries()) {
    const due = begun + (n * 1000) / FPS;
    if (due > Date.now()) await sleep(due - Date.now());
    await publisher.send(bytes);
  }
}

/** Each its own number, one after another, to this one at least. @param {number[]} numbers @param {number} last */
function assertWhole(numbers, last) {
  assert.ok(numbers[0] >= 0 && numbers[0] <= FIRST, `it begins with frame ${numbers[0]}`);
  assert.deepEqual(
    numbers,
    upTo(numbers.length).map((n) => n + numbers[0]),
  );
  assert.ok(Number(numbers.at(-1)) >= last, `it ends with frame ${numbers.at(-1)}`);
}

test("PNG, WebP and RGBA are films, from the start to the last picture", async () => {
  await withFolder(async (dir) => {
    await Server.with({ flags: ["--record-dir", dir, "--record", "all"] }, async (server) => {
      for (const format of ["rgba", "png", "webp"]) {
        const pictures = await Promise.all(upTo(FRAMES).map((n) => picture(n, format)));
        const hello = { format, fps: FPS, ...SIZE };
        const publisher = await V1Publisher.open(server, `film/${format}`, hello);
        // The encoder starts with the first picture.
        await publisher.send(pictures[0]);
        await until(() => server.output.includes(`film/${format}.h264: derived`), "the encoder");
        await sleep(500);
        await play(publisher, pictures.slice(1));
        await publisher.end();
        const [film] = await finished(server, `film/${format}`);
        assert.equal(film.state, "done", film.error);
        assert.equal(film.format, "mp4");
        const file = join(dir, film.id);
        assertWhole(await numbersIn(file), FRAMES - 1);
        const video = /** @type {any} */ (track(await probe(file), "video"));
        for (const [n, time] of video.times
          .sort((/** @type {number} */ a, /** @type {number} */ b) => a - b)
          .entries())
          assert.ok(Math.abs(time - video.first - n / FPS) < 0.002, `${format} ${n}: ${time} s`);
      }
    });
  });
});

test("kill -9 costs at most a second of it; a server that encodes nothing says so", async () => {
  await withFolder(async (dir) => {
    const killed = await recorder(dir);
    const hello = { format: "rgba", fps: FPS, ...SIZE };
    const pictures = await Promise.all(upTo(200).map((n) => picture(n, "rgba")));
    const publisher = await V1Publisher.open(killed, "killed", hello);
    play(publisher, pictures).catch(() => {});
    await until(() => publisher.sent > 4 * FPS, "four seconds to be sent");
    const { sent } = publisher;
    killed.child.kill("SIGKILL");
    await killed.ended();

    const flags = ["--record-dir", dir, "--no-transcode"];
    await Server.with({ flags }, async (server) => {
      const [film] = await finished(server, "killed");
      assert.equal(film.state, "done", film.error);
      const numbers = await numbersIn(join(dir, film.id));
      assert.ok(Number(numbers.at(-1)) > sent - 1.2 * FPS, `${numbers.at(-1)} of ${sent}`);

      const refused = await V1Publisher.open(server, "refused", { ...hello, record: true });
      await refused.send(pictures[0]);
      const failed = () => refused.said.find((m) => m.type === "recording" && m.state === "failed");
      const { code, message } = await until(failed, "the recording to fail");
      assert.equal(code, "unsupported-format");
      assert.match(message, /not recorded as a film: .*nothing is encoded here/);
      await refused.send(pictures[1]);
      await refused.untilAcked();
      await refused.end();
      assert.deepEqual(await listed(server, "refused"), []);
    });
  });
});

test("asked for in the middle, and no longer; a lossless capture is not recorded twice", async () => {
  await withFolder(async (dir) => {
    await Server.with({ flags: ["--record-dir", dir, "--codec-idle", "1s"] }, async (server) => {
      const record = (/** @type {boolean} */ on) =>
        server.fetch("/api/v1/streams/asked/record", {
          method: "POST",
          body: JSON.stringify({ record: on }),
        });
      const hello = { format: "rgba", fps: FPS, ...SIZE };
      const publisher = await V1Publisher.open(server, "asked", hello);
      const pictures = await Promise.all(upTo(150).map((n) => picture(n, "rgba")));
      const played = play(publisher, pictures);
      await until(() => publisher.sent > 25, "a second");
      assert.equal((await record(true)).status, 200);
      await until(() => publisher.sent > 75, "two more");
      assert.equal((await record(false)).status, 200);
      const [film] = await finished(server, "asked");
      const numbers = await numbersIn(join(dir, film.id));
      assert.ok(numbers[0] >= 24 && numbers[0] < 60, `it begins with ${numbers[0]}`);
      assert.deepEqual(
        numbers,
        upTo(numbers.length).map((n) => n + numbers[0]),
      );
      await played;
      await until(() => /asked.h264: derived no longer/.test(server.output), "the encoder to go");
      await publisher.end();
    });
    await Server.with({ flags: ["--record-dir", dir, "--record", "all"] }, async (server) => {
      const capture = await LosslessPublisher.open(server, "capture");
      await capture.framesUpTo(20);
      assert.equal((await capture.finish()).frames, 20);
      assert.equal((await finished(server, "capture")).length, 1);
    });
  });
});

test("each of two streams of one name is its own film, however soon the second begins", async () => {
  await withFolder(async (dir) => {
    await Server.with({ flags: ["--record-dir", dir] }, async (server) => {
      const pictures = await Promise.all(upTo(60).map((n) => picture(n, "png")));
      const parts = [pictures.slice(0, 25), pictures.slice(25)];
      for (const some of parts) {
        const hello = { format: "png", fps: FPS, ...SIZE, record: true };
        const publisher = await V1Publisher.open(server, "again", hello);
        await play(publisher, some);
        await publisher.end();
      }
      const films = await finished(server, "again", 2);
      const numbers = await Promise.all(films.map((film) => numbersIn(join(dir, film.id))));
      numbers.sort((a, b) => a[0] - b[0]);
      assert.ok(Number(numbers[0].at(-1)) < 25, `the first goes on to ${numbers[0].at(-1)}`);
      assert.ok(numbers[1][0] >= 25, `the second begins with ${numbers[1][0]}`);
      assert.equal(numbers[1].at(-1), 59);
    });
  });
});

test("a recording asked for before a publisher's first group has nothing of the publisher before", async () => {
  await withFolder(async (dir) => {
    await Server.with({ flags: ["--record-dir", dir] }, async (server) => {
      const before = await V1Publisher.open(server, "next", { format: "jpeg" });
      await before.send(readFileSync(mediaPath("../odd/jpeg-padded.jpg")));
      await before.untilAcked();
      before.ws.cut();
      await until(() => /next: publisher-lost, lingers/.test(server.output), "its loss to be seen");
      const webm = readFileSync(mediaPath("chromium-vp8-opus-camera.webm"));
      const cluster = webm.indexOf(Buffer.from([0x1f, 0x43, 0xb6, 0x75]));
      const publisher = await V1Publisher.open(server, "next", {});
      await publisher.send(webm.subarray(0, cluster + 8));
      await publisher.untilAcked();
      const body = JSON.stringify({ record: true });
      const path = "/api/v1/streams/next/record";
      assert.equal((await server.fetch(path, { method: "POST", body })).status, 200);
      await publisher.send(webm.subarray(cluster + 8));
      await publisher.end();
      const recordings = await finished(server, "next");
      assert.deepEqual(
        recordings.map(({ format }) => format),
        ["webm"],
      );
      assert.ok(!publisher.said.some(({ state }) => state === "failed"));
    });
  });
});
