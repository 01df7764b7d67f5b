/** Hands out what goes through it, 10 ms at a time: `{planes, at}`, `at` being the context's time of the first sample. */
const scope = /** @type {any} */ (globalThis);
const PIECE_S = 0.01;

class SoundTap extends scope.AudioWorkletProcessor {
  constructor() {
    super();
    this.size = Math.round(scope.sampleRate * PIECE_S);
    this.filled = 0;
    /** @type {Float32Array[]} */
    this.planes = [];
    this.at = 0;
  }

  /** @param {Float32Array[][]} inputs */
  process([input]) {
    const channels = Math.max(1, Math.min(2, input.length));
    const length = input[0]?.length ?? 128;
    for (let i = 0; i < length; i += 1) {
      if (this.filled === 0) {
        this.planes = Array.from({ length: 2 }, () => new Float32Array(this.size));
        this.at = scope.currentTime + i / scope.sampleRate;
      }
      for (let channel = 0; channel < 2; channel += 1) {
        const plane = input[Math.min(channel, channels - 1)];
        this.planes[channel][this.filled] = plane ? plane[i] : 0;
      }
      this.filled += 1;
      if (this.filled === this.size) this.give();
    }
    return true;
  }

  give() {
    const buffers = this.planes.map(({ buffer }) => buffer);
    this.port.postMessage({ planes: this.planes, at: this.at }, buffers);
    this.filled = 0;
  }
}

scope.registerProcessor("framewire-tap", SoundTap);
