import { workerAt } from "./worker_at.js";

/**
 * Ticks while this page is in the background, where it gets no animation frames, and browsers hold its timers back to
 * one a second: by the timer of a worker, which they leave alone. Where no worker can be had, by the page's own. In a
 * worker there is no background.
 */
export class HiddenTicks {
  #everyMs;
  #onTick;
  /** @type {Worker | null} */
  #worker = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /** @param {number} everyMs @param {() => void} onTick */
  constructor(everyMs, onTick) {
    this.#everyMs = everyMs;
    this.#onTick = onTick;
    globalThis.document?.addEventListener("visibilitychange", this.#look);
    this.#look();
  }

  stop() {
    globalThis.document?.removeEventListener("visibilitychange", this.#look);
    this.#end();
  }

  #look = () => {
    this.#end();
    if (!globalThis.document?.hidden) return;
    const worker = workerAt(new URL("./tick_worker.js", import.meta.url));
    this.#worker = worker;
    if (!worker) {
      this.#tickHere();
      return;
    }
    worker.onmessage = () => this.#onTick();
    worker.onerror = () => {
      if (this.#worker === worker) this.#tickHere();
    };
    worker.postMessage(this.#everyMs);
  };

  #tickHere() {
    this.#timer = setInterval(() => this.#onTick(), this.#everyMs);
  }

  #end() {
    clearInterval(this.#timer);
    this.#worker?.terminate();
    this.#worker = null;
  }
}
