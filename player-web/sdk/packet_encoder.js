import { FrameEncoder } from "./frame_encoder.js";
import { TrackFrames } from "./track_frames.js";

/**
 * What encodes a publication's pictures, wherever it lives: a FrameEncoder, and the reader of a track where there is
 * one. Its calls are those of FrameEncoder, and `read`.
 */
export class PacketEncoder extends FrameEncoder {
  #tell;
  /** @type {TrackFrames | null} */
  #track = null;

  /** @param {import('./frame_encoder.js').TellNews} tell */
  constructor(tell) {
    super(tell);
    this.#tell = tell;
  }

  /** @param {ReadableStream<VideoFrame>} readable @param {number} fps at most; 0 = all */
  read(readable, fps) {
    this.#track?.close();
    const ended = () => {
      if (this.#track === track) this.#tell({ type: "ended" }, []);
    };
    const still = (/** @type {number} */ ms) => this.#tell({ type: "still", ms }, []);
    const track = new TrackFrames(readable, this, fps, ended, still);
    this.#track = track;
  }

  close() {
    this.#track?.close();
    this.#track = null;
    super.close();
  }
}
