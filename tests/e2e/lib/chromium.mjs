/** Chromium by playwright-core: the system's, headless, a fresh profile, fake camera and microphone. */
import { chromium } from "playwright-core";
import { firstThere } from "./browsers.mjs";

const PLACES = [
  process.env.CHROMIUM ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];
const ARGS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  "--autoplay-policy=no-user-gesture-required",
];

export const chromiumPath = () => firstThere(PLACES.filter(Boolean));

/**
 * @param {string[]} [args]
 * @param {string} [file] in place of the system's
 * @param {string[]} [without] of playwright's own arguments
 * @returns {Promise<import('./browsers.mjs').Browser & {session: () => Promise<any>}>}
 */
export async function launchChromium(args = [], file = chromiumPath(), without = []) {
  const browser = await chromium.launch({
    executablePath: file,
    headless: true,
    args: [...ARGS, ...args],
    ignoreDefaultArgs: without,
  });
  return {
    name: "chromium",
    close: () => browser.close(),
    session: () => browser.newBrowserCDPSession(), // DevTools, of the whole browser
    async open(/** @type {import("playwright-core").BrowserContextOptions} */ options = {}) {
      const context = await browser.newContext({
        permissions: ["camera", "microphone"],
        ignoreHTTPSErrors: true,
        bypassCSP: true, // waitForFunction() needs eval
        ...options,
      });
      const page = await context.newPage();
      /** @type {string[]} */ const complaints = [];
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("console", (message) => {
        // A page without an icon is asked for one, sooner or later.
        if (message.type() !== "error" || /favicon\.ico$/.test(message.location().url)) return;
        complaints.push([message.text(), message.location().url].filter(Boolean).join(" "));
      });
      return {
        complaints,
        page,
        goto: (/** @type {string} */ url) => page.goto(url),
        evaluate: (/** @type {any} */ code, /** @type {any} */ argument) =>
          page.evaluate(code, argument),
        close: () => context.close(),
      };
    },
  };
}
