/**
 * Pixels as planes: Y, U and V, these of half the sides, rounded up (I420). BT.709, limited range (ITU-R
 * BT.709-6, 3.2 to 3.5, in fixed point of 16 bits); U and V are of the mean of 2x2 pixels. Three eighths of the
 * bytes of RGBA, and what video encoders take.
 *
 * @typedef {object} Pixels
 * @property {Int32Array} words a pixel each, row after row, as a little-endian machine reads them
 * @property {boolean} blueFirst BGRA, BGRX; else RGBA, RGBX
 * @property {boolean} upward the lowest row comes first
 */
const Y_RED = 11966;
const Y_GREEN = 40254;
const Y_BLUE = 4064;
const Y_ADD = (16 << 16) + (1 << 15);
const U_RED = -6596;
const U_GREEN = -22189;
const V_GREEN = -26145;
const V_BLUE = -2639;
/** Of blue in U, of red in V. */
const OWN = 28785;
const { imul } = Math;
/** Four pixels are added up. */
const CHROMA_ADD = (128 << 18) + (1 << 17);

/** What these planes are, for WebCodecs. */
export const BT709 = /** @type {const} */ ({
  primaries: "bt709",
  transfer: "bt709",
  matrix: "bt709",
  fullRange: false,
});

/** @param {number} width @param {number} height */
export const i420Bytes = (width, height) =>
  width * height + 2 * ((width + 1) >> 1) * ((height + 1) >> 1);

/**
 * @param {Pixels} pixels
 * @param {number} width
 * @param {number} height
 * @param {Uint8Array} out of i420Bytes()
 */
export function toI420({ words, blueFirst, upward }, width, height, out) {
  const [y0, y2] = blueFirst ? [Y_BLUE, Y_RED] : [Y_RED, Y_BLUE];
  const [u0, u2] = blueFirst ? [OWN, U_RED] : [U_RED, OWN];
  const [v0, v2] = blueFirst ? [V_BLUE, OWN - 1] : [OWN - 1, V_BLUE];
  const across = (width + 1) >> 1;
  const even = width & ~1;
  const step = upward ? -width : width;
  let from = upward ? (height - 1) * width : 0;
  let u = width * height;
  let v = u + across * ((height + 1) >> 1);
  for (let y = 0; y < height; y += 2) {
    const under = y + 1 < height ? step : 0; // a last odd row counts twice
    let to = y * width;
    const below = under ? width : 0;
    let at = from;
    for (let x = 0; x < even; x += 2) {
      const a = words[at];
      const b = words[at + 1];
      const c = words[at + under];
      const d = words[at + under + 1];
      const ga = (a >>> 8) & 255;
      const gb = (b >>> 8) & 255;
      const gc = (c >>> 8) & 255;
      const gd = (d >>> 8) & 255;
      out[to] = (imul(y0, a & 255) + imul(Y_GREEN, ga) + imul(y2, (a >>> 16) & 255) + Y_ADD) >> 16;
      out[to + 1] =
        (imul(y0, b & 255) + imul(Y_GREEN, gb) + imul(y2, (b >>> 16) & 255) + Y_ADD) >> 16;
      out[to + below] =
        (imul(y0, c & 255) + imul(Y_GREEN, gc) + imul(y2, (c >>> 16) & 255) + Y_ADD) >> 16;
      out[to + below + 1] =
        (imul(y0, d & 255) + imul(Y_GREEN, gd) + imul(y2, (d >>> 16) & 255) + Y_ADD) >> 16;
      // Two sums of at most 1020 side by side.
      const outer = (a & 0xff00ff) + (b & 0xff00ff) + (c & 0xff00ff) + (d & 0xff00ff);
      const first = outer & 0xffff;
      const third = outer >>> 16;
      const green = ga + gb + gc + gd;
      out[u] = (imul(u0, first) + imul(U_GREEN, green) + imul(u2, third) + CHROMA_ADD) >> 18;
      out[v] = (imul(v0, first) + imul(V_GREEN, green) + imul(v2, third) + CHROMA_ADD) >> 18;
      u += 1;
      v += 1;
      at += 2;
      to += 2;
    }
    if (even < width) {
      const a = words[at];
      const c = words[at + under];
      const ga = (a >>> 8) & 255;
      const gc = (c >>> 8) & 255;
      out[to] = (imul(y0, a & 255) + imul(Y_GREEN, ga) + imul(y2, (a >>> 16) & 255) + Y_ADD) >> 16;
      out[to + below] =
        (imul(y0, c & 255) + imul(Y_GREEN, gc) + imul(y2, (c >>> 16) & 255) + Y_ADD) >> 16;
      const first = 2 * ((a & 255) + (c & 255));
      const third = 2 * (((a >>> 16) & 255) + ((c >>> 16) & 255));
      const green = 2 * (ga + gc);
      out[u] = (imul(u0, first) + imul(U_GREEN, green) + imul(u2, third) + CHROMA_ADD) >> 18;
      out[v] = (imul(v0, first) + imul(V_GREEN, green) + imul(v2, third) + CHROMA_ADD) >> 18;
      u += 1;
      v += 1;
    }
    from += 2 * step;
  }
}

/** Straight alpha is laid on black, in place. @param {Int32Array} words RGBA or BGRA */
export function layOnBlack(words) {
  for (let i = 0; i < words.length; i += 1) {
    const pixel = words[i];
    const alpha = pixel >>> 24;
    if (alpha === 255) continue;
    const first = ((pixel & 255) * alpha + 127) / 255;
    const second = (((pixel >>> 8) & 255) * alpha + 127) / 255;
    const third = (((pixel >>> 16) & 255) * alpha + 127) / 255;
    words[i] = (255 << 24) | ((third & 255) << 16) | ((second & 255) << 8) | (first & 255);
  }
}
