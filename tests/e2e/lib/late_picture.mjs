/** How soon does one who joins late see the first picture? From the open socket to the first presented frame. */
import { kitPage, publishFrom, seenBy, stopPublishing, watchIn } from "./browsers.mjs";
import { sleep, until } from "./wait.mjs";

/**
 * @param {import('./server.mjs').Server} server @param {import('./browsers.mjs').Browser} browser
 * @param {{joins: number, lateMs: number, source?: object}} options
 * @returns {Promise<{ms: number[], leadInShown: number}>} per join; and how many pictures were shown of before the join
 */
export async function firstPictures(
  server,
  browser,
  { joins, lateMs, source = { source: "canvas", sound: false } },
) {
  const publisher = await kitPage(browser, server);
  // The element's own pictures are looked at: Media Source Extensions.
  await publishFrom(publisher, "/publish/latecomers", { options: { as: "recording" }, ...source });
  await sleep(lateMs);
  const ms = [];
  let leadInShown = 0;
  for (let i = 0; i < joins; ++i) {
    const page = await kitPage(browser, server);
    const painted = await publisher.evaluate("kit.source ? kit.source.painted : 0");
    await watchIn(page, "/watch/latecomers", { numbered: true });
    const seen = await until(
      async () => {
        const now = await seenBy(page);
        if (now.error) throw new Error(now.error);
        return now.callbacks >= 10 && now;
      },
      "pictures",
      { ms: 20_000, every: 50 },
    );
    ms.push(seen.first.at - seen.openedAt);
    // Half a second back is what a recorder and a buffer hold; a GOP's lead-in would be more.
    leadInShown += seen.early.filter((/** @type {number} */ n) => n < painted - 25).length;
    await page.close();
  }
  await stopPublishing(publisher);
  await publisher.close();
  return { ms, leadInShown };
}
