/** framewire render: films of pages, frame by frame, judged by ffmpeg and by the hashes of their frames. */
// @alone: browsers that draw every frame take both cores
import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { chromiumPath } from "./lib/chromium.mjs";
import { numbersIn, upTo } from "./lib/counter.mjs";
import { run } from "./lib/decode.mjs";
import { probe, track } from "./lib/recordings.mjs";
import {
  CANVAS,
  drawnBy,
  EVERYTHING,
  FLASHES,
  FPS,
  HEIGHT,
  INNER_FRAME,
  swatches,
  TOLD,
  WIDTH,
  writePages,
} from "./lib/render_pages.mjs";
import { binary } from "./lib/server.mjs";
import { decodedFrames, SWATCHES, worstSwatch } from "./lib/swatches.mjs";

const SIZE = ["--size", `${WIDTH}x${HEIGHT}`];
const MINUTES = 300_000;

/** @type {string} */ let folder;
/** @param {string} name */
const inFolder = (name) => join(folder, name);
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "framewire-render-test-"));
  process.env.TMPDIR = inFolder("tmp"); // of the browsers' profiles
  mkdirSync(inFolder("tmp"));
  await writePages(folder, {
    "everything.html": EVERYTHING,
    "frame.html": INNER_FRAME,
    "canvas.html": CANVAS,
    "flashes.html": FLASHES,
    "told.html": TOLD,
    "swatches.html": swatches(SWATCHES, 0.5),
  });
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** @param {string[]} args */
const render = (args) => {
  const browser = args.includes("--chromium") ? [] : ["--chromium", String(chromiumPath())];
  return run(binary(), ["render", ...browser, ...args], null, MINUTES);
};
/** @param {string} page @param {string} out @param {string[]} more */
async function made(page, out, ...more) {
  const hashes = inFolder(`${out.replace(/\W/g, "_")}.txt`);
  const { code, stderr, stdout } = await render([
    inFolder(page),
    "-o",
    inFolder(out),
    ...SIZE,
    "--hashes",
    hashes,
    ...more,
  ]);
  assert.equal(stderr, "");
  assert.equal(code, 0);
  return {
    file: inFolder(out),
    hashes: readFileSync(hashes, "utf8").split("\n").filter(Boolean),
    stdout,
  };
}

