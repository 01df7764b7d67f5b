/**
 * A picture in, its bytes out: JPEG, WebP or PNG, or RGBA as it is. In a worker by OffscreenCanvas, in a page
 * without one by `toBlob`. The bytes of the last picture are remembered, to tell when nothing has changed.
 *
 * @typedef {VideoFrame | ImageBitmap | ImageData | Blob | OffscreenCanvas | HTMLCanvasElement} Image
 * @typedef {object} Wish
 * @property {string} type `image/jpeg` and so on, or `rgba`
 * @property {number} quality 0 to 1
 * @property {number} width of the result
 * @property {number} height
 * @property {boolean} asIs a Blob of the same type need not be encoded anew
 * @property {boolean} blob the result as a Blob
 * @property {boolean} again bytes are wanted even if they are those of the last picture
 *
 * @typedef {{bytes: Uint8Array<ArrayBuffer> | Blob | null, size: number}} Encoded null: equal to the last
 */
export class PictureEncoder {
  /** @type {OffscreenCanvas | HTMLCanvasElement | null} */
  #canvas = null;
  /** @type {any} */
  #context = null;
  /** @type {Uint8Array<ArrayBuffer> | null} */
  #last = null;

  /** @param {Image} image @param {Wish} wish @returns {Promise<Encoded>} */
  async encode(image, wish) {
    const bytes = await this.#bytesOf(image, wish);
    const equal = this.#last !== null && same(this.#last, bytes);
    this.#last = bytes;
    if (equal && !wish.again) return { bytes: null, size: 0 };
    // What goes away is transferred, so what is remembered is a copy.
    this.#last = bytes.slice();
    if (!wish.blob) return { bytes, size: bytes.byteLength };
    return { bytes: new Blob([bytes], { type: wish.type }), size: bytes.byteLength };
  }

  /** @param {Image} image @param {Wish} wish @returns {Promise<Uint8Array<ArrayBuffer>>} */
  async #bytesOf(image, { type, quality, width, height, asIs }) {
    if (image instanceof Blob && image.type === type && asIs)
      return new Uint8Array(await image.arrayBuffer());
    const source = image instanceof Blob ? await createImageBitmap(image) : image;
    const context = this.#open(width, height);
    if (source instanceof ImageData) await this.#putData(source, width, height);
    else {
      context.globalCompositeOperation = "copy";
      context.drawImage(source, 0, 0, width, height);
      if ("close" in source) source.close();
    }
    if (type === "rgba") {
      return new Uint8Array(context.getImageData(0, 0, width, height).data.buffer);
    }
    const blob = await this.#toBlob(type, quality);
    if (blob.type !== type) throw new Error(`This browser makes no ${type}.`);
    return new Uint8Array(await blob.arrayBuffer());
  }

  /** @param {ImageData} data @param {number} width @param {number} height */
  async #putData(data, width, height) {
    if (data.width === width && data.height === height) {
      this.#context.putImageData(data, 0, 0);
      return;
    }
    const bitmap = await createImageBitmap(data);
    this.#context.globalCompositeOperation = "copy";
    this.#context.drawImage(bitmap, 0, 0, width, height);
    bitmap.close();
  }

  /** @param {number} width @param {number} height */
  #open(width, height) {
    this.#canvas ??= globalThis.OffscreenCanvas
      ? new OffscreenCanvas(width, height)
      : document.createElement("canvas");
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      Object.assign(this.#canvas, { width, height });
    }
    // Its pixels are read each time: they had better not be on a graphics card.
    this.#context ??= this.#canvas.getContext("2d", { willReadFrequently: true });
    return this.#context;
  }

  /** @param {string} type @param {number} quality @returns {Promise<Blob>} */
  #toBlob(type, quality) {
    const canvas = /** @type {OffscreenCanvas | HTMLCanvasElement} */ (this.#canvas);
    if ("convertToBlob" in canvas) return canvas.convertToBlob({ type, quality });
    return new Promise((resolve, reject) => {
      const done = (/** @type {Blob | null} */ blob) =>
        blob ? resolve(blob) : reject(new Error("The canvas cannot be read."));
      canvas.toBlob(done, type, quality);
    });
  }
}

/** @param {Uint8Array<ArrayBuffer>} a @param {Uint8Array<ArrayBuffer>} b */
function same(a, b) {
  if (a.length !== b.length) return false;
  const words = a.length >> 3;
  if (a.byteOffset % 8 === 0 && b.byteOffset % 8 === 0) {
    const [x, y] = [a, b].map(
      ({ buffer, byteOffset }) => new BigUint64Array(buffer, byteOffset, words),
    );
    for (let i = 0; i < words; i += 1) if (x[i] !== y[i]) return false;
    for (let i = words * 8; i < a.length; i += 1) if (a[i] !== b[i]) return false;
    return true;
  }
  return a.every((byte, i) => byte === b[i]);
}
