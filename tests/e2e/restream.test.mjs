/** Streams passed on to RTMP and SRT servers that the operator names: what arrives, retries, secrets. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { decodeErrors } from "./lib/decode.mjs";
import { packetsOf } from "./lib/derived.mjs";
import { Server } from "./lib/server.mjs";
import { film, folder, freePort, picturesOf, publishFilm, Target, Way } from "./lib/targets.mjs";
import { HttpViewer } from "./lib/viewer.mjs";
import { until } from "./lib/wait.mjs";

const KEY = "s3cret-k3y";
const SECONDS = 5;
const dir = folder();
/** @param {string} name */
const at = (name) => join(dir, name);

/** @type {string} */ let h264;
/** @type {string} */ let vp8;
before(async () => {
  h264 = await film("flv", SECONDS, at("film.flv"));
  vp8 = await film("webm", SECONDS, at("film.webm"));
});

/** @param {Server} server @param {string} stream @returns {Promise<any[]>} */
const restreams = async (server, stream) => (await server.describe(stream))?.restreams ?? [];

/** @param {Server} server @param {string} stream @param {(state: any) => boolean} is @param {string} what */
const untilState = (server, stream, is, what) =>
  until(async () => (await restreams(server, stream)).find(is), what, { ms: 40_000, every: 50 });

/** What the target has is the film from one of its keyframes on, to its end, both tracks in step. @param {string} got @param {string} want @param {number} toleranceUs */
async function isTailOf(got, want, toleranceUs) {
  const [had, all] = [await picturesOf(got), await picturesOf(want)];
  const missing = all.length - had.length;
  assert.ok(had.length >= all.length / 2, `${had.length} of ${all.length} pictures`);
  assert.equal(missing % 30, 0, `it begins at picture ${missing}`);
  assert.deepEqual(had, all.slice(missing));
  const [there, here] = await Promise.all([
    packetsOf(readFileSync(got)),
    packetsOf(readFileSync(want)),
  ]);
  assert.deepEqual(Object.keys(there).sort(), ["aac", "h264"]);
  const shift = there.h264.pts[0] - here.h264.pts[missing];
  for (const codec of ["h264", "aac"]) {
    const times = there[codec].pts.map((time) => time - shift);
    const due = here[codec].pts.slice(-times.length);
    const off = Math.max(...times.map((time, i) => Math.abs(time - due[i])));
    assert.ok(off <= toleranceUs, `${codec}: ${times.length} packets, ${off} µs off`);
  }
}

