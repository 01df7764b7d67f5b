/**
 * Everything that can be published, held against `/watch` in a browser: numbered pictures (page_kit.js) by way of
 * ffmpeg or of a page, and what the watch page shows of them.
 */
import { BITS } from "./counter.mjs";
import { run } from "./decode.mjs";
import { V1Publisher } from "./publisher.mjs";
import { sleep, until } from "./wait.mjs";

/** @typedef {import('./server.mjs').Server} Server */
/** @typedef {import('./browsers.mjs').TestPage} TestPage */
/** @typedef {{moves: boolean, sound: boolean | null, way: string, firstMs: number, refused: string}} Seen */
/**
 * @typedef {object} Row
 * @property {string} name
 * @property {boolean} pictures
 * @property {boolean} sound
 * @property {string[]} [ffmpeg] its arguments after the inputs: published by this process
 * @property {any} [page] what publishes in Chromium: of the SDK's publish(), or of WebCodecs
 */

const FPS = 25;
const SECONDS = 8;
const SIZE = { width: 320, height: 180 };

/** As page_kit.js paints it. @param {number} number */
function frame(number) {
  const { width, height } = SIZE;
  const out = Buffer.alloc(width * height * 4, 255);
  const row = Math.round(height / 6);
  const [cell, block] = [width / BITS, width / 6];
  const colours = [0xc82828, 0x28b43c, 0x3246d2, 0xdcc83c, 0x28b4be, 0xb43cb4];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const on = ((number >> Math.floor(x / cell)) & 1) === 1;
      const white = y < row ? on : !on;
      const colour = y < 2 * row ? (white ? 0xffffff : 0) : colours[Math.floor(x / block)];
      out.writeUIntBE(colour, (y * width + x) * 4, 3);
    }
  }
  return out;
}

/** @type {Buffer | null} */ let raw = null;

/** A film of numbered pictures with a tone. @param {string[]} args */
async function film(args) {
  raw ??= Buffer.concat(Array.from({ length: FPS * SECONDS }, (_, n) => frame(n)));
  const { width, height } = SIZE;
  const picture = [
    "-f",
    "rawvideo",
    "-pix_fmt",
    "rgba",
    "-s",
    `${width}x${height}`,
    "-r",
    `${FPS}`,
  ];
  const tone = ["-f", "lavfi", "-t", `${SECONDS}`, "-i", "sine=frequency=500:sample_rate=48000"];
  const made = await run(
    "ffmpeg",
    ["-v", "error", ...picture, "-i", "-", ...tone, ...args, "-"],
    raw,
  );
  if (made.code !== 0) throw new Error(made.stderr);
  return made.out;
}

const VIDEO = ["-g", "25", "-pix_fmt", "yuv420p", "-b:v", "600k"];
const X264 = [
  "-c:v",
  "libx264",
  "-preset",
  "veryfast",
  "-tune",
  "zerolatency",
  "-bf",
  "0",
  ...VIDEO,
];
const AAC = ["-c:a", "aac", "-b:a", "64k"];
const OPUS = ["-c:a", "libopus", "-b:a", "64k"];
const REAL_TIME = ["-deadline", "realtime", "-cpu-used", "8"];
const FRAGMENTS = ["-movflags", "frag_keyframe+empty_moov+default_base_moof", "-f", "mp4"];

/** @param {string} name @param {string[]} ffmpeg @param {boolean} [pictures] @param {boolean} [sound] @returns {Row} */
const made = (name, ffmpeg, pictures = true, sound = true) => ({ name, ffmpeg, pictures, sound });
/** @param {string} name @param {any} page @param {boolean} [sound] @returns {Row} */
const sent = (name, page, sound = false) => ({ name, page, pictures: !page.silent, sound });

