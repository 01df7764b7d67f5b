import { pixelsOfFrame } from "./canvas_frames.js";
import { FramewireError } from "./errors.js";
import { filmCodecs } from "./film_codecs.js";
import { BT709, i420Bytes, toI420 } from "./i420.js";
import { i420Planes, PlanePacker } from "./packed_planes.js";

/**
 * Where the frames of a film are encoded, and why: in the page, or on the server. With `auto` both are measured
 * for a moment, once for each kind of film: how many frames of a picture of noise and colour the browser's
 * encoder makes, and how many planes page and network can bring to the server. These go packed: what the film's
 * own first frame takes is counted, where it makes a difference. How fast the server's encoder is, is not known before.
 *
 * @typedef {import('./film_codecs.js').FilmCodec} FilmCodec
 * @typedef {import('./film_codecs.js').FilmWish} FilmWish
 *
 * @typedef {object} FilmWay
 * @property {'page' | 'server'} encode
 * @property {string} why a sentence
 * @property {FilmCodec | null} codec in the page
 */

/** An encoder, and the network, are watched for so long, in milliseconds. */
const WATCH_MS = 250;
const LEAST_FRAMES = 6;
const MOST_FRAMES = 24;
const ECHO_BYTES = 64 << 10;
const ECHO_MESSAGES = 16;
/** A network that has not answered by then is not waited for. */
const ECHO_LIMIT_MS = 1_000;

/** Of its planes a drawn picture keeps a twentieth, or more; the first frame of a film may be an empty one. */
const LEAST_SHARE = 1 / 20;

const NO_ALPHA = "No browser's encoder keeps transparency: the server's does.";
const NOT_LOSSLESS = "No browser's encoder is lossless: the server's is.";
const NO_ENCODERS = "This browser has no VideoEncoder.";

/** @type {Map<string, Promise<any>>} what was measured */
const measured = new Map();

/**
 * @template T
 * @param {string} key @param {() => Promise<T>} measure @returns {Promise<T>}
 */
function once(key, measure) {
  const known = measured.get(key) ?? measure();
  measured.set(key, known);
  return known;
}

/** @type {FilmWay} */
const ON_SERVER = { encode: "server", why: "It was asked for.", codec: null };

/**
 * What needs no look at encoders and network.
 *
 * @param {import('./record_types.js').RecordCanvasOptions} options
 * @returns {FilmWay | null} null: chooseWay() finds out
 */
export function wayAtOnce({ encode = "auto", format, quality, alpha }) {
  if (encode !== "page" && encode !== "server" && encode !== "auto") {
    throw new FramewireError("bad-source", '`encode` is "page", "server" or "auto".');
  }
  if (encode === "page" && format) {
    throw new FramewireError("bad-source", "`format` is of frames that the server encodes.");
  }
  if (encode === "page" && alpha) throw new FramewireError("unsupported-recorder", NO_ALPHA);
  if (encode === "server" || format) return ON_SERVER;
  if (alpha) return { ...ON_SERVER, why: NO_ALPHA };
  if (encode === "page") return null;
  if (quality === "lossless") return { ...ON_SERVER, why: NOT_LOSSLESS };
  return globalThis.VideoEncoder ? null : { ...ON_SERVER, why: NO_ENCODERS };
}

/**
 * @param {FilmWish & {encode?: 'page' | 'server' | 'auto'}} wish
 * @param {string} echoUrl
 * @param {() => Promise<VideoFrame | null>} first the film's first frame, once it is drawn, to be closed; null: none comes
 * @returns {Promise<FilmWay>} rejects with `unsupported-recorder` if it is to be the page, and cannot be
 */
