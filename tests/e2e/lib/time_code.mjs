/**
 * Delay from canvas to canvas: a publisher paints the time, a viewer reads it back whenever something is painted on
 * its canvas. What runs in a page is a function of its own; the kit (page_kit.js) must be there.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PlainPage } from "./plain_page.mjs";

const KIT = readFileSync(fileURLToPath(new URL("page_kit.js", import.meta.url)), "utf8");

/** A page that is not watched, with the kit in it. @param {any} browser @param {{origin: string}} server */
export async function timePage(browser, server) {
  const page = await PlainPage.open(browser, `${server.origin}/healthz`);
  await page.run(KIT);
  return page;
}

/**
 * In a page: a canvas on which the time is painted in each animation frame, above a scene that moves.
 * @param {{width: number, height: number}} size
 */
export function paintTime({ width, height }) {
  const { kit } = /** @type {any} */ (window);
  const canvas = document.body.appendChild(document.createElement("canvas"));
  Object.assign(canvas, { width, height });
  const context = /** @type {any} */ (canvas.getContext("2d", { alpha: false }));
  const paint = () => {
    const now = Date.now();
    kit.paint(context, now & 0xffff);
    for (let i = 0; i < 60; i += 1) {
      const at = now / 700 + i * 2.4;
      context.fillStyle = `hsl(${(i * 47) % 360} 70% 55%)`;
      context.beginPath();
      const y = height * (0.68 + 0.28 * Math.cos(at * 1.3));
      context.arc(width * (0.5 + 0.47 * Math.sin(at)), y, height / 24, 0, 7);
      context.fill();
    }
    for (const painted of /** @type {any} */ (window).onPainted ?? []) painted();
    requestAnimationFrame(paint);
  };
  Object.assign(window, { canvas, onPainted: [] });
  paint();
  return true;
}

/** In a page: notes each painted time code in `window.delays`, as [at, delay in ms]. */
export function notePaints() {
  const { kit } = /** @type {any} */ (window);
  const proto = CanvasRenderingContext2D.prototype;
  /** @type {[number, number][]} */ const delays = [];
  /** @type {any} */ (window).delays = delays;
  const read = (/** @type {CanvasRenderingContext2D} */ context) => {
    const { width, height } = context.canvas;
    const now = Date.now();
    // Two lines are all of the picture that is looked at.
    const row = Math.round(height / 6);
    const lines = [0.5, 1.5].map((at) => context.getImageData(0, Math.floor(row * at), width, 1));
    const bits = kit.readLines(lines[0], lines[1]);
    if (bits !== null) delays.push([now, (now - bits) & 0xffff]);
  };
  for (const name of /** @type {const} */ (["drawImage", "putImageData"])) {
    const real = /** @type {any} */ (proto)[name];
    /** @type {any} */ (proto)[name] = function (/** @type {any[]} */ ...args) {
      real.apply(this, args);
      read(this);
    };
  }
  return true;
}

/** In a page: a tone, in `window.sound`. */
export function makeSound() {
  const audio = new AudioContext();
  const out = audio.createMediaStreamDestination();
  const tone = new OscillatorNode(audio, { frequency: 440 });
  tone.connect(out);
  tone.start();
  /** @type {any} */ (window).sound = out.stream;
  return true;
}

/**
 * In a page: each picture that the video element presents, drawn on a canvas that is read (notePaints).
 * `window.waits()`: how often it ran dry.
 *
 * @param {{width: number, height: number}} size
 */
export function readVideo({ width, height }) {
  const video = /** @type {HTMLVideoElement} */ (document.querySelector("video"));
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
  let waits = 0;
  video.addEventListener("waiting", () => (waits += 1));
  Object.assign(window, { waits: () => waits });
  const look = () => {
    context?.drawImage(video, 0, 0, width, height);
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
  return true;
}
