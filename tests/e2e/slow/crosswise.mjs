/**
 * Each browser plays what each other one publishes by the SDK: Chromium, Firefox and WebKitGTK, those that are there. A
 * canvas with a tone, as packets where the browser can; on /watch, was a picture seen to move, and the tone heard? What is
 * published by other means is in watch_table.test.mjs. By hand:
 *
 *     node tests/e2e/slow/crosswise.mjs [--from chromium,firefox,webkit] [--to chromium,firefox,webkit] [--as packets]
 *
 * WebKitGTK: `apt install webkit2gtk-driver xvfb gstreamer1.0-libav gstreamer1.0-plugins-good gstreamer1.0-plugins-bad`;
 * sound of Firefox and WebKitGTK: `pulseaudio`.
 */
import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { kitPage } from "../lib/browsers.mjs";
import { chromiumPath, launchChromium } from "../lib/chromium.mjs";
import { firefoxPath, launchFirefox } from "../lib/firefox.mjs";
import { Server } from "../lib/server.mjs";
import { openSoundCard } from "../lib/sound_card.mjs";
import { until } from "../lib/wait.mjs";
import { cellOf, watchRow } from "../lib/watch_seen.mjs";
import { launchWebkit, webkitPath } from "../lib/webkit.mjs";

const { values } = parseArgs({
  options: {
    from: { type: "string", default: "chromium,firefox,webkit" },
    to: { type: "string", default: "chromium,firefox,webkit" },
    as: { type: "string", default: "" },
  },
});
const KIT = readFileSync(new URL("../lib/page_kit.js", import.meta.url), "utf8");
const BROWSERS =
  /** @type {Record<string, {path: () => string | undefined, launch: () => Promise<import('../lib/browsers.mjs').Browser>}>} */ ({
    chromium: { path: chromiumPath, launch: launchChromium },
    firefox: { path: firefoxPath, launch: launchFirefox },
    webkit: { path: webkitPath, launch: launchWebkit },
  });
const there = (/** @type {string | undefined} */ list) =>
  String(list)
    .split(",")
    .filter((name) => BROWSERS[name].path());

/** In a page with the kit. @param {[string, string]} wish */
async function publishInPage([url, as]) {
  const { kit } = /** @type {any} */ (window);
  const { publish } = await import(/** @type {any} */ ("/framewire.js"));
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
  document.body.append(canvas);
  const context = canvas.getContext("2d", { alpha: false });
  let n = 0;
  const paint = () => {
    n += 1;
    kit.paint(context, n & 0xffff);
  };
  paint();
  setInterval(paint, 40);
  const sound = new AudioContext();
  const out = sound.createMediaStreamDestination();
  const tone = new OscillatorNode(sound, { frequency: 500 });
  tone.connect(out);
  tone.start();
  // Where no context may run there is no sound that could be published.
  const later = new Promise((resolve) => setTimeout(resolve, 2000));
  await Promise.race([sound.resume().catch(() => {}), later]);
  const audio = sound.state === "running" ? { audio: out.stream } : {};
  const publication = publish(canvas, url, { ...(as && { as }), fps: 25, ...audio });
  /** @type {string[]} */ const told = [];
  for (const type of ["warning", "error"]) {
    publication.on(type, (/** @type {any} */ { code, message }) =>
      told.push(`${code}: ${message}`),
    );
  }
  Object.assign(window, { publication, told });
  return sound.state === "running";
}

/** In a page. */
function nowInPage() {
  const { publication, told } = /** @type {any} */ (window);
  return { state: publication.state, told, stats: publication.stats };
}

const server = await Server.start();
const closeSoundCard = await openSoundCard();
let kept = true;
try {
  console.log(`load ${loadavg()[0].toFixed(2)}`);
  for (const from of there(values.from)) {
    const publisher = await BROWSERS[from].launch();
    try {
      const stream = `from-${from}`;
      const page = await kitPage(publisher, server);
      const sound = await page.evaluate(publishInPage, [
        `${server.origin}/publish/${stream}`,
        String(values.as),
      ]);
      const live = async () => (await server.describe(stream))?.state === "live";
      await until(live, `${from} to publish`, { ms: 30_000, every: 100 }).catch(() => {});
      const { state, told, stats } = await page.evaluate(nowInPage);
      console.log(
        `${from} publishes ${stats.mimeType ?? ""}, ${sound ? "with" : "without"} sound, ${stats.way?.as} by ${stats.way?.by} (${stats.way?.why}); ${state}${told.length > 0 ? `; ${told.join("; ")}` : ""}`,
      );
      if (state !== "live") {
        kept = false;
        continue;
      }
      for (const to of there(values.to)) {
        const watcher = await BROWSERS[to].launch();
        try {
          const watch = await watcher.open();
          await watch.goto(`${server.origin}/watch/${stream}`);
          await watch.evaluate(KIT);
          const row = { name: `${to} of ${from}`, pictures: true, sound };
          const seen = await watchRow(watch, row);
          const holds = seen.moves && seen.sound !== false;
          kept &&= holds;
          console.log(`${from} -> ${to} | ${cellOf(row, seen)}${holds ? "" : " | DOES NOT HOLD"}`);
          await watch.close();
        } catch (error) {
          kept = false;
          console.log(`${from} -> ${to} | ${error}`);
        } finally {
          await watcher.close();
        }
      }
      await page.close();
    } catch (error) {
      kept = false;
      console.log(`${from} | ${error}`);
    } finally {
      await publisher.close();
    }
  }
  console.log(`load now ${loadavg()[0].toFixed(2)}`);
} finally {
  closeSoundCard();
  await server.stop();
}
process.exitCode = kept ? 0 : 1;
