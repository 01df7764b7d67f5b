/**
 * How long from a canvas to a canvas: packets of the SDK with `latency: 'lowest'`, beside a bare relay of node's `ws`
 * with pages of WebCodecs written by hand, in turns; and with sound, how far a flash and a click are apart. The time is
 * painted as cells and read back where it is shown. By hand, on a quiet machine:
 *
 *     node tests/e2e/slow/packets_delay.mjs [--rounds 5] [--seconds 4] [--only "VP8"]
 */

import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { launchChromium } from "../lib/chromium.mjs";
import { median, quantile } from "../lib/proc.mjs";
import { Server } from "../lib/server.mjs";
import { notePaints, paintTime, timePage } from "../lib/time_code.mjs";
import { sleep, until } from "../lib/wait.mjs";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "4" },
    only: { type: "string", default: "" },
  },
});
const ROUNDS = Number(values.rounds);
const SECONDS = Number(values.seconds);
const BARE = fileURLToPath(new URL("../../bench/ws_broadcast.mjs", import.meta.url));
/** More than the bare relay's, at most, in milliseconds. */
const MORE_MOST = 3;
const WITH_SOUND_MOST = 120;
const APART_MOST = 40;

/**
 * @typedef {{name: string, codec: string, config: string, width: number, height: number, sound?: boolean}} Row
 * @typedef {"ours" | "bare"} Who
 */
/** @type {Row[]} */
const ROWS = [
  { name: "H.264 640x360", codec: "h264", config: "avc1.42E01E", width: 640, height: 360 },
  { name: "VP8 640x360", codec: "vp8", config: "vp8", width: 640, height: 360 },
  { name: "VP9 640x360", codec: "vp9", config: "vp09.00.30.08", width: 640, height: 360 },
  { name: "H.264 1280x720", codec: "h264", config: "avc1.42E01F", width: 1280, height: 720 },
  {
    name: "H.264 640x360 with sound",
    codec: "h264",
    config: "",
    width: 640,
    height: 360,
    sound: true,
  },
];

/** In a page: each second animation frame encoded and sent, by hand. @param {[string, Row]} wish */
async function publishByHand([url, { config, width, height }]) {
  const { canvas, onPainted } = /** @type {any} */ (window);
  const socket = new WebSocket(url);
  await new Promise((resolve) => {
    socket.onopen = resolve;
  });
  const encoder = new VideoEncoder({
    output(chunk, metadata) {
      const description = metadata?.decoderConfig?.description;
      if (metadata?.decoderConfig) {
        const { codec } = metadata.decoderConfig;
        const bytes = description
          ? Array.from(new Uint8Array(/** @type {any} */ (description)))
          : null;
        socket.send(JSON.stringify({ codec, bytes }));
      }
      const message = new Uint8Array(9 + chunk.byteLength);
      message[0] = chunk.type === "key" ? 1 : 0;
      new DataView(message.buffer).setFloat64(1, chunk.timestamp);
      chunk.copyTo(message.subarray(9));
      socket.send(message);
    },
    error: (error) => console.error(error),
  });
  const bitrate = 2_500_000;
  encoder.configure({
    codec: config,
    width,
    height,
    bitrate,
    framerate: 30,
    latencyMode: "realtime",
  });
  let n = 0;
  onPainted.push(() => {
    n += 1;
    if (n % 2 || encoder.encodeQueueSize > 1) return;
    const frame = new VideoFrame(canvas, { timestamp: Math.round(performance.now() * 1000) });
    encoder.encode(frame, { keyFrame: n % 120 === 2 });
    frame.close();
  });
  return true;
}

/** In a page: decodes and shows what comes, by hand. @param {[string, Row]} wish */
async function showByHand([url, { width, height }]) {
  const canvas = document.body.appendChild(document.createElement("canvas"));
  Object.assign(canvas, { width, height });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const decoder = new VideoDecoder({
    output(frame) {
      context.drawImage(frame, 0, 0);
      frame.close();
    },
    error: (error) => console.error(error),
  });
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  let began = false;
  const text = new TextDecoder();
  socket.onmessage = ({ data }) => {
    const bytes = new Uint8Array(data);
    if (bytes[0] === 0x7b) {
      const { codec, bytes: description } = JSON.parse(text.decode(bytes));
      const more = description ? { description: Uint8Array.from(description) } : {};
      decoder.configure({ codec, optimizeForLatency: true, ...more });
      began = false;
      return;
    }
    const key = bytes[0] === 1;
    if (decoder.state !== "configured" || !(began || key)) return;
    began = true;
    const timestamp = new DataView(data).getFloat64(1);
    const type = key ? "key" : "delta";
    decoder.decode(new EncodedVideoChunk({ type, timestamp, data: bytes.subarray(9) }));
  };
  return true;
}

