/** The pixels of one canvas (`--canvas`), kept in the task that drew them: WebGL's are gone once the page is painted. */

/** Of a call of String.fromCharCode. */
const AT_ONCE = 0x8000;

export class CanvasPixels {
  #selector;
  /** @type {import("./film_clock.js").Scope} */
  #scope;
  /** @type {CanvasRenderingContext2D | null} */
  #kept = null;

  /** @param {import("./film_clock.js").Scope} scope @param {string} selector "" = none is wanted */
  constructor(scope, selector) {
    this.#scope = scope;
    this.#selector = selector;
  }

  keep() {
    const canvas = this.#canvas();
    if (!canvas || canvas.width === 0 || canvas.height === 0) return;
    const { width, height } = canvas;
    if (this.#kept?.canvas.width !== width || this.#kept.canvas.height !== height) {
      const own = Object.assign(this.#scope.document.createElement("canvas"), { width, height });
      this.#kept = own.getContext("2d", { willReadFrequently: true });
    }
    if (!this.#kept) return;
    this.#kept.globalCompositeOperation = "copy";
    this.#kept.drawImage(canvas, 0, 0);
  }

  /** @returns {{ canvas?: { width: number, height: number } | null }} null: there is no such canvas */
  size() {
    if (!this.#selector) return {};
    const canvas = this.#canvas();
    return { canvas: canvas && { width: canvas.width, height: canvas.height } };
  }

  /** @param {boolean} asPng */
  read(asPng) {
    if (!this.#kept) this.keep();
    if (!this.#kept) return "";
    if (asPng) return this.#kept.canvas.toDataURL("image/png").split(",")[1];
    const { width, height } = this.#kept.canvas;
    const { data } = this.#kept.getImageData(0, 0, width, height);
    const bytes = /** @type {any} */ (new Uint8Array(data.buffer));
    if (bytes.toBase64) return /** @type {string} */ (bytes.toBase64());
    let text = "";
    for (let at = 0; at < bytes.length; at += AT_ONCE)
      text += String.fromCharCode(...bytes.subarray(at, at + AT_ONCE));
    return this.#scope.btoa(text);
  }

  /** @returns {HTMLCanvasElement | null} */
  #canvas() {
    if (!this.#selector) return null;
    const found = this.#scope.document.querySelector(this.#selector);
    return found instanceof this.#scope.HTMLCanvasElement ? found : null;
  }
}
