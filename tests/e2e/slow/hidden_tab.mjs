/**
 * What a viewer gets of a publisher whose tab is hidden, truly: another tab is in front of it, and the browser's own rules
 * for tabs in the background hold. Pictures per second of a camera and of canvases, seen and hidden, and what the SDK
 * says, in Chromium and in Firefox. By hand, on a quiet machine:
 *
 *     node tests/e2e/slow/hidden_tab.mjs [--seconds 20] [--browsers chromium,firefox] [--only canvas]
 */
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { chromiumPath, launchChromium } from "../lib/chromium.mjs";
import { firefoxPath, launchFirefox } from "../lib/firefox.mjs";
import { PlainPage } from "../lib/plain_page.mjs";
import { Server } from "../lib/server.mjs";
import { V1Viewer } from "../lib/viewer.mjs";
import { sleep, until } from "../lib/wait.mjs";
import { layoutOf, videoBlocks } from "../lib/webm.mjs";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "20" },
    browsers: { type: "string", default: "chromium,firefox" },
    only: { type: "string", default: "" },
  },
});
const SECONDS = Number(values.seconds);
/** A tab that has just been hidden is not yet treated as one. */
const SETTLE_MS = 12_000;
/** Pictures per second that are promised where there is any way. */
const LEAST = 20;

/** name, source, options, whether there is a way @type {[string, string, object, boolean][]} */
const ROWS = [
  ["camera", "camera", {}, true],
  ["camera, recorded", "camera", { as: "recording" }, true],
  ["camera as pictures", "camera", { as: "pictures" }, true],
  ["canvas by a worker's timer", "worker timer", {}, true],
  ["OffscreenCanvas by a worker's timer", "offscreen", {}, true],
  ["canvas by the page's timer", "timer", {}, false],
  ["canvas in animation frames", "animation", {}, false],
  ["canvas in animation frames, recorded", "animation", { as: "recording" }, false],
];

/** In a page. @param {[string, string, any]} wish */
async function publishInPage([url, source, options]) {
  const { publish } = await import(/** @type {any} */ ("/framewire.js"));
  const size = { width: 320, height: 180 };
  const canvas = document.body.appendChild(Object.assign(document.createElement("canvas"), size));
  const paint = (/** @type {any} */ on = canvas) => {
    const context = on.getContext("2d", { alpha: false });
    context.fillStyle = `hsl(${(performance.now() / 5) % 360} 80% 50%)`;
    context.fillRect(0, 0, size.width, size.height);
  };
  const tick = (/** @type {() => void} */ call) => {
    const code = new Blob(["setInterval(() => postMessage(0), 33)"]);
    new Worker(URL.createObjectURL(code)).onmessage = call;
  };
  const animate = () => {
    paint();
    requestAnimationFrame(animate);
  };
  const sources = /** @type {Record<string, () => any>} */ ({
    camera: () => navigator.mediaDevices.getUserMedia({ video: { ...size, frameRate: 30 } }),
    "worker timer"() {
      tick(() => paint());
      return canvas;
    },
    offscreen() {
      const offscreen = new OffscreenCanvas(size.width, size.height);
      tick(() => paint(offscreen));
      return offscreen;
    },
    timer() {
      setInterval(paint, 33);
      return canvas;
    },
    animation() {
      animate();
      return canvas;
    },
  });
  const publication = publish(await sources[source](), url, options);
  /** @type {string[]} */ const told = [];
  for (const type of ["warning", "error"]) {
    publication.on(type, (/** @type {any} */ { code }) => told.push(code));
  }
  Object.assign(window, { publication, told });
  return true;
}

/** In a page. */
function nowInPage() {
  const { publication, told } = /** @type {any} */ (window);
  return {
    told,
    state: publication.state,
    way: publication.stats.way?.as ?? "pictures",
    visible: document.visibilityState,
  };
}

/** Pictures that a viewer has got. @param {V1Viewer} viewer */
function picturesOf(viewer) {
  const { format } = viewer.said.findLast(({ type }) => type === "stream");
  if (format !== "webm") return viewer.media.length;
  return videoBlocks(layoutOf(viewer.bytes)).length;
}

