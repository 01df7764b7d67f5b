/**
 * How long from a canvas to a video element: MediaRecorder and Media Source Extensions of the SDK, beside a bare relay
 * of node's `ws` with pages of the same two written by hand, in turns; without and with sound. The time is painted as
 * cells and read back from each picture that the video element presents. By hand, on a quiet machine:
 *
 *     node tests/e2e/slow/mse_delay.mjs [--rounds 5] [--seconds 8] [--only sound] [--latency low] [--pinned] [--tree] [--as packets]
 *
 * `--as packets`: ours are published as packets, and watched by a page without WebCodecs. `--pinned`: the server and the browser on cores of their own. `--tree`: the SDK of this tree, not that of the binary.
 */
import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { launchChromium } from "../lib/chromium.mjs";
import { serveModules } from "../lib/module_server.mjs";
import { ownCores, startOn } from "../lib/own_cores.mjs";
import { median, quantile } from "../lib/proc.mjs";
import { Server } from "../lib/server.mjs";
import { makeSound, notePaints, paintTime, readVideo, timePage } from "../lib/time_code.mjs";
import { sleep, until } from "../lib/wait.mjs";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "8" },
    only: { type: "string", default: "" },
    latency: { type: "string", default: "low" },
    pinned: { type: "boolean", default: false },
    tree: { type: "boolean", default: false },
    as: { type: "string", default: "recording" },
  },
});
const SECONDS = Number(values.seconds);
const BARE = fileURLToPath(new URL("../../bench/ws_broadcast.mjs", import.meta.url));
const SIZE = { width: 640, height: 360 };
/** A chaser has to come to rest. */
const SETTLE_MS = 6_000;
/** p95 of ours, of the median. */
const SPREAD_MOST = 1.15;

/**
 * @typedef {"ours" | "bare"} Who
 * @typedef {object} Row
 * @property {string} name
 * @property {boolean} sound
 * @property {string} mime by hand; the SDK chooses
 * @property {number} ahead what the page by hand wants buffered behind an append, in seconds: so that there
 *   are 236 and 406 ms on a quiet machine, which the promise is about
 * @property {number} most of our median, of the other's
 */
/** @type {Row[]} */
const ROWS = [
  {
    name: "video only",
    sound: false,
    mime: 'video/webm; codecs="vp8"',
    ahead: 0.215,
    most: 0.55,
  },
  {
    name: "with sound",
    sound: true,
    mime: 'video/webm; codecs="vp8,opus"',
    ahead: 0.385,
    most: 0.65,
  },
];

/** In a page: three lines of MediaRecorder. @param {[string, Row]} wish */
async function publishByHand([url, { mime }]) {
  const { canvas, sound } = /** @type {any} */ (window);
  const socket = new WebSocket(url);
  await new Promise((resolve) => {
    socket.onopen = resolve;
  });
  const tracks = [...canvas.captureStream(30).getTracks(), ...(sound?.getTracks() ?? [])];
  const recorder = new MediaRecorder(new MediaStream(tracks), {
    mimeType: mime,
    videoBitsPerSecond: 2_500_000,
  });
  recorder.ondataavailable = ({ data }) => socket.send(data);
  recorder.start(100);
  return true;
}

/** In a page: a SourceBuffer with what comes, played a little faster while too much lies ahead. @param {[string, Row]} wish */
async function showByHand([url, { mime, ahead: most, sound }]) {
  const video = document.body.appendChild(document.createElement("video"));
  const media = new MediaSource();
  video.muted = !sound;
  video.src = URL.createObjectURL(media);
  await new Promise((resolve) => {
    media.onsourceopen = resolve;
  });
  const buffer = media.addSourceBuffer(mime);
  /** @type {ArrayBuffer[]} */ const queue = [];
  const pump = () => {
    if (!buffer.updating && queue.length > 0)
      buffer.appendBuffer(/** @type {any} */ (queue.shift()));
  };
  buffer.onupdateend = () => {
    const { buffered } = video;
    if (buffered.length > 0) {
      const ahead = buffered.end(buffered.length - 1) - video.currentTime;
      if (ahead > 1.5) video.currentTime += ahead - most;
      video.playbackRate = ahead > most ? 1.1 : 1;
      if (video.currentTime - buffered.start(0) > 30 && !buffer.updating) {
        buffer.remove(0, video.currentTime - 10);
      }
    }
    pump();
  };
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }) => {
    queue.push(data);
    pump();
  };
  video.play();
  return true;
}

/** In a page. @param {[string, string, string, string]} wish */
async function publishBySdk([sdk, server, name, as]) {
  const { publish } = await import(/** @type {any} */ (sdk));
  const own = /** @type {any} */ (window);
  const options = { server, as, ...(own.sound && { audio: own.sound }) };
  own.publication = publish(own.canvas, name, options);
  return true;
}

/** In a page. @param {[string, string, string, boolean, string]} wish */
async function showBySdk([sdk, server, name, muted, latency]) {
  Reflect.deleteProperty(window, "VideoDecoder");
  const { play } = await import(/** @type {any} */ (sdk));
  const video = document.body.appendChild(document.createElement("video"));
  const wish = Number(latency) >= 0 ? Number(latency) : latency;
  /** @type {any} */ (window).player = play(video, name, { server, muted, latency: wish });
  return true;
}

