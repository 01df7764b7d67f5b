/**
 * QR codes (ISO/IEC 18004:2015): a text as UTF-8 bytes, error correction level M (15 %), the smallest of the
 * 40 versions that holds it, the mask of the least penalty. Pure: text in, modules out.
 */

/** Level M: error correction codewords in each block, and blocks, by version from 1 (table 9). */
const EC_PER_BLOCK = [
  10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28,
  28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
];
const BLOCKS = [
  1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26,
  28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49,
];
const VERSIONS = 40;
const BYTE_MODE = 0b0100;
/** The light modules that a reader needs around the code. */
const QUIET_ZONE = 4;

/** @type {((x: number, y: number) => boolean)[]} table 10 */
const MASKS = [
  (x, y) => (x + y) % 2 === 0,
  (_x, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

/**
 * @param {string} text at most 2331 bytes
 * @returns {boolean[][]} rows of modules, true = dark, without the quiet zone
 */
export function qrCode(text) {
  const bytes = new TextEncoder().encode(text);
  const version = versionFor(bytes.length);
  const codewords = interleave(dataCodewords(bytes, version), version);
  /** @type {boolean[][] | undefined} */
  let best;
  let least = Number.POSITIVE_INFINITY;
  for (let mask = 0; mask < MASKS.length; mask += 1) {
    const modules = draw(version, codewords, mask);
    const penalty = penaltyOf(modules);
    if (penalty < least) [best, least] = [modules, penalty];
  }
  return /** @type {boolean[][]} */ (best);
}

/**
 * The code as a path of an SVG, in units of a module.
 *
 * @param {boolean[][]} modules
 * @returns {{size: number, path: string}} `size` with the quiet zone: the viewBox is `0 0 size size`
 */
export function qrPath(modules) {
  let path = "";
  modules.forEach((row, y) => {
    for (let x = 0; x < row.length; x += 1) {
      if (!row[x]) continue;
      const from = x;
      while (row[x + 1]) x += 1;
      path += `M${from + QUIET_ZONE} ${y + QUIET_ZONE}h${x + 1 - from}v1H${from + QUIET_ZONE}z`;
    }
  });
  return { size: modules.length + 2 * QUIET_ZONE, path };
}

/** @param {number} bytes */
function versionFor(bytes) {
  for (let version = 1; version <= VERSIONS; version += 1) {
    if (4 + countBits(version) + 8 * bytes <= 8 * dataLength(version)) return version;
  }
  throw new RangeError(`${bytes} bytes are more than a QR code holds`);
}

/** @param {number} version */
const countBits = (version) => (version < 10 ? 8 : 16);

/** @param {number} version */
const sizeOf = (version) => 17 + 4 * version;

/** Codewords of a version, data and error correction. @param {number} version */
function totalLength(version) {
  const perSide = version < 2 ? 0 : Math.floor(version / 7) + 2;
  let modules = (16 * version + 128) * version + 64;
  if (perSide) modules -= (25 * perSide - 10) * perSide - 55;
  if (version >= 7) modules -= 36;
  return Math.floor(modules / 8);
}

/** @param {number} version */
const dataLength = (version) =>
  totalLength(version) - EC_PER_BLOCK[version - 1] * BLOCKS[version - 1];

/** Mode, length, bytes, end, padding (section 7.4). @param {Uint8Array} bytes @param {number} version */
function dataCodewords(bytes, version) {
  /** @type {number[]} */
  const bits = [];
  const push = (/** @type {number} */ value, /** @type {number} */ count) => {
    for (let i = count - 1; i >= 0; i -= 1) bits.push((value >> i) & 1);
  };
  const length = dataLength(version);
  push(BYTE_MODE, 4);
  push(bytes.length, countBits(version));
  for (const byte of bytes) push(byte, 8);
  push(0, Math.min(4, 8 * length - bits.length));
  push(0, (8 - (bits.length % 8)) % 8);
  for (let pad = 0xec; bits.length < 8 * length; pad ^= 0xec ^ 0x11) push(pad, 8);
  const out = new Uint8Array(length);
  bits.forEach((bit, i) => {
    out[i >> 3] |= bit << (7 - (i & 7));
  });
  return out;
}

/** Blocks with their error correction, a codeword of each in turn (section 7.6). @param {Uint8Array} data @param {number} version */
function interleave(data, version) {
  const count = BLOCKS[version - 1];
  const ecLength = EC_PER_BLOCK[version - 1];
  const short = Math.floor(data.length / count);
  const shortCount = count - (data.length % count);
  const generator = generatorOf(ecLength);
  /** @type {{data: Uint8Array, ec: Uint8Array}[]} */
  const blocks = [];
  for (let i = 0, at = 0; i < count; i += 1) {
    const end = at + short + (i < shortCount ? 0 : 1);
    const block = data.subarray(at, end);
    blocks.push({ data: block, ec: remainder(block, generator) });
    at = end;
  }
  const out = [];
  for (let i = 0; i <= short; i += 1) {
    for (const block of blocks) if (i < block.data.length) out.push(block.data[i]);
  }
  for (let i = 0; i < ecLength; i += 1) for (const block of blocks) out.push(block.ec[i]);
  return out;
}

/** A product in GF(256) modulo x^8 + x^4 + x^3 + x^2 + 1. @param {number} a @param {number} b */
function multiply(a, b) {
  let product = 0;
  for (let i = 7; i >= 0; i -= 1) {
    product = (product << 1) ^ ((product >> 7) * 0x11d);
    product ^= ((b >> i) & 1) * a;
  }
  return product;
}

/** The Reed-Solomon generator polynomial, its leading 1 left out. @param {number} degree */
function generatorOf(degree) {
  const out = new Uint8Array(degree);
  out[degree - 1] = 1;
  for (let i = 0, root = 1; i < degree; i += 1, root = multiply(root, 2)) {
    for (let j = 0; j < degree; j += 1) {
      out[j] = multiply(out[j], root) ^ (j + 1 < degree ? out[j + 1] : 0);
    }
  }
  return out;
}

/** @param {Uint8Array} data @param {Uint8Array} generator */
function remainder(data, generator) {
  const out = new Uint8Array(generator.length);
  for (const byte of data) {
    const factor = byte ^ out[0];
    out.copyWithin(0, 1);
    out[out.length - 1] = 0;
    generator.forEach((coefficient, i) => {
      out[i] ^= multiply(coefficient, factor);
    });
  }
  return out;
}

/** @param {number} version @param {number[]} codewords @param {number} mask */
function draw(version, codewords, mask) {
  const size = sizeOf(version);
  /** @type {(boolean | undefined)[][]} undefined: not a function pattern, for data */
  const modules = Array.from({ length: size }, () => new Array(size).fill(undefined));
  drawPatterns(modules, version);
  drawFormat(modules, mask);
  drawVersion(modules, version);
  let bit = 0;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right = 5; // the column of the timing pattern
    const upwards = ((size - 1 - right - (right < 6 ? 1 : 0)) / 2) % 2 === 0;
    for (let step = 0; step < size; step += 1) {
      const y = upwards ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (modules[y][x] !== undefined) continue;
        const dark = ((codewords[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1;
        modules[y][x] = Boolean(dark) !== MASKS[mask](x, y);
        bit += 1;
      }
    }
  }
  return /** @type {boolean[][]} */ (modules);
}

/** Finder, alignment and timing patterns (section 6.3). @param {(boolean | undefined)[][]} modules @param {number} version */
function drawPatterns(modules, version) {
  const size = modules.length;
  const square = (
    /** @type {number} */ cx,
    /** @type {number} */ cy,
    /** @type {number} */ reach,
  ) => {
    for (let y = Math.max(0, cy - reach); y <= Math.min(size - 1, cy + reach); y += 1) {
      for (let x = Math.max(0, cx - reach); x <= Math.min(size - 1, cx + reach); x += 1) {
        const ring = Math.max(Math.abs(x - cx), Math.abs(y - cy));
        modules[y][x] = reach === 4 ? ring !== 2 && ring !== 4 : ring !== 1;
      }
    }
  };
  for (let i = 0; i < size; i += 1) modules[6][i] = modules[i][6] = i % 2 === 0;
  const places = alignmentPlaces(version);
  for (const x of places) {
    for (const y of places) {
      const inFinder = (x === 6 && (y === 6 || y === size - 7)) || (y === 6 && x === size - 7);
      if (!inFinder) square(x, y, 2);
    }
  }
  square(3, 3, 4);
  square(size - 4, 3, 4);
  square(3, size - 4, 4);
}

/** @param {number} version @returns {number[]} centres, the same along both sides (annex E) */
function alignmentPlaces(version) {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = version === 32 ? 26 : Math.ceil((4 * version + 4) / (2 * count - 2)) * 2;
  const places = [6];
  for (let i = count - 2; i >= 0; i -= 1) places.push(sizeOf(version) - 7 - i * step);
  return places;
}

/** Level M and the mask, twice, and the one dark module (section 7.9). @param {(boolean | undefined)[][]} modules @param {number} mask */
function drawFormat(modules, mask) {
  const size = modules.length;
  const bits = ((mask << 10) | bch(mask, 10, 0x537)) ^ 0x5412; // level M is 00
  const bit = (/** @type {number} */ i) => ((bits >> i) & 1) === 1;
  for (let i = 0; i < 15; i += 1) {
    const near = i < 6 ? i : i < 8 ? i + 1 : 14 - i;
    if (i < 8) modules[near][8] = modules[8][size - 1 - i] = bit(i);
    else {
      modules[8][i === 8 ? 7 : near] = bit(i);
      modules[size - 15 + i][8] = bit(i);
    }
  }
  modules[size - 8][8] = true;
}

/** From version 7 on, twice (section 7.10). @param {(boolean | undefined)[][]} modules @param {number} version */
function drawVersion(modules, version) {
  if (version < 7) return;
  const bits = (version << 12) | bch(version, 12, 0x1f25);
  for (let i = 0; i < 18; i += 1) {
    const [a, b] = [modules.length - 11 + (i % 3), Math.floor(i / 3)];
    modules[a][b] = modules[b][a] = ((bits >> i) & 1) === 1;
  }
}

/** @param {number} value @param {number} degree @param {number} generator */
function bch(value, degree, generator) {
  let rest = value;
  for (let i = 0; i < degree; i += 1) rest = (rest << 1) ^ ((rest >> (degree - 1)) * generator);
  return rest;
}

/** How hard a mask is to read: the rules of section 7.8.3. @param {boolean[][]} modules */
function penaltyOf(modules) {
  const size = modules.length;
  let penalty = 0;
  let dark = 0;
  for (let i = 0; i < size; i += 1) {
    penalty += linePenalty(modules[i]) + linePenalty(modules.map((row) => row[i]));
    for (let j = 0; j < size; j += 1) {
      if (modules[i][j]) dark += 1;
      if (i === 0 || j === 0) continue;
      const colour = modules[i][j];
      const block = [modules[i - 1][j], modules[i][j - 1], modules[i - 1][j - 1]];
      if (block.every((other) => other === colour)) penalty += 3;
    }
  }
  return penalty + 10 * Math.floor(Math.abs((20 * dark) / (size * size) - 10));
}

/** @param {boolean[]} line */
function linePenalty(line) {
  let penalty = 0;
  for (let from = 0, to = 0; from < line.length; from = to) {
    while (to < line.length && line[to] === line[from]) to += 1;
    if (to - from >= 5) penalty += to - from - 2;
  }
  const text = line.map((dark) => (dark ? "1" : "0")).join("");
  for (const finder of ["00001011101", "10111010000"]) {
    for (let at = text.indexOf(finder); at >= 0; at = text.indexOf(finder, at + 1)) penalty += 40;
  }
  return penalty;
}
