/** Joined 10 s late, the first picture is there within 250 ms: the median of 20, in Chromium. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { chromiumPath, launchChromium } from "../lib/chromium.mjs";
import { firstPictures } from "../lib/late_picture.mjs";
import { median, quantile } from "../lib/proc.mjs";
import { Server } from "../lib/server.mjs";

test("20 joins, 10 s late", {
  skip: !chromiumPath() && "no Chromium here",
  timeout: 300_000,
}, async () => {
  await Server.with({}, async (server) => {
    const browser = await launchChromium();
    try {
      const { ms, leadInShown } = await firstPictures(server, browser, {
        joins: 20,
        lateMs: 10_000,
      });
      console.log(
        `figure: first picture after ${median(ms).toFixed(0)} ms (median of ${ms.length}; slowest ${Math.max(...ms).toFixed(0)}, p90 ${quantile(ms, 0.9).toFixed(0)}), ${leadInShown} pictures of before the join`,
      );
      assert.ok(median(ms) <= 250, `median ${median(ms)} ms`);
      // A page may show the picture that it has before it can seek; it must not play the past.
      assert.ok(leadInShown <= ms.length, `${leadInShown} pictures of the past were shown`);
    } finally {
      await browser.close();
    }
  });
});
