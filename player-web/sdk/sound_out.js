/**
 * The sound of a FrameScreen: samples with times in, heard through an AudioWorklet, as loud as the video element says.
 * Its clock is what pictures are painted by. A context that the browser does not let run takes nothing and has no
 * clock.
 */

/** News older than this say nothing: the context stands, in milliseconds. */
const STALE_MS = 500;
/** So long a context may take to run before that counts as refused, in milliseconds. */
const REFUSED_MS = 500;
/** Samples that wait for the worklet's module, at most. */
const EARLY_MOST = 100;
/** Before a script that did not come is asked for again, in milliseconds. */
const AGAIN_MS = 1_000;

export class SoundOut {
  #video;
  #silenced;
  #targetMs;
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {AudioWorkletNode | null} */
  #node = null;
  /** @type {GainNode | null} */
  #gain = null;
  /** @type {MediaStreamAudioDestinationNode | null} */
  #tap = null;
  /** @type {import('./frame_decoder.js').Sound[]} */
  #early = [];
  /** @type {(import('./sound_worklet.js').SoundNews & {heardAt: number}) | null} */
  #news = null;
  #refused = false;

  /** @param {HTMLVideoElement} video @param {number} targetMs @param {() => void} silenced */
  constructor(video, targetMs, silenced) {
    this.#video = video;
    this.#targetMs = targetMs;
    this.#silenced = silenced;
    for (const type of ["volumechange", "play", "pause"]) {
      video.addEventListener(type, this.#follow);
    }
  }

  /** @param {import('./frame_decoder.js').Sound} sound */
  push(sound) {
    this.#open(sound.rate);
    if (!this.#node) {
      this.#early.push(sound);
      if (this.#early.length > EARLY_MOST) this.#early.shift();
      return;
    }
    if (this.#context?.state !== "running" || this.#video.paused) return;
    this.#send(sound);
  }

  /** What is heard now, in microseconds of the stream; null: nothing is. */
  get mediaTimeUs() {
    const news = this.#news;
    const context = this.#context;
    if (!news || !context || performance.now() - news.heardAt > STALE_MS) return null;
    return news.ptsUs + (this.#heard(context) - news.at) * 1e6;
  }

  get bufferedMs() {
    return Math.round(this.#news?.bufferedMs ?? 0);
  }

  get dry() {
    return this.#news?.dry ?? 0;
  }

  /** Sound as a track, for captureStream(). @returns {MediaStreamTrack | null} */
  get track() {
    if (!this.#context || !this.#node) return null;
    if (!this.#tap) {
      this.#tap = this.#context.createMediaStreamDestination();
      this.#node.connect(this.#tap);
    }
    return this.#tap.stream.getAudioTracks()[0] ?? null;
  }

  /** So much longer each sample is to wait; negative: less. @param {number} ms */
  wait(ms) {
    this.#node?.port.postMessage({ waitMs: ms });
  }

  /** What waits is too old. */
  flush() {
    this.#node?.port.postMessage({ flush: true });
    this.#news = null;
  }

  close() {
    for (const type of ["volumechange", "play", "pause"]) {
      this.#video.removeEventListener(type, this.#follow);
    }
    this.#context?.close().catch(() => {});
    this.#context = null;
    this.#node = null;
  }

  /** The time of the context that is at the loudspeaker. @param {AudioContext} context */
  #heard(context) {
    const { contextTime = 0, performanceTime = 0 } = context.getOutputTimestamp?.() ?? {};
    const now = performance.now();
    if (contextTime > 0 && now - performanceTime < STALE_MS) {
      return contextTime + (now - performanceTime) / 1000;
    }
    return context.currentTime - (context.outputLatency || context.baseLatency || 0);
  }

  /** @param {import('./frame_decoder.js').Sound} sound */
  #send(sound) {
    const buffers = sound.planes.map(({ buffer }) => buffer);
    this.#node?.port.postMessage(sound, buffers);
  }

  /** @param {number} rate */
  async #open(rate) {
    if (this.#context) return;
    const context = new AudioContext({ sampleRate: rate, latencyHint: "interactive" });
    this.#context = context;
    setTimeout(() => this.#judge(), REFUSED_MS);
    try {
      await context.audioWorklet.addModule(new URL("./sound_worklet.js", import.meta.url));
    } catch {
      this.#tryAgain(context);
      return;
    }
    if (this.#context !== context) return;
    const node = new AudioWorkletNode(context, "framewire-sound", {
      numberOfInputs: 0,
      outputChannelCount: [2],
      processorOptions: { targetMs: this.#targetMs },
    });
    node.port.onmessage = ({ data }) => {
      this.#news = { ...data, heardAt: performance.now() };
    };
    this.#gain = new GainNode(context);
    node.connect(this.#gain).connect(context.destination);
    this.#node = node;
    this.#follow();
    for (const sound of this.#early.splice(0)) this.#send(sound);
  }

  /** The network let its script down: sound that comes later opens another one. @param {AudioContext} context */
  #tryAgain(context) {
    context.close().catch(() => {});
    setTimeout(() => {
      if (this.#context === context) this.#context = null;
    }, AGAIN_MS);
  }

  #judge() {
    if (this.#context?.state !== "suspended" || this.#video.paused || this.#refused) return;
    this.#refused = true;
    if (!this.#video.muted) this.#silenced();
  }

  #follow = () => {
    const { muted, volume, paused } = this.#video;
    if (this.#gain) this.#gain.gain.value = muted ? 0 : volume;
    if (paused) this.flush();
    else if (!muted && this.#context?.state === "suspended") this.#context.resume().catch(() => {});
  };
}
