/** Whatever a page can publish as pictures, published and seen on a canvas: each source by its painted number. */
// @alone: a page that gives way to a slow network
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { kitPage } from "./lib/browsers.mjs";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { Server } from "./lib/server.mjs";
import { within } from "./lib/wait.mjs";

const WORKER = `
  import { publish } from "ORIGIN/framewire.js";
  onmessage = ({ data: { url, canvas, options, gl } }) => {
    const context = canvas.getContext(gl ? "webgl" : "2d");
    let n = 0;
    const draw = () => {
      n += 1;
      if (gl) {
        context.clearColor((n % 2) * 0.5 + 0.5, 0, 0, 1);
        context.clear(context.COLOR_BUFFER_BIT);
      } else {
        context.fillStyle = n % 2 ? "#f00" : "#800";
        context.fillRect(0, 0, canvas.width, canvas.height);
      }
      requestAnimationFrame(draw);
    };
    draw();
    const publication = publish(canvas, url, { as: "pictures", ...options });
    publication.on("error", ({ code, message }) => postMessage(code + ": " + message));
  };`;

/** In a page with the kit: publishes numbered pictures of a source. @param {[string, string, any, string]} wish */
async function publishInPage([url, source, options, worker]) {
  const { kit } = /** @type {any} */ (window);
  const { publish } = await import(/** @type {any} */ ("/framewire.js"));
  const size = { width: 320, height: 180 };
  const canvas = Object.assign(document.createElement("canvas"), size);
  const paint = (/** @type {any} */ on = canvas) => {
    n += 1;
    kit.paint(on.getContext("2d", { alpha: false }), n & 0xffff);
    return on;
  };
  let n = 0;
  const wait = (/** @type {number} */ ms) => new Promise((go) => setTimeout(go, ms));
  const all = { as: "pictures", fps: 20, ...options };
  const live = () => setInterval(() => paint(), 50);
  const inWorker = (/** @type {boolean} */ gl) => {
    const shown = document.body.appendChild(Object.assign(document.createElement("canvas"), size));
    const offscreen = shown.transferControlToOffscreen();
    const code = new Blob([worker.replace("ORIGIN", location.origin)], { type: "text/javascript" });
    const thread = new Worker(URL.createObjectURL(code), { type: "module" });
    thread.onmessage = ({ data }) => console.error(data);
    thread.postMessage({ url, canvas: offscreen, options: all, gl }, [offscreen]);
    return { thread };
  };
  const frames = async function* (/** @type {() => any} */ make) {
    for (;;) {
      await wait(30);
      yield make();
    }
  };
  const stream = () => {
    paint();
    live();
    return canvas.captureStream(20);
  };
  /** @type {Record<string, () => any>} */
  const sources = {
    canvas: () => [live(), publish(canvas, url, all)][1],
    webgl() {
      const gl = canvas.getContext("webgl");
      const draw = () => {
        n += 1;
        gl?.clearColor((n % 2) * 0.5 + 0.5, 0, 0, 1);
        gl?.clear(gl.COLOR_BUFFER_BIT);
        requestAnimationFrame(draw);
      };
      draw();
      return publish(canvas, url, all);
    },
    "OffscreenCanvas in a worker": () => inWorker(false),
    "WebGL in a worker": () => inWorker(true),
    OffscreenCanvas() {
      const offscreen = new OffscreenCanvas(320, 180);
      setInterval(() => paint(offscreen), 50);
      return publish(offscreen, url, all);
    },
    async HTMLVideoElement() {
      const video = document.body.appendChild(document.createElement("video"));
      Object.assign(video, { muted: true, srcObject: stream() });
      await video.play();
      return publish(video, url, all);
    },
    MediaStream: () => publish(stream(), url, all),
    ReadableStream() {
      const [track] = stream().getVideoTracks();
      // @ts-expect-error only Chromium has it
      return publish(new MediaStreamTrackProcessor({ track }).readable, url, all);
    },
    "iterable of canvases": () => publish(frames(paint), url, all),
    "iterable of OffscreenCanvases": () =>
      publish(
        frames(() => paint(new OffscreenCanvas(320, 180))),
        url,
        all,
      ),
    "iterable of VideoFrames": () =>
      publish(
        frames(() => new VideoFrame(paint(), { timestamp: 0 })),
        url,
        all,
      ),
    "iterable of ImageBitmaps": () =>
      publish(
        frames(() => createImageBitmap(paint())),
        url,
        all,
      ),
    "iterable of ImageData": () =>
      publish(
        frames(() => paint().getContext("2d").getImageData(0, 0, 320, 180)),
        url,
        all,
      ),
    "iterable of Blobs": () =>
      publish(
        frames(() => new Promise((go) => paint().toBlob(go, "image/jpeg"))),
        url,
        all,
      ),
    "iterable that never waits": () =>
      publish(
        (async function* () {
          for (;;) yield paint();
        })(),
        url,
        all,
      ),
    "iterable that is not asynchronous": () =>
      publish(
        (function* () {
          for (;;) yield paint();
        })(),
        url,
        all,
      ),
    "frame(ImageBitmap) of null"() {
      const publication = publish(null, url, { ...all, fps: 0 });
      setInterval(async () => publication.frame(await createImageBitmap(paint())), 50);
      return publication;
    },
    "frame() of a canvas"() {
      const publication = publish(canvas, url, { ...all, fps: 0 });
      setInterval(() => publication.frame(paint()), 50);
      return publication;
    },
  };
  /** @type {any} */ (window).publication = await sources[source]();
  return true;
}

