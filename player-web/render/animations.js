/**
 * CSS animations, transitions and Web Animations at the film's time. The timeline of the document stands (DevTools'
 * Animation.setPlaybackRate 0), so that an animation moves by what it is moved. Animations of SVG (SMIL) are set as well.
 */
import { rootsOf } from "./roots.js";

export class FilmAnimations {
  /** The time that the timeline would have gone on. */
  #elapsed = 0;
  /** @type {import("./film_clock.js").Scope} */
  #scope;

  /** @param {import("./film_clock.js").Scope} scope */
  constructor(scope) {
    this.#scope = scope;
    this.#showTime();
  }

  /** Those that run now; what begins later begins at the next frame, as in a browser. @returns {Animation[]} */
  running() {
    return rootsOf(this.#scope.document)
      .flatMap((root) => root.getAnimations())
      .filter(
        (animation) =>
          animation.playState === "running" && animation.timeline === this.#scope.document.timeline,
      );
  }

  /** @param {Animation[]} animations of running() @param {number} ms the film has gone on */
  advance(animations, ms) {
    this.#elapsed += ms;
    for (const animation of animations) {
      const at = animation.currentTime;
      if (typeof at !== "number" || animation.playState !== "running") continue;
      const end = Number(animation.effect?.getComputedTiming().endTime ?? Number.POSITIVE_INFINITY);
      const to = at + ms * animation.playbackRate;
      animation.currentTime = animation.playbackRate > 0 ? Math.min(to, end) : Math.max(to, 0);
    }
  }

  /** @param {number} ms */
  showSmil(ms) {
    for (const root of rootsOf(this.#scope.document))
      for (const svg of root.querySelectorAll("svg")) {
        if (svg.ownerSVGElement) continue; // its time is that of the outermost
        svg.pauseAnimations();
        svg.setCurrentTime(ms / 1000);
      }
  }

  /** What a page reads of the timeline goes on with the film. */
  #showTime() {
    const { AnimationTimeline, Animation } = this.#scope;
    const elapsed = () => this.#elapsed;
    const time = Object.getOwnPropertyDescriptor(AnimationTimeline.prototype, "currentTime");
    const start = Object.getOwnPropertyDescriptor(Animation.prototype, "startTime");
    if (!time?.get || !start?.get || !start.set) return;
    const { get: timeNow } = time;
    const { get: startOf, set: setStart } = start;
    const shifted = (/** @type {unknown} */ value, /** @type {number} */ by) =>
      typeof value === "number" ? value + by : value;
    Object.defineProperty(AnimationTimeline.prototype, "currentTime", {
      ...time,
      get() {
        return shifted(timeNow.call(this), elapsed());
      },
    });
    Object.defineProperty(Animation.prototype, "startTime", {
      ...start,
      get() {
        return shifted(startOf.call(this), elapsed());
      },
      set(value) {
        setStart.call(this, shifted(value, -elapsed()));
      },
    });
  }
}
