/**
 * A canvas that stands where a video element stands: as large, fitted as its object-fit says, in front of it. The
 * element itself is fed with the canvas's own stream, so that its size, its events, `paused` and its volume are what
 * they are for any video; it is hidden while the canvas shows, and shows itself, from that stream, where a canvas
 * cannot: in picture in picture, in full screen of its own, and with `controls`.
 */
const LIKE = /** @type {const} */ ([
  "objectFit",
  "objectPosition",
  "borderRadius",
  "clipPath",
  "filter",
  "transform",
  "transformOrigin",
  "imageRendering",
  "mixBlendMode",
  "zIndex",
]);
/** The element gets a picture at least so often, in milliseconds. */
const FEED_MS = 1_000;

export class Stage {
  canvas = document.createElement("canvas");
  #video;
  #started;
  #context;
  #resizes;
  #visibility = "";
  #on = false;
  #closed = false;
  #fedAt = 0;
  /** @type {MediaStream | null} */
  #stream = null;

  /** @param {HTMLVideoElement} video @param {() => void} started the element has its stream */
  constructor(video, started) {
    this.#video = video;
    this.#started = started;
    this.#context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    this.canvas.setAttribute("part", "canvas");
    this.canvas.setAttribute("aria-hidden", "true"); // the element is what is spoken of
    Object.assign(this.canvas.style, { position: "absolute", pointerEvents: "none" });
    this.#resizes = new ResizeObserver(() => this.fit());
    this.#resizes.observe(video);
  }

  /** @param {CanvasImageSource | ImageData} image @param {number} width @param {number} height */
  paint(image, width, height) {
    const { canvas } = this;
    const resized = canvas.width !== width || canvas.height !== height;
    if (resized) Object.assign(canvas, { width, height });
    if (image instanceof ImageData) this.#context.putImageData(image, 0, 0);
    else {
      this.#context.globalCompositeOperation = "copy";
      this.#context.drawImage(image, 0, 0, width, height);
    }
    if (!this.#on) this.#begin();
    this.#feed(resized);
  }

  /** Follows the element, which a page may have moved, covered or styled. */
  fit() {
    if (!this.#on) return;
    const { canvas } = this;
    const video = this.#video;
    if (canvas.parentNode !== video.parentNode) video.after(canvas);
    const own = this.#showsItself;
    if (!own && video.style.visibility !== "hidden") {
      this.#visibility = video.style.visibility;
      video.style.visibility = "hidden";
    } else if (own && video.style.visibility === "hidden") {
      video.style.visibility = this.#visibility;
    }
    const computed = getComputedStyle(video);
    const style = /** @type {any} */ ({});
    for (const name of LIKE) style[name] = computed[name];
    const { offsetLeft, offsetTop, offsetWidth, offsetHeight } = video;
    const gone = own || computed.display === "none" || offsetWidth === 0;
    Object.assign(canvas.style, style, {
      left: `${offsetLeft}px`,
      top: `${offsetTop}px`,
      width: `${offsetWidth}px`,
      height: `${offsetHeight}px`,
      display: gone ? "none" : "block",
    });
  }

  captureStream() {
    return this.canvas.captureStream?.() ?? null;
  }

  /** Gives the element back. The last picture stays, in the element's own stream. */
  close() {
    if (this.#closed) return;
    this.#closed = true;
    this.#feed(true);
    this.#resizes.disconnect();
    document.removeEventListener("fullscreenchange", this.#changed);
    for (const type of PIP) this.#video.removeEventListener(type, this.#changed);
  }

  /** Another screen takes the element. */
  leave() {
    this.close();
    this.canvas.remove();
    if (this.#on) this.#video.style.visibility = this.#visibility;
    if (this.#video.srcObject === this.#stream) this.#video.srcObject = null;
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
  }

  #begin() {
    this.#on = true;
    const video = this.#video;
    this.#visibility = video.style.visibility;
    video.after(this.canvas);
    this.#stream = this.canvas.captureStream?.(0) ?? null;
    if (this.#stream) {
      video.removeAttribute("src");
      video.srcObject = this.#stream;
    }
    document.addEventListener("fullscreenchange", this.#changed);
    for (const type of PIP) video.addEventListener(type, this.#changed);
    this.fit();
    this.#started();
  }

  #changed = () => {
    this.fit();
    this.#feed(true);
  };

  /** The element is what the user looks at. */
  get #showsItself() {
    const video = /** @type {any} */ (this.#video);
    return (
      video.controls || document.fullscreenElement === video || video.webkitDisplayingFullscreen
    );
  }

  /** @param {boolean} now */
  #feed(now) {
    const at = performance.now();
    const wanted =
      now ||
      this.#video.readyState < 2 ||
      this.#showsItself ||
      document.pictureInPictureElement === this.#video;
    if (!wanted && at - this.#fedAt < FEED_MS) return;
    this.#fedAt = at;
    const [track] = /** @type {any[]} */ (this.#stream?.getVideoTracks() ?? []);
    track?.requestFrame?.();
  }
}

const PIP = [
  "enterpictureinpicture",
  "leavepictureinpicture",
  "webkitbeginfullscreen",
  "webkitendfullscreen",
];
