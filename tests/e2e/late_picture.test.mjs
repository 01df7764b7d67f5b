/** A viewer that joins late sees a picture soon, and none of the past. Shortened; tests/e2e/slow measures. */
// @alone: what a late picture costs
import assert from "node:assert/strict";
import { test } from "node:test";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { firstPictures } from "./lib/late_picture.mjs";
import { median } from "./lib/proc.mjs";
import { Server } from "./lib/server.mjs";

test("three late joins in Chromium", {
  skip: !chromiumPath() && "no Chromium here",
  timeout: 120_000,
}, async () => {
  await Server.with({}, async (server) => {
    const browser = await launchChromium();
    try {
      const { ms, leadInShown } = await firstPictures(server, browser, { joins: 3, lateMs: 3000 });
      console.log(
        `first picture after ${ms.map((m) => m.toFixed(0))} ms, median ${median(ms).toFixed(0)}`,
      );
      assert.ok(ms.every((m) => m > 0));
      // A page may show the picture that it has before it can seek; it must not play the past.
      assert.ok(leadInShown <= ms.length, `${leadInShown} pictures of the past were shown`);
    } finally {
      await browser.close();
    }
  });
});
