/**
 * Pictures through a network that gives a third of what they need, for a while: the delay at all times, what gave way
 * in which order, the memory of page and server, and how soon all is back. By hand, on a quiet machine:
 *
 *     node tests/e2e/slow/picture_network.mjs [--seconds 60] [--type image/jpeg]
 */
import { parseArgs } from "node:util";
import { launchChromium } from "../lib/chromium.mjs";
import { quantile } from "../lib/proc.mjs";
import { Server } from "../lib/server.mjs";
import { Throttle } from "../lib/throttle.mjs";
import { notePaints, paintTime, timePage } from "../lib/time_code.mjs";
import { sleep, until } from "../lib/wait.mjs";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    type: { type: "string", default: "image/jpeg" },
  },
});
const SECONDS = Number(values.seconds);
const BACK_MS = 10_000;
const DELAY_MS = 300;
const WIDE = 1e9;

/** In a page. @param {[string, string]} wish */
async function publishBySdk([url, type]) {
  const { publish } = await import(/** @type {any} */ ("/framewire.js"));
  const own = /** @type {any} */ (window);
  own.publication = publish(own.canvas, url, { as: "pictures", type, fps: 30 });
  return true;
}

/** In a page. @param {string} url */
async function showBySdk(url) {
  const { play } = await import(/** @type {any} */ ("/framewire.js"));
  const video = document.body.appendChild(document.createElement("video"));
  /** @type {any} */ (window).player = play(video, url, { muted: true });
  return true;
}

/** In a page. */
function publisherNow() {
  const { stats, state } = /** @type {any} */ (window).publication;
  return { stats, state };
}

/** In a page: what has been painted since the last call. */
const paintsSince = () => /** @type {any} */ (window).delays.splice(0);

const server = await Server.start();
const network = await Throttle.open(server, WIDE);
const browser = await launchChromium();
try {
  const publisher = await timePage(browser, network); // an origin of its own would be foreign
  const viewer = await timePage(browser, server);
  await publisher.evaluate(paintTime, { width: 640, height: 360 });
  await viewer.evaluate(notePaints);
  await publisher.evaluate(publishBySdk, ["/publish/narrow", values.type]);
  await viewer.evaluate(showBySdk, "/watch/narrow");
  await until(async () => (await viewer.evaluate(paintsSince)).length > 0, "pictures", {
    ms: 60_000,
  });
  await sleep(2000);
  const before = await publisher.evaluate(publisherNow);
  await sleep(5000);
  const wide = await publisher.evaluate(publisherNow);
  const needed = (wide.stats.ackedBytes - before.stats.ackedBytes) / 5;
  const usual = (await viewer.evaluate(paintsSince)).map((/** @type {number[]} */ p) => p[1]);
  console.log(
    `figure: it needs ${Math.round(needed / 1000)} kB/s, delay median ${quantile(usual, 0.5)} ms, most ${Math.max(...usual)} ms`,
  );

  /** @type {[number, number][]} */ const paints = [];
  /** @type {string[]} */ const order = [];
  /** @type {number[]} */ const servers = [];
  let last = "";
  const began = Date.now();
  const look = async () => {
    const { stats } = await publisher.evaluate(publisherNow);
    const { quality, scale, rate } = stats.level;
    const now = `quality ${quality} size ${scale} rate ${rate}`;
    if (now !== last) order.push(`${((Date.now() - began) / 1000).toFixed(1)} s: ${now}`);
    last = now;
    servers.push(server.rssBytes);
    paints.push(...(await viewer.evaluate(paintsSince)));
    return quality * scale * rate;
  };
  const heldBefore = await publisher.heldBytes();
  network.bytesPerSecond = needed / 3;
  while (Date.now() - began < SECONDS * 1000) {
    await look();
    await sleep(100);
  }
  const narrow = [...paints];
  const heldAfter = await publisher.heldBytes();
  network.bytesPerSecond = WIDE;
  const wideAt = Date.now();
  let backAt = 0;
  while (!backAt && Date.now() - wideAt < 3 * BACK_MS) {
    if ((await look()) === 1) backAt = Date.now();
    await sleep(50);
  }

  const delays = narrow.map(([, delay]) => delay);
  // What stands still ages: the age of a picture when the next one takes its place.
  const ages = narrow.slice(1).map(([at], i) => at - narrow[i][0] + narrow[i][1]);
  const mb = (/** @type {number[]} */ all) => all.map((n) => (n / 1e6).toFixed(1)).join(", ");
  console.log(`figure: a third of it for ${SECONDS} s: ${delays.length} pictures seen`);
  console.log(
    `figure: delay when painted: median ${quantile(delays, 0.5)} ms, p99 ${quantile(delays, 0.99)}, most ${Math.max(...delays)} (at most ${DELAY_MS})`,
  );
  console.log(
    `figure: age of what is shown: median ${quantile(ages, 0.5)} ms, most ${Math.max(...ages)}`,
  );
  console.log(`figure: what gave way: ${order.join("; ")}`);
  console.log(
    `figure: memory, before and after: page ${mb([heldBefore, heldAfter])} MB; server, first, middle, last: ${mb([servers[0], servers[servers.length >> 1], Number(servers.at(-1))])} MB`,
  );
  console.log(
    `figure: back to all after ${backAt ? ((backAt - wideAt) / 1000).toFixed(1) : "more than 30"} s (at most ${BACK_MS / 1000})`,
  );
  await publisher.close();
  await viewer.close();
  process.exitCode =
    Math.max(...delays) <= DELAY_MS && backAt && backAt - wideAt <= BACK_MS ? 0 : 1;
} finally {
  await browser.close();
  network.close();
  await server.stop();
}
