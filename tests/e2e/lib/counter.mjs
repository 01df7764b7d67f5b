/**
 * Frames that carry their own number: 16 bars, black or white, on the upper quarter, over a picture that
 * moves. Whatever codec they went through, each decoded frame can be asked which one it is.
 */
import { spawn } from "node:child_process";

export const BITS = 16;
const SAMPLES = 4; // of each bar, when read

/** @param {number} number @param {number} bit from the left */
const isWhite = (number, bit) => ((number >> (BITS - 1 - bit)) & 1) === 1;

/** @param {number} number @param {number} width a multiple of 16 @param {number} height @returns {Buffer} RGBA */
export function counterFrame(number, width, height) {
  const out = Buffer.alloc(width * height * 4, 255);
  const row = Buffer.alloc(width * 4, 255);
  for (let x = 0; x < width; x++) {
    const white = isWhite(number, Math.floor((x * BITS) / width));
    row.fill(white ? 255 : 0, x * 4, x * 4 + 3);
  }
  const bars = Math.floor(height / 4);
  for (let y = 0; y < bars; y++) row.copy(out, y * width * 4);
  for (let y = bars; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 4;
      out[at] = (x + number * 3) & 255;
      out[at + 1] = (y * 2 + number) & 255;
      out[at + 2] = (x ^ y) & 255;
    }
  }
  return out;
}

/**
 * The number of each frame of a film, in order; -1: none that can be read.
 * @param {string} file @returns {Promise<number[]>}
 */
export async function numbersIn(file) {
  const reading = `crop=iw:ih/8:0:ih/16,scale=${BITS * SAMPLES}:1:flags=area,format=gray`;
  const args = ["-v", "error", "-i", file, "-fps_mode", "passthrough", "-vf", reading];
  const child = spawn("ffmpeg", [...args, "-f", "rawvideo", "-"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  /** @type {Buffer[]} */
  const pieces = [];
  let stderr = "";
  child.stdout.on("data", (piece) => pieces.push(piece));
  child.stderr.on("data", (piece) => (stderr += piece));
  const code = await new Promise((resolve) => child.on("close", resolve));
  if (code !== 0 || stderr) throw new Error(`ffmpeg of ${file}: ${stderr || code}`);
  const rows = Buffer.concat(pieces);
  const step = BITS * SAMPLES;
  return Array.from({ length: rows.length / step }, (_, i) =>
    readNumber(rows.subarray(i * step, (i + 1) * step)),
  );
}

/** @param {Buffer} row */
function readNumber(row) {
  let number = 0;
  for (let bit = 0; bit < BITS; bit++) {
    const middle = row.subarray(bit * SAMPLES + 1, (bit + 1) * SAMPLES - 1);
    if (middle.some((value) => value > 90 && value < 165)) return -1;
    number = number * 2 + (middle[0] > 128 ? 1 : 0);
  }
  return number;
}

/** @param {number} count */
export const upTo = (count) => Array.from({ length: count }, (_, i) => i);
