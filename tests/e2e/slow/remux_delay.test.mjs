/**
 * How long a packet takes from the publisher, through the server and the remux, to a viewer of the MP4: beside
 * 50 viewers of the origin, which are a process of their own. The way there and back is in it, so what the
 * remux adds is less.
 */
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { run } from "../lib/decode.mjs";
import { BarePublisher } from "../lib/publisher.mjs";
import { Server } from "../lib/server.mjs";
import { V1Viewer } from "../lib/viewer.mjs";
import { sleep } from "../lib/wait.mjs";
import { layoutOf, VIDEO } from "../lib/webm.mjs";

const SECONDS = 60;
const CROWD = 50;
const FPS = 30;

/** VP9 and Opus, a message for each block. @returns {Promise<{data: Buffer, atMs: number, picture: boolean}[]>} */
async function makeFilm() {
  const video = ["-f", "lavfi", "-i", `testsrc2=size=640x360:rate=${FPS}`];
  const sound = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"];
  const vp9 = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "1M"];
  const live = ["-g", "60", "-f", "webm", "-live", "1", "-cluster_time_limit", "2000"];
  const { out, stderr } = await run("ffmpeg", [
    ...["-v", "error", ...video, ...sound, "-t", `${SECONDS}`, ...vp9, "-c:a", "libopus"],
    ...[...live, "-"],
  ]);
  assert.equal(stderr, "");
  let from = 0;
  return layoutOf(out).blocks.map(({ start, size, timeMs, type }) => {
    const data = out.subarray(from, start + size);
    from = start + size;
    return { data, atMs: timeMs, picture: type === VIDEO };
  });
}

/** When each time of the film came. @param {V1Viewer} viewer */
function arrivals(viewer) {
  /** @type {Map<number, number>} */ const at = new Map();
  viewer.ws.on("message", (message) => {
    if (!message.binary) return;
    const { kind, ptsUs } = viewer.parts[viewer.parts.length - 1];
    const ms = Math.round(Number(ptsUs) / 1000);
    if (kind === 2 && !at.has(ms)) at.set(ms, performance.now());
  });
  return at;
}

/** @param {Server} server @param {string} stream */
async function openCrowd(server, stream) {
  const wish = { port: server.port, path: `/live/${stream}`, protocol: "", count: CROWD };
  const file = fileURLToPath(new URL("../../bench/receivers.mjs", import.meta.url));
  const crowd = fork(file, [JSON.stringify(wish)]);
  await once(crowd, "message");
  return crowd;
}

test("a remux adds little delay", { timeout: 200_000 }, () =>
  Server.with({}, async (server) => {
    const film = await makeFilm();
    const crowd = await openCrowd(server, "cam");
    const [origin, mp4] = [
      await V1Viewer.open(server, "cam"),
      await V1Viewer.open(server, "cam.mp4"),
    ];
    const [published, remuxed] = [arrivals(origin), arrivals(mp4)];
    /** @type {Map<number, number>} */ const sent = new Map();
    const publisher = await BarePublisher.open(server, "cam");
    const start = performance.now();
    for (const { data, atMs, picture } of film) {
      const wait = start + atMs - performance.now();
      if (wait > 0) await sleep(wait);
      if (picture) sent.set(atMs, performance.now());
      await publisher.send(data);
    }
    await publisher.end();
    await Promise.all([origin.untilSaid("end"), mp4.untilSaid("end")]);
    crowd.kill();

    const begun = Math.min(...remuxed.values()); // the worker has started, and has caught up
    const delays = (/** @type {Map<number, number>} */ arrived) =>
      [...arrived]
        .map(([ms, at]) => ({ from: sent.get(ms) ?? 0, at }))
        .filter(({ from }) => from > begun)
        .map(({ from, at }) => at - from)
        .sort((a, b) => a - b);
    const of = (/** @type {number[]} */ list, /** @type {number} */ share) =>
      list[Math.floor((list.length - 1) * share)];
    const told = (/** @type {number[]} */ list) =>
      `p50 ${of(list, 0.5).toFixed(2)} ms, p99 ${of(list, 0.99).toFixed(2)} ms, most ${of(list, 1).toFixed(2)} ms`;
    const [plain, all] = [delays(published), delays(remuxed)];
    assert.ok(all.length > (SECONDS * FPS) / 2, `${all.length} pictures`);
    console.log(
      `figure: ${all.length} pictures beside ${CROWD} viewers, from the publisher to a viewer: as MP4 ${told(all)}; as published ${told(plain)}`,
    );
    assert.ok(of(all, 0.99) < 5, `p99 ${of(all, 0.99)} ms`);
  }),
);
