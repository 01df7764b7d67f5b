import { BT709 } from "./i420.js";
import { unpackI420 } from "./packed_planes.js";

/**
 * Whole pictures: JPEG, PNG and WebP by `createImageBitmap`, RGBA and I420 as they are. One is decoded at a time; of those that
 * come meanwhile the newest waits, so what is shown is never far behind.
 *
 * @typedef {import('./frame_decoder.js').Encoded} Encoded
 * @typedef {import('./frame_decoder.js').Track} Track
 */

/** So many in a row that do not decode, before any did: this browser does not know the format. */
const BAD_MOST = 10;

/** @implements {Track} */
export class PictureDecoder {
  #tell;
  #codec = "";
  #width = 0;
  #height = 0;
  #busy = false;
  /** @type {Encoded | null} */
  #waiting = null;
  #bad = 0;
  #closed = false;

  /** @param {import('./frame_decoder.js').Tell} tell */
  constructor(tell) {
    this.#tell = tell;
  }

  /** @param {{codec: string, codedWidth: number, codedHeight: number}} config */
  configure({ codec, codedWidth, codedHeight }) {
    this.#codec = codec;
    this.#width = codedWidth;
    this.#height = codedHeight;
  }

  /** @param {Encoded} encoded */
  decode(encoded) {
    if (encoded.hidden) return;
    if (this.#codec === "rgba") {
      this.#pass(encoded);
      return;
    }
    if (this.#codec.startsWith("i420")) {
      this.#passPlanes(encoded);
      return;
    }
    if (this.#busy) {
      if (this.#waiting) this.#tell({ type: "dropped", count: 1 }, []);
      this.#waiting = encoded;
      return;
    }
    this.#run(encoded);
  }

  close() {
    this.#closed = true;
    this.#waiting = null;
  }

  /** @param {Encoded} rgba */
  #pass({ data, ptsUs, at }) {
    const [width, height] = [this.#width, this.#height];
    if (data.length !== width * height * 4) return; // of another size than was said: no picture
    const pixels = new Uint8ClampedArray(data.buffer, data.byteOffset, data.length);
    const image = new ImageData(pixels, width, height);
    this.#tell({ type: "picture", image, width, height, ptsUs, at }, [data.buffer]);
  }

  /** @param {Encoded} planes */
  #passPlanes({ data, ptsUs, at }) {
    const [width, height] = [this.#width, this.#height];
    const planes = unpackI420(data, width, height, this.#codec);
    if (!planes) return;
    const size = { codedWidth: width, codedHeight: height };
    const layout = { format: /** @type {const} */ ("I420"), colorSpace: BT709 };
    const image = new VideoFrame(planes, { ...layout, ...size, timestamp: ptsUs });
    this.#tell({ type: "picture", image, width, height, ptsUs, at }, [image]);
  }

  /** @param {Encoded} encoded */
  async #run(encoded) {
    this.#busy = true;
    for (let next = /** @type {Encoded | null} */ (encoded); next && !this.#closed; ) {
      await this.#decodeOne(next);
      next = this.#waiting;
      this.#waiting = null;
    }
    this.#busy = false;
  }

  /** @param {Encoded} encoded */
  async #decodeOne({ data, ptsUs, at }) {
    try {
      const image = await createImageBitmap(new Blob([data], { type: `image/${this.#codec}` }));
      if (this.#closed) {
        image.close();
        return;
      }
      const { width, height } = image;
      this.#bad = Number.NEGATIVE_INFINITY;
      this.#tell({ type: "picture", image, width, height, ptsUs, at }, [image]);
    } catch (error) {
      this.#tell({ type: "dropped", count: 1 }, []);
      this.#bad += 1;
      if (this.#bad >= BAD_MOST) {
        const message = `This browser decodes no ${this.#codec}: ${error}.`;
        this.#tell({ type: "failed", message }, []);
      }
    }
  }
}
