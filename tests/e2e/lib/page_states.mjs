/**
 * Pages in their states, as a visitor reaches them: each is photographed (build/pages/), and axe-core finds
 * nothing serious in it. The pages run under their own Content-Security-Policy here.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { chromiumPath, launchChromium } from "./chromium.mjs";
import { untilText } from "./look.mjs";
import { Server } from "./server.mjs";

/** What a browser says by itself of a server that is away or refuses. */
const NETWORK = /Failed to load resource|WebSocket connection to/;

/** Opens a page. @typedef {(url: string, by?: import('./browsers.mjs').Browser) => Promise<any>} Open */

/**
 * @typedef {object} Pages
 * @property {(name: string, run: (open: Open) => Promise<any>) => void} state a test whose pages are
 *   closed at its end and complained of nothing but the network
 * @property {() => Server} server of all the tests
 */

/**
 * One server and one browser for the tests that `declare` names.
 * @param {string} title
 * @param {(pages: Pages) => void} declare
 */
export function describePages(title, declare) {
  describe(title, { skip: !chromiumPath() && "no Chromium here" }, () => {
    /** @type {Server} */ let server;
    /** @type {import('./browsers.mjs').Browser} */ let browser;
    before(async () => {
      server = await Server.start();
      browser = await launchChromium();
    });
    after(async () => {
      await browser?.close();
      await server?.stop();
    });

    /** @type {Pages['state']} */
    const state = (name, run) => {
      test(name, { timeout: 60_000 }, async () => {
        /** @type {import('./browsers.mjs').TestPage[]} */
        const opened = [];
        /** @type {Open} */
        const open = async (url, by = browser) => {
          const tab = await by.open({ bypassCSP: false });
          opened.push(tab);
          const { page } = /** @type {any} */ (tab);
          page.on("dialog", (/** @type {any} */ dialog) => dialog.accept()); // "Leave this page?"
          await tab.goto(url.startsWith("/") ? server.origin + url : url);
          return page;
        };
        try {
          await run(open);
          for (const { complaints } of opened) {
            assert.deepEqual(
              complaints.filter((text) => !NETWORK.test(text)),
              [],
            );
          }
        } finally {
          await Promise.all(opened.map((tab) => tab.close()));
        }
      });
    };
    declare({ state, server: () => server });
  });
}

/** @param {any} page a studio @param {string} [source] */
export async function goLive(page, source = "canvas") {
  await page.check(`input[name=source][value=${source}]`, { force: true });
  await page.click("#go");
  await untilText(page, "state", /Live/);
}
