/**
 * Frames that carry their own number: 16 bars, black or white, on the upper quarter, over a picture that
 * moves. Whatever codec they went through, each decoded frame can be asked which one it is.
 */
import { spawn } from "node:child_process";

export const BITS = 16;
const SAMPLES = 4; // of each bar, when read

/** @param {number} number @param {number} bit from the left */
const isWhite = (number, bit) => ((number >> (BITS - 1 - bit)) & 1) === 1;

/** @typedef {{pixels: Buffer, width: number, height: number}} Canvas */

/** As a canvas does, in whole pixels. @param {Canvas} canvas @param {number[]} box x, y, width, height @param {number[]} rgb */
function fillRect({ pixels, width, height }, [x, y, w, h], [r, g, b]) {
  const right = Math.min(x + w, width);
  const colour = Buffer.from([r & 255, g & 255, b & 255, 255]);
  for (let row = y; row < Math.min(y + h, height); row++)
    pixels.fill(colour, (row * width + x) * 4, (row * width + right) * 4);
}

/** What canvas_film.mjs draws with 2D, byte for byte: RGBA. @param {number} n @param {number} width a multiple of 16 @param {number} height */
export function counterFrame(n, width, height) {
  const canvas = { pixels: Buffer.alloc(width * height * 4, 255), width, height };
  const cell = 20;
  const columns = Math.ceil(width / cell);
  for (let i = 0; i < columns * Math.ceil(height / cell); i++) {
    const [column, line] = [i % columns, Math.floor(i / columns)];
    const colour = [i * 37 + n * 5, i * 91 + line * n, i * 53 + n];
    fillRect(canvas, [column * cell, line * cell, cell, cell], colour);
  }
  for (let i = 0; i < 60; i++) {
    const [x, y] = [(i * 97 + n * 3) % width, (i * 53 + n * (i % 5)) % height];
    fillRect(canvas, [x, y, 40, 40], [i * 41, i * 13 + n, 255 - i * 4]);
  }
  for (let bit = 0; bit < BITS; bit++) {
    const value = isWhite(n, bit) ? 255 : 0;
    const box = [(bit * width) / BITS, 0, width / BITS, Math.floor(height / 4)];
    fillRect(canvas, box, [value, value, value]);
  }
  return canvas.pixels;
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
