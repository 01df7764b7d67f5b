/** curl and ffmpeg publish, ffmpeg and ffprobe watch: plain HTTP both ways, with no SDK in sight. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { countFrames, decodeErrors, run } from "./lib/decode.mjs";
import { container, mediaPath, sha256, wholeFile } from "./lib/media.mjs";
import { BarePublisher, HttpPublisher, sendInTime } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";
import { BareViewer, HttpViewer, V1Viewer } from "./lib/viewer.mjs";
import { until } from "./lib/wait.mjs";
import { clustersWithoutKeyframe, layoutOf, videoBlocks } from "./lib/webm.mjs";

/** @type {Server} */ let server;
before(async () => (server = await Server.start()));
after(() => server.stop());

const file = "chromium-vp8-opus-camera.webm";

/** ffmpeg's own live source. @param {number} seconds @param {string} url @param {string[]} [output] */
const ffmpegLive = (
  seconds,
  url,
  output = [
    "-c:v",
    "libvpx",
    "-deadline",
    "realtime",
    "-cpu-used",
    "8",
    "-b:v",
    "500k",
    "-g",
    "15",
    "-c:a",
    "libopus",
    "-f",
    "webm",
  ],
) => [
  "-v",
  "error",
  "-re",
  "-f",
  "lavfi",
  "-i",
  "testsrc=size=320x180:rate=15",
  "-f",
  "lavfi",
  "-i",
  "sine=frequency=440",
  "-t",
  String(seconds),
  ...output,
  url,
];

describe("curl", () => {
  for (const how of [
    ["-T", mediaPath(file)],
    ["-X", "POST", "--data-binary", `@${mediaPath(file)}`],
  ]) {
    test(`curl ${how[0]} publishes, a WebSocket and curl watch`, async () => {
      const name = `curl/${how[0].slice(1)}`;
      const bare = await BareViewer.open(server, name);
      const watchers = () => server.metric('framewire_viewers{mode="http"}');
      await until(async () => (await watchers()) === 0, "those before to be gone");
      const watching = run("sh", [
        "-c",
        `curl -sS '${server.origin}/live/${name}?wait=30' | sha256sum`,
      ]);
      await until(async () => (await watchers()) === 1, "curl to wait");
      const { code, stderr } = await run("curl", [
        "-sS",
        "--fail",
        ...how,
        `${server.origin}/publish/${name}`,
      ]);
      assert.equal(code, 0, stderr);
      await bare.ended();
      assert.equal(sha256(bare.bytes), sha256(wholeFile(container(file))));
      assert.equal((await watching).stdout.split(" ")[0], sha256(wholeFile(container(file))));
    });
  }
  test("curl -T - streams from a pipe", async () => {
    const bare = await BareViewer.open(server, "curl/pipe");
    const { code, stderr } = await run("sh", [
      "-c",
      `cat ${mediaPath(file)} | curl -sS --fail -T - ${server.origin}/publish/curl/pipe`,
    ]);
    assert.equal(code, 0, stderr);
    await bare.ended();
    assert.equal(sha256(bare.bytes), sha256(wholeFile(container(file))));
  });
});

describe("ffmpeg", () => {
  test("publishes WebM live; ffmpeg, ffprobe and a WebSocket watch", {
    timeout: 60_000,
  }, async () => {
    const viewer = await BareViewer.open(server, "ff/webm");
    const publishing = run("ffmpeg", ffmpegLive(6, `${server.origin}/publish/ff/webm`));
    await viewer.untilBytes(1);
    const late = new HttpViewer(server, "ff/webm.webm?wait=10");
    const probe = await run("ffprobe", [
      "-v",
      "error",
      "-show_entries",
      "stream=codec_name",
      "-of",
      "csv=p=0",
      `${server.origin}/live/ff/webm?wait=10`,
    ]);
    assert.deepEqual(probe.stdout.trim().split("\n").sort(), ["opus", "vp8"]);
    const watch = run("ffmpeg", [
      "-v",
      "error",
      "-i",
      `${server.origin}/live/ff/webm?wait=10`,
      "-f",
      "null",
      "-",
    ]);
    assert.deepEqual(await publishing.then((p) => [p.code, p.stderr]), [0, ""]);
    assert.deepEqual(await watch.then((w) => [w.code, w.stderr]), [0, ""]);
    await viewer.ended();
    await late.ended();
    assert.equal(await countFrames(viewer.bytes), 90);
    assert.equal(await decodeErrors(late.bytes), "");
    assert.deepEqual(clustersWithoutKeyframe(layoutOf(late.bytes)), []);
  });

  /** @type {[string, string[], string[]][]} */
  const others = [
    [
      "fragmented MP4",
      [
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-tune",
        "zerolatency",
        "-g",
        "15",
        "-pix_fmt",
        "yuv420p",
        "-c:a",
        "aac",
        "-movflags",
        "frag_keyframe+empty_moov+default_base_moof",
        "-f",
        "mp4",
      ],
      ["aac", "h264"],
    ],
    [
      "MPEG-TS",
      [
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-tune",
        "zerolatency",
        "-g",
        "15",
        "-pix_fmt",
        "yuv420p",
        "-c:a",
        "aac",
        "-f",
        "mpegts",
      ],
      ["aac", "h264"],
    ],
    [
      "FLV",
      [
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-tune",
        "zerolatency",
        "-g",
        "15",
        "-pix_fmt",
        "yuv420p",
        "-c:a",
        "aac",
        "-f",
        "flv",
      ],
      ["aac", "h264"],
    ],
  ];
  for (const [name, output, codecs] of others) {
    test(`publishes ${name}; a late ffmpeg decodes it`, { timeout: 60_000 }, async () => {
      const stream = `ff/${output.at(-1)}`;
      const first = await BareViewer.open(server, stream);
      const publishing = run("ffmpeg", ffmpegLive(5, `${server.origin}/publish/${stream}`, output));
      await first.untilBytes(60_000, 30_000);
      const late = new HttpViewer(server, `${stream}?wait=10`);
      assert.deepEqual(await publishing.then((p) => [p.code, p.stderr]), [0, ""]);
      await first.ended();
      await late.ended();
      assert.equal(await countFrames(first.bytes), 75);
      assert.equal(await decodeErrors(late.bytes), "");
      const probe = await run(
        "ffprobe",
        ["-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", "-"],
        late.bytes,
      );
      // A transport stream lists its streams twice: by programme and by themselves.
      const found = new Set(probe.stdout.split("\n").filter(Boolean));
      assert.deepEqual([...found].sort(), codecs);
    });
  }
  test("is told when the name is taken", { timeout: 30_000 }, async () => {
    const first = await BarePublisher.open(server, "ff/taken");
    await first.send(container(file).chunks[0]);
    const second = await run("ffmpeg", ffmpegLive(3, `${server.origin}/publish/ff/taken`));
    assert.notEqual(second.code, 0);
    await first.end();
  });
});

