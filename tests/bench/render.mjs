#!/usr/bin/env node
/**
 * How many frames a second does `framewire render` make of a page, beside what people write by hand: puppeteer, a screenshot
 * of each frame, and ffmpeg? The same page, size and encoder, in turns; each line is one way, with the mean of its runs.
 *
 *   tests/bench/render.mjs [--frames 60] [--size 1920x1080] [--rounds 2] [--only canvas]
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import puppeteer from "puppeteer-core";

const BUILT = fileURLToPath(new URL("../../build/release/framewire", import.meta.url));
const { values } = parseArgs({
  options: {
    frames: { type: "string", default: "60" },
    size: { type: "string", default: "1920x1080" },
    rounds: { type: "string", default: "2" },
    only: { type: "string", default: "" },
    framewire: { type: "string", default: BUILT },
    chromium: { type: "string", default: "/usr/bin/chromium" },
  },
});
const [width, height] = values.size.split("x").map(Number);
const frames = Number(values.frames);
const FPS = 30;

/** A title: gradients, text and boxes that CSS and a script move; and a canvas of the whole size. */
const PAGE = `<!doctype html><meta charset="utf-8"><style>
body { margin: 0; overflow: hidden; background: linear-gradient(45deg, #123, #fa8); font: 80px sans-serif }
@keyframes go { from { transform: translateX(0) } to { transform: translateX(60vw) rotate(1turn) } }
.box { position: absolute; width: 15vw; height: 15vw; background: radial-gradient(red, blue); animation: go 3s linear infinite }
canvas { position: absolute; left: 0; top: 0 }
</style><h1 id="title"></h1><div class="box" style="top: 30vh"></div><div class="box" style="top: 60vh; animation-delay: -1s"></div>
<script>requestAnimationFrame(function draw(now) { title.textContent = "frame " + Math.round(now); requestAnimationFrame(draw); });
</script>`;
const CANVAS = `<!doctype html><style>body { margin: 0 }</style><canvas id="scene" width="${width}" height="${height}"></canvas>
<script>const paint = scene.getContext("2d");
requestAnimationFrame(function draw(now) {
  for (let i = 0; i < 60; i++) { paint.fillStyle = "hsl(" + (i * 20 + now / 20) + " 80% 50%)"; paint.fillRect((i * 97 + now / 9) % ${width}, (i * 53) % ${height}, 200, 200); }
  requestAnimationFrame(draw);
});</script>`;

const folder = mkdtempSync(join(tmpdir(), "framewire-bench-render-"));
writeFileSync(join(folder, "page.html"), PAGE);
writeFileSync(join(folder, "canvas.html"), CANVAS);

/** @param {string[]} args @returns {Promise<string>} */
const said = (args) =>
  new Promise((resolve, reject) => {
    const child = spawn(values.framewire, args, { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.on("data", (piece) => (text += piece));
    child.on("close", (code) =>
      code === 0 ? resolve(text) : reject(new Error(`exit code ${code}`)),
    );
  });

/** @param {string} page @param {string[]} more */
async function framewire(page, ...more) {
  const length = ["--fps", String(FPS), "--duration", `${Math.round((frames * 1000) / FPS)}ms`];
  const out = ["-o", join(folder, "film.mp4"), "--force", "--size", values.size];
  const args = ["render", join(folder, page), ...out, ...length, "--chromium", values.chromium];
  const text = await said([...args, ...more]);
  return Number(/([\d.]+) frames\/s\n/.exec(text)?.[1]);
}

/** @param {string} page */
async function byHand(page) {
  const browser = await puppeteer.launch({
    executablePath: values.chromium,
    args: ["--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader", "--hide-scrollbars"],
  });
  const encoder = ["-v", "error", "-y", "-f", "image2pipe", "-framerate", String(FPS), "-i", "-"];
  const like = ["-c:v", "libx264", "-preset", "superfast", "-crf", "13", "-pix_fmt", "yuv420p"];
  const ffmpeg = spawn("ffmpeg", [...encoder, ...like, join(folder, "hand.mp4")], {
    stdio: ["pipe", "inherit", "inherit"],
  });
  try {
    const tab = await browser.newPage();
    await tab.setViewport({ width, height });
    await tab.setContent(readFileSync(join(folder, page), "utf8"));
    const began = performance.now();
    for (let frame = 0; frame < frames; frame += 1) {
      await tab.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
      const picture = await tab.screenshot({ type: "png" });
      if (!ffmpeg.stdin.write(picture))
        await new Promise((resolve) => ffmpeg.stdin.once("drain", () => resolve(null)));
    }
    return (frames * 1000) / (performance.now() - began);
  } finally {
    ffmpeg.stdin.end();
    await new Promise((resolve) => ffmpeg.on("close", resolve));
    await browser.close();
  }
}

/** @type {[string, () => Promise<number>][]} */
const ALL = [
  ["puppeteer, a page", () => byHand("page.html")],
  ["framewire, a page", () => framewire("page.html")],
  ["framewire, a page, --workers 2", () => framewire("page.html", "--workers", "2")],
  ["framewire, a page, --capture jpeg", () => framewire("page.html", "--capture", "jpeg")],
  ["puppeteer, a canvas", () => byHand("canvas.html")],
  ["framewire, a canvas, --canvas", () => framewire("canvas.html", "--canvas", "#scene")],
];
const WAYS = ALL.filter(([name]) => name.includes(values.only));

console.log(`${frames} frames of ${values.size}; load before: ${loadavg()[0].toFixed(1)}`);
/** @type {Map<string, number[]>} */
const rates = new Map(WAYS.map(([name]) => [name, []]));
for (let round = 0; round < Number(values.rounds); round += 1)
  for (const [name, way] of WAYS) rates.get(name)?.push(await way());
for (const [name, found] of rates) {
  const mean = found.reduce((sum, rate) => sum + rate, 0) / found.length;
  const base =
    rates.get(name.includes("canvas") ? "puppeteer, a canvas" : "puppeteer, a page") ?? [];
  const beside = mean / (base.reduce((sum, rate) => sum + rate, 0) / base.length);
  console.log(
    `${name.padEnd(34)} ${mean.toFixed(1)} frames/s  ${beside.toFixed(2)} x  (${found.map((rate) => rate.toFixed(1)).join(", ")})`,
  );
}
rmSync(folder, { recursive: true, force: true });
