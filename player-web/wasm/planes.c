// Pixels to planes, and planes packed, 16 bytes at a time: player-web/sdk/packed_planes.js says what
// is made. tools/web-wasm compiles it into player-web/sdk/planes_wasm.js; packed_planes.test.mjs
// holds it to the plain JavaScript of sdk/i420.js and sdk/packed_planes.js.
// Pointers are offsets in the module's memory, which its caller lays out.
#include <wasm_simd128.h>

typedef unsigned char Byte;
typedef unsigned long long Eight;

// As in sdk/i420.js: ITU-R BT.709-6, 3.2 to 3.5, in fixed point of 16 bits.
enum {
  kYRed = 11966,
  kYGreen = 40254,
  kYBlue = 4064,
  kYAdd = (16 << 16) + (1 << 15),
  kURed = -6596,
  kUGreen = -22189,
  kVGreen = -26145,
  kVBlue = -2639,
  kUBlue = 28785,
  kVRed = 28784,
  kColourAdd = (128 << 18) + (1 << 17),
};

// The first and the third byte of a pixel are a pair of 16 bits, for a product of sums.
typedef struct {
  v128_t outer;
  v128_t green;
} Pixels;

static inline Pixels pixels_at(const int* from) {
  const v128_t four = wasm_v128_load(from);
  const v128_t low = wasm_i32x4_splat(0xff);
  return (Pixels){wasm_v128_and(four, wasm_i32x4_splat(0xff00ff)),
                  wasm_v128_and(wasm_u32x4_shr(four, 8), low)};
}

static inline v128_t luma(Pixels p, v128_t outer) {
  const v128_t sum = wasm_i32x4_add(wasm_i32x4_dot_i16x8(p.outer, outer),
                                    wasm_i32x4_mul(p.green, wasm_i32x4_splat(kYGreen)));
  return wasm_i32x4_shr(wasm_i32x4_add(sum, wasm_i32x4_splat(kYAdd)), 16);
}

// Neighbours added up: four sums of eight.
static inline v128_t in_pairs(v128_t a, v128_t b) {
  return wasm_i32x4_add(wasm_i32x4_shuffle(a, b, 0, 2, 4, 6), wasm_i32x4_shuffle(a, b, 1, 3, 5, 7));
}

static inline v128_t colour(v128_t outer, v128_t green, v128_t by, int by_green) {
  const v128_t sum = wasm_i32x4_add(wasm_i32x4_dot_i16x8(outer, by),
                                    wasm_i32x4_mul(green, wasm_i32x4_splat(by_green)));
  return wasm_i32x4_shr(wasm_i32x4_add(sum, wasm_i32x4_splat(kColourAdd)), 18);
}

static inline v128_t bytes_of(v128_t a, v128_t b) {
  const v128_t words = wasm_i16x8_narrow_i32x4(a, b);
  return wasm_u8x16_narrow_i16x8(words, words);
}

// The two coefficients of the outer bytes, in the order of the pixels' bytes.
static inline v128_t outer_by(int red, int blue, int blue_first) {
  const int pair = blue_first ? (blue & 0xffff) | (int)((unsigned)red << 16)
                              : (red & 0xffff) | (int)((unsigned)blue << 16);
  return wasm_i32x4_splat(pair);
}

