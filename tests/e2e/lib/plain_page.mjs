/**
 * A page in Chromium with no eye on its network. Playwright's pages have one: each WebSocket message then goes
 * through DevTools as base64 in JSON as well, which for frames of megabytes costs more than the frames.
 */

import { until } from "./wait.mjs";

let lastId = 0;

export class PlainPage {
  /** @param {any} browser of launchChromium() @param {string} url */
  static async open(browser, url) {
    const cdp = await browser.session();
    const { browserContextId } = await cdp.send("Target.createBrowserContext");
    const { targetId } = await cdp.send("Target.createTarget", { url, browserContextId });
    const { sessionId } = await cdp.send("Target.attachToTarget", { targetId, flatten: false });
    const page = new PlainPage(cdp, browserContextId, sessionId);
    await until(
      () => page.evaluate((/** @type {string} */ at) => location.href === at, url),
      `${url} to load`,
    );
    return page;
  }

  /** @param {any} cdp @param {string} browserContextId @param {string} sessionId */
  constructor(cdp, browserContextId, sessionId) {
    this.cdp = cdp;
    this.browserContextId = browserContextId;
    this.sessionId = sessionId;
  }

  /** As playwright's. @param {Function} code @param {any} [argument] JSON @returns {Promise<any>} */
  evaluate(code, argument) {
    return this.run(`(${code})(${JSON.stringify(argument) ?? ""})`);
  }

  /** @param {string} expression @returns {Promise<any>} */
  async run(expression) {
    const { result, exceptionDetails } = await this.#send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? "no reason");
    return result.value;
  }

  /** What the page holds once its garbage is gone, in bytes. @returns {Promise<number>} */
  async heldBytes() {
    await this.#send("HeapProfiler.collectGarbage", {});
    return (await this.#send("Runtime.getHeapUsage", {})).usedSize;
  }

  /** @param {string} method @param {object} params @returns {Promise<any>} */
  #send(method, params) {
    const id = ++lastId;
    const { cdp, sessionId } = this;
    return new Promise((resolve, reject) => {
      const take = (/** @type {any} */ received) => {
        const answer = JSON.parse(received.message);
        if (received.sessionId !== sessionId || answer.id !== id) return;
        cdp.off("Target.receivedMessageFromTarget", take);
        if (answer.error) reject(new Error(answer.error.message));
        else resolve(answer.result);
      };
      cdp.on("Target.receivedMessageFromTarget", take);
      const message = JSON.stringify({ id, method, params });
      cdp.send("Target.sendMessageToTarget", { sessionId, message }).catch(reject);
    });
  }

  /** What all of the browser's processes have used. @returns {Promise<number>} seconds */
  async cpu() {
    const { processInfo } = await this.cdp.send("SystemInfo.getProcessInfo");
    return processInfo.reduce(
      (/** @type {number} */ sum, /** @type {any} */ each) => sum + each.cpuTime,
      0,
    );
  }

  async close() {
    await this.cdp.send("Target.disposeBrowserContext", {
      browserContextId: this.browserContextId,
    });
    await this.cdp.detach();
  }
}
