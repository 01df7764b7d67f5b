/**
 * Keeps the screen on while something is published, or a phone would sleep, and its camera with it. Browsers take the
 * lock back when the page is hidden, so it is asked for again when it shows. Where there is none, nothing happens.
 * Source: Screen Wake Lock API.
 */
export class WakeLock {
  #wanted = false;
  /** @type {WakeLockSentinel | null} */
  #lock = null;

  /** @param {boolean} wanted */
  want(wanted) {
    if (this.#wanted === wanted) return;
    this.#wanted = wanted;
    const { document } = globalThis;
    if (wanted) document?.addEventListener("visibilitychange", this.#ask);
    else document?.removeEventListener("visibilitychange", this.#ask);
    if (wanted) this.#ask();
    else this.#release();
  }

  #ask = async () => {
    if (globalThis.document?.hidden !== false || this.#lock?.released === false) return;
    try {
      this.#lock = (await globalThis.navigator?.wakeLock?.request("screen")) ?? null;
      if (!this.#wanted) this.#release();
    } catch {
      // A page that may not, or a battery that is low: the stream goes on.
    }
  };

  #release() {
    this.#lock?.release().catch(() => {});
    this.#lock = null;
  }
}