/** @param {V1Viewer} viewer */
async function rateOf(viewer) {
  const [before, began] = [picturesOf(viewer), performance.now()];
  await sleep(SECONDS * 1000);
  return ((picturesOf(viewer) - before) * 1000) / (performance.now() - began);
}

/**
 * @typedef {object} Tab
 * @property {(code: any, argument?: any) => Promise<any>} evaluate
 * @property {() => Promise<void>} hide another tab comes in front of it
 * @property {() => Promise<void>} close
 */

/** Not by playwright's own pages: those are never hidden. @param {Server} server @returns {Promise<Tab>} */
async function chromiumTab(server) {
  const browser = await launchChromium([], undefined, THROTTLES);
  const page = await PlainPage.open(browser, `${server.origin}/healthz`);
  return {
    evaluate: (code, argument) => page.evaluate(code, argument),
    async hide() {
      const { browserContextId } = page;
      await page.cdp.send("Target.createTarget", { url: "about:blank", browserContextId });
    },
    close: () => browser.close(),
  };
}

/** What keeps tabs in the background awake, in playwright's usual command line. */
const THROTTLES = [
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
];

/** @param {Server} server @returns {Promise<Tab>} */
async function firefoxTab(server) {
  // The usual value is what tests need; this one is Firefox's.
  const browser = await launchFirefox({ "dom.min_background_timeout_value": 1000 });
  const page = /** @type {any} */ (await browser.open());
  await page.goto(`${server.origin}/healthz`);
  return {
    evaluate: (code, argument) => page.evaluate(code, argument),
    async hide() {
      await (await page.page.browser().newPage()).bringToFront();
    },
    close: () => browser.close(),
  };
}

const TABS =
  /** @type {Record<string, {path: () => string | undefined, open: (server: Server) => Promise<Tab>}>} */ ({
    chromium: { path: chromiumPath, open: chromiumTab },
    firefox: { path: firefoxPath, open: firefoxTab },
  });

const server = await Server.start();
let kept = true;
try {
  console.log(`load ${loadavg()[0].toFixed(2)}; ${SECONDS} s each`);
  console.log(
    "browser | source | sent as | seen: pictures/s | hidden: pictures/s | the tab is | SDK says",
  );
  let n = 0;
  for (const name of String(values.browsers).split(",")) {
    const { path, open } = TABS[name];
    if (!path()) continue;
    for (const [what, source, options, promised] of ROWS) {
      if (!what.includes(String(values.only))) continue;
      n += 1;
      const stream = `hidden-${n}`;
      const tab = await open(server);
      try {
        await tab.evaluate(publishInPage, [`/publish/${stream}`, source, options]);
        const live = async () => (await server.describe(stream))?.state === "live";
        await until(live, `${what} in ${name}`, { ms: 30_000 });
        const viewer = await V1Viewer.open(server, stream);
        await until(() => viewer.media.length > 5, "media", { ms: 30_000 });
        const seen = await rateOf(viewer);
        await tab.hide();
        await sleep(SETTLE_MS);
        const hidden = await rateOf(viewer);
        const { told, way, visible } = await tab.evaluate(nowInPage);
        viewer.ws.cut();
        const holds = promised
          ? Math.round(hidden) >= LEAST
          : Math.round(hidden) >= LEAST || told.includes("hidden");
        kept &&= holds;
        const says = [...new Set(told)].join() || "nothing";
        console.log(
          `${name} | ${what} | ${way} | ${seen.toFixed(1)} | ${hidden.toFixed(1)} | ${visible} | ${says}${holds ? "" : " | DOES NOT HOLD"}`,
        );
      } catch (error) {
        kept = false;
        console.log(`${name} | ${what} | ${error}`);
      } finally {
        await tab.close();
      }
    }
  }
  console.log(`load now ${loadavg()[0].toFixed(2)}`);
} finally {
  await server.stop();
}
process.exitCode = kept ? 0 : 1;