/** In a page: what there was since the last call. */
function seenInPage() {
  const { delays, waits, player } = /** @type {any} */ (window);
  const { way, latencyMs = 0, bufferedMs = 0, jumps = 0, stalls = 0 } = player?.stats ?? {};
  const own = { by: way?.by ?? "", latencyMs, bufferedMs, moves: jumps + stalls };
  return { delays: delays.splice(0), waits: waits(), ...own };
}

/** @typedef {{server: Server, relay: Server, browser: any, sdk: string}} Bench */

/** @param {Bench} bench @param {Row} row @param {Who} who */
async function measure({ server, relay, browser, sdk }, row, who) {
  const stream = `mse-${Math.random().toString(36).slice(2)}`;
  const publisher = await timePage(browser, server);
  const viewer = await timePage(browser, server);
  await publisher.evaluate(paintTime, SIZE);
  if (row.sound) await publisher.evaluate(makeSound);
  await viewer.evaluate(notePaints);
  if (who === "bare") {
    await viewer.evaluate(showByHand, [`${relay.wsOrigin}/live/${stream}`, row]);
    await publisher.evaluate(publishByHand, [`${relay.wsOrigin}/publish/${stream}`, row]);
  } else {
    await publisher.evaluate(publishBySdk, [sdk, server.origin, stream, String(values.as)]);
    await viewer.evaluate(showBySdk, [
      sdk,
      server.origin,
      stream,
      !row.sound,
      String(values.latency),
    ]);
  }
  await viewer.evaluate(readVideo, SIZE);
  const comes = () => /** @type {any} */ (window).delays.length > 10;
  await until(() => viewer.evaluate(comes), `pictures of ${who}`, { ms: 60_000 });
  await sleep(SETTLE_MS);
  const before = await viewer.evaluate(seenInPage);
  await sleep(SECONDS * 1000);
  const seen = await viewer.evaluate(seenInPage);
  await publisher.close();
  await viewer.close();
  if (who === "ours" && seen.by !== "mse") throw new Error(`it was shown by ${seen.by}`);
  /** @type {number[]} */
  const ms = seen.delays.map((/** @type {[number, number]} */ [, delay]) => delay);
  return {
    median: median(ms),
    p95: quantile(ms, 0.95),
    perSecond: ms.length / SECONDS,
    buffered: seen.bufferedMs,
    waits: seen.waits - before.waits,
    arrived: seen.latencyMs,
    moves: seen.moves - before.moves,
  };
}

const cores = ownCores(Boolean(values.pinned));
const server = await startOn(cores);
const relay = await Server.start({
  command: cores.command([process.execPath, BARE]),
  listen: "",
});
const browser = await launchChromium();
const modules = values.tree ? await serveModules() : null;
const bench = { server, relay, browser, sdk: modules?.url ?? "/framewire.js" };
let kept = true;
try {
  console.log(
    `load ${loadavg()[0].toFixed(2)}; ${cores.told}; ${values.rounds} rounds in turns, latency ${values.latency}`,
  );
  for (const row of ROWS.filter(({ name }) => name.includes(String(values.only)))) {
    /** @type {Record<Who, Awaited<ReturnType<typeof measure>>[]>} */ const seen = {
      ours: [],
      bare: [],
    };
    for (let round = 0; round < Number(values.rounds); round += 1) {
      /** @type {Who[]} */ const order = round % 2 ? ["ours", "bare"] : ["bare", "ours"];
      for (const who of order) seen[who].push(await measure(bench, row, who));
    }
    /** @typedef {keyof typeof seen.ours[number]} Of */
    const middle = (/** @type {Who} */ who, /** @type {Of} */ of) =>
      median(seen[who].map((each) => each[of]));
    console.log(`${row.name} | median ms | p95 | pictures/s | rounds' medians | waits, jumps`);
    for (const who of /** @type {Who[]} */ (["ours", "bare"])) {
      const medians = seen[who].map((each) => each.median).join(" ");
      const stood = seen[who].map((each) => `${each.waits},${each.moves}`).join(" ");
      console.log(
        `${who} | ${middle(who, "median")} | ${middle(who, "p95")} | ${middle(who, "perSecond").toFixed(1)} | ${medians} | ${stood}`,
      );
    }
    const ratio = middle("ours", "median") / middle("bare", "median");
    const spread = middle("ours", "p95") / middle("ours", "median");
    const holds = ratio <= row.most && spread <= SPREAD_MOST;
    kept &&= holds;
    console.log(
      `figure: ${row.name}: ${ratio.toFixed(2)} of the page by hand (at most ${row.most}), p95 ${spread.toFixed(2)} of the median (at most ${SPREAD_MOST}), ${middle("ours", "arrived")} ms after it arrived, ${middle("ours", "buffered")} ms buffered: ${holds ? "holds" : "DOES NOT HOLD"}`,
    );
  }
  console.log(`load now ${loadavg()[0].toFixed(2)}`);
} finally {
  modules?.close();
  await browser.close();
  await server.stop();
  await relay.stop();
}
process.exitCode = kept ? 0 : 1;
