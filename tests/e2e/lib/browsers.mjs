/** What is alike in both browsers: a page of the server's own origin with the kit in it. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { within } from "./wait.mjs";

const KIT = readFileSync(fileURLToPath(new URL("page_kit.js", import.meta.url)), "utf8");

/**
 * @typedef {object} TestPage
 * @property {(code: any, argument?: any) => Promise<any>} evaluate
 * @property {(url: string) => Promise<any>} goto
 * @property {() => Promise<any>} close
 * @property {string[]} complaints errors the page reported
 */

/** @typedef {{name: string, open: (options?: object) => Promise<TestPage>, close: () => Promise<void>}} Browser */

/** @param {string[]} names @returns {string | undefined} */
export const firstThere = (names) => names.find((name) => existsSync(name));

/** A blank page of the server, kit loaded. @param {Browser} browser @param {import('./server.mjs').Server} server */
export async function kitPage(browser, server) {
  const page = await browser.open();
  await page.goto(`${server.origin}/healthz`);
  await page.evaluate(KIT);
  return page;
}

/** @param {TestPage} page @param {string} url @param {object} options @returns {Promise<string>} the recorder's type */
export const publishFrom = (page, url, options) =>
  within(
    page.evaluate(
      (/** @type {any} */ [u, o]) => /** @type {any} */ (window).kit.publish(u, o),
      [url, options],
    ),
    "the page to publish",
    30_000,
  );

/** @param {TestPage} page @param {string} url @param {object} options @returns {Promise<string>} */
export const publishBareFrom = (page, url, options) =>
  within(
    page.evaluate(
      (/** @type {any} */ [u, o]) => /** @type {any} */ (window).kit.publishBare(u, o),
      [url, options],
    ),
    "the page to publish",
    30_000,
  );

/** @param {TestPage} page @param {string} url @param {object} options */
export const watchIn = (page, url, options) =>
  within(
    page.evaluate(
      (/** @type {any} */ [u, o]) => /** @type {any} */ (window).kit.watch(u, o),
      [url, options],
    ),
    "the page to watch",
    30_000,
  );

/** @param {TestPage} page @returns {Promise<any>} */
export const seenBy = (page) => page.evaluate("window.kit.report()");

/** @param {TestPage} page */
export const stopPublishing = (page) =>
  within(page.evaluate("window.kit.publication.stop().then(() => true)"), "the page to stop");
