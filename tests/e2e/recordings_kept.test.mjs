// What of the recordings is kept, who may have it, and what a disk or a folder that fails does to them.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fullDisk, mayMount } from "./lib/full_disk.mjs";
import { container, mediaPath, wholeFile } from "./lib/media.mjs";
import { V1Publisher } from "./lib/publisher.mjs";
import { finished, listed, probe, publishWhole, track, withFolder } from "./lib/recordings.mjs";
import { Server } from "./lib/server.mjs";
import { BareViewer } from "./lib/viewer.mjs";
import { until } from "./lib/wait.mjs";

test("what nothing can read is kept as .broken, and said to be", async () => {
  await withFolder(async (dir) => {
    writeFileSync(join(dir, "noise.webm.part"), Buffer.alloc(5000, 7));
    writeFileSync(
      join(dir, "head.mp4.part"),
      readFileSync(mediaPath("chromium-vp8-opus-camera.webm")).subarray(0, 100),
    );
    await Server.with({ flags: ["--record-dir", dir] }, async (server) => {
      const films = await finished(server, undefined, 2);
      for (const film of films) {
        assert.equal(film.state, "broken");
        assert.match(film.error ?? "", /unreadable/);
        assert.equal(film.url, null);
      }
      assert.deepEqual(
        readdirSync(dir)
          .filter((f) => !f.startsWith("."))
          .sort(),
        ["head.mp4.broken", "noise.webm.broken"],
      );
      const metric = 'framewire_recording_errors_total{reason="unreadable"}';
      await until(async () => (await server.metric(metric)) === 2, "both to be counted");
    });
  });
});

test("recorded when asked: by the hello, by the API, from the newest keyframe on; deleted by the API", async () => {
  await withFolder(async (dir) => {
    await Server.with({ flags: ["--record-dir", dir] }, async (server) => {
      const asking = await V1Publisher.open(server, "asked/hello", { record: true });
      assert.equal((await asking.untilSaid("recording")).state, "recording");
      await asking.sendAll(container("chromium-vp8-opus-camera.webm").chunks);
      await asking.end();
      const [first] = await finished(server, "asked/hello");

      const quiet = await V1Publisher.open(server, "asked/api", {});
      const source = container("chromium-avc1-opus-camera-kf1000.mp4");
      await quiet.sendAll(source.chunks.slice(0, 4));
      const say = (/** @type {any} */ body) =>
        server.fetch("/api/v1/streams/asked/api/record", {
          method: "POST",
          body: JSON.stringify(body),
        });
      assert.deepEqual(await listed(server, "asked/api"), []);
      assert.equal((await say({ record: true })).status, 200);
      await quiet.sendAll(source.chunks.slice(4, 7));
      await until(
        async () => ((await listed(server, "asked/api"))[0]?.bytes ?? 0) > 10_000,
        "bytes to be recorded",
      );
      const busy = (await listed(server, "asked/api"))[0];
      assert.equal(busy.state, "recording");
      assert.equal(
        (await server.fetch(`/api/v1/recordings/${busy.id}`, { method: "DELETE" })).status,
        409,
      );
      assert.equal((await say({ record: false })).status, 200);
      const [film] = await finished(server, "asked/api");
      const told = await quiet.untilSaid("recorded");
      assert.equal(told.url, film.url);
      assert.equal(told.duration_ms, film.duration_ms);
      assert.deepEqual(
        quiet.said.filter((m) => m.type === "recording").map((m) => m.state),
        ["recording", "stopped"],
      );
      const video = track(await probe(join(dir, film.id)), "video");
      assert.ok(video && video.packets > 60 && video.packets < 130, `${video?.packets} frames`);
      await quiet.end();

      assert.equal((await say({ record: "yes" })).status, 400);
      assert.equal((await say({ record: true })).status, 404);
      assert.equal(
        (await server.fetch(`/api/v1/recordings/${first.id}`, { method: "DELETE" })).status,
        204,
      );
      assert.equal((await server.fetch(first.url ?? "")).status, 404);
      assert.equal(
        (await server.fetch(`/api/v1/recordings/${first.id}`, { method: "DELETE" })).status,
        404,
      );
      assert.deepEqual(
        (await listed(server)).map((r) => r.id),
        [film.id],
      );
    });
  });
});

