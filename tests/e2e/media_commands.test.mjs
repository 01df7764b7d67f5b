/** framewire publish, watch, record, remux and verify, judged by ffprobe and by the bytes. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { run } from "./lib/decode.mjs";
import { mediaPath as browserMedia } from "./lib/media.mjs";
import { probe, track } from "./lib/recordings.mjs";
import { binary, Server } from "./lib/server.mjs";
import { until, within } from "./lib/wait.mjs";

const CAMERA = "chromium-vp8-opus-camera.webm";

/** @param {string} name */
const mediaPath = (name) =>
  browserMedia(/^(chromium|firefox)-/.test(name) ? name : join("..", "made", name));

/** @type {string} */ let folder;
/** @type {Server} */ let server;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "framewire-media-"));
  server = await Server.start({});
});
after(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** @param {string} name */
const inFolder = (name) => join(folder, name);
/** @param {string} stream */
const url = (stream) => `${server.origin}/live/${stream}`;
/** A publisher that is too quick would be over before the watcher came. */
const watcherWaits = () =>
  until(
    async () => (await server.metric('framewire_viewers{mode="http"}')) >= 1,
    "the watcher to wait",
  );
/** @param {string[]} args @param {Buffer | null} [input] */
const framewire = (args, input = null) => run(binary(), args, input);
/** @param {string} file @param {...string} more */
async function verified(file, ...more) {
  const { stdout, stderr } = await framewire(["verify", file, "--json", ...more]);
  assert.equal(stderr, "");
  return JSON.parse(stdout);
}

describe("publish and watch", () => {
  afterEach(() =>
    until(
      async () => (await server.metric('framewire_viewers{mode="http"}')) === 0,
      "the watcher to be gone",
    ),
  );

  for (const fixture of [CAMERA, "avc1-aac.ts", "avc1-aac.flv", "firefox-opus-audio.ogg"]) {
    test(`${fixture}: what is watched is the file`, async () => {
      const out = inFolder(fixture);
      const watching = framewire([
        "watch",
        url(fixture.replace(".", "-")),
        "--wait",
        "20s",
        "-o",
        out,
      ]);
      await watcherWaits();
      const sent = await framewire([
        "publish",
        "--fast",
        mediaPath(fixture),
        url(fixture.replace(".", "-")),
      ]);
      assert.equal(sent.code, 0, sent.stderr);
      const watched = await watching;
      assert.equal(watched.code, 0, watched.stderr);
      assert.ok(readFileSync(out).equals(readFileSync(mediaPath(fixture))));
    });
  }

  test("stdin to stdout", async () => {
    const watching = spawn(binary(), ["watch", url("pipe"), "--wait", "20s"]);
    /** @type {Buffer[]} */ const got = [];
    watching.stdout.on("data", (bytes) => got.push(bytes));
    const ended = new Promise((resolve) => watching.on("close", resolve));
    await watcherWaits();
    const sent = await framewire(
      ["publish", "--fast", "-", url("pipe")],
      readFileSync(mediaPath(CAMERA)),
    );
    assert.equal(sent.code, 0, sent.stderr);
    assert.equal(await ended, 0);
    assert.ok(Buffer.concat(got).equals(readFileSync(mediaPath(CAMERA))));
  });

  test("an MP4 that is not fragmented is made so on the way, all its packets", async () => {
    const out = inFolder("fragmented.mp4");
    const watching = framewire(["watch", url("plain"), "--wait", "20s", "-o", out]);
    await watcherWaits();
    const sent = await framewire([
      "publish",
      "--fast",
      mediaPath("not-fragmented.mp4"),
      url("plain"),
    ]);
    assert.equal(sent.code, 0, sent.stderr);
    assert.equal((await watching).code, 0);
    const [want, got] = [await probe(mediaPath("not-fragmented.mp4")), await probe(out)];
    for (const kind of ["video", "audio"])
      assert.equal(track(got, kind)?.packets, track(want, kind)?.packets, kind);
  });

  test("it is paced by its times", async () => {
    const began = Date.now();
    const sent = await framewire(["publish", mediaPath("not-fragmented.mp4"), url("paced")]);
    assert.equal(sent.code, 0, sent.stderr);
    const { duration } = await probe(mediaPath("not-fragmented.mp4"));
    assert.ok(Date.now() - began >= (duration - 0.1) * 1000, `${Date.now() - began} ms`);
  });

  test("a server that comes back is found again, and the file goes on", async () => {
    const first = await Server.start({});
    const at = new URL(first.origin).host;
    const out = inFolder("again.webm");
    const sending = framewire(["publish", mediaPath(CAMERA), `http://${at}/publish/again`]);
    await until(() => fetchJson(`http://${at}/api/v1/streams/again`), "the stream");
    await first.stop();
    const second = await Server.start({ listen: at });
    try {
      const watching = framewire(["watch", `http://${at}/live/again`, "--wait", "20s", "-o", out]);
      const sent = await sending;
      assert.equal(sent.code, 0, sent.stderr);
      assert.match(sent.stderr, /trying again/);
      assert.equal((await watching).code, 0);
      const facts = await verified(out);
      assert.deepEqual(facts.faults, []);
      assert.ok(facts.tracks.find((/** @type {any} */ t) => t.kind === "video").frames > 0);
    } finally {
      await second.stop();
    }
  });

  test("what cannot be done is said in one line", async () => {
    writeFileSync(inFolder("text.txt"), "no media at all\n".repeat(100));
    writeFileSync(inFolder("kept.webm"), "mine");
    const nowhere = "http://127.0.0.1:1/publish/x";
    /** @type {[string[], RegExp, number][]} */
    const cases = [
      [["watch", url("nobody")], /there is no stream nobody \(404 not-found\)/, 3],
      [["publish", inFolder("none.webm"), url("x")], /none\.webm: No such file/, 3],
      [["verify", "/nope"], /\/nope: No such file/, 3],
      [["verify", "nope.webm"], /nope\.webm: No such file/, 3],
      [["remux", inFolder("none.webm"), inFolder("a.mkv")], /none\.webm: No such file/, 3],
      [["publish", inFolder("text.txt"), url("x")], /no format that is known here/, 1],
      [["publish", mediaPath(CAMERA), nowhere, "--retry", "1ms"], /connect/, 5],
      [["watch", nowhere.replace("publish", "live")], /connect/, 5],
      [["record", url("x"), "out.avi"], /ends in one of \.webm/, 2],
      [["publish", mediaPath(CAMERA), `${server.origin}/publish/my.show`], /a stream's name/, 2],
      [["record", url("x"), inFolder("kept.webm")], /kept\.webm is there already; --force/, 6],
      [["watch", url("x"), "-o", inFolder("kept.webm")], /kept\.webm is there already; --force/, 6],
      [
        ["remux", mediaPath(CAMERA), inFolder("kept.webm")],
        /kept\.webm is there already; --force/,
        6,
      ],
      [["watch", url("x"), "-o", "/dev/null/x"], /Not a directory/, 6],
    ];
    for (const [args, what, exit] of cases) {
      const { code, stderr, stdout } = await framewire(args);
      assert.equal(code, exit, args.join(" "));
      assert.match(stderr, what);
      assert.equal(
        stderr.trim().split("\n").length,
        1 + (/trying again/.test(stderr) ? 1 : 0),
        stderr,
      );
      assert.equal(stdout, "");
    }
    assert.equal(readFileSync(inFolder("kept.webm"), "utf8"), "mine");
  });

  test("--force writes over what is there", async () => {
    const out = inFolder("over.webm");
    writeFileSync(out, "old");
    const watching = framewire(["watch", url("over"), "--wait", "20s", "-o", out, "--force"]);
    await watcherWaits();
    assert.equal((await framewire(["publish", "--fast", mediaPath(CAMERA), url("over")])).code, 0);
    assert.equal((await watching).code, 0);
    assert.ok(readFileSync(out).equals(readFileSync(mediaPath(CAMERA))));
  });

  test("Ctrl-C ends the stream in good order, with whole parts", async () => {
    const out = inFolder("interrupted.webm");
    const child = spawn(binary(), ["publish", mediaPath(CAMERA), url("interrupted"), "--loop"]);
    const ended = new Promise((resolve) => child.on("close", resolve));
    const watching = framewire(["watch", url("interrupted"), "--wait", "20s", "-o", out]);
    await until(() => existsSync(out) && readFileSync(out).length > 100_000, "bytes");
    child.kill("SIGINT");
    assert.equal(await ended, 0);
    // A stream that lingers for a lost publisher would keep the watcher.
    assert.equal((await watching).code, 0);
    assert.equal(await fetchJson(`${server.origin}/api/v1/streams/interrupted`), null);
    assert.deepEqual((await verified(out)).faults, []);
  });

  test("Ctrl-C ends a stream whose stdin is silent", async () => {
    const fifo = inFolder("silent");
    await run("mkfifo", [fifo]);
    const stdin = openSync(fifo, "r+"); // open at both ends, so that no end comes
    const child = spawn(binary(), ["publish", "--fast", "-", url("silent")], {
      stdio: [stdin, "ignore", "ignore"],
    });
    const ended = new Promise((resolve) => child.on("close", resolve));
    writeSync(stdin, readFileSync(mediaPath(CAMERA)).subarray(0, 60_000));
    const asked = () => fetchJson(`${server.origin}/api/v1/streams/silent`);
    await until(async () => (await asked())?.received_bytes > 50_000, "the stream");
    child.kill("SIGINT");
    assert.equal(await within(ended, "its end").finally(() => child.kill("SIGKILL")), 0);
    closeSync(stdin);
    await until(async () => (await asked()) === null, "the end at the server");
  });

  for (const fixture of [CAMERA, "avc1-aac-frag.mp4", "avc1-aac.ts", "avc1-aac.flv"]) {
    test(`--loop: ${fixture} begins again, for those who watch it already`, async () => {
      const name = `loop-${fixture.replace(".", "-")}`;
      const size = readFileSync(mediaPath(fixture)).length;
      const out = inFolder(name);
      const child = spawn(binary(), ["publish", "--fast", mediaPath(fixture), url(name), "--loop"]);
      const ended = new Promise((resolve) => child.on("close", resolve));
      const watching = framewire(["watch", url(name), "--wait", "20s", "-o", out]);
      await until(() => existsSync(out) && readFileSync(out).length > 3 * size, "three rounds");
      child.kill("SIGINT");
      assert.equal(await ended, 0);
      assert.equal((await watching).code, 0);
    });
  }

  test("--title and --record say so to the server", async () => {
    const args = ["publish", mediaPath(CAMERA), url("titled"), "--title", "A & B: 50 %", "--loop"];
    const child = spawn(binary(), args);
    const ended = new Promise((resolve) => child.on("close", resolve));
    // It is listed from its claim on; what it is called is told with its first news.
    await until(async () => {
      const told = await fetchJson(`${server.origin}/api/v1/streams/titled`);
      return told?.title === "A & B: 50 %";
    }, "the stream to be listed by its title");
    child.kill("SIGINT");
    assert.equal(await ended, 0);
    const recordings = inFolder("recordings");
    await Server.with({ flags: ["--record-dir", recordings] }, async (recorder) => {
      const to = `${recorder.origin}/publish/kept`;
      assert.equal((await framewire(["publish", mediaPath(CAMERA), to, "--record"])).code, 0);
      await until(async () => {
        const list = await fetchJson(`${recorder.origin}/api/v1/recordings`);
        return list?.recordings.length === 1;
      }, "the recording");
    });
  });

  test("progress on a terminal: percent, time left, viewers", async (t) => {
    const script = `${binary()} publish ${mediaPath(CAMERA)} ${url("shown")}`;
    const shown = await run("script", ["-qec", script, "/dev/null"]).catch(() => null);
    if (!shown) return t.skip("no script(1) to make a terminal");
    assert.equal(shown.code, 0);
    assert.match(shown.stdout, /shown: [\d.]+ s, [\d.]+ MB, .*, \d+ %, \d+ s left, 0 viewers/);
  });

  test("a server that never was there is told once", async () => {
    const { code, stderr } = await framewire([
      "publish",
      mediaPath(CAMERA),
      "http://127.0.0.1:1/publish/x",
      "--retry",
      "2s",
    ]);
    assert.equal(code, 5);
    const lines = stderr.trim().split("\n");
    assert.equal(lines.length, 2, stderr);
    assert.match(lines[0], /trying again for 2s/);
    assert.match(lines[1], /\(\d+ tries\)/);
  });

  test("a key is taken from the environment, and a wrong one is named", async () => {
    await Server.with({ flags: ["--publish-key", "right"] }, async (guarded) => {
      const to = `${guarded.origin}/publish/cam`;
      const args = ["publish", "--fast", mediaPath(CAMERA), to];
      const wrong = await framewire([...args, "--token", "wrong"]);
      assert.equal(wrong.code, 4);
      assert.match(wrong.stderr, /401 unauthorized/);
      const child = spawn(binary(), args, { env: { ...process.env, FRAMEWIRE_TOKEN: "right" } });
      assert.equal(await new Promise((resolve) => child.on("close", resolve)), 0);
    });
  });
});

/** @param {string} address */
async function fetchJson(address) {
  const answer = await fetch(address).catch(() => null);
  return answer?.ok ? answer.json() : null;
}

describe("record", { concurrency: 5 }, () => {
  for (const [extension, fixture] of [
    ["webm", CAMERA],
    ["mkv", "chromium-h264-opus-camera.webm"],
    ["mp4", "chromium-avc1-opus-camera-kf1000.mp4"],
    ["ts", "avc1-aac.ts"],
  ]) {
    test(`${fixture} to .${extension}: seekable, every frame`, async () => {
      const out = inFolder(`recorded.${extension}`);
      const recording = framewire(["record", url(`r-${extension}`), out, "--wait", "20s"]);
      const sent = await framewire(["publish", mediaPath(fixture), url(`r-${extension}`)]);
      assert.equal(sent.code, 0, sent.stderr);
      const recorded = await recording;
      assert.equal(recorded.code, 0, recorded.stderr);
      assert.ok(!existsSync(`${out}.part`));
      const [want, got] = [await probe(mediaPath(fixture)), await probe(out)];
      assert.equal(track(got, "video")?.packets, track(want, "video")?.packets);
      assert.ok(got.duration > 4, `${got.duration} s`);
      assert.deepEqual((await verified(out)).faults, []);
    });
  }

  test("SIGINT ends it in good order", async () => {
    const out = inFolder("stopped.webm");
    const sending = framewire(["publish", mediaPath(CAMERA), url("stopped")]);
    const child = spawn(binary(), ["record", url("stopped"), out, "--wait", "20s"]);
    const ended = new Promise((resolve) => child.on("close", resolve));
    await until(
      () => existsSync(`${out}.part`) && readFileSync(`${out}.part`).length > 50_000,
      "bytes",
    );
    child.kill("SIGINT");
    assert.equal(await ended, 0);
    assert.deepEqual((await verified(out)).faults, []);
    await sending;
  });
});

describe("remux", () => {
  test("keeps every packet", async () => {
    const out = inFolder("remuxed.mp4");
    const done = await framewire(["remux", mediaPath("avc1-aac.ts"), out]);
    assert.equal(done.code, 0, done.stderr);
    const [want, got] = [await probe(mediaPath("avc1-aac.ts")), await probe(out)];
    for (const kind of ["video", "audio"])
      assert.equal(track(got, kind)?.packets, track(want, kind)?.packets, kind);
  });

  test("a codec that does not fit is named, and nothing is left behind", async () => {
    for (const [to, what] of [
      ["no.flv", /FLV holds H\.264, AAC and MP3 .*; this stream has vp8/],
      ["no.ts", /MPEG-TS holds .*; this stream has vp8/],
    ]) {
      const done = await framewire(["remux", mediaPath(CAMERA), inFolder(String(to))]);
      assert.equal(done.code, 1);
      assert.match(done.stderr, /** @type {RegExp} */ (what));
      assert.ok(!existsSync(inFolder(String(to))) && !existsSync(inFolder(`${to}.new`)));
    }
  });
});

describe("verify", () => {
  test("a good file, counted as ffprobe counts", async () => {
    const facts = await verified(mediaPath(CAMERA));
    assert.deepEqual(facts.faults, []);
    const video = facts.tracks.find((/** @type {any} */ t) => t.kind === "video");
    assert.equal(video.frames, track(await probe(mediaPath(CAMERA)), "video")?.packets);
    assert.equal(video.undecodable, 0);
  });

  test("faults are found, told with their place, and are the exit code", async () => {
    const whole = readFileSync(mediaPath(CAMERA));
    const middle = whole.length >> 1;
    const bad = Buffer.from(whole);
    for (let i = 0; i < 4000; ++i) bad[middle + i] ^= 0x5a;
    writeFileSync(inFolder("flipped.webm"), bad);
    writeFileSync(
      inFolder("hole.webm"),
      Buffer.concat([whole.subarray(0, middle), whole.subarray(middle + 60_000)]),
    );
    for (const name of ["flipped.webm", "hole.webm"]) {
      const { code, stdout } = await framewire(["verify", inFolder(name)]);
      assert.equal(code, 1, stdout);
      assert.match(stdout, /fault: .*(at byte \d+|at \d+\.\d+ s|up to \d+\.\d+ s|apart)/);
    }
    const ends = await verified(mediaPath("chromium-vp8-opus-videoends.webm"));
    assert.match(ends.faults.join(), /farther apart/);
    const gaps = await verified(inFolder("hole.webm"), "--max-gap", "200ms");
    assert.match(gaps.faults.join(), /nothing for \d/);
  });

  test("a live stream, for a while", async () => {
    const sending = framewire(["publish", mediaPath(CAMERA), url("looked-at")]);
    await until(() => fetchJson(`${server.origin}/api/v1/streams/looked-at`), "the stream");
    const { code, stdout, stderr } = await framewire(["verify", url("looked-at"), "--time", "2s"]);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /video vp8 .*no faults/s);
    await sending;
  });
});