/** In a page: the flash in the picture and the click in the sound, together, each second. */
function flashAndClick() {
  const { canvas, onPainted } = /** @type {any} */ (window);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const audio = new AudioContext({ latencyHint: "interactive" });
  const out = audio.createMediaStreamDestination();
  const gain = new GainNode(audio, { gain: 0 });
  const tone = new OscillatorNode(audio, { frequency: 1000 });
  tone.connect(gain).connect(out);
  tone.start();
  let second = 0;
  onPainted.push(() => {
    const now = Date.now();
    const on = now % 1000 < 100;
    context.fillStyle = on ? "#fff" : "#000";
    context.fillRect(0, canvas.height * 0.4, canvas.width / 8, canvas.height * 0.2);
    if (!on || Math.floor(now / 1000) === second) return;
    second = Math.floor(now / 1000);
    gain.gain.setValueAtTime(0.5, audio.currentTime);
    gain.gain.setValueAtTime(0, audio.currentTime + 0.1);
  });
  /** @type {any} */ (window).sound = out.stream;
  return true;
}

/** In a page: when it flashes, and when the click leaves the player's own node, with what its context adds. */
function noteFlashes() {
  /** @type {number[]} */ const flashes = [];
  /** @type {number[]} */ const clicks = [];
  Object.assign(window, { flashes, clicks });
  const proto = CanvasRenderingContext2D.prototype;
  const real = proto.drawImage;
  let bright = false;
  /** @type {any} */ (proto).drawImage = function (/** @type {any[]} */ ...args) {
    /** @type {any} */ (real).apply(this, args);
    const { width, height } = this.canvas;
    const [level] = this.getImageData(Math.floor(width / 16), Math.floor(height / 2), 1, 1).data;
    if (level > 160 && !bright) flashes.push(performance.now());
    bright = level > 160;
  };
  const Node = AudioWorkletNode;
  const code = `registerProcessor("listen", class extends AudioWorkletProcessor {
    process([[plane]]) {
      const loud = plane?.findIndex((v) => Math.abs(v) > 0.1) ?? -1;
      if (loud >= 0 && !(currentTime - this.last < 0.5)) this.port.postMessage(currentTime + loud / sampleRate);
      if (loud >= 0) this.last = currentTime;
      return true;
    }
  });`;
  window.AudioWorkletNode = class extends Node {
    /** @param {any} context @param {string} name @param {any} [options] */
    constructor(context, name, options) {
      super(context, name, options);
      if (name !== "framewire-sound") return;
      const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
      context.audioWorklet.addModule(url).then(() => {
        const ear = new Node(context, "listen");
        this.connect(ear);
        ear.port.onmessage = ({ data }) => {
          const { contextTime = 0, performanceTime = 0 } = context.getOutputTimestamp();
          clicks.push(performanceTime + (data - contextTime) * 1000);
        };
      });
    }
  };
  return true;
}

/** In a page. @param {[string, string]} wish */
async function publishBySdk([url, codec]) {
  const { publish } = await import(/** @type {any} */ ("/framewire.js"));
  const own = /** @type {any} */ (window);
  const options = { as: "packets", codec, fps: 30, audio: own.sound };
  own.publication = publish(own.canvas, url, options);
  return true;
}

/** In a page. @param {[string, boolean]} wish */
async function showBySdk([url, muted]) {
  const { play } = await import(/** @type {any} */ ("/framewire.js"));
  const video = document.body.appendChild(document.createElement("video"));
  /** @type {any} */ (window).player = play(video, url, { muted, latency: "lowest" });
  return true;
}

/** How far each flash is from the click that belongs to it. @param {{flashes: number[], clicks: number[]}} seen */
function apart({ flashes, clicks }) {
  return flashes.flatMap((at) => {
    const nearest = clicks.reduce(
      (a, b) => (Math.abs(b - at) < Math.abs(a - at) ? b : a),
      Infinity,
    );
    return Math.abs(nearest - at) < 400 ? [at - nearest] : [];
  });
}