/** @type {Row[]} */
export const ROWS = [
  made("WebM: VP8, Opus", ["-c:v", "libvpx", ...REAL_TIME, ...VIDEO, ...OPUS, "-f", "webm"]),
  made("WebM: VP9, Opus", ["-c:v", "libvpx-vp9", ...REAL_TIME, ...VIDEO, ...OPUS, "-f", "webm"]),
  made("WebM: AV1, Opus", ["-c:v", "libsvtav1", "-preset", "12", ...VIDEO, ...OPUS, "-f", "webm"]),
  made("Matroska: H.264, Opus", [...X264, ...OPUS, "-f", "matroska"]),
  made("MP4: H.264, AAC", [...X264, ...AAC, ...FRAGMENTS]),
  made("MPEG-TS: H.264, AAC", [...X264, ...AAC, "-f", "mpegts"]),
  made("FLV: H.264, AAC", [...X264, ...AAC, "-f", "flv"]),
  made("Ogg: Opus", ["-vn", ...OPUS, "-f", "ogg"], false),
  made("WebM: Opus alone", ["-vn", ...OPUS, "-f", "webm"], false),
  sent("packets: H.264", { video: "avc1.42001f" }),
  sent("packets: VP8", { video: "vp8" }),
  sent("packets: VP9", { video: "vp09.00.10.08" }),
  sent("packets: AV1", { video: "av01.0.04M.08" }),
  sent("packets: Opus", { silent: true, sound: true }, true),
  sent("JPEG", { type: "image/jpeg" }),
  sent("PNG", { type: "image/png" }),
  sent("WebP", { type: "image/webp" }),
  sent("RGBA", { type: "rgba" }),
  sent("JPEG and Opus", { type: "image/jpeg", soundCodec: "opus" }, true),
  sent("JPEG and PCM", { type: "image/jpeg", soundCodec: "pcm-f32" }, true),
  { name: "binary", page: { binary: true }, pictures: false, sound: false },
];

/** In a page with the kit: publishes until it is closed. @param {[string, any]} wish */
async function publishInPage([url, wish]) {
  const sdk = await import(/** @type {any} */ ("/framewire.js"));
  const { kit } = /** @type {any} */ (window);
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
  const context = canvas.getContext("2d", { alpha: false });
  let n = 0;
  const paint = () => kit.paint(context, ++n & 0xffff);
  paint();
  const tone = () => {
    const audio = new AudioContext();
    const output = audio.createMediaStreamDestination();
    const oscillator = audio.createOscillator();
    oscillator.connect(output);
    oscillator.start();
    return output.stream;
  };
  if (wish.binary) {
    const channel = sdk.publish(url, { format: "binary" });
    setInterval(() => channel.send(new Uint8Array([++n, 2, 3])), 100);
    return;
  }
  if (wish.type) {
    setInterval(paint, 40);
    const audio = wish.soundCodec && tone();
    sdk.publish(canvas, url, { as: "pictures", fps: 25, ...wish, audio });
    return;
  }
  const socket = new WebSocket(url.replace(/^http/, "ws"));
  await new Promise((resolve) => {
    socket.onopen = resolve;
  });
  let begun = false;
  const output = (/** @type {any} */ chunk, /** @type {any} */ { decoderConfig }) => {
    if (!begun && !decoderConfig) return;
    if (!begun) socket.send(sdk.packetsHeader([decoderConfig]));
    begun = true;
    socket.send(sdk.packetsPacket(0, chunk));
  };
  const error = console.error;
  if (wish.video) {
    const encoder = new VideoEncoder({ output, error });
    const size = { width: 320, height: 180 };
    encoder.configure({ codec: wish.video, ...size, bitrate: 600_000, latencyMode: "realtime" });
    setInterval(() => {
      paint();
      const picture = new VideoFrame(canvas, { timestamp: Math.round(performance.now() * 1000) });
      encoder.encode(picture, { keyFrame: n % 25 === 1 });
      picture.close();
    }, 40);
    return;
  }
  const encoder = new AudioEncoder({ output, error });
  encoder.configure({ codec: "opus", sampleRate: 48_000, numberOfChannels: 1, bitrate: 64_000 });
  let at = 0;
  setInterval(() => {
    for (; at < performance.now() * 48; at += 960) {
      const data = Float32Array.from({ length: 960 }, (_, i) => 0.5 * Math.sin((at + i) / 15));
      const timestamp = Math.round((at * 1e6) / 48_000);
      const facts = { format: "f32-planar", sampleRate: 48_000, numberOfChannels: 1, timestamp };
      const audio = new AudioData(/** @type {any} */ ({ ...facts, numberOfFrames: 960, data }));
      encoder.encode(audio);
      audio.close();
    }
  }, 20);
}

/**
 * @param {Server} server @param {Row} row @param {string} stream @param {() => Promise<TestPage>} openPage with the kit
 * @returns {Promise<() => Promise<void>>} ends it
 */
