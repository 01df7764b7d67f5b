/**
 * Firefox by puppeteer-core over WebDriver BiDi: headless, a fresh profile, fake camera and microphone.
 * One page a browser: a page that is not in front is hidden there, and hidden pages do not paint.
 */
import puppeteer from "puppeteer-core";
import { firstThere } from "./browsers.mjs";

const PLACES = [process.env.FIREFOX ?? "", "/usr/bin/firefox-esr", "/usr/bin/firefox"];
const PREFERENCES = {
  "media.navigator.streams.fake": true,
  "media.navigator.permission.disabled": true,
  "media.autoplay.default": 0,
  "media.autoplay.blocking_policy": 0,
  "app.update.enabled": false,
  "media.gmp-manager.updateEnabled": false,
  "dom.min_background_timeout_value": 4,
};

export const firefoxPath = () => firstThere(PLACES.filter(Boolean));

/** @param {Record<string, unknown>} [preferences] @returns {Promise<import('./browsers.mjs').Browser>} */
export async function launchFirefox(preferences = {}) {
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath: firefoxPath(),
    headless: true,
    extraPrefsFirefox: { ...PREFERENCES, ...preferences },
    protocolTimeout: 60_000,
  });
  return {
    name: "firefox",
    close: () => browser.close(),
    async open() {
      const page = (await browser.pages())[0] ?? (await browser.newPage());
      /** @type {string[]} */ const complaints = [];
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on(
        "console",
        (message) => message.type() === "error" && complaints.push(message.text()),
      );
      return {
        complaints,
        page,
        goto: (/** @type {string} */ url) => page.goto(url),
        evaluate: (/** @type {any} */ code, /** @type {any} */ argument) =>
          page.evaluate(code, argument),
        close: async () => {},
      };
    },
  };
}
