import { CountedTimes, packetUs } from "./counted_times.js";

/**
 * A sound track of packets: PCM as it is, everything else by WebCodecs' AudioDecoder. Out come floats, a plane for
 * each channel.
 *
 * @typedef {import('./frame_decoder.js').Encoded} Encoded
 * @typedef {import('./frame_decoder.js').Track} Track
 */
const PCM =
  /** @type {Record<string, {bytes: number, read: (view: DataView, at: number) => number}>} */ ({
    "pcm-u8": { bytes: 1, read: (view, at) => (view.getUint8(at) - 128) / 128 },
    "pcm-s16": { bytes: 2, read: (view, at) => view.getInt16(at, true) / 32768 },
    "pcm-f32": { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  });

/**
 * WebKitGTK 2.50 takes the page down when it copies samples that lie as they are wished for. Samples that it has to
 * convert are safe.
 */
const LOSES_PAGE = /AppleWebKit\/(?!.*Chrom)/.test(globalThis.navigator?.userAgent ?? "");

/**
 * Its samples as floats, a plane for each channel.
 * @param {AudioData} data @param {boolean} convert from 16 bits where floats need no conversion
 * @returns {Float32Array<ArrayBuffer>[]}
 */
export function planesOf(data, convert) {
  const { format, numberOfChannels, numberOfFrames } = data;
  const asTheyLie = format === "f32-planar" || (format === "f32" && numberOfChannels === 1);
  return Array.from({ length: numberOfChannels }, (_, planeIndex) => {
    if (convert && asTheyLie) {
      const plane = new Int16Array(numberOfFrames);
      data.copyTo(plane, { planeIndex, format: "s16-planar" });
      return Float32Array.from(plane, (value) => value / 32768);
    }
    const plane = new Float32Array(numberOfFrames);
    data.copyTo(plane, { planeIndex, format: "f32-planar" });
    return plane;
  });
}

/** @implements {Track} */
export class SoundDecoder {
  #tell;
  /** @type {AudioDecoderConfig | null} */
  #config = null;
  /** @type {AudioDecoder | null} */
  #decoder = null;
  #times = new CountedTimes();
  /** Their length is known, so they are counted. */
  #counted = false;

  /** @param {import('./frame_decoder.js').Tell} tell */
  constructor(tell) {
    this.#tell = tell;
  }

  /** @param {AudioDecoderConfig} config */
  configure(config) {
    this.#config = config;
    if (config.codec in PCM) return;
    try {
      if (this.#decoder?.state !== "configured") {
        this.#decoder = new AudioDecoder({
          output: (data) => this.#onData(data),
          error: (error) => this.#fail(error),
        });
      }
      this.#decoder.configure(config);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** @param {Encoded} encoded */
  decode({ ptsUs, data, hidden }) {
    if (!this.#config || hidden) return;
    const pcm = PCM[this.#config.codec];
    if (pcm) this.#pass(pcm, ptsUs, data);
    else if (this.#decoder?.state === "configured") {
      const { codec, sampleRate } = this.#config;
      const lengthUs = packetUs(codec, sampleRate, data);
      this.#counted = lengthUs !== null;
      const timestamp = lengthUs === null ? ptsUs : this.#times.put(ptsUs, lengthUs);
      this.#decoder.decode(new EncodedAudioChunk({ type: "key", timestamp, data }));
    }
  }

  close() {
    this.#config = null;
    if (this.#decoder && this.#decoder.state !== "closed") this.#decoder.close();
    this.#decoder = null;
  }

  /** @param {typeof PCM[string]} pcm @param {number} ptsUs @param {Uint8Array<ArrayBuffer>} data */
  #pass(pcm, ptsUs, data) {
    const { numberOfChannels: channels, sampleRate: rate } = /** @type {AudioDecoderConfig} */ (
      this.#config
    );
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const length = Math.floor(data.byteLength / pcm.bytes / channels);
    const planes = Array.from({ length: channels }, (_, channel) =>
      Float32Array.from({ length }, (_, i) => pcm.read(view, (i * channels + channel) * pcm.bytes)),
    );
    this.#give(planes, rate, ptsUs);
  }

  /** @param {AudioData} data */
  #onData(data) {
    const { sampleRate, timestamp } = data;
    const planes = planesOf(data, LOSES_PAGE);
    data.close();
    this.#give(planes, sampleRate, this.#counted ? this.#times.of(timestamp) : timestamp);
  }

  /** @param {Float32Array<ArrayBuffer>[]} planes @param {number} rate @param {number} ptsUs */
  #give(planes, rate, ptsUs) {
    const buffers = planes.map((plane) => plane.buffer);
    this.#tell({ type: "sound", planes, rate, ptsUs }, buffers);
  }

  /** @param {unknown} error */
  #fail(error) {
    const message = `This browser decodes no ${this.#config?.codec}: ${error}.`;
    this.#config = null;
    this.#tell({ type: "failed", message }, []);
  }
}