export async function publishRow(server, row, stream, openPage) {
  if (row.page) {
    const page = await openPage();
    await page.evaluate(publishInPage, [`${server.origin}/publish/${stream}`, row.page]);
    return () => page.close();
  }
  const bytes = await film(row.ffmpeg ?? []);
  const publisher = await V1Publisher.open(server, stream, {});
  let on = true;
  const began = Date.now();
  const sending = (async () => {
    const step = Math.ceil(bytes.length / (SECONDS * FPS));
    for (let at = 0; on && at < bytes.length; at += step) {
      const due = began + ((at / bytes.length) * SECONDS - 1) * 1000;
      if (due > Date.now()) await sleep(due - Date.now());
      await publisher.send(bytes.subarray(at, at + step));
    }
  })();
  return async () => {
    on = false;
    await sending;
    await publisher.end();
  };
}

/** What the page shows now, in the page. @returns {any} */
function lookInPage() {
  const { kit } = /** @type {any} */ (window);
  const element = /** @type {any} */ (document.getElementById("player"));
  const { player, video } = element;
  const facts = {
    state: player.state,
    why: player.reason,
    shows: player.shows,
    stats: player.stats,
  };
  const source = player.canvas ?? (video.videoWidth > 0 ? video : null);
  if (!source) return { ...facts, number: null };
  const [width, height] = [source.videoWidth ?? source.width, source.videoHeight ?? source.height];
  return { ...facts, number: kit.readNumber(kit.snapshot(source, width, height)) };
}

/** Listens to what the player gives, for a while. In the page. */
async function listenInPage() {
  const element = /** @type {any} */ (document.getElementById("player"));
  const capture = () => element.player.captureStream();
  let stream = capture();
  for (let i = 0; i < 50 && !stream?.getAudioTracks().length; i += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    stream = capture(); // its way out is opened with its first samples
  }
  if (!stream?.getAudioTracks().length) return 0;
  const audio = new AudioContext();
  const analyser = audio.createAnalyser();
  audio.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let peak = 0;
  for (let i = 0; i < 20; i += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    analyser.getFloatTimeDomainData(samples);
    peak = Math.max(peak, ...samples);
  }
  await audio.close();
  return peak;
}

/** @param {TestPage} page a watch page with the kit @param {Row} row @param {boolean} hears this machine's browser runs its sound @returns {Promise<Seen>} */
export async function watchRow(page, row, hears) {
  /** @type {Set<number>} */ const numbers = new Set();
  const look = async () => {
    const now = await page.evaluate(lookInPage);
    if (now.number !== null) numbers.add(now.number);
    const enough = row.pictures ? numbers.size >= 3 : now.shows;
    return now.state === "error" || (now.state === "live" && enough) ? now : null;
  };
  const now = await until(look, `${row.name} to be seen`, { ms: 20_000, every: 60 });
  const { way, firstFrameMs } = now.stats;
  const heard = row.sound && hears ? (await page.evaluate(listenInPage)) > 0.02 : null;
  return {
    moves: numbers.size >= 3,
    sound: heard,
    way: way.rendition === "" ? way.by : `${way.rendition}, ${way.by}`,
    firstMs: firstFrameMs,
    refused: now.state === "error" ? now.why : "",
  };
}

/** @param {Row} row @param {Seen} seen */
export function cellOf({ pictures, sound }, seen) {
  if (seen.refused) return `refused: ${seen.refused}`;
  const what = [pictures && (seen.moves ? "picture" : "no picture")];
  if (sound && seen.sound !== null) what.push(seen.sound ? "sound" : "no sound");
  if (!pictures && !sound) what.push("bytes");
  const shown = what.filter(Boolean).join(" and ") || "sound not measured";
  return `${shown}; ${seen.way}; ${seen.firstMs} ms`;
}

const BEGIN = "<!-- watching: written by tests/e2e/slow/watch_table.test.mjs -->";
const END = "<!-- watching ends -->";

/** @param {string} document @param {[string, string[]][]} rows @param {string[]} browsers */
export function rewritten(document, rows, browsers) {
  const table = [
    `| published | ${browsers.join(" | ")} |`,
    `|---|${browsers.map(() => "---|").join("")}`,
    ...rows.map(([name, cells]) => `| ${name} | ${cells.join(" | ")} |`),
  ].join("\n");
  const [from, to] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (from < 0 || to < from) throw new Error("the document has no marks for the table");
  return `${document.slice(0, from + BEGIN.length)}\n${table}\n${document.slice(to)}`;
}
