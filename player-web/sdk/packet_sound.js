import { FramewireError } from "./errors.js";
import { opusConfig, SoundSource, soundBytes } from "./sound_source.js";

/**
 * The sound beside a publication's pictures: Opus where this browser encodes it, else floats, if 3 Mb/s are no matter.
 *
 * @typedef {object} TimedSound
 * @property {number} atMs when its first sample was captured, as performance.now()
 * @property {number} durationUs
 * @property {Uint8Array<ArrayBuffer>} data
 *
 * @typedef {{soundCodec?: 'opus' | 'pcm-f32', audioBitsPerSecond?: number}} SoundOptions
 */

const NOT_HEARD =
  "This browser gives the sound only to an AudioContext, and lets none run: it wants a click first, or has no sound card.";
/** How long pictures wait for their sound to begin, in milliseconds. */
const WAIT_MS = 1_500;

export class PacketSound {
  /** @type {SoundSource | null} */
  #source = null;
  #closed = false;
  #openedAt = performance.now();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {MediaStream} audio
   * @param {SoundOptions} options
   * @param {(packet: TimedSound) => void} onPacket
   * @param {(message: string) => void} onFailed
   * @param {(why: FramewireError) => void} [onUnfit] it cannot be had as Opus, or not yet; default: then floats, or later
   */
  constructor(audio, options, onPacket, onFailed, onUnfit) {
    this.#open(audio, options, onPacket, onFailed, onUnfit);
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
    clearTimeout(this.#timer);
    this.#source?.close();
  }

  /**
   * @param {MediaStream} audio
   * @param {SoundOptions} options
   * @param {(packet: TimedSound) => void} onPacket
   * @param {(message: string) => void} onFailed
   * @param {(why: FramewireError) => void} [onUnfit] floats are not wanted; default: they are
   */
  async #open(audio, options, onPacket, onFailed, onUnfit) {
    const { soundCodec, audioBitsPerSecond = 64_000 } = options;
    const opus = soundCodec === "pcm-f32" ? null : await opusConfig(audioBitsPerSecond);
    if (this.#closed) return;
    if (!opus && !soundCodec && onUnfit) {
      onUnfit(new FramewireError("unsupported-recorder", "This browser encodes no Opus."));
      return;
    }
    this.#source = new SoundSource(
      audio,
      opus,
      (packet) => {
        const { atMs, durationUs } = packet;
        if (!this.#closed) onPacket({ atMs, durationUs, data: soundBytes(packet) });
      },
      (cause) => onFailed(`The sound cannot be had: ${cause}`),
    );
    this.#timer = setTimeout(() => {
      if (!this.config && this.#source?.waits) {
        onUnfit?.(new FramewireError("unsupported-recorder", NOT_HEARD));
      }
    }, WAIT_MS);
  }
}
