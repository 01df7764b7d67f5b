/**
 * An hour, pushed faster than real time over HTTP, while `framewire bench` watches a stream beside it: once not
 * recorded and once recorded, in turns. What finalising takes in memory, and what it does to the delay beside it.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "../lib/decode.mjs";
import { mediaPath } from "../lib/media.mjs";
import { median } from "../lib/proc.mjs";
import { finished, probe, track, withFolder } from "../lib/recordings.mjs";
import { binary, Server } from "../lib/server.mjs";
import { sleep } from "../lib/wait.mjs";

const HOUR_S = 3600;
const BYTES_PER_SECOND = 12e6;
const BENCH_S = 20;
const ROUNDS = 3;

/** The most memory that any finaliser of the server took, in bytes; looks until told to stop. @param {number} server */
function watchFinalisers(server) {
  let peak = 0;
  let over = false;
  const look = async () => {
    while (!over) {
      for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
        try {
          const status = readFileSync(`/proc/${pid}/status`, "latin1");
          if (Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]) !== server) continue;
          peak = Math.max(peak, Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024);
        } catch {
          // it has ended
        }
      }
      await sleep(20);
    }
  };
  const looking = look();
  return async () => {
    over = true;
    await looking;
    return peak;
  };
}

/** @param {Server} server @param {string} file */
function push(server, file) {
  const args = ["-s", "-S", "--limit-rate", String(BYTES_PER_SECOND), "-T", file];
  return run("curl", [...args, `${server.origin}/publish/hour`], null, 300_000);
}

/** @param {Server} server @returns {Promise<any>} the bench's JSON */
async function bench(server) {
  const args = [
    "bench",
    "--url",
    server.wsOrigin,
    "--streams",
    "1",
    "--viewers",
    "20",
    "--rate",
    "30",
  ];
  const child = spawn(binary(), [...args, "--seconds", String(BENCH_S), "--json", "-"]);
  let text = "";
  child.stdout.on("data", (chunk) => (text += chunk));
  await new Promise((resolve) => child.on("close", resolve));
  return JSON.parse(text);
}

/** An hour of a fixture, over and over. @param {string} fixture @param {string} file */
async function hourOf(fixture, file) {
  const form = file.endsWith(".mp4")
    ? ["-f", "mp4", "-movflags", "frag_keyframe+empty_moov+default_base_moof"]
    : ["-f", "webm", "-live", "1"];
  const args = [
    "-v",
    "error",
    "-stream_loop",
    "-1",
    "-i",
    mediaPath(fixture),
    "-t",
    String(HOUR_S),
  ];
  const { code, stderr } = await run(
    "ffmpeg",
    [...args, "-c", "copy", ...form, file],
    null,
    300_000,
  );
  assert.equal(code, 0, stderr);
}

for (const [fixture, extension] of [
  ["chromium-vp8-opus-camera.webm", "webm"],
  ["chromium-avc1-opus-camera-kf1000.mp4", "mp4"],
]) {
  test(`an hour of ${extension}`, { timeout: 1_800_000 }, async () => {
    await withFolder(async (dir) => {
      const file = join(dir, `hour.${extension}`);
      await hourOf(fixture, file);
      const published = await probe(file);
      /** @type {Record<string, number[]>} */ const p99 = { without: [], with: [] };
      let peak = 0;
      let film;
      let packets = 0;
      for (let round = 0; round < ROUNDS; ++round) {
        for (const kind of round % 2 ? ["with", "without"] : ["without", "with"]) {
          await withFolder(async (kept) => {
            const server =
              kind === "with"
                ? await Server.start({ flags: ["--record", "hour", "--record-dir", kept] })
                : await Server.start({});
            const stop = watchFinalisers(server.pid);
            try {
              const [facts, pushed] = await Promise.all([bench(server), push(server, file)]);
              assert.equal(pushed.code, 0, pushed.stderr);
              assert.equal(facts.messages.lost, 0);
              p99[kind].push(facts.delay.p99_ms);
              if (kind === "without") return;
              [film] = await finished(server, "hour", 1, 120_000);
              assert.equal(film.state, "done", film.error);
              if (round === 0) {
                const recorded = await probe(join(kept, film.id));
                packets = track(recorded, "video")?.packets ?? 0;
                assert.equal(packets, track(published, "video")?.packets);
                assert.ok(Math.abs(recorded.duration - HOUR_S) < 2, `${recorded.duration} s`);
              }
            } finally {
              peak = Math.max(peak, await stop());
              await server.stop();
            }
          });
        }
      }
      const mb = (/** @type {number} */ bytes) => (bytes / 1e6).toFixed(0);
      const list = (/** @type {number[]} */ values) => values.map((v) => v.toFixed(1)).join(" ");
      console.log(
        `figure: ${extension}, ${mb(statSync(file).size)} MB, ${packets} frames: finaliser ${mb(peak)} MB at most; p99 beside it ${median(p99.with).toFixed(1)} ms recorded (${list(p99.with)}), ${median(p99.without).toFixed(1)} ms not (${list(p99.without)})`,
      );
      assert.ok(peak > 0 && peak < 100e6, `${peak} bytes`);
      // The same load, but for the recording: noise of a shared machine is of this size.
      assert.ok(median(p99.with) < median(p99.without) * 1.5 + 5, JSON.stringify(p99));
    });
  });
}
