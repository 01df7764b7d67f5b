/**
 * What `framewire render` puts into a page, and into each of its frames, before its own scripts: a clock that stands until
 * the film goes on, and what the command calls to have it go on. It is told by `__framewireSetup`; the page sees
 * `framewire.render` (docs/films.md).
 */
import { FilmAnimations } from "./animations.js";
import { FilmClock, installClock } from "./film_clock.js";
import { installLuck } from "./luck.js";
import { FilmMedia } from "./media.js";
import { CanvasPixels } from "./pixels.js";
import { watchShadows } from "./roots.js";
import { Waiting } from "./waiting.js";

/**
 * @typedef {object} Setup
 * @property {number} fps
 * @property {boolean} fixed whatever `fps` the page says
 * @property {number} beganAt ms since 1970
 * @property {number} seed
 * @property {number} width
 * @property {number} height
 * @property {unknown} props
 * @property {string} canvas selector, "" = the whole page
 * @property {boolean} alpha is kept
 *
 * @typedef {object} Film what a page sees as `framewire.render`, and may set
 * @property {number} fps frames a second: the page may set it, if the command did not say
 * @property {number} width
 * @property {number} height
 * @property {any} props of --props
 * @property {number} frame the one that is made
 * @property {number} time its time, in seconds
 * @property {number} [duration] in seconds: set by the page
 * @property {number} [frames] set by the page, instead of `duration`
 * @property {Promise<unknown>} [ready] set by the page: the film begins once it is fulfilled
 * @property {(film: Film) => unknown} [onFrame] set by the page: called for each frame, and waited for
 */

/** @param {import("./film_clock.js").Scope} scope @param {Setup} setup */
export function takeOver(scope, setup) {
  const report = scope.reportError.bind(scope);
  const waiting = new Waiting(scope);
  const clock = new FilmClock(report);
  watchShadows(scope);
  const animations = new FilmAnimations(scope);
  const media = new FilmMedia(scope, clock, waiting);
  const pixels = new CanvasPixels(scope, setup.canvas, setup.alpha);
  installClock(scope, clock, setup.beganAt);
  installLuck(scope, setup.seed);
  /** @type {Film} */
  const film = {
    fps: setup.fps,
    width: setup.width,
    height: setup.height,
    props: setup.props,
    frame: 0,
    time: 0,
  };
  /** @type {any} */ (scope).framewire = { render: film };
  /** The page may have put its own in its place. @returns {Film} */
  const told = () => {
    const own = /** @type {any} */ (scope).framewire?.render;
    return own && typeof own === "object" ? own : film;
  };

  /** Of the page's clock, when the film began: a frame that comes later begins in the middle of it. */
  let beganAt = /** @type {number | null} */ (null);
  let isReady = false;

  /** The page's clock goes on. @param {number} to ms @param {boolean} shown */
  async function goOn(to, shown) {
    const running = animations.running();
    const before = clock.now;
    while (clock.runNext(to)) await waiting.settled();
    clock.stand(to);
    animations.advance(running, to - before);
    animations.showSmil(to);
    await media.show(shown);
    clock.runFrames();
    if (shown) pixels.keep();
  }

  return {
    /** Once what it has is there. The page's clock goes on only if it says that it is not ready. */
    async ready() {
      await waiting.settled();
      const { ready } = told();
      isReady = !ready;
      const over = () => {
        isReady = true;
      };
      // One that is refused is an error of the page's, as any other.
      if (ready) Promise.resolve(ready).catch(report).then(over);
      for (await waiting.macrotask(); !isReady; await waiting.macrotask()) {
        await goOn(clock.now + 1000 / setup.fps, false);
        await waiting.settled();
        await waiting.painted();
      }
      await waiting.settled();
      await media.show(true);
      beganAt = clock.now;
      const { duration, frames, fps } = told();
      if (!setup.fixed && fps !== undefined) setup.fps = Number(fps);
      return {
        duration: Number(duration),
        frames: Number(frames),
        fps: setup.fps,
        ...pixels.size(),
      };
    },

    /**
     * @param {number} frame
     * @param {boolean} shown it is taken; else the page has only to be brought on
     * @param {number} fps the film's: what a frame of the page says of it is its own
     */
    async step(frame, shown, fps) {
      setup.fps = fps;
      const time = frame / setup.fps;
      beganAt ??= clock.now - time * 1000;
      const now = told();
      for (const [name, value] of /** @type {[string, number][]} */ ([
        ["frame", frame],
        ["time", time],
      ]))
        Reflect.set(now, name, value); // the page may have frozen it
      await goOn(beganAt + time * 1000, shown);
      if (now.onFrame) {
        try {
          await now.onFrame(now);
        } catch (error) {
          report(error);
        }
        if (shown) pixels.keep();
      }
      await media.show(shown);
      media.runCallbacks();
      clock.runIdle();
      await waiting.settled();
      await waiting.painted();
      await waiting.settled();
    },

    /** What was asked for by then has come, and was worked on. */
    async settled() {
      await waiting.settled();
      await waiting.painted();
    },

    /** The canvas as its frame was drawn, in base64. @param {boolean} packed else a PNG */
    pixels: (packed) => pixels.read(packed),
  };
}

const scope = /** @type {any} */ (globalThis);
if (scope.__framewireSetup) {
  const setup = scope.__framewireSetup;
  delete scope.__framewireSetup;
  Object.defineProperty(scope, "__framewireFilm", { value: takeOver(scope, setup) });
}
