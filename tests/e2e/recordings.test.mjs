// Recording to disk: what browsers publish becomes files that seek, whatever happens to the server.
import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launchChromium } from "./lib/chromium.mjs";
import { run } from "./lib/decode.mjs";
import { container, mediaPath } from "./lib/media.mjs";
import { BarePublisher, sendInTime } from "./lib/publisher.mjs";
import {
  finished,
  probe,
  publishWhole,
  recorder,
  seekTo90,
  track,
  withFolder,
} from "./lib/recordings.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

/** @type {import('./lib/browsers.mjs').Browser} */ let browser;
/** @type {any} */ let page;
before(async () => {
  browser = await launchChromium();
  page = /** @type {any} */ (await browser.open()).page;
});
after(() => browser.close());

const FIXTURES = [
  ["chromium-vp8-opus-camera.webm", "webm"],
  ["chromium-vp8-canvas-alpha-opus.webm", "webm"],
  ["chromium-av1-opus-camera.webm", "webm"],
  ["chromium-vp8-pcm-camera.webm", "mkv"],
  ["chromium-h264-opus-camera.webm", "mp4"],
  ["chromium-avc1-opus-camera-kf1000.mp4", "mp4"],
  ["chromium-av01-opus-camera.mp4", "mp4"],
  ["chromium-vp9-opus-camera.mp4", "mp4"],
  ["chromium-avc3-canvas-resize.mp4", "mp4"],
  ["firefox-vp8-opus-camera.webm", "webm"],
  ["firefox-vp8-opus-pause.webm", "webm"],
];
// Chromium has no demuxer for Matroska with PCM; this FFmpeg's VP8 has no alpha, which is seen by its packets.
const PLAYED = (/** @type {string} */ format) => format !== "mkv";

test("what browsers record is finalised with every frame, a duration and an index", async () => {
  await withFolder(async (dir) => {
    await Server.with({ flags: ["--record", "all", "--record-dir", dir] }, async (server) => {
      await page.goto(server.origin);
      for (const [fixture, format] of FIXTURES) {
        const stream = `film/${fixture.replaceAll(".", "-")}`;
        await publishWhole(server, stream, fixture);
        const [film] = await finished(server, stream);
        assert.equal(film.state, "done", `${fixture}: ${film.error}`);
        assert.equal(film.format, format, fixture);
        const file = join(dir, film.id);
        assert.ok(!existsSync(`${file}.part`), `${fixture}: the .part is still there`);
        const published = await probe(mediaPath(fixture));
        const recorded = await probe(file);
        for (const type of ["video", "audio"]) {
          const before = track(published, type);
          if (!before) continue;
          const now = track(recorded, type);
          assert.equal(now?.packets, before.packets, `${fixture}: ${type} packets`);
          assert.equal(now?.alpha, before.alpha, `${fixture}: pictures with alpha`);
          const length = Math.max(...before.times) - before.first;
          const kept = Math.max(...now.times) - now.first;
          assert.ok(
            Math.abs(kept - length) < 0.05,
            `${fixture}: ${type} of ${length} s is ${kept} s`,
          );
        }
        const first = Math.min(...recorded.tracks.map((t) => t.first));
        assert.ok(Math.abs(first) < 0.05, `${fixture} begins at ${first} s`);
        assert.ok(Math.abs(recorded.duration * 1000 - (film.duration_ms ?? 0)) < 50, fixture);
        assert.equal(film.bytes, statSync(file).size);
        if (!PLAYED(format)) continue;
        const seen = await seekTo90(page, film.url ?? "");
        assert.equal(seen.error, "", fixture);
        assert.ok(
          Math.abs(seen.duration - recorded.duration) < 0.1,
          `${fixture}: ${seen.duration} s`,
        );
      }
    });
  });
});