/** @param {any} browser @param {Server} server @param {Server} relay @param {Row} row @param {Who} who */
async function measure(browser, server, relay, row, who) {
  const { width, height, codec, sound = false } = row;
  const stream = `delay-${Math.random().toString(36).slice(2)}`;
  const publisher = await timePage(browser, server);
  const viewer = await timePage(browser, server);
  await publisher.evaluate(paintTime, { width, height });
  await viewer.evaluate(notePaints, null);
  if (sound) {
    await publisher.evaluate(flashAndClick);
    await viewer.evaluate(noteFlashes);
  }
  if (who === "bare") {
    await viewer.evaluate(showByHand, [`${relay.wsOrigin}/live/${stream}`, row]);
    await publisher.evaluate(publishByHand, [`${relay.wsOrigin}/publish/${stream}`, row]);
  } else {
    await publisher.evaluate(publishBySdk, [`/publish/${stream}`, codec]);
    await viewer.evaluate(showBySdk, [`/watch/${stream}`, !sound]);
  }
  const comes = () => /** @type {any} */ (window).delays.length > 10;
  await until(() => viewer.evaluate(comes), "pictures", { ms: 60_000 });
  await sleep(sound ? 3000 : 1000);
  await viewer.evaluate(() => {
    const { delays, flashes, clicks } = /** @type {any} */ (window);
    for (const list of [delays, flashes ?? [], clicks ?? []]) list.splice(0);
    return true;
  });
  await sleep(SECONDS * 1000);
  /** @type {[number, number][]} */
  const delays = await viewer.evaluate(() => /** @type {any} */ (window).delays);
  const seen = sound
    ? await viewer.evaluate(() => {
        const { flashes, clicks, player } = /** @type {any} */ (window);
        return { flashes, clicks, buffered: player.stats.bufferedMs };
      })
    : null;
  const encodeMs = await publisher.evaluate(
    () => /** @type {any} */ (window).publication?.stats.encodeMs ?? 0,
  );
  await publisher.close();
  await viewer.close();
  const ms = delays.map(([, delay]) => delay);
  return {
    median: median(ms),
    p95: quantile(ms, 0.95),
    perSecond: ms.length / SECONDS,
    encodeMs,
    apart: seen ? apart(seen) : [],
    buffered: seen?.buffered ?? 0,
  };
}

const server = await Server.start();
const relay = await Server.start({ command: [process.execPath, BARE], listen: "" });
const browser = await launchChromium();
let kept = true;
try {
  console.log(`load ${loadavg()[0].toFixed(2)}; ${ROUNDS} rounds in turns`);
  for (const row of ROWS.filter(({ name }) => name.includes(String(values.only)))) {
    /** @type {Record<Who, any[]>} */ const seen = { ours: [], bare: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      /** @type {Who[]} */
      const order = row.sound ? ["ours"] : round % 2 ? ["ours", "bare"] : ["bare", "ours"];
      for (const who of order) seen[who].push(await measure(browser, server, relay, row, who));
    }
    const middle = (/** @type {any[]} */ all, /** @type {string} */ of) =>
      median(all.map((each) => each[of]));
    const tell = (/** @type {any[]} */ all) =>
      `${middle(all, "median")} ms (p95 ${middle(all, "p95")}, ${middle(all, "perSecond").toFixed(1)}/s)`;
    const encode = `encoding ${middle(seen.ours, "encodeMs")} ms`;
    let holds = middle(seen.ours, "median") <= middle(seen.bare, "median") + MORE_MOST;
    let text = `bare relay ${tell(seen.bare)}; at most bare + ${MORE_MOST} ms`;
    if (row.sound) {
      const apartMs = seen.ours.flatMap((each) => each.apart);
      const worst = Math.max(...apartMs.map(Math.abs));
      holds =
        middle(seen.ours, "median") <= WITH_SOUND_MOST && apartMs.length > 0 && worst <= APART_MOST;
      text = `flash after click by ${median(apartMs).toFixed(0)} ms, at most ${worst.toFixed(0)} of ${apartMs.length}, ${middle(seen.ours, "buffered")} ms buffered; at most ${WITH_SOUND_MOST} and ${APART_MOST} ms`;
    }
    kept &&= holds;
    console.log(
      `figure: ${row.name}: ${tell(seen.ours)}, ${encode}, ${text}: ${holds ? "holds" : "DOES NOT HOLD"}`,
    );
  }
} finally {
  await browser.close();
  await server.stop();
  await relay.stop();
}
process.exit(kept ? 0 : 1);
