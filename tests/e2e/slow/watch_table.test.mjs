/**
 * Nothing that can be published is refused by the watch page: some formats here, all of them, in both browsers, with
 * FRAMEWIRE_PROVE=1. FRAMEWIRE_WRITE=1 writes README's table anew.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { kitPage } from "../lib/browsers.mjs";
import { chromiumPath, launchChromium } from "../lib/chromium.mjs";
import { firefoxPath, launchFirefox } from "../lib/firefox.mjs";
import { Server } from "../lib/server.mjs";
import { cellOf, publishRow, ROWS, rewritten, watchRow } from "../lib/watch_table.mjs";

const README = new URL("../../../README.md", import.meta.url);
const KIT = readFileSync(fileURLToPath(new URL("../lib/page_kit.js", import.meta.url)), "utf8");
const WRITE = process.env.FRAMEWIRE_WRITE === "1";
const ALL = WRITE || process.env.FRAMEWIRE_PROVE === "1";
const SOME = /^(MPEG-TS|FLV|Ogg|packets: VP8|packets: Opus|JPEG|RGBA|binary)/;

describe("the watch page", { skip: !chromiumPath() && "no Chromium here" }, () => {
  /** @type {Server} */ let server;
  /** @type {import('../lib/browsers.mjs').Browser} */ let chromium;
  /** @type {import('../lib/browsers.mjs').Browser | null} */ let firefox = null;
  before(async () => {
    server = await Server.start();
    chromium = await launchChromium();
    if (ALL && !process.env.FRAMEWIRE_CHROMIUM_ONLY && firefoxPath())
      firefox = await launchFirefox();
  });
  after(async () => {
    await chromium?.close();
    await firefox?.close();
    await server?.stop();
  });

  /** @type {[string, string[]][]} */ const rows = [];
  for (const [i, row] of ROWS.filter(({ name }) => ALL || SOME.test(name)).entries()) {
    test(row.name, { timeout: 240_000 }, async () => {
      /** @type {string[]} */ const cells = [];
      for (const browser of [chromium, firefox]) {
        if (!browser) continue;
        const stream = `table/${browser.name}-${i}`;
        const stop = await publishRow(server, row, stream, () => kitPage(chromium, server));
        const page = await browser.open();
        try {
          await page.goto(`${server.origin}/watch/${stream}`);
          await page.evaluate(KIT);
          const seen = await watchRow(page, row, browser.name === "chromium");
          cells.push(cellOf(row, seen));
          if (browser === chromium) {
            assert.equal(seen.refused, "");
            assert.equal(seen.moves, row.pictures, cells[0]);
            if (row.sound) assert.equal(seen.sound, true, cells[0]);
          }
        } catch (error) {
          if (browser === chromium) throw error;
          cells.push("nothing seen");
        } finally {
          await page.close();
          await stop();
        }
      }
      console.log(`figure: ${row.name}: ${cells.join(" | ")}`);
      rows.push([row.name, cells]);
    });
  }

  test("README's table is written", { skip: !WRITE && "only with FRAMEWIRE_WRITE=1" }, () => {
    assert.equal(rows.length, ROWS.length);
    const browsers = ["Chromium", ...(firefox ? ["Firefox"] : [])];
    writeFileSync(README, rewritten(readFileSync(README, "utf8"), rows, browsers));
  });
});