test("MP4 has its index in front, WebM its Cues", async () => {
  await withFolder(async (dir) => {
    await Server.with({ flags: ["--record", "all", "--record-dir", dir] }, async (server) => {
      await publishWhole(server, "index/mp4", "chromium-avc1-opus-camera-kf1000.mp4");
      await publishWhole(server, "index/webm", "chromium-vp8-opus-camera.webm");
      const [mp4] = await finished(server, "index/mp4");
      const [webm] = await finished(server, "index/webm");
      const boxes = readFileSync(join(dir, mp4.id)).toString("latin1");
      assert.ok(boxes.indexOf("moov") < boxes.indexOf("mdat"), "moov stands behind mdat");
      const elements = readFileSync(join(dir, webm.id));
      assert.ok(elements.includes(Buffer.from([0x1c, 0x53, 0xbb, 0x6b])), "no Cues");
    });
  });
});

test("formats that are good as appended keep their bytes", async () => {
  await withFolder(async (dir) => {
    await Server.with({ flags: ["--record", "all", "--record-dir", dir] }, async (server) => {
      for (const [name, format] of [
        ["avc1-aac.ts", "ts"],
        ["flac.ogg", "ogg"],
      ]) {
        const bytes = readFileSync(mediaPath(`../made/${name}`));
        await server.fetch(`/publish/kept/${format}`, { method: "POST", body: bytes });
        const [film] = await finished(server, `kept/${format}`);
        assert.equal(film.state, "done", film.error);
        assert.equal(film.format, format);
        const kept = readFileSync(join(dir, film.id));
        assert.ok(kept.equals(bytes.subarray(0, kept.length)), `${name} was changed`);
        assert.ok(
          bytes.length - kept.length < 188 * 8,
          `${name}: ${kept.length} of ${bytes.length}`,
        );
        assert.ok((film.duration_ms ?? 0) > 500, `${name}: ${film.duration_ms} ms`);
      }
      const flv = readFileSync(mediaPath("../made/avc1-aac.flv"));
      await server.fetch("/publish/kept/flv", { method: "POST", body: flv });
      const [film] = await finished(server, "kept/flv");
      const before = await probe(mediaPath("../made/avc1-aac.flv"));
      const after = await probe(join(dir, film.id));
      assert.equal(track(after, "video")?.packets, track(before, "video")?.packets);
      assert.ok(after.duration > 0.5);
    });
  });
});

test("pages, players and scripts get at the files", async () => {
  await withFolder(async (dir) => {
    await Server.with({ flags: ["--record", "all", "--record-dir", dir] }, async (server) => {
      await publishWhole(server, "files/cam", "chromium-vp8-opus-camera.webm");
      const [film] = await finished(server, "files/cam");
      const url = film.url ?? "";
      const whole = readFileSync(join(dir, film.id));

      const all = await server.fetch(url);
      assert.equal(all.status, 200);
      assert.equal(all.headers.get("content-type"), "video/webm");
      assert.equal(all.headers.get("accept-ranges"), "bytes");
      assert.ok(Buffer.from(await all.arrayBuffer()).equals(whole));
      const etag = all.headers.get("etag") ?? "";

      const head = await server.fetch(url, { method: "HEAD" });
      assert.equal(Number(head.headers.get("content-length")), whole.length);

      const part = await server.fetch(url, { headers: { range: "bytes=100-299" } });
      assert.equal(part.status, 206);
      assert.equal(part.headers.get("content-range"), `bytes 100-299/${whole.length}`);
      assert.ok(Buffer.from(await part.arrayBuffer()).equals(whole.subarray(100, 300)));

      const stale = { range: "bytes=0-9", "if-range": '"other"' };
      assert.equal((await server.fetch(url, { headers: stale })).status, 200);
      const beyond = await server.fetch(url, { headers: { range: `bytes=${whole.length}-` } });
      assert.equal(beyond.status, 416);
      assert.equal(beyond.headers.get("content-range"), `bytes */${whole.length}`);
      const same = await server.fetch(url, { headers: { "if-none-match": etag } });
      assert.equal(same.status, 304);

      const download = await server.fetch(`${url}?download`, { method: "HEAD" });
      assert.match(
        download.headers.get("content-disposition") ?? "",
        /^attachment; filename="[\w-]+\.webm"$/,
      );

      const picture = Buffer.from(await (await server.fetch(film.thumbnail ?? "")).arrayBuffer());
      const drawn = await run(
        "ffprobe",
        ["-v", "error", "-show_entries", "stream=codec_name,width,height", "-of", "csv=p=0", "-"],
        picture,
      );
      assert.equal(drawn.stdout.trim(), "mjpeg,320,180");

      for (const gone of [
        "/recordings/no/such.webm",
        "/recordings/..%2f..%2fetc%2fpasswd.webm",
        "/recordings/.framewire/x.webm",
        `${url}.part`,
      ])
        assert.equal((await server.fetch(gone)).status, 404, gone);
    });
  });
});

