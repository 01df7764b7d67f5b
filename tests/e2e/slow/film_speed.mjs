// How fast recordCanvas() is, encoded in the page and on the server, beside mediabunny's CanvasSource (WebCodecs in the
// page, into memory), which npm puts into a folder of its own: the same canvas, alternating; and how close each film
// comes to what was drawn (SSIM, to a lossless film of the same frames).
//   node tests/e2e/slow/film_speed.mjs [--frames 300] [--rounds 3] [--size 1280x720] [--quality high] [--base OTHER_BINARY]
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { loadavg, tmpdir } from "node:os";
import { extname, join } from "node:path";
import { parseArgs } from "node:util";
import { launchChromium } from "../lib/chromium.mjs";
import { run } from "../lib/decode.mjs";
import { PlainPage } from "../lib/plain_page.mjs";
import { cpuWithChildren, median } from "../lib/proc.mjs";
import { withFolder } from "../lib/recordings.mjs";
import { Server } from "../lib/server.mjs";

const MEDIABUNNY = "1.61.0";
const FPS = 30;
/** What is asked of the page's encoder, and of the server's, of mediabunny's frames a second. */
const AIMS = { page: 1, server: 0.5 };

const { values } = parseArgs({
  options: {
    frames: { type: "string", default: "300" },
    rounds: { type: "string", default: "3" },
    size: { type: "string", default: "1280x720" },
    quality: { type: "string", default: "high" },
    base: { type: "string" },
  },
});
const [width, height] = values.size.split("x").map(Number);
const wish = { frames: Number(values.frames), width, height, fps: FPS, quality: values.quality };

/** @typedef {{way: string, fps: number, seconds: number, bytes: number, why?: string, cpu?: string, file?: string}} Made */

/** In the page: draws, and gives each frame away. @param {any} wish */
const film = async ({ way, frames, width, height, fps, quality, url, module, bitrate }) => {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const g = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
  const draw = (/** @type {number} */ n) => {
    const t = n / fps;
    const sky = g.createLinearGradient(0, 0, width, height);
    sky.addColorStop(0, `hsl(${(t * 40) % 360} 60% 25%)`);
    sky.addColorStop(1, `hsl(${(t * 40 + 120) % 360} 70% 55%)`);
    g.fillStyle = sky;
    g.fillRect(0, 0, width, height);
    for (let i = 0; i < 120; i += 1) {
      const angle = i * 2.4 + t * (0.4 + (i % 7) / 10);
      const far = (i / 120) * 0.48 * height;
      g.fillStyle = `hsl(${(i * 23 + t * 90) % 360} 80% 60%)`;
      g.beginPath();
      const [x, y] = [width / 2 + Math.cos(angle) * far * 1.6, height / 2 + Math.sin(angle) * far];
      g.arc(x, y, 4 + (i % 9) * 3, 0, 7);
      g.fill();
    }
    g.fillStyle = "#fff";
    g.font = `${Math.round(height / 12)}px sans-serif`;
    g.fillText(`frame ${n} of ${frames}`, 40, height - 50);
  };
  if (way === "mediabunny") {
    const { Output, Mp4OutputFormat, BufferTarget, CanvasSource } = await import(module);
    const begun = performance.now();
    const output = new Output({ format: new Mp4OutputFormat(), target: new BufferTarget() });
    const source = new CanvasSource(canvas, { codec: "avc", bitrate });
    output.addVideoTrack(source, { frameRate: fps });
    await output.start();
    for (let n = 0; n < frames; n += 1) {
      draw(n);
      await source.add(n / fps, 1 / fps);
    }
    await output.finalize();
    const seconds = (performance.now() - begun) / 1000;
    await fetch(url, { method: "POST", body: output.target.buffer });
    return { seconds, bytes: output.target.buffer.byteLength };
  }
  const sdk = "/framewire.js";
  const { recordCanvas } = await import(sdk);
  const begun = performance.now();
  const encode = way === "page" || way === "auto" ? way : "server";
  const options = { url, fps, frames, encode, quality: way === "drawn" ? "lossless" : quality };
  const recorder = recordCanvas(canvas, options);
  for (let n = 0; n < frames; n += 1) {
    draw(n);
    await recorder.frame();
  }
  const { url: made, bytes, why } = await recorder.finish();
  return { seconds: (performance.now() - begun) / 1000, bytes, why, made, stats: recorder.stats };
};

/** @param {any} browser @param {string} dir @param {string} way @param {object} [more] @returns {Promise<Made>} */
const render = (browser, dir, way, more = {}) => {
  const binary = way === "base" ? values.base : undefined;
  return Server.with({ binary, flags: ["--record-dir", dir] }, async (server) => {
    const page = await PlainPage.open(browser, `${server.origin}/healthz`);
    const before = await page.cpu();
    const url = `/publish/film/${way}`;
    const made = await page.evaluate(film, { ...wish, way, url, ...more });
    const spent = (await page.cpu()) - before;
    const [own, children] = cpuWithChildren(server.pid);
    await page.close();
    const each = (/** @type {number} */ seconds) =>
      `${((1000 * seconds) / wish.frames).toFixed(1)}`;
    const cpu = `CPU ms a frame: browser ${each(spent)}, server ${each(own)}, its children ${each(children)}`;
    const file = made.made && join(dir, new URL(made.made).pathname.slice("/recordings/".length));
    return { way, fps: wish.frames / made.seconds, cpu, file, ...made };
  });
};

