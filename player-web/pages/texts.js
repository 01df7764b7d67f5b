/** Numbers as people read them. Pure. */

/** @param {number} count */
export function viewersText(count) {
  return count === 1 ? "1 viewer" : `${count} viewers`;
}

/** @param {number} bitsPerSecond */
export function rateText(bitsPerSecond) {
  return bitsPerSecond >= 1e6
    ? `${(bitsPerSecond / 1e6).toFixed(1)} Mb/s`
    : `${Math.round(bitsPerSecond / 1e3)} kb/s`;
}

/** @param {number} bytes */
export function sizeText(bytes) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 9.95 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** @param {number} ms @returns {string} 0:07, 12:30, 1:02:03 */
export function clockText(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, two(seconds % 60)];
  return h > 0 ? `${h}:${two(m)}:${s}` : `${m}:${s}`;
}

/** @type {Record<string, string>} by the first part of a codec string (RFC 6381) */
const CODECS = {
  av01: "AV1",
  av1: "AV1",
  avc1: "H.264",
  avc3: "H.264",
  flac: "FLAC",
  hev1: "HEVC",
  hvc1: "HEVC",
  jpeg: "JPEG",
  mp4a: "AAC",
  opus: "Opus",
  "pcm-f32": "PCM",
  "pcm-s16": "PCM",
  "pcm-u8": "PCM",
  png: "PNG",
  rgba: "RGBA",
  vorbis: "Vorbis",
  vp09: "VP9",
  vp8: "VP8",
  vp9: "VP9",
  webp: "WebP",
};

/** @param {string} codec such as `vp09.00.31.08` @returns {string} what people call it */
export function codecText(codec) {
  return CODECS[codec.toLowerCase().split(".")[0]] ?? codec;
}

/** @param {number} ms @returns {string} for a glance: "12 min", "3 h 5 min" */
export function spanText(ms) {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Of all viewers. @param {{median_ms: number, p95_ms: number} | undefined} delay as the API has it */
export function delayText(delay) {
  if (!delay) return "–";
  const seconds = (/** @type {number} */ ms) => (ms / 1000).toFixed(2);
  return `${seconds(delay.median_ms)} s, most below ${seconds(delay.p95_ms)} s`;
}

/** What people type: "20" or "0:20" or "1:02:03.5". @param {string} text @returns {number} seconds; NaN: it is none */
export function secondsOf(text) {
  const parts = text.trim().split(":");
  if (parts.length > 3 || parts.some((part) => !/^\d+(\.\d+)?$/.test(part))) return Number.NaN;
  return parts.reduce((sum, part) => sum * 60 + Number(part), 0);
}
