import { CountedTimes } from "./counted_times.js";
import { SoundClock } from "./sound_clock.js";
import { openTrackSound } from "./track_sound.js";

/**
 * Sound beside pictures: a MediaStream's, in packets of 10 ms with times by the clock of the page, as Opus or as
 * floats. Its samples are read from the track where the browser allows it, else they go through an AudioContext, which
 * has to run.
 *
 * @typedef {object} SoundPacket
 * @property {number} atMs when its first sample was captured, as performance.now()
 * @property {number} durationUs
 * @property {Uint8Array<ArrayBuffer> | EncodedAudioChunk} data
 *
 * @typedef {{codec: string, sampleRate: number, numberOfChannels: number, description?: any}} SoundConfig
 */
const CHANNELS = 2;
const OPUS_RATE = 48_000;
const PACKET_US = 10_000;
const PIECE = { rate: OPUS_RATE, size: (OPUS_RATE * PACKET_US) / 1e6 };

export class SoundSource {
  #onPacket;
  #onFailed;
  /** @type {import('./track_sound.js').TrackSound | null} */
  #track = null;
  /** @type {AudioContext | null} */
  #context = null;
  #closed = false;
  /** @type {AudioEncoder | null} */
  #encoder = null;
  #clock = new SoundClock();
  #times = new CountedTimes();
  #latencyMs = 0;
  /** What the packets are; known once the first is there. @type {SoundConfig | null} */
  config = null;

  /**
   * @param {MediaStream} stream
   * @param {AudioEncoderConfig | null} opus of opusConfig(); null: as floats
   * @param {(packet: SoundPacket) => void} onPacket
   * @param {(why: unknown) => void} onFailed
   */
  constructor(stream, opus, onPacket, onFailed) {
    this.#onPacket = onPacket;
    this.#onFailed = onFailed;
    if (opus) this.#openEncoder(opus);
    else this.config = { codec: "pcm-f32", sampleRate: OPUS_RATE, numberOfChannels: CHANNELS };
    const [track] = stream.getAudioTracks();
    const settings = /** @type {{latency?: number}} */ (track?.getSettings?.() ?? {});
    this.#latencyMs = (settings.latency ?? 0) * 1000;
    const tap = () => {
      this.#clock.restart();
      if (!this.#closed) this.#openTap(stream).catch(onFailed);
    };
    this.#track = track
      ? openTrackSound(track, PIECE, ({ planes, at }) => this.#onPiece(planes, at), tap)
      : null;
    if (!this.#track) tap();
  }

  /** Its samples have to go through an AudioContext, and that does not run: before a click, or without a sound card. */
  get waits() {
    return this.#context !== null && this.#context.state !== "running";
  }

  close() {
    this.#closed = true;
    this.#track?.stop();
    this.#context?.close().catch(() => {});
    if (this.#encoder?.state === "configured") this.#encoder.close();
  }

  /** @param {MediaStream} stream */
  async #openTap(stream) {
    const context = new AudioContext({ sampleRate: OPUS_RATE, latencyHint: "interactive" });
    this.#context = context;
    await context.audioWorklet.addModule(new URL("./sound_tap.js", import.meta.url));
    if (context.state === "suspended") await context.resume();
    context.addEventListener("statechange", () => this.#clock.restart());
    const tap = new AudioWorkletNode(context, "framewire-tap", { numberOfOutputs: 1 });
    tap.port.onmessage = ({ data }) => this.#onPiece(data.planes, data.at);
    const sound = new MediaStream(stream.getAudioTracks());
    // Connected to the end, or nothing would flow; it gives silence.
    context.createMediaStreamSource(sound).connect(tap).connect(context.destination);
  }

  /** @param {Float32Array<ArrayBuffer>[]} planes @param {number} at by the clock of the context or the track, in seconds */
  #onPiece(planes, at) {
    const length = planes[0].length;
    const durationMs = (length / OPUS_RATE) * 1000;
    const atMs = this.#clock.timeOf(at, durationMs, performance.now()) - this.#latencyMs;
    if (this.#encoder) this.#encode(planes, atMs);
    else {
      const data = interleaved(planes);
      this.#onPacket({ atMs, durationUs: Math.round(durationMs * 1000), data });
    }
  }

  /** @param {AudioEncoderConfig} opus */
  #openEncoder(opus) {
    this.#encoder = new AudioEncoder({
      output: (chunk, metadata) => {
        const config = metadata?.decoderConfig;
        if (config) this.config = { ...config, codec: "opus" };
        const { timestamp, duration } = chunk;
        const atMs = this.#times.of(timestamp) / 1000;
        this.#onPacket({ atMs, durationUs: duration ?? PACKET_US, data: chunk });
      },
      error: (error) => this.#onFailed(error),
    });
    this.#encoder.configure(opus);
  }

  /** @param {Float32Array<ArrayBuffer>[]} planes @param {number} atMs */
  #encode(planes, atMs) {
    if (this.#encoder?.state !== "configured") return;
    const length = planes[0].length;
    const data = new Float32Array(length * CHANNELS);
    planes.forEach((plane, channel) => {
      data.set(plane, channel * length);
    });
    const audio = new AudioData({
      format: "f32-planar",
      sampleRate: OPUS_RATE,
      numberOfFrames: length,
      numberOfChannels: CHANNELS,
      timestamp: this.#times.put(atMs * 1000, (length / OPUS_RATE) * 1e6),
      data,
    });
    this.#encoder.encode(audio);
    audio.close();
  }
}

/** @param {Float32Array<ArrayBuffer>[]} planes */
function interleaved(planes) {
  const [left, right] = planes;
  const out = new Float32Array(left.length * CHANNELS);
  for (let i = 0; i < left.length; i += 1) {
    out[i * 2] = left[i];
    out[i * 2 + 1] = right[i];
  }
  return new Uint8Array(out.buffer);
}

/** What a packet has, as bytes. @param {SoundPacket} packet */
export function soundBytes({ data }) {
  if (data instanceof Uint8Array) return data;
  const bytes = new Uint8Array(data.byteLength);
  data.copyTo(bytes);
  return bytes;
}

/**
 * How this browser encodes Opus with the least delay; null: not at all.
 *
 * @param {number} bitrate
 * @returns {Promise<AudioEncoderConfig | null>}
 */
export async function opusConfig(bitrate) {
  if (!globalThis.AudioEncoder) return null;
  const plain = { codec: "opus", sampleRate: OPUS_RATE, numberOfChannels: CHANNELS, bitrate };
  const opus = { frameDuration: PACKET_US };
  const prompt = { ...plain, opus: { ...opus, application: "lowdelay" } };
  for (const config of [prompt, { ...plain, opus }, plain]) {
    const { supported } = await AudioEncoder.isConfigSupported(config).catch(() => ({
      supported: false,
    }));
    if (supported) return config;
  }
  return null;
}