describe("the same frames at each run", () => {
  const HALF = ["--fps", String(FPS), "--duration", "500ms"];
  /** @type {string[]} */ let first;

  test("a page of everything that moves: each frame is the one that it says", async () => {
    const film = await made("everything.html", "one.mp4", ...HALF);
    assert.equal(film.hashes.length, FPS / 2);
    assert.equal(new Set(film.hashes).size, FPS / 2, "each is another picture");
    assert.deepEqual(await numbersIn(film.file), upTo(FPS / 2));
    assert.match(film.stdout, /15 frames, 320x180, 30 frames\/s, 0.500 s, \d+ bytes/);
    first = film.hashes;
  });

  test("a second run", async () => {
    const film = await made("everything.html", "two.mp4", ...HALF);
    assert.deepEqual(film.hashes, first);
  });

  test("two browsers side by side", async () => {
    const film = await made("everything.html", "three.mp4", ...HALF, "--workers", "2");
    assert.deepEqual(film.hashes, first);
    assert.deepEqual(await numbersIn(film.file), upTo(FPS / 2));
  });

  test("another seed, another film", async () => {
    const film = await made("everything.html", "four.mp4", ...HALF, "--seed", "2");
    assert.notDeepEqual(film.hashes, first);
  });

  test("by HTTP, with answers that come late", async () => {
    const server = createServer((request, answer) => {
      const name = /** @type {string} */ (request.url).slice(1);
      if (!existsSync(inFolder(name))) {
        answer.writeHead(404).end();
        return;
      }
      const bytes = readFileSync(inFolder(name));
      const from = Number(/bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
      const head = {
        "accept-ranges": "bytes",
        "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}`,
        "content-type": name.endsWith(".html") ? "text/html" : "application/octet-stream",
      };
      const status = request.headers.range ? 206 : 200;
      const late = name === "data.json" ? 300 : 30;
      setTimeout(() => answer.writeHead(status, head).end(bytes.subarray(from)), late);
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
    const hashes = inFolder("http.txt");
    const url = `http://127.0.0.1:${port}/everything.html`;
    const args = [url, "-o", inFolder("http.mp4"), ...SIZE, ...HALF, "--hashes", hashes];
    const { code, stderr } = await render(args);
    server.close();
    server.closeAllConnections();
    assert.equal(code, 0, stderr);
    assert.deepEqual(readFileSync(hashes, "utf8").split("\n").filter(Boolean), first);
  });
});

test("one canvas, in its own size, whole", async () => {
  const film = await made(
    "canvas.html",
    "canvas.mp4",
    "--canvas",
    "#scene",
    "--fps",
    "30",
    "--duration",
    "400ms",
  );
  assert.deepEqual(await numbersIn(film.file), upTo(12));
  const [video] = (await probe(film.file)).tracks;
  assert.equal(video.packets, 12);
});

describe("the pixels of one canvas are the same packed, which a film takes, and as PNGs", () => {
  /** @type {["2d" | "webgl" | "clear" | "wide", string, string[]][]} */
  const KINDS = [
    ["2d", "drawn.mp4", []],
    ["wide", "drawn.mp4", []],
    ["webgl", "drawn.webm", []],
    ["clear", "drawn.mov", ["--alpha"]],
  ];
  for (const [kind, out, more] of KINDS)
    test(`${kind}, ${more} in ${out}`, async () => {
      writeFileSync(inFolder("drawn.html"), drawnBy(kind));
      const wish = ["--canvas", "#scene", "--fps", "30", "--duration", "200ms", "--force", ...more];
      const film = await made("drawn.html", out, ...wish);
      const again = await made("drawn.html", out, ...wish);
      const pictures = await made("drawn.html", join("drawn", "%03d.png"), ...wish);
      assert.equal(new Set(film.hashes).size, 6);
      assert.deepEqual(again.hashes, film.hashes);
      assert.deepEqual(pictures.hashes, film.hashes);
    });

  test("transparent, in a film that is not: laid on black", async () => {
    writeFileSync(
      inFolder("half.html"),
      `<!doctype html><canvas id="scene" width="${WIDTH}" height="${HEIGHT}"></canvas><script>
      const paint = scene.getContext("2d");
      ${JSON.stringify(SWATCHES)}.forEach((rgb, n) => {
        paint.fillStyle = "rgb(" + rgb.join(" ") + " / 50%)";
        paint.fillRect((n % 4) * ${WIDTH / 4}, Math.floor(n / 4) * ${HEIGHT / 2}, ${WIDTH / 4}, ${HEIGHT / 2});
      });
      </script>`,
    );
    const wish = [
      "--canvas",
      "#scene",
      "--fps",
      "30",
      "--duration",
      "100ms",
      "--quality",
      "lossless",
    ];
    const { file } = await made("half.html", "half.mp4", ...wish);
    const { bytes } = await decodedFrames(readFileSync(file));
    const dark = SWATCHES.map((rgb) => rgb.map((value) => value / 2));
    for (const [n, rgb] of dark.entries())
      for (const [c, value] of rgb.entries()) {
        const x = Math.floor(((2 * (n % 4) + 1) * WIDTH) / 8);
        const y = Math.floor(((2 * Math.floor(n / 4) + 1) * HEIGHT) / 4);
        const got = bytes[(y * WIDTH + x) * 3 + c];
        assert.ok(Math.abs(got - value) <= 3, `swatch ${n}: ${got}, not ${value}`);
      }
  });
});

test("a page tells duration, rate and when it is ready, draws when it is asked, and reads --props", async () => {
  const film = await made("told.html", "told.webm");
  assert.deepEqual(
    await numbersIn(film.file),
    upTo(10).map((n) => 100 + n),
  );
  writeFileSync(inFolder("props.json"), '{ "from": 500, "seconds": 0.2 }');
  const other = await made("told.html", "props.webm", "--props", inFolder("props.json"));
  assert.deepEqual(
    await numbersIn(other.file),
    upTo(5).map((n) => 500 + n),
  );
});

describe("--alpha: half transparent swatches", () => {
  const ALPHA = ["--alpha", "--fps", "10", "--duration", "300ms"];
  /** @type {[string, string][]} out, decoder */
  const FORMATS = [
    ["alpha.webm", "libvpx-vp9"],
    ["alpha.mov", ""],
    ["alpha.mkv", ""],
  ];
  for (const [out, decoder] of FORMATS)
    test(out, async () => {
      const { file } = await made("swatches.html", out, ...ALPHA);
      const options = { format: /** @type {const} */ ("rgba"), decoder };
      // ffmpeg finds an index behind the media only in a file.
      const args = ["-v", "error", ...(decoder ? ["-c:v", decoder] : []), "-i", file];
      args.push("-vf", "scale=flags=accurate_rnd+full_chroma_int,format=rgba");
      const { out: bytes, stderr } = await run("ffmpeg", [...args, "-f", "rawvideo", "-"]);
      assert.equal(stderr, "");
      assert.equal(bytes.length, 3 * WIDTH * HEIGHT * 4, String(options.format));
      const worst = worstSwatch(bytes, WIDTH, HEIGHT, 4, () => 128);
      assert.ok(worst <= 3, `off by ${worst}`);
    });

  test("frames/%03d.png", async () => {
    await made("swatches.html", join("frames", "%03d.png"), ...ALPHA);
    assert.deepEqual(readdirSync(inFolder("frames")).sort(), ["000.png", "001.png", "002.png"]);
    const { bytes } = await decodedFrames(readFileSync(inFolder("frames/001.png")), {
      format: "rgba",
    });
    const worst = worstSwatch(bytes, WIDTH, HEIGHT, 4, () => 128);
    assert.ok(worst <= 3, `off by ${worst}`);
  });
});

test("--audio: as long as the film, from its beginning, in MP4 and WebM", async () => {
  const wav = inFolder("tone.wav");
  await run("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "sine=f=440:d=5", "-ar", "44100", wav]);
  for (const out of ["sound.mp4", "sound.webm"]) {
    const { file } = await made(
      "canvas.html",
      out,
      "--fps",
      "30",
      "--duration",
      "1s",
      "--audio",
      wav,
    );
    const film = await probe(file);
    const sound = track(film, "audio");
    assert.equal(sound?.codec, out.endsWith("mp4") ? "aac" : "opus");
    // What the encoder needs to start stands before 0, and is not played.
    assert.ok(Math.abs(Number(sound?.first)) < 0.025, `${sound?.first}`);
    assert.equal(track(film, "video")?.first, 0, "pictures are not moved for it");
    assert.ok(Math.max(...(sound?.times ?? [])) < 1, "nothing begins behind the film's end");
    assert.ok(Math.abs(film.duration - 1) < 0.05, `${film.duration}`);
  }
});

test("a flash is seen when its click is heard", async () => {
  const SECONDS = 5;
  const [wav, rate] = [inFolder("clicks.wav"), 48_000];
  const click = "if(lt(mod(t\\,1)\\,0.004)\\,sin(2*PI*2000*t)\\,0)";
  const source = ["-f", "lavfi", "-i", `aevalsrc=${click}:d=${SECONDS + 3}:s=${rate}`, wav];
  assert.equal((await run("ffmpeg", ["-v", "error", ...source])).stderr, "");
  const length = ["--fps", String(FPS), "--duration", `${SECONDS}s`];
  const { file } = await made("flashes.html", "flashes.mp4", ...length, "--audio", wav);

  const grey = ["-i", file, "-vf", "scale=1:1:flags=area,format=gray", "-f", "rawvideo", "-"];
  const { out: frames } = await run("ffmpeg", ["-v", "error", ...grey]);
  const flashes = [...frames].flatMap((value, n) => (value > 128 ? [n / FPS] : []));
  const pcm = ["-i", file, "-f", "s16le", "-ac", "1", "-ar", String(rate), "-"];
  const { out: sound } = await run("ffmpeg", ["-v", "error", ...pcm]);
  /** @type {number[]} */
  const clicks = [];
  for (let at = 0; at < sound.length / 2; at += 1)
    if (Math.abs(sound.readInt16LE(at * 2)) > 6000 && at / rate - (clicks.at(-1) ?? -1) > 0.5)
      clicks.push(at / rate);
  assert.deepEqual(flashes, upTo(SECONDS));
  const offsets = clicks.map((at, i) => Math.abs(at - flashes[i]));
  assert.equal(offsets.length, SECONDS, "the first one, too");
  assert.ok(Math.max(...offsets) < 1 / FPS, `off by ${offsets}`);
});

describe("what goes wrong is said, and leaves nothing behind", () => {
  /** @type {[string, string, string[], number, RegExp][]} */
  const CASES = [
    [
      "a script that throws",
      "<script>\n\nthrow new Error('mine')</script>",
      [],
      1,
      /bad\.html:3:\d+: Error: mine/,
    ],
    [
      "one that throws in a frame",
      "<script>requestAnimationFrame(function f(t) { requestAnimationFrame(f);\n if (t > 60) nowhere(); })</script>",
      [],
      1,
      /frame 2: an error of the page: file:.*bad\.html:2:\d+: ReferenceError: nowhere/,
    ],
    [
      "a promise that is rejected",
      "<script>Promise.reject(new Error('late'))</script>",
      [],
      1,
      /Error: late/,
    ],
    [
      "a page that is never ready",
      "<script>framewire.render.ready = new Promise(() => {})</script>",
      ["--wait", "2s"],
      1,
      /did not go on for 2s/,
    ],
    [
      "a script without an end",
      "<script>requestAnimationFrame(() => { for (;;); })</script>",
      ["--wait", "2s"],
      1,
      /did not go on for 2s/,
    ],
    ["no such canvas", "<p>none</p>", ["--canvas", "#none"], 3, /no canvas #none/],
  ];
  for (const [name, html, more, exit, words] of CASES)
    test(name, async () => {
      writeFileSync(inFolder("bad.html"), html);
      const out = inFolder("bad.mp4");
      const args = [inFolder("bad.html"), "-o", out, ...SIZE, "--fps", "30", "--duration", "1s"];
      const { code, stderr } = await render([...args, ...more]);
      assert.match(stderr, words);
      assert.equal(code, exit);
      assert.ok(!existsSync(out) && !existsSync(`${out}.new`));
    });

  /** @type {[string, string[], number, RegExp][]} */
  const WITHOUT = [
    ["no such file", ["/no/such.html", "-o", "x.mp4"], 3, /No such file/],
    [
      "no server",
      ["http://127.0.0.1:1/", "-o", "x.mp4"],
      5,
      /ERR_(CONNECTION_REFUSED|UNSAFE_PORT)/,
    ],
    ["no length", ["data:text/html,x", "-o", "x.mp4"], 2, /how long is the film/],
    [
      "no sound",
      ["data:text/html,x", "-o", "x.mp4", "--duration", "1s", "--audio", "/no.wav"],
      3,
      /no\.wav/,
    ],
    [
      "no browser",
      ["data:text/html,x", "-o", "x.mp4", "--chromium", "/no/chromium"],
      3,
      /no\/chromium/,
    ],
    ["no folder", ["data:text/html,x", "-o", "/no/x.mp4", "--duration", "1s"], 6, /\/no\/x\.mp4/],
  ];
  for (const [name, args, exit, words] of WITHOUT)
    test(name, async () => {
      const { code, stderr } = await render(args);
      assert.match(stderr, words);
      assert.equal(code, exit);
    });

  test("sound that is none", async () => {
    writeFileSync(inFolder("none.wav"), "no sound at all");
    const out = inFolder("none.mp4");
    const args = [inFolder("canvas.html"), "-o", out, "--duration", "1s"];
    const { code, stderr } = await render([...args, "--audio", inFolder("none.wav")]);
    assert.match(stderr, /--audio: .*none\.wav/);
    assert.equal(code, 1);
    assert.ok(!existsSync(out) && !existsSync(`${out}.new`));
  });

  test("a film that is there already is kept", async () => {
    writeFileSync(inFolder("kept.mp4"), "mine");
    const args = [inFolder("canvas.html"), "-o", inFolder("kept.mp4"), "--duration", "100ms"];
    const { code, stderr } = await render(args);
    assert.match(stderr, /--force/);
    assert.equal(code, 6);
    assert.equal(readFileSync(inFolder("kept.mp4"), "utf8"), "mine");
  });

  test("--ignore-errors goes on, and says them", async () => {
    writeFileSync(inFolder("bad.html"), "<script>throw new Error('mine')</script>");
    const out = inFolder("ignored.mp4");
    const args = [inFolder("bad.html"), "-o", out, ...SIZE, "--fps", "30", "--duration", "100ms"];
    const { code, stderr } = await render([...args, "--ignore-errors"]);
    assert.match(stderr, /page: .*bad\.html:1:\d+: Error: mine/);
    assert.equal(code, 0);
    assert.ok(existsSync(out));
  });
});

test("--dry-run says what would be made, and writes nothing", async () => {
  const out = inFolder("dry.mp4");
  const { code, stdout } = await render([inFolder("told.html"), "-o", out, "--dry-run"]);
  assert.equal(code, 0);
  assert.match(stdout, /dry\.mp4: 10 frames, 1920x1080, 25 frames\/s, 0\.400 s/);
  assert.match(stdout, /chromium/i);
  assert.ok(!existsSync(out));
});

test("no browser and no profile is left", () => {
  assert.deepEqual(readdirSync(inFolder("tmp")), []);
});
