/**
 * The pixels of one canvas (`--canvas`), kept in the task that drew them: WebGL's are gone once the page is painted. They
 * leave the page packed (PROTOCOL.md, "Packed planes"), which is a tenth of what a PNG takes to make, or else as a PNG.
 */
import { colourPlanes, PlanePacker } from "../sdk/packed_planes.js";

/** The colours of a canvas as it lays them in memory. */
const OWN_ORDER = new Set(["RGBA", "RGBX", "BGRA", "BGRX"]);

export class CanvasPixels {
  #selector;
  #alpha;
  /** @type {import("./film_clock.js").Scope} */
  #scope;
  /** @type {WeakSet<HTMLCanvasElement>} whose pixels are sRGB of 8 bits, and which a VideoFrame shows as they are */
  #plain = new WeakSet();
  /** @type {CanvasRenderingContext2D | null} */
  #kept = null;
  /** @type {VideoFrame | null} of a plain one, instead */
  #frame = null;
  /** @type {PlanePacker | null | undefined} */
  #packer;
  #latin = new TextDecoder("latin1");

  /** @param {import("./film_clock.js").Scope} scope @param {string} selector "" = none is wanted @param {boolean} alpha is kept */
  constructor(scope, selector, alpha) {
    this.#scope = scope;
    this.#selector = selector;
    this.#alpha = alpha;
    if (selector && !alpha && scope.VideoFrame) this.#watchContexts();
  }

  keep() {
    const canvas = this.#canvas();
    if (!canvas || canvas.width === 0 || canvas.height === 0) return;
    if (this.#plain.has(canvas)) {
      const { VideoFrame } = this.#scope;
      this.#frame?.close();
      this.#frame = new VideoFrame(canvas, { timestamp: 0, alpha: "discard" });
      return;
    }
    const { width, height } = canvas;
    if (this.#kept?.canvas.width !== width || this.#kept.canvas.height !== height) {
      const own = Object.assign(this.#scope.document.createElement("canvas"), { width, height });
      this.#kept = own.getContext("2d", { willReadFrequently: true, alpha: this.#alpha });
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

  /** In base64: packed planes behind two bytes (PlanePacker), or a PNG. @param {boolean} packed if it can be @returns {Promise<string>} */
  async read(packed) {
    if (!this.#kept && !this.#frame) this.keep();
    const frame = this.#frame;
    this.#frame = null;
    try {
      const { displayWidth = 0, displayHeight = 0 } = frame ?? {};
      const { width, height } = frame
        ? { width: displayWidth, height: displayHeight }
        : (this.#kept?.canvas ?? { width: 0, height: 0 });
      if (width === 0) return "";
      if (this.#packer === undefined) {
        this.#packer = PlanePacker.open(width, height, colourPlanes(width, height, this.#alpha));
      }
      const packer = packed ? this.#packer : null;
      if (packer?.fits(width, height)) return await this.#pack(packer, frame);
      return this.#png(frame, width, height);
    } finally {
      frame?.close();
    }
  }

  /** @param {PlanePacker} packer @param {VideoFrame | null} frame */
  async #pack(packer, frame) {
    const { words } = packer;
    let blueFirst = false;
    if (frame) {
      const own = OWN_ORDER.has(frame.format ?? "");
      await frame.copyTo(words, own ? undefined : /** @type {any} */ ({ format: "RGBA" }));
      blueFirst = own && frame.format?.startsWith("B") === true;
    } else if (this.#kept) {
      const { width, height } = this.#kept.canvas;
      words.set(new Int32Array(this.#kept.getImageData(0, 0, width, height).data.buffer));
    }
    packer.toColours(blueFirst);
    return this.#latin.decode(packer.toBase64(packer.pack().length));
  }

  /** @param {VideoFrame | null} frame @param {number} width @param {number} height */
  #png(frame, width, height) {
    let canvas = this.#kept?.canvas;
    if (frame) {
      canvas = Object.assign(this.#scope.document.createElement("canvas"), { width, height });
      canvas.getContext("2d", { alpha: false })?.drawImage(frame, 0, 0);
    }
    return canvas ? canvas.toDataURL("image/png").split(",")[1] : "";
  }

  /** @returns {HTMLCanvasElement | null} */
  #canvas() {
    if (!this.#selector) return null;
    const found = this.#scope.document.querySelector(this.#selector);
    return found instanceof this.#scope.HTMLCanvasElement ? found : null;
  }

  /** To ask a canvas for its context would give it one. */
  #watchContexts() {
    const { prototype } = this.#scope.HTMLCanvasElement;
    const { getContext } = prototype;
    const plain = this.#plain;
    /** @this {HTMLCanvasElement} @param {[any, any?]} wish */
    const watched = function (...wish) {
      const context = /** @type {any} */ (getContext.apply(this, wish));
      const { colorSpace = "srgb", colorType = "unorm8" } = context?.getContextAttributes?.() ?? {};
      if (wish[0] === "2d" && context && colorSpace === "srgb" && colorType === "unorm8") {
        plain.add(this);
      }
      return context;
    };
    prototype.getContext = /** @type {any} */ (watched);
  }
}
