/** The pixels of one canvas (`--canvas`), kept in the task that drew them: WebGL's are gone once the page is painted. */

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

  /** A PNG in base64: as pixels they would be many times as long on their way. */
  read() {
    if (!this.#kept) this.keep();
    return this.#kept ? this.#kept.canvas.toDataURL("image/png").split(",")[1] : "";
  }

  /** @returns {HTMLCanvasElement | null} */
  #canvas() {
    if (!this.#selector) return null;
    const found = this.#scope.document.querySelector(this.#selector);
    return found instanceof this.#scope.HTMLCanvasElement ? found : null;
  }
}