export async function chooseWay(wish, echoUrl, first) {
  const { encode } = wish;
  const codecs = await filmCodecs(wish);
  if (codecs.length === 0) {
    const why = whyNone(wish);
    if (encode === "page") throw new FramewireError("unsupported-recorder", why);
    return { encode: "server", why, codec: null };
  }
  const { width, height, fps, quality } = wish;
  const speed = (/** @type {FilmCodec} */ codec) =>
    once(`${codec.config.codec} ${width} ${height} ${fps} ${quality}`, () =>
      encoderSpeed(codec, wish),
    );
  if (encode === "page") {
    const { best, page } = await fastest(codecs, speed);
    const why = `No encoder of this browser gives each frame of ${width}x${height} once, in order.`;
    if (page === 0) throw new FramewireError("unsupported-recorder", why);
    return { encode, why: `It was asked for; ${best.name} was taken.`, codec: best };
  }
  const { best, page } = await fastest(codecs, speed);
  const rate = await once(`echo ${echoUrl}`, () => echoSpeed(echoUrl));
  const packer = PlanePacker.open(width, height, i420Planes(width, height));
  const seconds = planesSeconds(width, height, packer);
  const whole = i420Bytes(width, height);
  const least = packer ? whole * LEAST_SHARE : whole;
  const { onServer, there } = await compare({ page, rate, seconds, whole, least }, async () => {
    const frame = await first();
    return frame && packer ? packedBytes(frame, packer) : whole;
  });
  const why = `Measured: this page's ${best.name} encoder makes ${rounded(page)} frames a second, ${there}.`;
  return onServer ? { encode: "server", why, codec: null } : { encode: "page", why, codec: best };
}

/**
 * Which way brings more frames a second.
 *
 * @param {object} measured
 * @param {number} measured.page frames a second of the page's encoder
 * @param {number} measured.rate bytes a second that the network takes; 0: not known
 * @param {number} measured.seconds what a frame's planes take the page
 * @param {number} measured.whole bytes of these
 * @param {number} measured.least bytes of them, packed, at best
 * @param {() => Promise<number>} packed bytes of them, packed; asked only if it makes a difference
 * @returns {Promise<{onServer: boolean, there: string}>} there: what the server's way brings, in words
 */
export async function compare({ page, rate, seconds, whole, least }, packed) {
  if (!(rate > 0)) return { onServer: !(page > 0), there: "the network was not measured" };
  const brings = (/** @type {number} */ bytes) => 1 / (seconds + bytes / rate);
  const words = (/** @type {string} */ many) => `page and network bring ${many} to the server`;
  const [slowest, quickest] = [brings(whole), brings(least)];
  if (page < slowest) return { onServer: true, there: words(`${rounded(slowest)} or more`) };
  if (page > 0 && page >= quickest)
    return { onServer: false, there: words(`${rounded(quickest)} at most`) };
  const bytes = Math.min(Math.max(await packed(), least), whole);
  const there = words(`${rounded(brings(bytes))} of ${Math.ceil(bytes / 1000)} kB each`);
  return { onServer: !(page > 0) || brings(bytes) > page, there };
}

/** @param {VideoFrame} frame is closed @param {PlanePacker} packer of its size */
async function packedBytes(frame, packer) {
  const pixels = await pixelsOfFrame(frame, packer.words);
  packer.toI420(pixels);
  return packer.pack().length;
}

/** @param {FilmCodec[]} codecs @param {(codec: FilmCodec) => Promise<number>} speed */
async function fastest(codecs, speed) {
  let best = codecs[0];
  let rate = 0;
  for (const codec of codecs) {
    const own = await speed(codec); // one after the other: they would share the machine
    if (own > rate) [best, rate] = [codec, own];
    if (codec.name === "h264" && own > 0) break; // what everybody plays
  }
  return { best, page: rate };
}

/** @param {number} value */
const rounded = (value) => (value < 10 ? value.toFixed(1) : String(Math.round(value)));

/** @param {FilmWish} wish */
function whyNone({ container = "mp4", codec, quality, width, height }) {
  if (quality === "lossless") return NOT_LOSSLESS;
  if (!globalThis.VideoEncoder) return NO_ENCODERS;
  return `This browser has no encoder for ${codec ?? `a codec of ${container}`} at ${width}x${height}.`;
}

/**
 * Frames a second; 0: it does not work.
 *
 * @param {FilmCodec} codec @param {FilmWish} wish
 * @returns {Promise<number>}
 */
