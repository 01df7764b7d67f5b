/** framewire render: odd pages and odd surroundings give the right film, or an error with a name; nothing is left behind. */
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
import { run } from "./lib/decode.mjs";
import { binary } from "./lib/server.mjs";

const MINUTES = 300_000;
const PAGE = `<!doctype html><meta charset="utf-8"><pre id="out"></pre><script>
requestAnimationFrame(function draw(now) {
  document.body.style.background = "hsl(" + Math.round(now) + " 80% 50%)";
  requestAnimationFrame(draw);
});
const must = (so, what) => { if (!so) throw new Error(what); };</script>`;

/** @type {string} */ let folder;
/** @type {import("node:http").Server} */ let server;
/** @type {string} */ let origin;
/** @param {string} name */
const inFolder = (name) => join(folder, name);
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "framewire-strange-"));
  process.env.TMPDIR = inFolder("tmp"); // of the browsers' profiles
  mkdirSync(inFolder("tmp"));
  server = createServer((_, answer) => {
    answer.writeHead(200, { "content-type": "text/html" }).end(PAGE);
  });
  const source = ["-f", "lavfi", "-i", "testsrc=s=80x60:r=25:d=1", "-c:v", "libvpx"];
  await run("ffmpeg", ["-v", "error", ...source, inFolder("clip.webm")]);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
  origin = `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}/`;
});
after(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
});

const CHROMIUM = () => ["--chromium", String(chromiumPath())];
const LENGTH = ["--fps", "30", "--duration", "200ms"];
const SIZE = ["--size", "160x90"];
const USUAL = ["--wait", "10s", "--force"];
/** @param {string} html @param {string[]} more */
async function render(html, more) {
  writeFileSync(inFolder("page.html"), html);
  const files = [inFolder("page.html"), "-o", inFolder("film.mp4"), "--hashes", inFolder("hashes")];
  const size = more.includes("--size") ? [] : SIZE;
  const args = ["render", ...CHROMIUM(), ...files, ...USUAL, ...size, ...more];
  rmSync(inFolder("hashes"), { force: true });
  const { code, stderr } = await run(binary(), args, null, MINUTES);
  const hashes = existsSync(inFolder("hashes"))
    ? readFileSync(inFolder("hashes"), "utf8").split("\n").filter(Boolean)
    : [];
  assert.ok(!existsSync(inFolder("film.mp4.new")));
  return { code, stderr, hashes };
}

describe("the right film", () => {
  /** @type {[string, string, string[], number][]} what it is, the page, options, frames */
  const FILMS = [
    ["that leads to another page at once", "<script>location = 'ORIGIN'</script>", LENGTH, 6],
    [
      "that leads to another page once it is loaded",
      "<script>onload = () => { location = 'ORIGIN'; }</script>",
      LENGTH,
      6,
    ],
    [
      "of a rate and a length in words, and with a frame in it that has neither",
      `${PAGE}<iframe srcdoc="<script>requestAnimationFrame(function f(t) { parent.seen = t; requestAnimationFrame(f); })</script>"></iframe>
      <script>const film = framewire.render; film.fps = "10"; film.duration = "0.6";
      film.onFrame = ({ frame }) => must(frame < 2 || Math.abs(window.seen - frame * 100) <= 101, window.seen + " at " + frame);</script>`,
      [],
      6,
    ],
    [
      "that declares names of its own",
      `${PAGE}<script>class Event {} class Promise {} const Number = 0; class Map {} function Set() {}</script>
      <video src="clip.webm" autoplay muted></video>`,
      LENGTH,
      6,
    ],
    [
      "whose Date is its own, or cannot be changed any more",
      `${PAGE}<script>Date.now = () => 7; must(Date.now() === 7, "its own"); Object.freeze(Date); must(Date.now() === 7, "frozen");</script>`,
      LENGTH,
      6,
    ],
    [
      "that freezes what it is told by",
      `${PAGE}<script>Object.freeze(framewire.render)</script>`,
      LENGTH,
      6,
    ],
    [
      "that is ready by a word that is no promise",
      `${PAGE}<script>framewire.render.ready = true</script>`,
      LENGTH,
      6,
    ],
    [
      "whose frames come and go",
      `${PAGE}<script>let frame; setInterval(() => { frame?.remove(); frame = document.createElement("iframe");
      frame.srcdoc = "<script>requestAnimationFrame(function f() { requestAnimationFrame(f); })<\\/script>"; document.body.append(frame); }, 40)</script>`,
      LENGTH,
      6,
    ],
    [
      "that shows the time by Intl",
      `${PAGE}<script>requestAnimationFrame(function f(now) {
      must(new Intl.DateTimeFormat("en", { fractionalSecondDigits: 3 }).format() === String(Math.floor(now)).padStart(3, "0"), "Intl");
      requestAnimationFrame(f); })</script>`,
      LENGTH,
      6,
    ],
    [
      "whose ready is refused, and errors ignored",
      `${PAGE}<script>framewire.render.ready = Promise.reject(new Error("mine"))</script>`,
      [...LENGTH, "--ignore-errors"],
      6,
    ],
  ];
  for (const [name, html, more, frames] of FILMS)
    test(`of a page ${name}`, async () => {
      const first = await render(html.replace("ORIGIN", origin), more);
      if (!more.includes("--ignore-errors")) assert.equal(first.stderr, "");
      assert.equal(first.code, 0, first.stderr);
      assert.equal(first.hashes.length, frames);
      const second = await render(html.replace("ORIGIN", origin), more);
      assert.deepEqual(second.hashes, first.hashes);
    });

  for (const [scale, size] of [
    ["3", "100x100"],
    ["1.5", "161x121"],
    ["0.3", "160x120"],
    ["10", "1x1"],
  ])
    test(`of ${size} at --scale ${scale}`, async () => {
      const { code, stderr, hashes } = await render(PAGE, [
        ...LENGTH,
        "--size",
        size,
        "--scale",
        scale,
      ]);
      assert.equal(code, 0, stderr);
      assert.equal(hashes.length, 6);
    });

  test("props are JSON, whatever they are called", async () => {
    writeFileSync(inFolder("props.json"), '{ "__proto__": { "a": 1 } }');
    const html = `${PAGE}<script>must(Object.hasOwn(framewire.render.props, "__proto__"), "lost")</script>`;
    const { code, stderr } = await render(html, [...LENGTH, "--props", inFolder("props.json")]);
    assert.equal(code, 0, stderr);
  });

  test("with no standard output or error, and a page that talks", async () => {
    writeFileSync(
      inFolder("page.html"),
      `${PAGE}<script>setInterval(() => console.error("SAID BY THE PAGE"), 20)</script>`,
    );
    const args = [inFolder("page.html"), "-o", inFolder("film.mp4"), ...USUAL, ...SIZE, ...LENGTH];
    const words = [binary(), "render", ...CHROMIUM(), ...args].map((word) => `'${word}'`);
    const { code } = await run("sh", ["-c", `${words.join(" ")} <&- >&- 2>&-`], null, MINUTES);
    assert.equal(code, 0);
    assert.ok(!readFileSync(inFolder("film.mp4")).includes("SAID BY THE PAGE"));
  });
});

