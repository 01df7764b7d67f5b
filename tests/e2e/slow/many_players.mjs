/**
 * What 36 players on one page cost: CPU of the page's process and of the whole browser, and the pictures that were shown
 * for it; of a WebM stream by Media Source Extensions, and of packets. `--beside`: the SDK of another checkout of this
 * repository in turns with this one, for WebM, with the same server. By hand, on a quiet machine:
 *
 *     node tests/e2e/slow/many_players.mjs [--players 36] [--rounds 5] [--seconds 15] [--beside FOLDER] [--tree]
 *
 * Server and publishers are on one half of the cores, the page on the other (`--unpinned`: all on all of them). `--tree`:
 * the SDK of this tree, not that of the binary.
 */
import { spawn } from "node:child_process";
import { loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { launchChromium } from "../lib/chromium.mjs";
import { serveModules } from "../lib/module_server.mjs";
import { ownCores, startOn } from "../lib/own_cores.mjs";
import { PlainPage } from "../lib/plain_page.mjs";
import { median } from "../lib/proc.mjs";
import { sleep, until, within } from "../lib/wait.mjs";

const { values } = parseArgs({
  options: {
    players: { type: "string", default: "36" },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "15" },
    beside: { type: "string", default: "" },
    tree: { type: "boolean", default: false },
    unpinned: { type: "boolean", default: false },
  },
});
const PLAYERS = Number(values.players);
const SECONDS = Number(values.seconds);
const SETTLE_MS = 8_000;
const FPS = 25;
const FILM = `-v error -re -f lavfi -i testsrc2=size=320x180:rate=${FPS} -c:v libvpx -deadline realtime -cpu-used 8 -g ${FPS} -b:v 400k`;

/** In a page: a canvas of its own as packets. @param {[string, number]} wish */
async function publishPackets([url, fps]) {
  const { publish } = await import(/** @type {any} */ ("/framewire.js"));
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
  const context = /** @type {CanvasRenderingContext2D} */ (
    canvas.getContext("2d", { alpha: false })
  );
  setInterval(() => {
    const now = performance.now();
    for (let i = 0; i < 12; i += 1) {
      context.fillStyle = `hsl(${(now / 20 + i * 30) % 360} 80% 50%)`;
      context.fillRect(i * 27, 90 + 80 * Math.sin(now / 500 + i), 27, 90);
    }
  }, 1000 / fps);
  const options = { as: "packets", codec: "vp8", fps, videoBitsPerSecond: 400_000 };
  /** @type {any} */ (window).publication = publish(canvas, url, options);
  return true;
}

/** In a page: so many players of one stream, in a grid. @param {[string, string, number]} wish */
async function playMany([sdk, url, count]) {
  const { play } = await import(/** @type {any} */ (sdk));
  document.body.style.cssText = "margin: 0; display: flex; flex-wrap: wrap";
  const players = Array.from({ length: count }, () => {
    const place = document.body.appendChild(document.createElement("div"));
    place.style.cssText = "width: 130px; height: 73px; overflow: hidden";
    const video = place.appendChild(document.createElement("video"));
    video.style.cssText = "width: 130px; height: 73px";
    return play(video, url, { muted: true });
  });
  Object.assign(window, { players });
  return true;
}

/** In a page: pictures shown until now, by each. @returns {number[]} */
const shownInPage = () =>
  /** @type {any} */ (window).players.map((/** @type {any} */ { stats }) => stats.framesShown);

/** @param {any} cdp @returns {Promise<{pages: number, all: number}>} seconds of CPU */
async function cpuNow(cdp) {
  const { processInfo } = await cdp.send("SystemInfo.getProcessInfo");
  const of = (/** @type {(each: any) => boolean} */ is) =>
    processInfo
      .filter(is)
      .reduce((/** @type {number} */ sum, /** @type {any} */ { cpuTime }) => sum + cpuTime, 0);
  return { pages: of(({ type }) => type === "renderer"), all: of(() => true) };
}

