/**
 * What a page still waits for: answers of servers, pictures, fonts. The film stands until they are there, so that a fast
 * network and a slow one make the same film. WebSockets, EventSources and bodies that are read piece by piece are not waited for.
 */
import { rootsOf } from "./roots.js";

const BODIES = /** @type {const} */ (["arrayBuffer", "blob", "formData", "json", "text"]);

export class Waiting {
  #pending = 0;
  /** @type {import("./film_clock.js").Scope} */
  #scope;
  #macrotask;
  #realFrame;
  #realTimer;

  /** @param {import("./film_clock.js").Scope} scope before its clock is replaced */
  constructor(scope) {
    this.#scope = scope;
    const { MessageChannel, requestAnimationFrame, setTimeout } = scope;
    /** @type {(() => void)[]} */
    const woken = [];
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => woken.shift()?.();
    this.#macrotask = () =>
      new Promise((/** @type {(value: void) => void} */ resolve) => {
        woken.push(resolve);
        port2.postMessage(null);
      });
    this.#realFrame = () =>
      new Promise((/** @type {(value: unknown) => void} */ resolve) =>
        requestAnimationFrame.call(scope, resolve),
      );
    this.#realTimer = (/** @type {number} */ ms) =>
      new Promise((/** @type {(value: void) => void} */ resolve) =>
        setTimeout.call(scope, resolve, ms),
      );
    this.#watchFetch();
    this.#watchRequests();
  }

  /** Until what was posted before has run. */
  macrotask() {
    return this.#macrotask();
  }

  /** Until the browser has laid out and painted: events of animations, observers. */
  async painted() {
    await this.#realFrame();
    await this.#macrotask();
  }

  /** By the clock on the wall. @param {number} ms */
  really(ms) {
    return this.#realTimer(ms);
  }

  /** @template T @param {Promise<T>} promise @returns {Promise<T>} */
  count(promise) {
    this.#pending += 1;
    const done = () => {
      this.#pending -= 1;
    };
    promise.then(done, done);
    return promise;
  }

  get pending() {
    return this.#pending;
  }

  /** Until nothing is waited for, and what came has been worked on. */
  async settled() {
    await this.#macrotask();
    for (;;) {
      while (this.#pending > 0) await this.#realTimer(1);
      const loads = [...this.#fonts(), ...this.#pictures()];
      if (loads.length > 0) {
        await Promise.all(loads);
        continue;
      }
      await this.#macrotask();
      if (this.#pending === 0) return;
    }
  }

  #fonts() {
    const { fonts } = this.#scope.document;
    return fonts?.status === "loading" ? [fonts.ready] : [];
  }

  #pictures() {
    return rootsOf(this.#scope.document).flatMap((root) =>
      [...root.querySelectorAll("img")]
        .filter((img) => !img.complete && (img.loading !== "lazy" || this.#isNear(img)))
        .map(
          (img) =>
            new Promise((resolve) => {
              img.addEventListener("load", resolve, { once: true });
              img.addEventListener("error", resolve, { once: true });
            }),
        ),
    );
  }

  /** A lazy one loads once it is nearly seen. @param {Element} element */
  #isNear(element) {
    const { top, bottom, width, height } = element.getBoundingClientRect();
    return width + height > 0 && bottom >= 0 && top <= this.#scope.innerHeight;
  }

  #watchFetch() {
    const { fetch, Response } = this.#scope;
    const count = (/** @type {Promise<unknown>} */ promise) => this.count(promise);
    this.#scope.fetch = (...args) => {
      const answer = fetch.apply(this.#scope, args);
      count(answer);
      return answer;
    };
    for (const name of BODIES) {
      const read = Response.prototype[name];
      /** @type {any} */ (Response.prototype)[name] = function () {
        return count(read.call(this));
      };
    }
  }

  #watchRequests() {
    const { XMLHttpRequest } = this.#scope;
    const { send } = XMLHttpRequest.prototype;
    const count = (/** @type {Promise<unknown>} */ promise) => this.count(promise);
    const { DONE } = XMLHttpRequest;
    /** @this {globalThis.XMLHttpRequest} @param {any} body */
    XMLHttpRequest.prototype.send = function (body) {
      send.call(this, body);
      if (this.readyState === DONE) return; // a synchronous one
      count(new Promise((resolve) => this.addEventListener("loadend", resolve, { once: true })));
    };
  }
}
