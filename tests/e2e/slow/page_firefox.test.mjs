/** The pages in Firefox: its studio is watched in Chromium, its watch page shows Chromium's, the chat goes both ways. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { chromiumPath, launchChromium } from "../lib/chromium.mjs";
import { firefoxPath, launchFirefox } from "../lib/firefox.mjs";
import { seriousIn, untilPage, untilPlays, untilText } from "../lib/look.mjs";
import { mediaPath } from "../lib/media.mjs";
import { Server } from "../lib/server.mjs";

test("studio and watch page in Firefox", {
  timeout: 180_000,
  skip: !(chromiumPath() && firefoxPath()) && "not both browsers here",
}, async () => {
  const [chromium, firefox] = [await launchChromium(), await launchFirefox()];
  try {
    await Server.with({}, async (server) => {
      const fox = /** @type {any} */ (await firefox.open());
      const { page } = fox;
      const watch = /** @type {any} */ (await chromium.open()).page;
      await fox.goto(`${server.origin}/publish/fox`);
      for (const source of ["camera", "canvas", "file"]) {
        await page.click(`input[value=${source}]`);
        if (source === "file") {
          await (await page.$("#file")).uploadFile(mediaPath("chromium-vp8-opus-camera.webm"));
          await untilPage(page, "document.getElementById('preview').videoWidth > 0", "the file");
        }
        await page.click("#go");
        await untilText(page, "state", /Live/);
        await watch.goto(`${server.origin}/watch/fox`);
        await untilPlays(watch);
        assert.deepEqual(await seriousIn(page, null), [], `studio with ${source}`);
        await page.click("#go");
        await untilText(page, "state", /Off air/);
      }
      const studio = /** @type {any} */ (await chromium.open()).page;
      await studio.goto(`${server.origin}/publish/chrome`);
      await studio.check("input[value=canvas]", { force: true });
      await studio.click("#go");
      await untilText(studio, "state", /Live/);
      await fox.goto(`${server.origin}/watch/chrome`);
      await untilPlays(page);
      await page.type("#chattext", "Hello from Firefox");
      await page.click("[aria-label=Send]");
      await untilText(studio, "chatlog", /Hello from Firefox/);
      assert.deepEqual(await seriousIn(page, null), [], "watch");
      assert.deepEqual(fox.complaints, []);
      console.log(
        "figure: 3 of 3 sources seen in Chromium, 1 of 1 stream in Firefox, axe: 0 serious",
      );
    });
  } finally {
    await chromium.close();
    await firefox.close();
  }
});