// I420 of `words`, of an even width and height; a multiple of 8 is the quickest.
__attribute__((export_name("i420"))) void i420(const int* words, int width, int height,
                                               int blue_first, int upward, Byte* y_plane,
                                               Byte* u_plane, Byte* v_plane) {
  const v128_t y_by = outer_by(kYRed, kYBlue, blue_first);
  const v128_t u_by = outer_by(kURed, kUBlue, blue_first);
  const v128_t v_by = outer_by(kVRed, kVBlue, blue_first);
  const int step = upward ? -width : width;
  const int* from = upward ? words + (height - 1) * width : words;
  for (int y = 0; y < height; y += 2, from += 2 * step) {
    Byte* above = y_plane + y * width;
    Byte* below = above + width;
    for (int x = 0; x < width; x += 8) {
      const int at = x + 8 <= width ? x : width - 8;  // the last ones once more
      const Pixels a = pixels_at(from + at), b = pixels_at(from + at + 4);
      const Pixels c = pixels_at(from + step + at), d = pixels_at(from + step + at + 4);
      wasm_v128_store64_lane(above + at, bytes_of(luma(a, y_by), luma(b, y_by)), 0);
      wasm_v128_store64_lane(below + at, bytes_of(luma(c, y_by), luma(d, y_by)), 0);
      const v128_t outer =
          in_pairs(wasm_i32x4_add(a.outer, c.outer), wasm_i32x4_add(b.outer, d.outer));
      const v128_t green =
          in_pairs(wasm_i32x4_add(a.green, c.green), wasm_i32x4_add(b.green, d.green));
      const v128_t u = colour(outer, green, u_by, kUGreen);
      const v128_t v = colour(outer, green, v_by, kVGreen);
      wasm_v128_store32_lane(u_plane + at / 2, bytes_of(u, u), 0);
      wasm_v128_store32_lane(v_plane + at / 2, bytes_of(v, v), 0);
    }
    u_plane += width / 2;
    v_plane += width / 2;
  }
}

// Green, the first and the third colour less green, and alpha, of `count` pixels.
__attribute__((export_name("split"))) void split(const int* words, int count, Byte* green,
                                                 Byte* first, Byte* third, Byte* alpha) {
  int at = 0;
  for (; at + 16 <= count; at += 16) {
    const v128_t a = wasm_v128_load(words + at), b = wasm_v128_load(words + at + 4);
    const v128_t c = wasm_v128_load(words + at + 8), d = wasm_v128_load(words + at + 12);
    // Bytes 0 and 1 of each pixel, and 2 and 3, side by side.
    const v128_t ab01 = wasm_i8x16_shuffle(a, b, 0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21,
                                           25, 29);
    const v128_t cd01 = wasm_i8x16_shuffle(c, d, 0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21,
                                           25, 29);
    const v128_t ab23 = wasm_i8x16_shuffle(a, b, 2, 6, 10, 14, 18, 22, 26, 30, 3, 7, 11, 15, 19,
                                           23, 27, 31);
    const v128_t cd23 = wasm_i8x16_shuffle(c, d, 2, 6, 10, 14, 18, 22, 26, 30, 3, 7, 11, 15, 19,
                                           23, 27, 31);
    const v128_t g = wasm_i64x2_shuffle(ab01, cd01, 1, 3);
    wasm_v128_store(green + at, g);
    wasm_v128_store(first + at, wasm_i8x16_sub(wasm_i64x2_shuffle(ab01, cd01, 0, 2), g));
    wasm_v128_store(third + at, wasm_i8x16_sub(wasm_i64x2_shuffle(ab23, cd23, 0, 2), g));
    if (alpha) wasm_v128_store(alpha + at, wasm_i64x2_shuffle(ab23, cd23, 1, 3));
  }
  for (; at < count; ++at) {
    const unsigned pixel = (unsigned)words[at];
    const Byte g = (Byte)(pixel >> 8);
    green[at] = g;
    first[at] = (Byte)(pixel - g);
    third[at] = (Byte)((pixel >> 16) - g);
    if (alpha) alpha[at] = (Byte)(pixel >> 24);
  }
}

static inline v128_t zigzag(v128_t difference) {
  return wasm_v128_xor(wasm_i8x16_shl(difference, 1), wasm_i8x16_shr(difference, 7));
}

// 0 for no bits, then 1, 2, 4 and 8 bits a byte.
static inline int width_of(v128_t values) {
  const Eight any =
      (Eight)wasm_i64x2_extract_lane(values, 0) | (Eight)wasm_i64x2_extract_lane(values, 1);
  if (any & 0xf0f0f0f0f0f0f0f0ull) return 4;
  if (any & 0x0c0c0c0c0c0c0c0cull) return 3;
  if (any & 0x0202020202020202ull) return 2;
  return any ? 1 : 0;
}

static inline v128_t nibbles(v128_t values) {  // of 16 bytes 8
  const v128_t pairs = wasm_v128_or(values, wasm_u16x8_shr(values, 4));
  return wasm_i8x16_shuffle(pairs, pairs, 0, 2, 4, 6, 8, 10, 12, 14, 0, 2, 4, 6, 8, 10, 12, 14);
}