/** @param {string} file @param {string} drawn @returns {Promise<number>} of all planes */
async function ssim(file, drawn) {
  const same = "scale=in_color_matrix=auto:out_color_matrix=bt709:out_range=tv,format=yuv420p";
  const graph = `[0:v]${same}[a];[1:v]${same}[b];[a][b]ssim`;
  const { stderr } = await run(
    "ffmpeg",
    ["-v", "info", "-i", file, "-i", drawn, "-lavfi", graph, "-f", "null", "-"],
    null,
    300_000,
  );
  return Number(/All:([\d.]+)/.exec(stderr)?.[1]);
}

/** Serves the package's modules, and takes films. @param {string} folder @param {(film: Buffer) => void} take */
async function serve(folder, take) {
  const server = createServer((request, response) => {
    response.setHeader("Access-Control-Allow-Origin", "*");
    if (request.method === "POST") {
      /** @type {Buffer[]} */ const pieces = [];
      request.on("data", (piece) => pieces.push(piece));
      request.on("end", () => {
        take(Buffer.concat(pieces));
        response.end();
      });
      return;
    }
    const file = join(folder, decodeURIComponent(new URL(request.url ?? "", "http://a").pathname));
    if (!/\.m?js$/.test(extname(file))) return void response.writeHead(404).end();
    response.setHeader("Content-Type", "text/javascript").end(readFileSync(file));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { origin: `http://127.0.0.1:${port}`, close: () => server.close() };
}

/** The one bundle in the package. @param {string} folder */
function bundleOf(folder) {
  const from = "node_modules/mediabunny/dist/bundles";
  const names = readdirSync(join(folder, from)).filter((name) =>
    /^mediabunny\.(min\.)?mjs$/.test(name),
  );
  return `/${from}/${names.sort()[0]}`;
}

const folder = mkdtempSync(join(tmpdir(), "film-speed-"));
try {
  const npm = ["install", "--silent", "--no-audit", "--no-fund", `mediabunny@${MEDIABUNNY}`];
  if (spawnSync("npm", npm, { cwd: folder, stdio: "inherit" }).status !== 0) {
    console.log("mediabunny is not to be had here: nothing to compare with");
    process.exit(77);
  }
  const bunny = join(folder, "mediabunny.mp4");
  const web = await serve(folder, (made) => writeFileSync(bunny, made));
  const browser = await launchChromium();
  try {
    await withFolder(async (dir) => {
      const drawn = await render(browser, dir, "drawn");
      const ways = ["mediabunny", "page", "server", ...(values.base ? ["base"] : [])];
      /** @type {{[way: string]: number[]}} */ const rates = {};
      /** @type {{[way: string]: number}} */ const close = {};
      let bitrate = 8_000_000;
      const first = await render(browser, dir, "page"); // and its size is what mediabunny may use
      bitrate = Math.round((first.bytes * 8 * FPS) / wish.frames);
      for (let round = 0; round < Number(values.rounds); round += 1) {
        for (const way of ways) {
          const more =
            way === "mediabunny"
              ? { url: web.origin, module: `${web.origin}${bundleOf(folder)}`, bitrate }
              : {};
          const made = await render(browser, dir, way, more);
          rates[way] = [...(rates[way] ?? []), made.fps];
          const file = made.file ?? bunny;
          if (round === 0) close[way] = await ssim(file, /** @type {string} */ (drawn.file));
          const size = `${(statSync(file).size / 1e6).toFixed(1)} MB`;
          console.log(
            `figure: ${way}: ${made.fps.toFixed(1)} frames/s, ${size}; ${made.cpu}; load ${loadavg()[0].toFixed(1)}`,
          );
        }
      }
      const auto = await render(browser, dir, "auto");
      console.log(`figure: auto: ${auto.fps.toFixed(1)} frames/s. ${auto.why}`);
      const peer = median(rates.mediabunny);
      for (const way of ways) {
        const own = median(rates[way]);
        const aim = /** @type {any} */ (AIMS)[way];
        console.log(
          `figure: ${way}: ${own.toFixed(1)} frames/s (median), ${(own / peer).toFixed(2)} of mediabunny` +
            `${aim ? `, aim ${aim}` : ""}; SSIM ${close[way].toFixed(4)}`,
        );
      }
      if (values.base) {
        const gain = median(rates.server) / median(rates.base);
        console.log(`figure: server: ${gain.toFixed(1)} times the other binary's`);
      }
    });
  } finally {
    await browser.close();
    web.close();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
