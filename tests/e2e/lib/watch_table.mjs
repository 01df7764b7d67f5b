/**
 * Everything that can be published, to be held against `/watch` in a browser: numbered pictures (page_kit.js) by way of
 * ffmpeg or of a page. What the watch page shows of them: watch_seen.mjs.
 */
import { BITS } from "./counter.mjs";
import { run } from "./decode.mjs";
import { V1Publisher } from "./publisher.mjs";
import { sleep } from "./wait.mjs";

/** @typedef {import('./server.mjs').Server} Server */
/** @typedef {import('./browsers.mjs').TestPage} TestPage */
/**
 * @typedef {object} Row
 * @property {string} name
 * @property {boolean} pictures
 * @property {boolean} sound
 * @property {string[]} [ffmpeg] its arguments after the inputs: published by this process
 * @property {any} [page] what publishes in Chromium: of the SDK's publish(), or of WebCodecs
 */

const FPS = 25;
const SECONDS = 12;
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

/** By their arguments: each browser watches the same. @type {Map<string, Promise<Buffer>>} */
const films = new Map();

/** @param {string[]} args */
function filmOf(args) {
  const key = args.join(" ");
  const film = films.get(key) ?? makeFilm(args);
  films.set(key, film);
  return film;
}

/** A film of numbered pictures with a tone. @param {string[]} args */
async function makeFilm(args) {
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
  const bytes = await filmOf(row.ffmpeg ?? []);
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
