import { chooseRecorderType } from "./recorder_type.js";
import { WebmTimes } from "./webm_times.js";

/**
 * How many pictures a second a MediaRecorder of this browser makes of a canvas of some size, when it is given more than
 * it can: tried for a second on something that moves. Asked only where WebCodecs proved too slow (codec_speed.js).
 *
 * @typedef {import('./video_codec.js').CodecName} CodecName
 */

/** The first ones open the encoder, and are not counted; in milliseconds. */
const WARM_MS = 500;
const MEASURED_MS = 1_000;
const SLICE_MS = 50;
const TILE = 128;

/** Of this page, by codec and size. @type {Map<string, Promise<number>>} */
const measured = new Map();

/**
 * @param {{width: number, height: number, fps: number, bitrate: number}} wish
 * @param {CodecName | undefined} codec undefined: the recorder's best
 * @returns {Promise<number>} pictures a second; 0 = it cannot be told
 */
export function recorderSpeed(wish, codec) {
  const key = `${codec} ${wish.width}x${wish.height} ${wish.fps}`;
  const known = measured.get(key) ?? measure(wish, codec).catch(() => 0);
  measured.set(key, known);
  return known;
}

/** @param {{width: number, height: number, fps: number, bitrate: number}} wish @param {CodecName | undefined} codec */
async function measure({ width, height, fps, bitrate }, codec) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const paint = painter(canvas);
  const wish = { video: true, audio: false, height, codec, format: /** @type {'webm'} */ ("webm") };
  const { mimeType } = chooseRecorderType(wish, (type) => MediaRecorder.isTypeSupported(type));
  const stream = canvas.captureStream(fps);
  const timer = setInterval(paint, 1000 / fps);
  try {
    const recorder = new MediaRecorder(stream, { mimeType, videoBitsPerSecond: bitrate });
    const counted = count(recorder);
    recorder.start(SLICE_MS);
    return await counted;
  } finally {
    clearInterval(timer);
    for (const track of stream.getTracks()) track.stop();
  }
}

/** @param {MediaRecorder} recorder about to start @returns {Promise<number>} pictures a second, once it was measured */
async function count(recorder) {
  const webm = new WebmTimes();
  let pictures = 0;
  let read = Promise.resolve();
  recorder.ondataavailable = ({ data }) => {
    read = read.then(async () => {
      pictures += webm.push(new Uint8Array(await data.arrayBuffer())).length;
    });
  };
  const wait = (/** @type {number} */ ms) => new Promise((go) => setTimeout(go, ms));
  await wait(WARM_MS);
  await read;
  const [before, beganAt] = [pictures, performance.now()];
  await wait(MEASURED_MS);
  await read;
  const rate = ((pictures - before) * 1000) / (performance.now() - beganAt);
  recorder.stop();
  return rate;
}

/** Something that is not too easy, and moves: noise in tiles. @param {HTMLCanvasElement} canvas */
function painter(canvas) {
  const context = /** @type {CanvasRenderingContext2D} */ (
    canvas.getContext("2d", { alpha: false })
  );
  const tile = context.createImageData(TILE, TILE);
  for (let i = 0, noise = 1; i < tile.data.length; i += 1) {
    noise = (noise * 48_271) % 2_147_483_647;
    tile.data[i] = i % 4 === 3 ? 255 : 96 + (noise & 31);
  }
  let n = 0;
  const rows = () => {
    n += 1;
    for (let y = ((n * 8) % TILE) - TILE; y < canvas.height; y += TILE) {
      for (let x = 0; x < canvas.width; x += TILE) context.putImageData(tile, x, y);
    }
  };
  rows();
  return rows;
}
