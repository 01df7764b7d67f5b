/** framewire render --preview: a browser shows any frame of a film, the one that the film would have. */
// @alone: browsers that draw every frame take both cores
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { numbersIn } from "./lib/counter.mjs";
import { run } from "./lib/decode.mjs";
import { look, untilPage, untilText } from "./lib/look.mjs";
import { withFolder } from "./lib/recordings.mjs";
import { CANVAS, EVERYTHING, HEIGHT, INNER_FRAME, WIDTH, writePages } from "./lib/render_pages.mjs";
import { binary } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const SIZE = ["--size", `${WIDTH}x${HEIGHT}`, "--fps", "30"];

/** @param {string} page @param {string[]} args @param {(url: URL, child: import("node:child_process").ChildProcess) => Promise<any>} use */
async function withPreview(page, args, use) {
  const words = ["render", "--preview", "--chromium", String(chromiumPath()), page, ...args];
  const child = spawn(binary(), words, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  child.stdout.on("data", (text) => (said += text));
  child.stderr.on("data", (text) => (said += text));
  const ended = new Promise((resolve) => child.on("close", resolve));
  try {
    const [, url] = await until(
      () => /preview at (\S+)/.exec(said) ?? (child.exitCode === null ? null : [said, said]),
      "the preview's address",
      { ms: 60_000 },
    );
    await use(new URL(url), child);
  } finally {
    child.kill("SIGINT");
    assert.equal(await ended, 0, said);
  }
}

/** The picture of a frame, as a file. @param {URL} url @param {number} n @param {string} file */
async function picture(url, n, file) {
  const query = new URLSearchParams({ n: String(n), key: String(url.searchParams.get("key")) });
  const answer = await until(
    async () => {
      const got = await fetch(new URL(`/frame?${query}`, url));
      return got.status === 202 ? null : got;
    },
    `frame ${n}`,
    { ms: 60_000 },
  );
  assert.equal(answer.status, 200, await answer.clone().text());
  writeFileSync(file, Buffer.from(await answer.arrayBuffer()));
  return file;
}

test("frames in any order are those of the film", async () => {
  await withFolder(async (dir) => {
    await writePages(dir, { "page.html": EVERYTHING, "frame.html": INNER_FRAME });
    const page = join(dir, "page.html");
    const film = ["--chromium", String(chromiumPath()), page, ...SIZE, "--duration", "500ms"];
    const out = join(dir, "film", "%d.png");
    const { code, stderr } = await run(binary(), ["render", ...film, "-o", out]);
    assert.equal(code, 0, stderr);
    await withPreview(page, [...SIZE, "--duration", "500ms"], async (url) => {
      for (const n of [0, 7, 14, 3, 7, 14]) {
        const file = await picture(url, n, join(dir, "one.png"));
        assert.deepEqual(await numbersIn(file), [n]);
        // Two PNGs of the same pixels: ffmpeg's hash of what they decode to.
        const hash = async (/** @type {string} */ of) =>
          (await run("ffmpeg", ["-v", "error", "-i", of, "-f", "framemd5", "-"])).stdout
            .split(",")
            .pop();
        assert.equal(await hash(file), await hash(join(dir, "film", `${n}.png`)), `frame ${n}`);
      }
    });
  });
});

test("who does not know the address gets nothing; what is wrong is told", async () => {
  await withFolder(async (dir) => {
    const page = join(dir, "page.html");
    writeFileSync(page, CANVAS.replace("draw(now) {", "draw(now) { if (now > 300) gone();"));
    const args = ["--duration", "1s", "--fps", "30", "--canvas", "#scene"];
    await withPreview(page, args, async (url, child) => {
      const key = url.searchParams.get("key");
      for (const [path, status] of /** @type {[string, number][]} */ ([
        ["/", 403],
        ["/film", 403],
        ["/frame?n=0", 403],
        ["/frame?n=0&key=0", 403],
        [`/frame?n=30&key=${key}`, 400],
        [`/frame?n=x&key=${key}`, 400],
        [`/no?key=${key}`, 404],
        ["/dist/preview.html", 403],
        ["/dist/..%2f..%2fetc", 403],
        [`/film?key=${key}`, 200],
      ]))
        assert.equal((await fetch(new URL(path, url))).status, status, path);
      const post = await fetch(new URL(`/film?key=${key}`, url), { method: "POST" });
      assert.equal(post.status, 405);
      const wrong = await until(
        async () => {
          const got = await fetch(new URL(`/frame?n=20&key=${key}`, url));
          return got.status === 202 ? null : got;
        },
        "the page to fail",
        { ms: 60_000 },
      );
      assert.equal(wrong.status, 500);
      assert.match((await wrong.json()).error, /page\.html:\d+:\d+: ReferenceError: gone/);
      assert.ok(existsSync(`/proc/${child.pid}`));
      await picture(url, 2, join(dir, "one.png")); // it goes on
    });
  });
});

describe("in a browser", { skip: !chromiumPath() && "no Chromium here" }, () => {
  /** @type {Awaited<ReturnType<typeof launchChromium>>} */ let browser;
  before(async () => (browser = await launchChromium()));
  after(() => browser.close());

  test("play, pause, scrub, one frame on and back, opened anew", async () => {
    await withFolder(async (dir) => {
      const file = join(dir, "page.html");
      writeFileSync(file, CANVAS);
      const args = ["--duration", "2s", "--fps", "30", "--canvas", "#scene"];
      await withPreview(file, args, async (url) => {
        const tab = await browser.open({ bypassCSP: false });
        const { page } = /** @type {any} */ (tab);
        await tab.goto(url.href);
        const untilShown = (/** @type {number} */ n) =>
          untilPage(page, `document.getElementById("picture").alt === "Frame ${n}"`, `frame ${n}`);
        await untilShown(0);
        await untilText(page, "page", /page\.html/);
        await untilText(page, "time", /0:00\.000 of 0:02/);
        await page.fill("#frame", "45");
        await page.press("#frame", "Enter");
        await untilShown(45);
        await untilText(page, "time", /0:01\.500 of/);
        await page.click("#before");
        await untilShown(44);
        await page.click("#after");
        await untilShown(45);
        await look(page, "preview");
        await page.click("#play");
        await untilShown(59);
        await untilText(page, "play", /Play/);
        await page.evaluate(`(() => {
          const at = document.getElementById("at");
          at.value = 10;
          at.dispatchEvent(new Event("input"));
        })()`);
        await untilShown(10);
        writeFileSync(file, CANVAS.replace("draw(now) {", "draw(now) { gone();"));
        await page.click("#anew");
        await untilText(page, "alert", /ReferenceError: gone/);
        await look(page, "preview-failed");
        writeFileSync(file, CANVAS);
        await page.click("#anew");
        await untilPage(page, "document.getElementById('alert').hidden", "it to be well again");
        await untilShown(10);
        assert.deepEqual(
          tab.complaints.filter((text) => !/500 \(Internal Server Error\)/.test(text)),
          [],
        );
        await tab.close();
      });
    });
  });
});