static inline Byte* put(v128_t values, int width, Byte* to) {
  switch (width) {
    case 4:
      wasm_v128_store(to, values);
      return to + 16;
    case 3:
      wasm_v128_store64_lane(to, nibbles(values), 0);
      return to + 8;
    case 2: {
      const v128_t half = nibbles(values);
      const v128_t quarter = nibbles(
          wasm_v128_and(wasm_v128_or(half, wasm_u8x16_shr(half, 2)), wasm_i8x16_splat(15)));
      wasm_v128_store32_lane(to, quarter, 0);
      return to + 4;
    }
    case 1: {
      const unsigned bits = wasm_i8x16_bitmask(wasm_i8x16_shl(values, 7));
      to[0] = (Byte)bits;
      to[1] = (Byte)(bits >> 8);
      return to + 2;
    }
    default:
      return to;
  }
}

// A plane of `count` bytes, before which stand stride + 1 zeros and behind which 15 bytes. Heads of
// its blocks go to `heads`, the first one at nibble `block`; returns the end of `to`.
__attribute__((export_name("pack"))) Byte* pack(const Byte* plane, int count, int stride,
                                                Byte* heads, int block, Byte* to) {
  for (int at = 0; at < count; at += 16, ++block) {
    const Byte* here = plane + at;
    const v128_t left = wasm_i8x16_sub(wasm_v128_load(here), wasm_v128_load(here - 1));
    const v128_t above =
        wasm_i8x16_sub(wasm_v128_load(here - stride), wasm_v128_load(here - stride - 1));
    const v128_t slope = zigzag(wasm_i8x16_sub(left, above));
    int head = width_of(slope);
    v128_t values = slope;
    if (head) {
      const v128_t other = zigzag(left);
      const int width = width_of(other);
      if (width < head) {
        values = other;
        head = width | 8;
      }
    }
    to = put(values, head & 7, to);
    if (block & 1)
      heads[block >> 1] |= (Byte)(head << 4);
    else
      heads[block >> 1] = (Byte)head;
  }
  return to;
}

static inline v128_t letters(v128_t six) {  // RFC 4648, section 4
  v128_t add = wasm_i8x16_splat('A');
  const v128_t small = wasm_i8x16_gt(six, wasm_i8x16_splat(25));
  add = wasm_v128_bitselect(wasm_i8x16_splat('a' - 26), add, small);
  add = wasm_v128_bitselect(wasm_i8x16_splat('0' - 52), add,
                            wasm_i8x16_gt(six, wasm_i8x16_splat(51)));
  add = wasm_v128_bitselect(wasm_i8x16_splat('+' - 62), add,
                            wasm_i8x16_eq(six, wasm_i8x16_splat(62)));
  add = wasm_v128_bitselect(wasm_i8x16_splat('/' - 63), add,
                            wasm_i8x16_eq(six, wasm_i8x16_splat(63)));
  return wasm_i8x16_add(six, add);
}

// Base64 of a multiple of 12 bytes, behind which are 4 more to be read.
__attribute__((export_name("base64"))) void base64(const Byte* from, int count, Byte* to) {
  for (int at = 0; at < count; at += 12, to += 16) {
    const v128_t twelve = wasm_v128_load(from + at);
    // Three bytes, the first one the highest, in each of four words.
    const v128_t words =
        wasm_i8x16_swizzle(twelve, wasm_i8x16_make(2, 1, 0, -1, 5, 4, 3, -1, 8, 7, 6, -1, 11, 10, 9,
                                                   -1));
    const v128_t low = wasm_i32x4_splat(63);
    v128_t six = wasm_u32x4_shr(words, 18);
    six = wasm_v128_or(
        six, wasm_i32x4_shl(wasm_v128_and(wasm_u32x4_shr(words, 12), low), 8));
    six = wasm_v128_or(
        six, wasm_i32x4_shl(wasm_v128_and(wasm_u32x4_shr(words, 6), low), 16));
    six = wasm_v128_or(six, wasm_i32x4_shl(wasm_v128_and(words, low), 24));
    wasm_v128_store(to, letters(six));
  }
}