/** @param {import('../lib/server.mjs').Server} server @param {string} sdk @param {string} stream */
async function measure(server, sdk, stream) {
  const browser = await launchChromium();
  try {
    const page = await PlainPage.open(browser, `${server.origin}/healthz`);
    await page.evaluate(playMany, [sdk, `${server.origin}/watch/${stream}`, PLAYERS]);
    const allShow = async () =>
      (await page.evaluate(shownInPage)).every((/** @type {number} */ n) => n > 5);
    await until(allShow, `all ${PLAYERS} players to show`, { ms: 120_000, every: 200 });
    await sleep(SETTLE_MS);
    /** @type {number[]} */ const shownBefore = await page.evaluate(shownInPage);
    const before = await cpuNow(page.cdp);
    const began = performance.now();
    await sleep(SECONDS * 1000);
    const after = await cpuNow(page.cdp);
    const seconds = (performance.now() - began) / 1000;
    /** @type {number[]} */ const shown = await page.evaluate(shownInPage);
    const rates = shown.map((n, i) => (n - shownBefore[i]) / seconds);
    return {
      page: (100 * (after.pages - before.pages)) / seconds,
      all: (100 * (after.all - before.all)) / seconds,
      perSecond: rates.reduce((a, b) => a + b, 0) / PLAYERS,
      least: Math.min(...rates),
    };
  } finally {
    await browser.close();
  }
}

const cores = ownCores(!values.unpinned);
const server = await startOn(cores);
const own = values.tree ? await serveModules() : null;
const other = values.beside ? await serveModules(join(values.beside, "player-web/sdk")) : null;
const [command, ...words] = cores.command(["ffmpeg", ...FILM.split(" ")]);
const film = spawn(command, [...words, "-f", "webm", `${server.origin}/publish/film`], {
  stdio: ["ignore", "ignore", "inherit"],
});
const filmEnds = new Promise((resolve) => film.once("close", resolve));
const publisher = await launchChromium();
try {
  const page = await PlainPage.open(publisher, `${server.origin}/healthz`);
  await page.evaluate(publishPackets, [`${server.origin}/publish/packets`, FPS]);
  const publishing = async () => {
    const all = await Promise.all(["film", "packets"].map((name) => server.describe(name)));
    return all.every((stream) => stream?.state === "live");
  };
  await until(publishing, "the streams", { ms: 30_000 });
  const sdk = own?.url ?? "/framewire.js";
  /** @type {[string, string, string][]} */ const rows = [["WebM", sdk, "film"]];
  if (other) rows.push(["WebM, the other SDK", other.url, "film"]);
  rows.push(["packets", sdk, "packets"]);
  console.log(
    `load ${loadavg()[0].toFixed(2)}; ${cores.told}; ${PLAYERS} players of 320x180 at ${FPS}/s, ${values.rounds} rounds in turns`,
  );
  /** @type {Record<string, Awaited<ReturnType<typeof measure>>[]>} */ const seen = {};
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const [name, from, stream] of round % 2 ? [...rows].reverse() : rows) {
      seen[name] ??= [];
      seen[name].push(await measure(server, from, stream));
    }
  }
  console.log(
    "what | page, % of a core | whole browser | pictures/s a player | the least | rounds",
  );
  for (const [name] of rows) {
    const of = (/** @type {'page' | 'all' | 'perSecond' | 'least'} */ what) =>
      median(seen[name].map((each) => each[what]));
    const rounds = seen[name].map((each) => each.page.toFixed(0)).join(" ");
    console.log(
      `${name} | ${of("page").toFixed(0)} | ${of("all").toFixed(0)} | ${of("perSecond").toFixed(1)} | ${of("least").toFixed(1)} | ${rounds}`,
    );
  }
  console.log(`load now ${loadavg()[0].toFixed(2)}`);
} finally {
  own?.close();
  other?.close();
  await publisher.close();
  film.kill("SIGINT");
  await within(filmEnds, "ffmpeg to end").catch(() => film.kill("SIGKILL"));
  await server.stop();
}