describe("restreams", { concurrency: true }, () => {
  describe("what arrives", { concurrency: true }, () => {
    /** @type {Server} */ let server;
    /** @type {Record<string, Target>} */ const targets = {};
    before(async () => {
      const ports = [];
      for (let i = 0; i < 3; ++i) ports.push(await freePort());
      targets.rtmp = Target.rtmp(ports[0], `live/${KEY}`, at("rtmp.flv"));
      targets.srt = Target.srt(ports[1], at("srt.ts"));
      targets.encoded = Target.rtmp(ports[2], "live/all/encoded", at("encoded.flv"));
      const wishes = [
        `film=rtmp://127.0.0.1:${ports[0]}/live/${KEY}`,
        `film=srt://127.0.0.1:${ports[1]}?streamid=${KEY}`,
        `all/*=rtmp://127.0.0.1:${ports[2]}/live/%path`,
      ];
      server = await Server.start({
        flags: ["--log-level", "debug"],
        env: { FRAMEWIRE_RESTREAM: wishes.join(",") },
      });
    });
    after(() => server.stop());

    test("H.264 and AAC, by RTMP and SRT, picture by picture", async () => {
      const publisher = publishFilm(server, "film", h264);
      for (const scheme of ["rtmp", "srt"])
        await untilState(
          server,
          "film",
          (r) => r.to.startsWith(scheme) && r.state === "connected" && r.error === "",
          `${scheme} to be connected`,
        );
      assert.equal((await server.describe("film")).viewers, 0, "a target is no viewer");
      assert.equal(await server.metric('framewire_viewers{mode="http"}'), 0);
      assert.equal(await publisher.ended, 0, publisher.stderr);
      await Promise.all([targets.rtmp.ended(), targets.srt.ended()]);
      await isTailOf(targets.rtmp.file, h264, 1001);
      await isTailOf(targets.srt.file, h264, 1001);
      await until(async () => !(await restreams(server, "film")).length, "both to be over");
      assert.ok((await server.metric("framewire_restream_bytes_total")) > 50_000);
    });

    test("VP8 and Opus are encoded; a pattern of names puts the name into the address", async () => {
      const publisher = publishFilm(server, "all/encoded", vp8);
      assert.equal(await publisher.ended, 0, publisher.stderr);
      await targets.encoded.ended();
      const got = await packetsOf(targets.encoded.bytes);
      assert.deepEqual(Object.keys(got).sort(), ["aac", "h264"]);
      assert.ok(got.h264.pts.length >= SECONDS * 15, `${got.h264.pts.length} pictures`);
      for (const { pts } of Object.values(got))
        assert.ok(pts.every((time, i) => i === 0 || time > pts[i - 1]));
      assert.equal(await decodeErrors(targets.encoded.bytes), "");
    });
  });

  test("the key stands in no log, metric, API or process list", async () => {
    const port = await freePort();
    const env = {
      FRAMEWIRE_RESTREAM: `film=rtmp://me:${KEY}@127.0.0.1:${port}/${KEY}/${KEY},film=srt://127.0.0.1:${port}?passphrase=${KEY}`,
    };
    await Server.with({ flags: ["--log-level", "trace"], env }, async (server) => {
      const publisher = publishFilm(server, "film", h264, ["-stream_loop", "-1"]);
      await untilState(
        server,
        "film",
        (r) => r.to.startsWith("rtmp") && r.error !== "",
        "a target that is not there",
      );
      const said = [
        await (await server.fetch("/metrics")).text(),
        await (await server.fetch("/api/v1/streams")).text(),
      ];
      const children = readdirSync("/proc").filter((pid) => {
        try {
          return (
            readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1].split(" ")[1] ===
            `${server.pid}`
          );
        } catch {
          return false;
        }
      });
      for (const pid of children)
        for (const file of ["cmdline", "environ"])
          try {
            said.push(readFileSync(`/proc/${pid}/${file}`, "latin1"));
          } catch {} // gone by now
      publisher.child.kill("SIGKILL");
      await publisher.ended;
      assert.match(
        server.output,
        /stream film: restream to rtmp:\/\/127.0.0.1:\d+: connecting: Connection refused/,
      );
      for (const text of [...said, server.output])
        assert.ok(!text.includes(KEY), text.slice(0, 2000));
    });
  });

  test("a target that is down is named and tried again; one that comes back goes on at a keyframe", async () => {
    const port = await freePort();
    const flags = ["--restream", `film=rtmp://127.0.0.1:${port}/live/${KEY}`];
    await Server.with({ flags }, async (server) => {
      const publisher = publishFilm(server, "film", h264, ["-stream_loop", "-1"]);
      const down = await untilState(server, "film", (r) => r.error !== "", "the error to be told");
      assert.deepEqual(down, {
        to: `rtmp://127.0.0.1:${port}`,
        state: "waiting",
        error: "connecting: Connection refused",
      });
      await until(
        async () => (await server.metric("framewire_restream_failures_total")) >= 1,
        "the failure to be counted",
      );

      const first = Target.rtmp(port, `live/${KEY}`, at("first.flv"));
      await untilState(server, "film", (r) => r.state === "connected", "the target to be found");
      await until(() => first.bytes.length > 100_000, "media at the target", { ms: 30_000 });
      await first.kill();
      const gone = await untilState(server, "film", (r) => r.error !== "", "its loss to be told");
      assert.match(gone.error, /^(sending|connecting): /);

      const second = Target.rtmp(port, `live/${KEY}`, at("second.flv"));
      await until(() => second.bytes.length > 100_000, "media at the second", { ms: 40_000 });
      publisher.child.kill("SIGTERM"); // which ends its body, and the stream
      await publisher.ended;
      await second.ended();
      const [all, had] = await Promise.all([picturesOf(h264), picturesOf(second.file)]);
      const from = all.indexOf(had[0]);
      assert.ok(from >= 0 && from % 30 === 0, `it begins at picture ${from}`);
      assert.deepEqual(
        had,
        had.map((_, i) => all[(from + i) % all.length]),
      );
      const sound = (await packetsOf(second.bytes)).aac;
      assert.ok(sound.pts.length > 20);
    });
  });

  test("a publisher that comes back goes on in the same connection", async () => {
    const port = await freePort();
    const flags = ["--restream", `film=rtmp://127.0.0.1:${port}/live/x`];
    await Server.with({ flags }, async (server) => {
      const target = Target.rtmp(port, "live/x", at("twice.flv"));
      const first = publishFilm(server, "film", h264);
      await until(() => target.bytes.length > 100_000, "media at the target", { ms: 30_000 });
      first.child.kill("SIGKILL"); // it is waited for
      await first.ended;
      await until(() => server.output.includes("publisher-lost"), "the loss to be noticed");
      const second = publishFilm(server, "film", h264);
      assert.equal(await second.ended, 0, second.stderr);
      await target.ended();
      assert.equal(server.output.split("restream to").length - 1, 2, server.output);
      const had = await picturesOf(target.file);
      const all = await picturesOf(h264);
      assert.deepEqual(had.slice(-all.length), all);
      assert.ok(had.length > all.length + 10, `${had.length} pictures`);
      const { h264: video } = await packetsOf(target.bytes);
      assert.ok(video.pts.every((time, i) => i === 0 || time > video.pts[i - 1]));
    });
  });

  test("a target that takes nothing for a while skips groups, and the origin loses no byte", async () => {
    const noise = "-vf noise=alls=60:allf=t -qp 16"; // some 3 MB a second, more than sockets hold
    const big = await film("flv", 8, at("big.flv"), noise.split(" "));
    const port = await freePort();
    const way = await Way.open(port);
    const flags = ["--restream", `film=rtmp://127.0.0.1:${way.port}/live/x`, "--max-lag", "1s"];
    await Server.with({ flags }, async (server) => {
      const target = Target.rtmp(port, "live/x", at("slow.flv"));
      const origin = new HttpViewer(server, "film?wait=15");
      const publisher = publishFilm(server, "film", big);
      await until(() => way.passed > 500_000, "media on its way", { ms: 30_000 });
      way.hold();
      const behind = async () =>
        (await server.metric("framewire_received_bytes_total")) -
        (await server.metric("framewire_restream_bytes_total"));
      await until(async () => (await behind()) > 4e6, "it to fall behind", { ms: 30_000 });
      way.go();
      assert.equal(await publisher.ended, 0, publisher.stderr);
      await origin.ended();
      await target.ended();
      way.close();
      assert.ok((await server.metric('framewire_skips_total{reason="lag"}')) > 0);
      assert.deepEqual(
        (await packetsOf(origin.bytes)).h264.pts,
        (await packetsOf(readFileSync(big))).h264.pts,
      );
      const [had, all] = await Promise.all([picturesOf(target.file), picturesOf(big)]);
      assert.ok(had.length < all.length, `${had.length} of ${all.length} pictures`);
      assert.equal(had.at(-1), all.at(-1));
      const hole = had.findIndex(
        (hash, i) => i > 0 && all.indexOf(hash) !== all.indexOf(had[i - 1]) + 1,
      );
      assert.equal(all.indexOf(had[hole]) % 30, 0, "it goes on at a keyframe");
    });
  });

  test("where streams go is told to who may publish, and to nobody else", async () => {
    const port = await freePort();
    const flags = ["--restream", `film=srt://127.0.0.1:${port}`, "--publish-key", "pub"];
    await Server.with({ flags }, async (server) => {
      const publisher = publishFilm(server, "film?token=pub", h264);
      const told = async (/** @type {string} */ query) =>
        (await (await server.fetch(`/api/v1/streams/film${query}`)).json()).restreams?.[0];
      const state = await until(() => told("?token=pub"), "the restream to be told");
      assert.equal(state.to, `srt://127.0.0.1:${port}`);
      assert.equal(await told(""), undefined);
      publisher.child.kill("SIGKILL");
      await publisher.ended;
    });
  });
});
