import { FramewireError } from "./errors.js";
import { FRAME_ROOM } from "./wire.js";

/**
 * The sound of a film that is rendered: samples that wait until the frames have come to their time.
 *
 * @typedef {object} SoundForm
 * @property {number} sampleRate
 * @property {number} numberOfChannels
 *
 * @typedef {Float32Array | AudioBuffer} Samples floats of all channels in turn, or an AudioBuffer
 */
const SAMPLE_BYTES = 4;

export class FilmSound {
  /** @type {Float32Array[]} interleaved */
  #waiting = [];
  #form;
  #sent = 0;

  /** @param {SoundForm | AudioBuffer} form an AudioBuffer is all of the sound */
  constructor(form) {
    const { sampleRate, numberOfChannels } = form;
    if (!(sampleRate > 0) || !(numberOfChannels > 0)) {
      throw new FramewireError("bad-source", "Say sampleRate and numberOfChannels of the sound.");
    }
    this.#form = { sampleRate, numberOfChannels };
    if ("getChannelData" in form) this.add(form);
  }

  /** As the server is told. */
  get hello() {
    const { sampleRate, numberOfChannels } = this.#form;
    return { codec: "pcm-f32", sample_rate: sampleRate, channels: numberOfChannels };
  }

  /** @param {Samples} samples */
  add(samples) {
    const { sampleRate, numberOfChannels } = this.#form;
    if ("getChannelData" in samples) {
      if (samples.sampleRate !== sampleRate || samples.numberOfChannels !== numberOfChannels) {
        throw new FramewireError(
          "bad-source",
          "All sound of a film has one rate and as many channels.",
        );
      }
      this.#waiting.push(interleaved(samples));
    } else if (samples.length % numberOfChannels === 0) {
      this.#waiting.push(samples.slice()); // the page may use its own again
    } else {
      throw new FramewireError(
        "bad-source",
        `Sound of ${numberOfChannels} channels has whole samples.`,
      );
    }
  }

  /**
   * What is to be sent so that the sound reaches a time of the film, if there is so much.
   *
   * @param {number} seconds
   * @param {(bytes: number) => Uint8Array<ArrayBuffer>} room
   * @param {(room: Uint8Array<ArrayBuffer>, first: number) => void} push
   */
  upTo(seconds, room, push) {
    const { sampleRate, numberOfChannels } = this.#form;
    const end = Math.round(seconds * sampleRate);
    while (this.#sent < end && this.#waiting.length > 0) {
      const next = this.#waiting[0];
      const count = Math.min(end - this.#sent, next.length / numberOfChannels);
      const samples = next.subarray(0, count * numberOfChannels);
      if (samples.length > 0) {
        const out = room(samples.length * SAMPLE_BYTES);
        out.set(littleEndian(samples), FRAME_ROOM);
        push(out, this.#sent);
      }
      this.#sent += count;
      if (samples.length === next.length) this.#waiting.shift();
      else this.#waiting[0] = next.subarray(samples.length);
    }
  }
}

/** @param {AudioBuffer} buffer */
function interleaved(buffer) {
  const { length, numberOfChannels } = buffer;
  const out = new Float32Array(length * numberOfChannels);
  for (let channel = 0; channel < numberOfChannels; channel += 1) {
    const data = buffer.getChannelData(channel);
    for (let i = 0; i < length; i += 1) out[i * numberOfChannels + channel] = data[i];
  }
  return out;
}

/** Every browser's machine is. @param {Float32Array} samples */
const littleEndian = (samples) =>
  new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
