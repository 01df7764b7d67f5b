/**
 * What the watch page shows of a stream that is no film: sound alone, pictures, raw messages. Each is photographed
 * (build/pages/), and axe-core finds nothing serious in it.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { look, untilPage } from "./lib/look.mjs";
import { container, pictureFixtures } from "./lib/media.mjs";
import { sendInTime, V1Publisher } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";

/** What stands in place of the picture. @param {any} page @param {string} name @param {RegExp} words */
const untilInstead = (page, name, words) =>
  untilPage(
    page,
    `(() => { const e = document.querySelector("framewire-player").shadowRoot.querySelector(".${name}");
       return !e.hidden && ${words}.test(e.innerText); })()`,
    `the player to say ${words}`,
  );

describe("the watch page of", { skip: !chromiumPath() && "no Chromium here" }, () => {
  /** @type {Server} */ let server;
  /** @type {import("./lib/browsers.mjs").Browser} */ let browser;
  before(async () => {
    server = await Server.start();
    browser = await launchChromium();
  });
  after(async () => {
    await browser?.close();
    await server.stop();
  });

  /** @param {string} path @param {(page: any) => Promise<void>} use */
  async function withPage(path, use) {
    const tab = await browser.open({ bypassCSP: false });
    await tab.goto(server.origin + path);
    await use(/** @type {any} */ (tab).page);
    const complaints = tab.complaints.filter((text) => !/Failed to load resource/.test(text));
    assert.deepEqual(complaints, []);
    await tab.close();
  }

  for (const [name, file] of [
    ["Ogg", "firefox-opus-audio.ogg"],
    ["WebM", "chromium-opus-audio.webm"],
  ]) {
    test(`sound alone, published as ${name}`, { timeout: 120_000 }, async () => {
      const radio = await V1Publisher.open(server, `radio/${name}`, { title: "Night radio" });
      await withPage(`/watch/radio/${name}`, async (page) => {
        const sending = sendInTime((data) => radio.send(data), container(file));
        await untilInstead(page, "sound", /Night radio[\s\S]*Sound only/);
        await sending;
        await look(page, `watch-sound-only-${name}`);
      });
    });
  }

  test("pictures: a canvas in front of the video, which has their size", {
    timeout: 120_000,
  }, async () => {
    const jpeg = pictureFixtures().find(({ format }) => format === "jpeg")?.chunks ?? [];
    const pictures = await V1Publisher.open(server, "pictures", { format: "jpeg" });
    await withPage("/watch/pictures", async (page) => {
      for (let i = 0; i < 30; i += 1) await pictures.send(jpeg[i % jpeg.length]);
      const shown = `(() => { const { player, video } = document.getElementById("player");
        return player.canvas?.width > 0 && video.videoWidth === player.canvas.width && video.readyState >= 2; })()`;
      await untilPage(page, shown, "a picture on the canvas");
      await look(page, "watch-pictures");
    });
  });

  test("raw messages: what has come, and a way to have it", { timeout: 120_000 }, async () => {
    const raw = await V1Publisher.open(server, "raw", { format: "binary" });
    await withPage("/watch/raw", async (page) => {
      await raw.send(Buffer.from("first"));
      await raw.send(Buffer.from("second"));
      await untilInstead(page, "raw", /Raw messages[\s\S]*messages?, [\s\S]*73 65 63/);
      await look(page, "watch-raw");
    });
  });
});
