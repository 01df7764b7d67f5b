/**
 * The true times of what goes through a sound codec. Encoders and decoders (Chromium's) take the time of the first
 * piece and count samples from there on, so that a hole, or a clock of another speed, is lost: what comes out is ever
 * farther from its pictures. So they are told times that are counted, and those that come out are looked up. Pure.
 */

/** Pieces that a codec may hold, far more than any does. */
const HELD_MOST = 1_000;
/** Codecs round. */
const ROUNDED_US = 500;

export class CountedTimes {
  /** @type {{countedUs: number, trueUs: number}[]} */
  #pieces = [];
  #nextUs = 0;

  /**
   * A piece goes in.
   *
   * @param {number} trueUs of its first sample
   * @param {number} durationUs by its samples, unrounded
   * @returns {number} the time to tell the codec
   */
  put(trueUs, durationUs) {
    const countedUs = this.#nextUs;
    this.#pieces.push({ countedUs, trueUs });
    if (this.#pieces.length > HELD_MOST) this.#pieces.shift();
    this.#nextUs += durationUs;
    return Math.round(countedUs);
  }

  /** What has come out. @param {number} countedUs the codec's time of it @returns {number} the true one */
  of(countedUs) {
    while (this.#pieces.length > 1 && this.#pieces[1].countedUs <= countedUs + ROUNDED_US) {
      this.#pieces.shift();
    }
    const [piece] = this.#pieces;
    return piece ? piece.trueUs + countedUs - piece.countedUs : countedUs;
  }
}

/** Samples at 48 kHz of an Opus frame, by the upper bits of its TOC byte (RFC 6716, section 3.1, table 2). */
const OPUS_FRAMES = [
  [480, 960, 1920, 2880], // SILK, 10 to 60 ms; three bandwidths
  [480, 960], // hybrid; two
  [120, 240, 480, 960], // CELT, 2.5 to 20 ms; four
];

/**
 * How long a packet is by its samples.
 *
 * @param {string} codec @param {number} sampleRate @param {Uint8Array} packet
 * @returns {number | null} microseconds; null: not to be told
 */
export function packetUs(codec, sampleRate, packet) {
  if (codec === "mp4a.40.2" && sampleRate > 0) return (1024 * 1e6) / sampleRate;
  if (codec !== "opus" || packet.length === 0) return null;
  const config = packet[0] >> 3;
  const mode = config < 12 ? 0 : config < 16 ? 1 : 2;
  const frames = OPUS_FRAMES[mode];
  const samples = frames[config % frames.length];
  const code = packet[0] & 3;
  const count = code === 0 ? 1 : code < 3 ? 2 : (packet[1] ?? 0) & 63;
  return count > 0 ? (samples * count * 1e6) / 48_000 : null;
}
