#!/usr/bin/env node
/**
 * Players that people have, as they are, at each address of a live H.264 and AAC stream: does a picture come, when,
 * does it go on without an error, and does the player end when the stream does? Prints the table of docs/formats.md.
 *
 *   node tests/e2e/slow/players.mjs [--seconds 8] [words of "player address" that rows must have]
 *
 * Debian's ffplay, mpv, vlc and gst-play-1.0 on a virtual display (Xvfb); those that are not there are left out.
 * hls.js, shaka-player and video.js are taken from a folder of node modules (--modules), in Chromium; hls.js in
 * Firefox, too. Chromium's own HLS is the last of the table.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { launchChromium } from "../lib/chromium.mjs";
import { launchFirefox } from "../lib/firefox.mjs";
import { Server } from "../lib/server.mjs";
import { sleep, until } from "../lib/wait.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "8" },
    modules: { type: "string", default: "node_modules" },
  },
});
const SECONDS = Number(values.seconds);
const PATIENCE_MS = 25_000;
const DISPLAY = `:${90 + (process.pid % 9)}`;

/**
 * @typedef {object} Program
 * @property {string} name
 * @property {string[]} command the address stands behind it
 * @property {RegExp} first what it prints at its first picture
 * @property {RegExp} fault what it prints of what goes wrong
 */
/** @type {Program[]} */
const PROGRAMS = [
  {
    name: "ffplay",
    command: ["ffplay", "-hide_banner", "-autoexit", "-v", "debug", "-nostats"],
    first: /Video frame changed from size:0x0/,
    fault: /(error while decoding|Invalid data|HTTP error|Failed|corrupt)/i,
  },
  {
    name: "mpv",
    command: ["mpv", "--no-config", "--vo=x11", "--ao=null"],
    first: /VO: \[x11\]/,
    fault: /(error|failed|invalid)/i,
  },
  {
    name: "vlc",
    // It does not run as root.
    command: [
      "setpriv",
      "--reuid=65534",
      "--regid=65534",
      "--clear-groups",
      "cvlc",
      "-vv",
      "--aout=dummy",
      "--vout=xcb_x11",
      "--no-plugins-cache",
      "--play-and-exit",
    ],
    first: /Received first picture/,
    fault: /(main|http|adaptive|avcodec|ts|mp4|mkv|avformat) \w+ error: /,
  },
  {
    name: "gst-play",
    command: ["gst-play-1.0", "--no-interactive", "--audiosink=fakesink", "--videosink=fakesink"],
    first: /Prerolled/,
    fault: /ERROR/,
  },
];
const ADDRESSES = ["cam", "cam.mp4", "cam.ts", "cam.flv", "cam/index.m3u8"];
const wanted = (/** @type {string} */ row) => positionals.every((word) => row.includes(word));

/** @param {string[]} rows */
const print = (...rows) => console.log(`| ${rows.join(" | ")} |`);

/** A stream by ffmpeg, as fast as it is to be seen. @param {Server} server @param {string} stream */
function publish(server, stream) {
  const args =
    "-v error -re -f lavfi -i testsrc2=size=640x360:rate=25 -f lavfi -i sine=frequency=440:sample_rate=48000 " +
    "-c:v libx264 -preset ultrafast -bf 2 -g 50 -pix_fmt yuv420p -c:a aac -f mpegts";
  return spawn("ffmpeg", [...args.split(" "), `${server.origin}/publish/${stream}`], {
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** @param {import('node:child_process').ChildProcess} child */
const ended = (child) =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode) resolve(true);
    child.on("close", () => resolve(true));
  });

