/**
 * Nothing that can be published is refused by the watch page: some formats here; with FRAMEWIRE_PROVE=1 all of them,
 * in every browser that is there. FRAMEWIRE_WRITE=1 writes what was measured into README's table; by
 * FRAMEWIRE_ROWS="JPEG|PNG" and FRAMEWIRE_BROWSERS="chromium,webkit" in pieces.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { kitPage } from "../lib/browsers.mjs";
import { chromiumPath, launchChromium } from "../lib/chromium.mjs";
import { firefoxPath, launchFirefox } from "../lib/firefox.mjs";
import { Server } from "../lib/server.mjs";
import { openSoundCard } from "../lib/sound_card.mjs";
import { cellOf, rewritten, watchRow } from "../lib/watch_seen.mjs";
import { publishRow, ROWS } from "../lib/watch_table.mjs";
import { launchWebkit, webkitPath } from "../lib/webkit.mjs";

const README = new URL("../../../README.md", import.meta.url);
const KIT = readFileSync(fileURLToPath(new URL("../lib/page_kit.js", import.meta.url)), "utf8");
const WRITE = process.env.FRAMEWIRE_WRITE === "1";
const ALL = WRITE || process.env.FRAMEWIRE_PROVE === "1";
const SOME = /^(MPEG-TS|FLV|Ogg|packets: VP8|packets: Opus|JPEG|RGBA|binary)/;
const WANTED = new RegExp(process.env.FRAMEWIRE_ROWS ?? "");
const COLUMNS = ["Chromium", "Firefox", "WebKitGTK"];
const LAUNCHES = {
  chromium: { column: "Chromium", path: chromiumPath, launch: launchChromium },
  firefox: { column: "Firefox", path: firefoxPath, launch: launchFirefox },
  webkit: { column: "WebKitGTK", path: webkitPath, launch: launchWebkit },
};
const names = /** @type {(keyof typeof LAUNCHES)[]} */ (
  (process.env.FRAMEWIRE_BROWSERS ?? (ALL ? "chromium,firefox,webkit" : "chromium")).split(",")
);

describe("the watch page", { skip: !chromiumPath() && "no Chromium here" }, () => {
  /** @type {Server} */ let server;
  /** Publishes what a page publishes. @type {import('../lib/browsers.mjs').Browser} */ let chromium;
  /** By column. @type {Map<string, import('../lib/browsers.mjs').Browser>} */ const watching =
    new Map();
  let closeSoundCard = () => {};
  before(async () => {
    server = await Server.start();
    chromium = await launchChromium();
    if (names.some((name) => name !== "chromium")) closeSoundCard = await openSoundCard();
    for (const { column, path, launch } of names.map((name) => LAUNCHES[name])) {
      if (path()) watching.set(column, column === "Chromium" ? chromium : await launch());
    }
  });
  after(async () => {
    for (const browser of new Set([chromium, ...watching.values()])) await browser?.close();
    closeSoundCard();
    await server?.stop();
  });

  /** @type {Map<string, Map<string, string>>} */ const measured = new Map();
  const rows = ROWS.filter(({ name }) => (ALL || SOME.test(name)) && WANTED.test(name));
  for (const [i, row] of rows.entries()) {
    test(row.name, { timeout: 240_000 }, async () => {
      /** @type {Map<string, string>} */ const cells = new Map();
      measured.set(row.name, cells);
      for (const [column, browser] of watching) {
        const stream = `table/${browser.name}-${i}`;
        const stop = await publishRow(server, row, stream, () => kitPage(chromium, server));
        const page = await browser.open();
        try {
          await page.goto(`${server.origin}/watch/${stream}`);
          await page.evaluate(KIT);
          const seen = await watchRow(page, row);
          cells.set(column, cellOf(row, seen));
          console.log(`figure: ${row.name}: ${column}: ${cells.get(column)} ${seen.late}`);
          if (browser === chromium) {
            assert.equal(seen.refused + seen.late, "");
            assert.equal(seen.moves, row.pictures, cells.get(column));
            if (row.sound) assert.equal(seen.sound, true, cells.get(column));
          }
        } finally {
          await page.close();
          await stop();
        }
      }
    });
  }

  test("README's table is written", { skip: !WRITE && "only with FRAMEWIRE_WRITE=1" }, () => {
    assert.ok(measured.size > 0);
    writeFileSync(README, rewritten(readFileSync(README, "utf8"), measured, COLUMNS));
  });
});
