/** Pictures of 8 large colours, in every format that is published, and what they look like once decoded. */
import { run } from "./decode.mjs";

export const SWATCHES = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 0],
  [12, 200, 180],
  [128, 128, 128],
  [255, 255, 255],
  [90, 30, 60],
];
const COLUMNS = 4;
const ROWS = 2;

/** How ffmpeg writes a picture of each format without changing its colours. @type {Record<string, string[]>} */
const WRITERS = {
  png: ["-c:v", "png"],
  jpeg: ["-c:v", "mjpeg", "-q:v", "1", "-pix_fmt", "yuvj444p"],
  webp: ["-c:v", "libwebp", "-lossless", "1"],
};

/**
 * RGBA, rows top to bottom.
 * @param {number} width @param {number} height @param {(swatch: number) => number} [alphaOf] 0 to 255
 */
function paint(width, height, alphaOf = () => 255) {
  const out = Buffer.alloc(width * height * 4);
  for (let y = 0; y < height; ++y)
    for (let x = 0; x < width; ++x) {
      const swatch = Math.floor((y * ROWS) / height) * COLUMNS + Math.floor((x * COLUMNS) / width);
      out.set([...SWATCHES[swatch], alphaOf(swatch)], (y * width + x) * 4);
    }
  return out;
}

/**
 * @param {string} format rgba, png, jpeg or webp @param {number} width @param {number} height
 * @param {(swatch: number) => number} [alphaOf] @returns {Promise<Buffer>}
 */
export async function swatchPicture(format, width, height, alphaOf) {
  const rgba = paint(width, height, alphaOf);
  if (format === "rgba") return rgba;
  const from = ["-f", "rawvideo", "-pix_fmt", "rgba", "-s", `${width}x${height}`, "-i", "-"];
  const keep = format === "jpeg" ? ["-vf", "scale=flags=accurate_rnd+full_chroma_int"] : [];
  const args = ["-v", "error", ...from, ...keep, ...WRITERS[format], "-f", "image2pipe", "-"];
  const { out, stderr } = await run("ffmpeg", args, rgba);
  if (stderr) throw new Error(stderr);
  return out;
}

/**
 * All frames of a film, as ffmpeg decodes them. decoder: another one than ffmpeg's choice, such as
 * libvpx-vp9, which knows transparency.
 * @param {Buffer} film @param {{format?: "rgb24" | "rgba", decoder?: string, matrix?: string}} [options]
 * @returns {Promise<{bytes: Buffer, errors: string}>}
 */
export async function decodedFrames(film, { format = "rgb24", decoder = "", matrix = "" } = {}) {
  const args = ["-v", "error", ...(decoder ? ["-c:v", decoder] : []), "-i", "-"];
  const from = matrix ? `in_color_matrix=${matrix}:` : "";
  args.push("-vf", `scale=${from}flags=accurate_rnd+full_chroma_int,format=${format}`);
  args.push("-fps_mode", "passthrough", "-f", "rawvideo", "-");
  const { out, stderr } = await run("ffmpeg", args, film);
  return { bytes: out, errors: stderr };
}

/**
 * The largest difference of any channel at the middle of any swatch, over all frames; alpha is looked
 * at where the format has it.
 * @param {Buffer} frames @param {number} width @param {number} height @param {number} channels
 * @param {(swatch: number) => number} [alphaOf]
 */
export function worstSwatch(frames, width, height, channels, alphaOf = () => 255) {
  const size = width * height * channels;
  let worst = frames.length > 0 && frames.length % size === 0 ? 0 : Infinity;
  for (let frame = 0; frame < frames.length / size; ++frame)
    for (const [swatch, colour] of SWATCHES.entries()) {
      const x = Math.floor(((2 * (swatch % COLUMNS) + 1) * width) / (2 * COLUMNS));
      const y = Math.floor(((2 * Math.floor(swatch / COLUMNS) + 1) * height) / (2 * ROWS));
      const at = frame * size + (y * width + x) * channels;
      const want = [...colour, alphaOf(swatch)].slice(0, channels);
      for (const [channel, value] of want.entries())
        worst = Math.max(worst, Math.abs(frames[at + channel] - value));
    }
  return worst;
}