test("a server without --record-dir says so", async () => {
  await Server.with({}, async (server) => {
    assert.deepEqual(await listed(server), []);
    const publisher = await V1Publisher.open(server, "none/cam", { record: true });
    const said = await publisher.untilSaid("recording");
    assert.equal(said.state, "failed");
    assert.equal(said.code, "not-recording");
    await publisher.sendAll(container("chromium-vp8-opus-camera.webm").chunks.slice(0, 5));
    const answer = await server.fetch("/api/v1/streams/none/cam/record", {
      method: "POST",
      body: '{"record":true}',
    });
    assert.equal(answer.status, 409);
    await publisher.end();
  });
});

test("recordings are opened by the watch key, changed by the publish key", async () => {
  await withFolder(async (dir) => {
    const flags = [
      "--record",
      "all",
      "--record-dir",
      dir,
      "--publish-key",
      "push",
      "--watch-key",
      "look",
    ];
    await Server.with({ flags }, async (server) => {
      const body = readFileSync(mediaPath("chromium-vp8-opus-camera.webm"));
      await server.fetch("/publish/keys?token=push", { method: "POST", body });
      const list = "/api/v1/recordings";
      assert.equal((await server.fetch(list)).status, 401);
      const film = await until(async () => {
        const { recordings } = await (await server.fetch(`${list}?token=look`)).json();
        return recordings[0]?.state === "done" && recordings[0];
      }, "the recording");
      assert.equal((await server.fetch(film.url)).status, 401);
      assert.equal((await server.fetch(`${film.url}?token=look`)).status, 200);
      const remove = (/** @type {string} */ key) =>
        server.fetch(`${list}/${film.id}?token=${key}`, { method: "DELETE" });
      assert.equal((await remove("look")).status, 401);
      assert.equal((await remove("push")).status, 204);
    });
  });
});

test("old recordings go, by age and by size", async () => {
  await withFolder(async (dir) => {
    await Server.with(
      { flags: ["--record", "all", "--record-dir", dir, "--record-max-size", "1200KiB"] },
      async (server) => {
        for (let i = 0; i < 4; ++i) {
          await publishWhole(server, `old/${i}`, "chromium-vp8-pcm-camera.webm");
          await until(
            async () => (await server.metric("framewire_recordings_finalised_total")) > i,
            "the next recording",
          );
        }
        const kept = await finished(server, undefined, 2);
        assert.deepEqual(
          kept.map((r) => r.stream),
          ["old/3", "old/2"],
        );
        const metric = 'framewire_recordings_deleted_total{reason="size"}';
        await until(async () => (await server.metric(metric)) === 2, "both to be counted");
      },
    );
    await Server.with({ flags: ["--record-dir", dir, "--record-keep", "1s"] }, async (server) => {
      await until(async () => (await listed(server)).length === 0, "the old ones to go", {
        ms: 20_000,
        every: 200,
      });
    });
  });
});

test("a full disk ends the recording, not the stream; the next one is recorded again", {
  skip: mayMount() ? false : "needs root, to mount a tmpfs",
}, async () => {
  const facts = await fullDisk();
  assert.equal(facts.code, "disk-full");
  assert.match(facts.message, /No space left on device/);
  assert.ok(facts.errors >= 1); // finalising what was cut off may find no room either
  assert.ok(facts.same, `the viewer got ${facts.got} of ${facts.published} bytes`);
  assert.ok(facts.besideSame, `the one beside got ${facts.besideGot} of ${facts.besidePublished}`);
  assert.equal(facts.nextPackets, facts.nextPublished);
});

test("a folder that may not be written to is named, and harms no stream", async () => {
  await withFolder(async (dir) => {
    const place = join(dir, "x");
    await Server.with({ flags: ["--record", "all", "--record-dir", place] }, async (server) => {
      rmSync(place, { recursive: true }); // once it runs
      writeFileSync(place, "");
      const viewer = await BareViewer.open(server, "unwritable/cam");
      const publisher = await V1Publisher.open(server, "unwritable/cam", {});
      const source = container("chromium-vp8-opus-camera.webm");
      await publisher.sendAll(source.chunks);
      const said = await until(
        () => publisher.said.find((m) => m.type === "recording" && m.state === "failed"),
        "the publisher to be told",
      );
      assert.equal(said.code, "disk-unwritable");
      await publisher.end();
      await viewer.ended();
      assert.ok(viewer.bytes.equals(wholeFile(source)));
    });
  });
});