describe("the progressive body", () => {
  test("of a stream that is not there: 404, or waits", async () => {
    assert.equal((await server.fetch("/live/nobody/here")).status, 404);
    const waiting = new HttpViewer(server, "http/waits?wait=30");
    await until(
      async () => (await server.metric('framewire_viewers{mode="http"}')) >= 1,
      "it to wait",
    );
    const publisher = await BarePublisher.open(server, "http/waits");
    await publisher.sendAll(container(file).chunks);
    await publisher.end();
    await waiting.ended();
    assert.equal(sha256(waiting.bytes), sha256(wholeFile(container(file))));
    assert.match(String(waiting.headers["content-type"]), /^video\/webm/);
  });
  test("?wait=1 that waits in vain is 404", async () => {
    const answer = await server.fetch("/live/nobody/comes?wait=1");
    assert.equal(answer.status, 404);
  });
  test("comes as it is published, not at the end", async () => {
    const viewer = new HttpViewer(server, "http/live?wait=30");
    const publisher = await BarePublisher.open(server, "http/live");
    const { chunks } = container(file);
    await publisher.sendAll(chunks.slice(0, 20));
    const sent = Buffer.concat(chunks.slice(0, 20)).length;
    await until(() => viewer.bytes.length > sent - 8000, "what is published to arrive");
    await publisher.end();
    await viewer.ended();
  });
});

test("a publisher over HTTP that is cut lingers; its viewers wait and get the next epoch", async () => {
  const fixture = container("chromium-vp8-canvas-opaque.webm");
  const viewer = await V1Viewer.open(server, "http/cut");
  const cut = new HttpPublisher(server, "http/cut");
  cut.answer.catch(() => {});
  await cut.sendAll(fixture.chunks.slice(0, 20));
  await viewer.untilSaid("stream");
  cut.cut();
  await viewer.untilSaid("waiting", 2);
  const next = new HttpPublisher(server, "http/cut", { method: "PUT" });
  await next.sendAll(fixture.chunks);
  await next.end();
  await viewer.untilSaid("end");
  const second = Buffer.concat(
    viewer.parts.filter((part) => part.epoch === 2).map((part) => part.payload),
  );
  assert.equal(sha256(second), sha256(wholeFile(fixture)));
});

test("ffplay-like reader joins in mid-stream and sees only whole pictures", {
  timeout: 60_000,
}, async () => {
  const fixture = container("firefox-vp8-opus-camera.webm");
  const publisher = await BarePublisher.open(server, "http/mid");
  const sending = sendInTime((chunk) => publisher.send(chunk), fixture, { speed: 4 });
  const child = spawn("ffmpeg", [
    "-v",
    "error",
    "-i",
    `${server.origin}/live/http/mid?wait=10`,
    "-f",
    "null",
    "-",
  ]);
  let said = "";
  child.stderr.on("data", (chunk) => (said += chunk));
  const done = new Promise((resolve) => child.on("close", resolve));
  await sending;
  await publisher.end();
  assert.equal(await done, 0);
  assert.equal(said, "");
  assert.ok(videoBlocks(layoutOf(wholeFile(fixture))).length > 0);
});
