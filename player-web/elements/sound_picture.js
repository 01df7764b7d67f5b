import { part, write } from "./controls.js";

/**
 * What stands where the picture would be when a stream has none: its title over a level that moves with the sound.
 */
const BARS = 32;
/** The loudest that a bar shows of its frequencies, and the quietest, in dB. */
const LOUD_DB = -25;
const QUIET_DB = -90;
/** The frequencies shown, of all that the analyser gives. */
const SHARE = 0.6;

export class SoundPicture {
  element = part("div", "sound");
  #title = part("strong", "title");
  #text = part("span", "text");
  #canvas = document.createElement("canvas");
  /** @type {AudioContext | null} */
  #audio = null;
  /** @type {AnalyserNode | null} */
  #analyser = null;
  /** @type {MediaStream | null} */
  #stream = null;
  #frame = 0;
  /** What the sound was at its loudest, lately: 0 to 1. */
  level = 0;

  constructor() {
    this.#canvas.setAttribute("aria-hidden", "true");
    write(this.#text, "Sound only. This stream has no picture.");
    this.element.append(this.#canvas, this.#title, this.#text);
    this.element.hidden = true;
  }

  /** @param {string} title @param {() => MediaStream | null} capture what is heard */
  show(title, capture) {
    write(this.#title, title);
    this.element.hidden = false;
    if (!this.#stream || this.#stream.getAudioTracks().length === 0) this.#listen(capture());
    if (this.#audio?.state === "suspended") this.#audio.resume().catch(() => {});
    if (!this.#frame) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  hide() {
    this.element.hidden = true;
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#audio?.close().catch(() => {});
    this.#audio = this.#analyser = this.#stream = null;
    this.level = 0;
  }

  /** @param {MediaStream | null} stream */
  #listen(stream) {
    if (!stream || stream.getAudioTracks().length === 0) return;
    this.#stream = stream;
    this.#audio ??= new AudioContext();
    this.#analyser = new AnalyserNode(this.#audio, { fftSize: 1024, smoothingTimeConstant: 0.7 });
    this.#audio.createMediaStreamSource(stream).connect(this.#analyser);
  }

  #draw() {
    this.#frame = requestAnimationFrame(() => this.#draw());
    const canvas = this.#canvas;
    const context = canvas.getContext("2d");
    if (!context) return;
    const { clientWidth: width, clientHeight: height } = canvas;
    if (canvas.width !== width || canvas.height !== height)
      Object.assign(canvas, { width, height });
    context.clearRect(0, 0, width, height);
    context.fillStyle = "#6ea8fe";
    const levels = this.#levels();
    this.level = Math.max(...levels);
    const step = width / BARS;
    for (const [i, level] of levels.entries()) {
      const high = Math.max(2, level * height);
      context.fillRect(i * step + 1, (height - high) / 2, Math.max(1, step - 3), high);
    }
  }

  /** @returns {number[]} 0 to 1 for each bar */
  #levels() {
    const analyser = this.#analyser;
    if (!analyser) return Array(BARS).fill(0);
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    const most = bins.length * SHARE;
    return Array.from({ length: BARS }, (_, i) => {
      const from = Math.floor(most ** (i / BARS));
      const to = Math.max(from + 1, Math.floor(most ** ((i + 1) / BARS)));
      const loudest = Math.max(...bins.subarray(from, to));
      return Math.min(1, Math.max(0, (loudest - QUIET_DB) / (LOUD_DB - QUIET_DB)));
    });
  }
}