test("a time range is a file of its own, cut at keyframes", async () => {
  await withFolder(async (dir) => {
    await Server.with({ flags: ["--record", "all", "--record-dir", dir] }, async (server) => {
      for (const fixture of [
        "chromium-avc1-opus-camera-kf1000.mp4",
        "firefox-vp8-opus-camera.webm",
      ]) {
        const stream = `cut/${fixture.slice(0, 6)}`;
        await publishWhole(server, stream, fixture);
        const [film] = await finished(server, stream);
        const { keys } = /** @type {any} */ (track(await probe(join(dir, film.id)), "video"));
        const from = 2.5;
        const to = 4.5;
        const answer = await server.fetch(
          `/api/v1/recordings/${film.id}?from_ms=${from * 1000}&to_ms=${to * 1000}`,
        );
        assert.equal(answer.status, 200);
        const file = join(dir, "range");
        writeFileSync(file, Buffer.from(await answer.arrayBuffer()));
        const video = /** @type {any} */ (track(await probe(file), "video"));
        const begin = Math.max(...keys.filter((/** @type {number} */ k) => k <= from));
        const length = Math.max(...video.times) - video.first;
        assert.ok(
          Math.abs(length - (to - begin)) < 0.15,
          `${fixture}: ${length} s, not ${to - begin}`,
        );
        assert.equal(video.keys[0], video.first, "it does not begin with a keyframe");
      }
      const [film] = await finished(server, "cut/chromi");
      const wrong = await server.fetch(`/api/v1/recordings/${film.id}?from_ms=5&to_ms=4`);
      assert.equal(wrong.status, 400);
    });
  });
});

test("segments join: their frames are those published", async () => {
  await withFolder(async (dir) => {
    const flags = ["--record", "all", "--record-dir", dir, "--record-segment-time", "2s"];
    await Server.with({ flags }, async (server) => {
      for (const fixture of ["chromium-avc1-opus-camera-kf1000.mp4", "chromium-vp9-canvas.webm"]) {
        const stream = `segments/${fixture.slice(9, 12)}`;
        await publishWhole(server, stream, fixture);
        const films = await finished(server, stream, 2);
        const published = await probe(mediaPath(fixture));
        for (const type of ["video", "audio"]) {
          let sum = 0;
          for (const film of films)
            sum += track(await probe(join(dir, film.id)), type)?.packets ?? 0;
          assert.equal(sum, track(published, type)?.packets ?? 0, `${fixture}: ${type}`);
        }
      }
    });
  });
});

test("kill -9 costs at most a second; the next start finalises", async () => {
  await withFolder(async (dir) => {
    for (const fixture of [
      "chromium-vp8-opus-camera.webm",
      "chromium-avc1-opus-camera-kf1000.mp4",
    ]) {
      const stream = `killed/${fixture.slice(9, 12)}`;
      const killed = await recorder(dir);
      const publisher = await BarePublisher.open(killed, stream);
      let sent = 0;
      const source = container(fixture);
      sendInTime((chunk) => publisher.send(chunk).then(() => ++sent), source, { speed: 2 }).catch(
        () => {},
      );
      await until(() => (source.atMs[sent - 1] ?? 0) > 4000, "four seconds to be sent");
      const sentMs = source.atMs[sent - 1];
      killed.child.kill("SIGKILL");
      await killed.ended();
      await Server.with({ flags: ["--record-dir", dir] }, async (server) => {
        const [film] = await finished(server, stream);
        assert.equal(film.state, "done", film.error);
        const { duration } = await probe(join(dir, film.id));
        // A chunk tells of the time before it was made; an MP4's is a whole group.
        assert.ok(duration > sentMs / 1000 - 1.2, `${fixture}: ${duration} s of ${sentMs} ms`);
        await page.goto(server.origin);
        assert.equal((await seekTo90(page, film.url ?? "")).error, "");
      });
    }
  });
});
