import { opusConfig, SoundSource, soundBytes } from "./sound_source.js";

/**
 * The sound beside a publication's pictures: Opus where this browser encodes it, else floats.
 *
 * @typedef {object} TimedSound
 * @property {number} atMs when its first sample was captured, as performance.now()
 * @property {number} durationUs
 * @property {Uint8Array<ArrayBuffer>} data
 *
 * @typedef {{soundCodec?: 'opus' | 'pcm-f32', audioBitsPerSecond?: number}} SoundOptions
 */

/** How long pictures wait for their sound to begin, in milliseconds. */
const WAIT_MS = 1_500;

export class PacketSound {
  /** @type {SoundSource | null} */
  #source = null;
  #closed = false;
  #openedAt = performance.now();

  /**
   * @param {MediaStream} audio
   * @param {SoundOptions} options
   * @param {(packet: TimedSound) => void} onPacket
   * @param {(message: string) => void} onFailed
   */
  constructor(audio, options, onPacket, onFailed) {
    this.#open(audio, options, onPacket, onFailed);
  }

  /** What the packets are; known once the first is there. */
  get config() {
    return this.#source?.config ?? null;
  }

  /** It may still begin, so pictures had better wait for it. */
  get mayCome() {
    return !this.config && performance.now() - this.#openedAt < WAIT_MS;
  }

  close() {
    this.#closed = true;
    this.#source?.close();
  }

  /**
   * @param {MediaStream} audio
   * @param {SoundOptions} options
   * @param {(packet: TimedSound) => void} onPacket
   * @param {(message: string) => void} onFailed
   */
  async #open(audio, { soundCodec, audioBitsPerSecond = 64_000 }, onPacket, onFailed) {
    const opus = soundCodec === "pcm-f32" ? null : await opusConfig(audioBitsPerSecond);
    if (this.#closed) return;
    this.#source = new SoundSource(
      audio,
      opus,
      (packet) => {
        const { atMs, durationUs } = packet;
        if (!this.#closed) onPacket({ atMs, durationUs, data: soundBytes(packet) });
      },
      (cause) => onFailed(`The sound cannot be had: ${cause}`),
    );
  }
}