async function encoderSpeed({ config, perFrame }, { width, height, fps }) {
  const pictures = [testPicture(width, height, 0), testPicture(width, height, 1)];
  let sent = 0;
  let made = 0;
  let broken = false;
  let wake = () => {};
  const encoder = new VideoEncoder({
    output: ({ timestamp }) => {
      // Some give packets in another order than the frames, which a film cannot have.
      broken ||= Math.abs(timestamp - Math.round((made * 1e6) / fps)) > 1;
      made += 1;
      wake();
    },
    error: () => {
      broken = true;
      wake();
    },
  });
  try {
    encoder.configure(config);
    const begun = performance.now(); // not at its first packet, which it may hold back
    for (let n = 0; n < MOST_FRAMES && !broken; n += 1) {
      if (performance.now() - begun > (made > LEAST_FRAMES ? WATCH_MS : 4 * WATCH_MS)) break;
      sent = n + 1;
      const timestamp = Math.round((n * 1e6) / fps);
      const layout = { format: /** @type {VideoPixelFormat} */ ("I420"), colorSpace: BT709 };
      const size = { codedWidth: width, codedHeight: height };
      const frame = new VideoFrame(
        pictures[n % 2],
        /** @type {any} */ ({ ...layout, ...size, timestamp }),
      );
      encoder.encode(frame, { keyFrame: n === 0, ...perFrame });
      frame.close();
      if (n - made >= 4) {
        await new Promise((/** @type {(value: void) => void} */ resolve) => {
          wake = resolve;
          setTimeout(resolve, WATCH_MS / 5);
        });
      }
    }
    if (!broken && (made === 0 || sent === MOST_FRAMES)) await encoder.flush();
    return broken ? 0 : (made * 1000) / (performance.now() - begun);
  } catch {
    return 0;
  } finally {
    if (encoder.state !== "closed") encoder.close();
  }
}

/** Edges, areas and a little noise, moved by some pixels. @param {number} width @param {number} height @param {number} step */
function testPicture(width, height, step) {
  const out = new Uint8Array(i420Bytes(width, height));
  const luma = width * height;
  let seed = 1;
  for (let at = 0; at < luma; at += 1) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) | 0;
    const x = (at % width) + 7 * step;
    const y = (at / width) | 0;
    out[at] = 40 + ((((x >> 5) * 37 + (y >> 5) * 91) & 127) + ((seed >>> 28) & 7));
  }
  for (let at = luma; at < out.length; at += 1) out[at] = 96 + ((at >> 5) & 63);
  return out;
}

/**
 * What it takes to make planes of a frame, and to pack them.
 *
 * @param {number} width @param {number} height @param {PlanePacker | null} packer
 */
function planesSeconds(width, height, packer) {
  if (packer) {
    const started = performance.now();
    packer.toI420({ blueFirst: true, upward: false });
    packer.pack();
    return (performance.now() - started) / 1000;
  }
  const words = new Int32Array(width * height);
  const out = new Uint8Array(i420Bytes(width, height));
  const begun = performance.now();
  toI420({ words, blueFirst: true, upward: false }, width, height, out);
  return (performance.now() - begun) / 1000;
}

/** Bytes a second there and back; 0: it was not to be had. @param {string} url @returns {Promise<number>} */
function echoSpeed(url) {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    let begun = 0;
    let bytes = 0;
    const end = () => {
      clearTimeout(timer);
      socket.onclose = socket.onerror = socket.onmessage = null;
      socket.close();
      resolve(bytes > 0 ? (bytes * 1000) / Math.max(performance.now() - begun, 1) : 0);
    };
    const timer = setTimeout(end, ECHO_LIMIT_MS);
    socket.onopen = () => {
      begun = performance.now();
      for (let n = 0; n < ECHO_MESSAGES; n += 1) socket.send(new Uint8Array(ECHO_BYTES));
    };
    socket.onmessage = ({ data }) => {
      bytes += data.byteLength;
      if (bytes >= ECHO_BYTES * ECHO_MESSAGES || performance.now() - begun > WATCH_MS) end();
    };
    socket.onclose = socket.onerror = end;
  });
}