describe("an error with a name", () => {
  /** @type {[string, string, string[], number, RegExp][]} */
  const ERRORS = [
    [
      "a page that goes elsewhere while it is filmed",
      `${PAGE}<script>setTimeout(() => { location = 'ORIGIN'; }, 100)</script>`,
      LENGTH,
      1,
      /frame [34]: the page went to http:.* while it was filmed/,
    ],
    [
      "a page that loads itself anew for ever",
      "<script>onload = () => location.reload()</script>",
      LENGTH,
      1,
      /each page leads to another one/,
    ],
    [
      "a rate that is none",
      `${PAGE}<script>framewire.render.fps = 1e9</script>`,
      ["--duration", "1s"],
      1,
      /the page's fps: 1000000000; it is 0.1 to 1000/,
    ],
    [
      "ready that is refused",
      `${PAGE}<script>framewire.render.ready = new Promise((_, no) => setTimeout(() => no(new Error("mine")), 100))</script>`,
      LENGTH,
      1,
      /an error of the page: .*Error: mine/,
    ],
    [
      "onFrame that throws",
      `${PAGE}<script>framewire.render.onFrame = () => { throw new Error("mine"); }</script>`,
      LENGTH,
      1,
      /frame 0: an error of the page: .*Error: mine/,
    ],
  ];
  for (const [name, html, more, exit, words] of ERRORS)
    test(name, async () => {
      const { code, stderr } = await render(html.replace("ORIGIN", origin), more);
      assert.match(stderr, words);
      assert.equal(code, exit);
    });

  /** @type {[string, string[], NodeJS.ProcessEnv, number, RegExp][]} */
  const SURROUNDINGS = [
    ["no folder for the profile", LENGTH, { TMPDIR: "/no/such" }, 6, /TMPDIR/],
    ["props too deep", [...LENGTH, "--props", "DEEP"], {}, 2, /--props: .*500 levels/],
    ["sound that is a pipe", [...LENGTH, "--audio", "PIPE"], {}, 3, /--audio: .*no file/],
  ];
  for (const [name, more, env, exit, words] of SURROUNDINGS)
    test(name, async () => {
      writeFileSync(inFolder("deep.json"), "[".repeat(100_000) + "]".repeat(100_000));
      await run("mkfifo", [inFolder("pipe")]);
      const kept = { ...process.env };
      Object.assign(process.env, env);
      const named = more.map((word) =>
        word.replace("DEEP", inFolder("deep.json")).replace("PIPE", inFolder("pipe")),
      );
      const { code, stderr } = await render(PAGE, named);
      Object.assign(process.env, kept);
      assert.match(stderr, words);
      assert.equal(code, exit);
    });

  test("two that write one film: one does", async () => {
    writeFileSync(inFolder("page.html"), PAGE);
    const args = ["render", ...CHROMIUM(), inFolder("page.html"), "-o", inFolder("two.mp4")];
    const long = [...args, ...USUAL, ...SIZE, "--fps", "30", "--duration", "2s"];
    const both = await Promise.all([1, 2].map(() => run(binary(), long, null, MINUTES)));
    assert.deepEqual(both.map(({ code }) => code).sort(), [0, 6]);
    assert.match(both.map(({ stderr }) => stderr).join(""), /another framewire is writing it/);
    const { stderr } = await run("ffmpeg", [
      "-v",
      "error",
      "-i",
      inFolder("two.mp4"),
      "-f",
      "null",
      "-",
    ]);
    assert.equal(stderr, "");
  });
});

test("what a page would download is not kept; no browser, no profile and nothing at home is left", async () => {
  mkdirSync(inFolder("home"));
  process.env.HOME = inFolder("home");
  const html = `${PAGE}<a id="link" href="data:application/octet-stream,x" download="x.bin"></a><script>link.click()</script>`;
  const { code, stderr } = await render(html, LENGTH);
  assert.equal(code, 0, stderr);
  assert.deepEqual(readdirSync(inFolder("home"), { recursive: true }), []);
  assert.deepEqual(readdirSync(inFolder("tmp")), []);
});