/** @param {Program} program @param {string} url @param {() => Promise<void>} over ends the stream */
async function tryProgram(program, url, over) {
  const [file, ...args] = program.command;
  let output = "";
  const began = Date.now();
  const player = spawn(file, [...args, url], {
    env: { ...process.env, DISPLAY, SDL_AUDIODRIVER: "dummy", HOME: "/tmp", TERM: "dumb" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const gone = ended(player);
  let closed = false;
  gone.then(() => (closed = true));
  for (const pipe of [player.stdout, player.stderr]) pipe.on("data", (chunk) => (output += chunk));
  try {
    await until(() => program.first.test(output) || closed, "a picture", { ms: PATIENCE_MS });
  } catch {
    // it is said below
  }
  const first = program.first.test(output) ? `${Date.now() - began} ms` : "no picture";
  const from = output.length;
  await sleep(SECONDS * 1000);
  const stayed = !closed;
  const faults = output
    .slice(from)
    .split("\n")
    .filter((line) => program.fault.test(line));
  await over();
  const ends = await Promise.race([gone, sleep(15_000).then(() => false)]);
  if (!ends) player.kill("SIGKILL");
  await gone;
  return { first, stayed, faults, ends, output };
}

const server = await Server.start({});
const display = spawn("Xvfb", [DISPLAY, "-screen", "0", "1280x720x24"], { stdio: "ignore" });
await sleep(500);
print("player", "address", "first picture", `${SECONDS} s`, "faults", "ends with the stream");
print(...Array.from({ length: 6 }, () => "---"));
for (const program of PROGRAMS) {
  const file =
    program.command[
      program.command.findLastIndex((one) => existsSync(`/usr/bin/${one}`) && one !== "setpriv")
    ];
  if (!file) continue;
  for (const address of ADDRESSES) {
    if (!wanted(`${program.name} ${address}`)) continue;
    const stream = address.replace("cam", `cam${Date.now() % 1e6}`);
    const publisher = publish(server, stream.replace(/[./].*/, ""));
    await until(
      async () => (await server.describe(stream.replace(/[./].*/, ""))) !== null,
      "the stream",
      { ms: 15_000 },
    );
    const got = await tryProgram(program, `${server.origin}/live/${stream}`, async () => {
      publisher.kill("SIGINT");
      await ended(publisher);
    });
    print(
      program.name,
      address,
      got.first,
      got.stayed ? "goes on" : "stopped",
      got.faults[0]?.slice(0, 100) ?? "none",
      got.ends ? "yes" : "no",
    );
    if (process.env.LOG) console.log(got.output.slice(-4000));
  }
}

// ---- in Chromium

/** In the page: plays by one of them. @param {[player: string, url: string]} what */
async function playIn([player, url]) {
  const page = /** @type {any} */ (window);
  const video = document.createElement("video");
  Object.assign(video, { muted: true, autoplay: true, playsInline: true });
  document.body.replaceChildren(video);
  Object.assign(page, { faults: [], began: performance.now(), first: 0, video });
  video.addEventListener("error", () => page.faults.push(video.error?.message ?? "an error"));
  video.requestVideoFrameCallback(() => (page.first = performance.now() - page.began));
  if (player.endsWith("hls.js")) {
    const hls = new page.Hls({ lowLatencyMode: true });
    hls.on(page.Hls.Events.ERROR, (/** @type {any} */ _, /** @type {any} */ data) =>
      page.faults.push(`${data.details}${data.fatal ? " (fatal)" : ""}`),
    );
    hls.loadSource(url);
    hls.attachMedia(video);
    page.wallOf = () => hls.playingDate?.getTime();
  } else if (player === "shaka-player") {
    page.shaka.polyfill.installAll();
    const shaka = new page.shaka.Player();
    await shaka.attach(video);
    shaka.configure({ streaming: { lowLatencyMode: true } });
    shaka.addEventListener("error", (/** @type {any} */ event) =>
      page.faults.push(`${event.detail.code}: ${event.detail.message}`),
    );
    await shaka.load(url);
    page.wallOf = () => shaka.getPlayheadTimeAsDate()?.getTime();
  } else if (player === "video.js") {
    video.className = "video-js";
    const own = page.videojs(video, { html5: { vhs: { overrideNative: true } } });
    own.on("error", () => page.faults.push(own.error()?.message));
    own.src({ src: url, type: "application/vnd.apple.mpegurl" });
    own.play();
    page.video = own.el().querySelector("video");
    page.video.requestVideoFrameCallback(() => (page.first = performance.now() - page.began));
  } else {
    video.src = url;
    await video.play();
  }
}

/** In the page: what has been seen; back by so many seconds, if asked for. @param {number} back */
async function seenIn(back) {
  const page = /** @type {any} */ (window);
  const { video } = page;
  const at = video.currentTime;
  let sought = "";
  if (back > 0 && video.seekable.length) {
    const to = Math.max(video.seekable.start(0), at - back);
    video.currentTime = to;
    await new Promise((resolve) => setTimeout(resolve, 3000));
    sought = `${(at - to).toFixed(1)} s back, then on for ${(video.currentTime - to).toFixed(1)} s`;
  }
  const range = video.seekable.length
    ? video.seekable.end(video.seekable.length - 1) - at
    : Number.NaN;
  const wall = page.wallOf?.();
  return {
    first: page.first,
    at,
    faults: page.faults,
    sought,
    behindEdge: range,
    behindWall: wall ? Date.now() - wall : Number.NaN,
    ended: video.ended,
  };
}

/** @type {[player: string, launch: () => Promise<import('../lib/browsers.mjs').Browser>, script: string][]} */
const PAGES = [
  ["hls.js", launchChromium, "hls.js/dist/hls.js"],
  ["shaka-player", launchChromium, "shaka-player/dist/shaka-player.compiled.js"],
  ["video.js", launchChromium, "video.js/dist/video.js"],
  ["Chromium", launchChromium, ""],
  ["Firefox by hls.js", launchFirefox, "hls.js/dist/hls.js"],
];
print(
  "player",
  "first picture",
  `${SECONDS} s later`,
  "behind the edge",
  "behind the wall clock",
  "a seek",
  "the end",
  "faults",
);
for (const [player, launch, path] of PAGES) {
  if (!wanted(`${player} index.m3u8`)) continue;
  if (path && !existsSync(join(values.modules, path))) continue;
  const stream = `hls${Date.now() % 1e6}`;
  const publisher = publish(server, stream);
  await until(async () => (await server.describe(stream)) !== null, "the stream", { ms: 15_000 });
  const browser = await launch();
  const page = /** @type {any} */ (await browser.open());
  await page.goto(`${server.origin}/healthz`);
  if (path) await page.page.addScriptTag({ path: join(values.modules, path) });
  /** @type {any} */ let seen = {};
  let says = "";
  try {
    await page.evaluate(playIn, [player, `${server.origin}/live/${stream}/index.m3u8?wait=20`]);
    await until(async () => (await page.evaluate(seenIn, 0)).first > 0, "a picture", {
      ms: PATIENCE_MS,
    });
    const first = await page.evaluate(seenIn, 0);
    await sleep(SECONDS * 1000);
    seen = await page.evaluate(seenIn, 6);
    says = `plays ${(seen.at - first.at).toFixed(1)} s`;
    publisher.kill("SIGINT");
    await ended(publisher);
    await until(async () => (await page.evaluate(seenIn, 0)).ended, "the end", { ms: 30_000 });
    seen.ended = true;
    seen.faults = (await page.evaluate(seenIn, 0)).faults;
  } catch (error) {
    says ||= String(error);
    seen = { ...seen, ...(await page.evaluate(seenIn, 0).catch(() => ({}))) };
  }
  publisher.kill("SIGINT");
  await ended(publisher);
  print(
    player,
    `${seen.first?.toFixed(0)} ms`,
    says,
    `${seen.behindEdge?.toFixed(1)} s`,
    `${seen.behindWall?.toFixed(0)} ms`,
    seen.sought ?? "",
    seen.ended ? "ends" : "goes on",
    [...new Set(seen.faults ?? [])].join(", ") || "none",
  );
  await page.close();
  await browser.close();
}
display.kill("SIGTERM");
await ended(display);
await server.stop();