/** In a page with the kit: plays until three numbers, or two colours, were seen. @param {[string, boolean]} wish */
async function seeInPage([url, numbered]) {
  const { kit } = /** @type {any} */ (window);
  const { play } = await import(/** @type {any} */ ("/framewire.js"));
  const video = document.body.appendChild(document.createElement("video"));
  const player = play(video, url, { muted: true });
  const seen = new Set();
  while (seen.size < (numbered ? 3 : 2)) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    if (!player.canvas) continue;
    const image = kit.snapshot(player.canvas, player.canvas.width, player.canvas.height);
    const number = numbered ? kit.readNumber(image) : image.data.slice(0, 4).join();
    if (number !== null) seen.add(number);
  }
  const { way } = player.stats;
  const size = [player.canvas.width, player.canvas.height];
  await player.stop();
  document.body.replaceChildren();
  return { way, size, seen: [...seen] };
}

describe("published as pictures and seen:", { skip: !chromiumPath() && "no Chromium here" }, () => {
  /** @type {Server} */ let server;
  /** @type {import('./lib/browsers.mjs').Browser} */ let chromium;
  /** @type {import('./lib/browsers.mjs').TestPage} */ let watcher;
  before(async () => {
    server = await Server.start();
    chromium = await launchChromium();
    watcher = await kitPage(chromium, server);
  });
  after(async () => {
    await chromium?.close();
    await server.stop();
  });

  /** @param {string} stream @param {string} source @param {object} options */
  async function published(stream, source, options) {
    const page = await kitPage(chromium, server);
    await page.evaluate(publishInPage, [`/publish/${stream}`, source, options, WORKER]);
    return page;
  }

  /** source, type, painted numbers @type {[string, string, boolean][]} */
  const rows = [
    ["canvas", "image/jpeg", true],
    ["canvas", "png", true],
    ["canvas", "webp", true],
    ["canvas", "rgba", true],
    ["webgl", "image/png", false],
    ["OffscreenCanvas", "image/jpeg", true],
    ["OffscreenCanvas in a worker", "image/png", false],
    ["WebGL in a worker", "image/png", false],
    ["HTMLVideoElement", "image/jpeg", true],
    ["HTMLVideoElement", "rgba", true],
    ["MediaStream", "image/jpeg", true],
    ["MediaStream", "rgba", true],
    ["ReadableStream", "image/jpeg", true],
    ["iterable of canvases", "image/jpeg", true],
    ["iterable of OffscreenCanvases", "image/png", true],
    ["iterable of VideoFrames", "rgba", true],
    ["iterable of ImageBitmaps", "image/webp", true],
    ["iterable of ImageData", "image/jpeg", true],
    ["iterable of Blobs", "image/jpeg", true],
    ["iterable of Blobs", "image/png", true],
    ["iterable that never waits", "image/jpeg", true],
    ["iterable that is not asynchronous", "image/jpeg", true],
    ["frame(ImageBitmap) of null", "image/jpeg", true],
    ["frame(ImageBitmap) of null", "rgba", true],
    ["frame() of a canvas", "rgba", true],
  ];
  for (const [i, [source, type, numbered]] of rows.entries()) {
    test(`${source}, ${type}`, { timeout: 60_000 }, async () => {
      const stream = `seen/${i}`;
      const page = await published(stream, source, { type });
      const wish = [`/watch/${stream}`, numbered];
      const { way, size, seen } = await within(
        watcher.evaluate(seeInPage, wish),
        "the pictures to be seen",
        30_000,
      ).catch(async (error) => {
        const said = await page.evaluate(
          "window.publication?.closed && [publication.state, publication.stats]",
        );
        assert.fail(`${error.message}: ${JSON.stringify(said)} ${page.complaints}`);
      });
      assert.equal(way.by, "canvas");
      // A busy machine counts as a slow network: they may have become smaller, and never of another shape.
      assert.ok(Math.abs(size[0] / size[1] - 16 / 9) < 0.05, `${size}`);
      if (!numbered) for (const colour of seen) assert.match(colour, /,0,0,255$/);
      assert.deepEqual(page.complaints, []);
      await page.close();
    });
  }
});
