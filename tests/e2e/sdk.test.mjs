/** The SDK's publish() in a real browser: its sources, and what may go wrong with them. */
// @alone: delays that a player holds
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { kitPage, publishFrom } from "./lib/browsers.mjs";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { decodeErrors, run } from "./lib/decode.mjs";
import { mediaPath, sha256 } from "./lib/media.mjs";
import { Server } from "./lib/server.mjs";
import { Throttle } from "./lib/throttle.mjs";
import { BareViewer, HttpViewer, V1Viewer } from "./lib/viewer.mjs";
import { until } from "./lib/wait.mjs";

describe("publish()", { skip: !chromiumPath() && "no Chromium here" }, () => {
  /** @type {Server} */ let server;
  /** @type {import('./lib/browsers.mjs').Browser} */ let browser;
  before(async () => {
    server = await Server.start();
    browser = await launchChromium();
  });
  after(async () => {
    await browser?.close();
    await server.stop();
  });

  /** Runs in the page, with `source` given: `window.publication`, `window.told`. @param {string} source @param {string} options */
  const publishing = (source, name = "", options = "{}") => `(async () => {
    const { publish } = await import("/framewire.js");
    const source = await (${source})();
    window.told = [];
    window.publication = publish(source, "/publish/${name}", ${options});
    for (const type of ["warning", "bitrate", "error"])
      window.publication.on(type, (detail) => window.told.push([type, detail.code ?? detail]));
    await new Promise((live) => window.publication.on("state", (s) => s === "live" && live()));
    return true;
  })()`;
  /** @param {import('./lib/browsers.mjs').TestPage} page @param {string} type */
  const toldOf = (page, type) =>
    until(
      async () =>
        (await page.evaluate("window.told")).find((/** @type {any[]} */ t) => t[0] === type),
      `a ${type}`,
      { ms: 30_000, every: 50 },
    );
  const canvas = (/** @type {string} */ context) => `() => {
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("2d", ${context});
    window.timer = setInterval(() => {
      context.fillStyle = "hsl(" + (performance.now() / 10) % 360 + " 80% 50%)";
      context.fillRect(0, 0, 300, 150);
    }, 40);
    return canvas;
  }`;

  for (const [name, format] of [
    ["chromium-vp8-opus-finished.webm", "webm"],
    ["firefox-vp8-opus-camera.webm", "webm"],
    ["chromium-avc1-opus-camera-kf1000.mp4", "mp4"],
  ]) {
    test(`a file, ${name}: at its own pace, byte by byte`, { timeout: 60_000 }, async () => {
      const stream = `file/${format}-${name.slice(0, 3)}${name.includes("finished") ? 1 : 2}`;
      const viewer = await BareViewer.open(server, stream);
      const page = await kitPage(browser, server);
      await page.evaluate(`window.file = "${readFileSync(mediaPath(name)).toString("base64")}"`);
      const start = Date.now();
      await page.evaluate(
        publishing(
          `() => new Blob([Uint8Array.from(atob(window.file), (c) => c.charCodeAt(0))])`,
          stream,
        ),
      );
      await until(() => server.describe(stream), "the stream to be there");
      assert.equal((await viewer.ended(30_000)).code, 1000);
      assert.ok(Date.now() - start > 3_000, "it was not sent at once");
      assert.equal(sha256(viewer.bytes), sha256(readFileSync(mediaPath(name))));
      assert.equal(await page.evaluate("publication.closed"), null);
      await page.close();
    });
  }

  test("a canvas that may be transparent is published, with a word of advice", {
    timeout: 60_000,
  }, async () => {
    const page = await kitPage(browser, server);
    await page.evaluate(publishing(canvas("{}"), "alpha", "{ as: 'recording' }"));
    assert.deepEqual(await toldOf(page, "warning"), ["warning", "alpha"]);
    await page.evaluate("publication.stop()");
    await page.evaluate(publishing(canvas("{ alpha: false }"), "opaque", "{ as: 'recording' }"));
    const viewer = await BareViewer.open(server, "opaque");
    await viewer.untilBytes(10_000, 20_000);
    assert.deepEqual(await page.evaluate("window.told"), []);
    viewer.ws.cut();
    await page.close();
  });

  test("a canvas that stops being painted: its last picture arrives", {
    timeout: 60_000,
  }, async () => {
    const page = await kitPage(browser, server);
    const viewer = await V1Viewer.open(server, "still");
    await page.evaluate(publishing(canvas("{ alpha: false }"), "still", "{ timesliceMs: 60_000 }"));
    await until(() => viewer.media.length > 5, "pictures");
    await page.evaluate("clearInterval(window.timer)");
    assert.match(await page.evaluate("publication.stats.way.why"), /timesliceMs/);
    // The recorder itself would keep what it has for a minute.
    let [count, since] = [0, Date.now()];
    await until(
      () => {
        if (viewer.media.length !== count) [count, since] = [viewer.media.length, Date.now()];
        return Date.now() - since > 2_000;
      },
      "no more to come",
      { every: 50 },
    );
    const shown = viewer.media.at(-1)?.ptsUs ?? 0;
    await page.evaluate("publication.stop()");
    await viewer.untilSaid("end");
    assert.ok((viewer.media.at(-1)?.ptsUs ?? 0) - shown < 200_000, "little was held back");
    await page.close();
  });

  test("an OffscreenCanvas changes its size: a new epoch, nothing broken", {
    timeout: 60_000,
  }, async () => {
    const page = await kitPage(browser, server);
    const viewer = await V1Viewer.open(server, "offscreen");
    await page.evaluate(
      publishing(
        `() => {
          window.canvas = new OffscreenCanvas(320, 180);
          const context = window.canvas.getContext("2d");
          setInterval(() => {
            context.fillStyle = "hsl(" + (performance.now() / 10) % 360 + " 80% 50%)";
            context.fillRect(0, 0, 640, 360);
          }, 30);
          return window.canvas;
        }`,
        "offscreen",
        `{ codec: "vp9", as: "recording" }`,
      ),
    );
    const first = await viewer.untilSaid("stream");
    assert.match(first.mime, /vp09/);
    assert.deepEqual([first.width, first.height], [320, 180]);
    await until(() => viewer.media.length > 40, "a second of pictures");
    await page.evaluate("Object.assign(canvas, { width: 640, height: 360 })");
    const second = await viewer.untilSaid("stream", 2);
    assert.deepEqual([second.width, second.height, second.epoch], [640, 360, 2]);
    await until(() => viewer.media.at(-1)?.epoch === 2 && viewer.media.length > 60, "more");
    await page.evaluate("publication.stop()");
    await viewer.untilSaid("end");
    for (const epoch of [1, 2]) {
      const parts = viewer.parts.filter((part) => part.epoch === epoch);
      assert.equal(await decodeErrors(Buffer.concat(parts.map((p) => p.payload))), "");
    }
    await page.close();
  });

  for (const as of ["packets", "recording"]) {
    test(`${as}: the camera goes, the sound stays; another camera is put in its place`, {
      timeout: 60_000,
    }, async () => {
      const page = await kitPage(browser, server);
      const viewer = await V1Viewer.open(server, `device/${as}`);
      const options = as === "packets" ? {} : { as };
      await publishFrom(page, `/publish/device/${as}`, { source: "camera", options });
      await page.evaluate(`window.told = [];
        kit.publication.on("warning", (warning) => told.push(["warning", warning.code]))`);
      const kinds = () =>
        viewer.said
          .filter(({ type }) => type === "stream")
          .map(({ tracks }) =>
            tracks
              .map((/** @type {any} */ { kind }) => kind)
              .sort()
              .join(" and "),
          );
      const untilKinds = (/** @type {string} */ wanted) =>
        until(() => kinds().at(-1) === wanted, wanted, { ms: 20_000 }).catch((error) =>
          assert.fail(`${error.message}: ${kinds()}`),
        );
      await untilKinds("audio and video");
      await page.evaluate("kit.stream.getVideoTracks()[0].stop()");
      assert.deepEqual(await toldOf(page, "warning"), ["warning", "source-changed"]);
      await untilKinds("audio");
      const count = viewer.media.length;
      await until(() => viewer.media.length > count + 10, "sound alone");
      await page.evaluate("kit.camera({}).then((stream) => kit.publication.replace(stream))");
      await untilKinds("audio and video");
      const { reconnects, way } = await page.evaluate("kit.publication.stats");
      assert.deepEqual([reconnects, way.as], [0, as]);
      await page.evaluate("kit.publication.stop()");
      await viewer.untilSaid("end");
      await page.close();
    });

    test(`${as}: a track that is switched off and on again: black and silence, the stream goes on`, {
      timeout: 60_000,
    }, async () => {
      const page = await kitPage(browser, server);
      const stream = `switched/${as}`;
      const viewer = await V1Viewer.open(server, stream);
      const film = new HttpViewer(server, `${stream}.mp4?wait=30`);
      const options = as === "packets" ? {} : { as };
      await publishFrom(page, `/publish/${stream}`, { source: "camera", options });
      await viewer.untilSaid("stream");
      for (const on of [false, true]) {
        const count = viewer.media.length;
        await until(() => viewer.media.length > count + 10, "media");
        await page.evaluate(
          `kit.stream.getTracks().forEach((track) => Object.assign(track, { enabled: ${on} }))`,
        );
      }
      const count = viewer.media.length;
      await until(() => viewer.media.length > count + 20, "media after it was switched on");
      await page.evaluate("kit.publication.stop()");
      await viewer.untilSaid("end");
      await film.ended();
      const { way } = await page.evaluate("kit.publication.stats");
      assert.equal(way.as, as, way.why);
      // Of packets the first may come before there is any sound.
      const epochs = viewer.said.filter((m) => m.type === "stream").length;
      assert.ok(epochs === 1 || (as === "packets" && epochs === 2), `${epochs} epochs`);
      assert.equal(await decodeErrors(as === "recording" ? viewer.bytes : film.bytes), "");
      await page.close();
    });
  }

  test("H.264 in MP4 of a canvas that changes its size: every picture decodes", {
    timeout: 60_000,
  }, async () => {
    const page = await kitPage(browser, server);
    const viewer = await V1Viewer.open(server, "resized");
    await page.evaluate(
      publishing(
        canvas("{ alpha: false }").replace("return canvas", "return (window.canvas = canvas)"),
        "resized",
        `{ format: "mp4", codec: "h264", keyframeMs: 300 }`,
      ),
    );
    assert.match((await viewer.untilSaid("stream")).mime, /avc3/);
    await until(() => viewer.media.length > 3, "groups");
    await page.evaluate("Object.assign(canvas, { width: 640, height: 360 })");
    const count = viewer.media.length;
    await until(() => viewer.media.length > count + 3, "groups of the new size");
    await page.evaluate("publication.stop()");
    await viewer.untilSaid("end");
    assert.equal(await decodeErrors(viewer.bytes), "");
    const sizes = await run(
      "ffprobe",
      ["-v", "error", "-show_entries", "frame=width,height", "-of", "csv=p=0", "-"],
      viewer.bytes,
    );
    assert.deepEqual([...new Set(sizes.stdout.trim().split("\n"))], ["300,150", "640,360"]);
    await page.close();
  });

  test("a slow connection lowers the bitrate; the stream goes on", {
    timeout: 90_000,
  }, async () => {
    const throttle = await Throttle.open(server, 1e9);
    const page = await browser.open();
    await page.goto(`${throttle.origin}/healthz`);
    const noise = `() => {
      const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
      const context = canvas.getContext("2d", { alpha: false });
      const image = context.createImageData(640, 360);
      window.timer = setInterval(() => {
        for (let i = 0; i < image.data.length; i += 97) image.data[i] = Math.random() * 255;
        context.putImageData(image, 0, 0);
      }, 40);
      return canvas;
    }`;
    await page.evaluate(publishing(noise, "slow", "{ as: 'recording' }"));
    throttle.bytesPerSecond = 40_000;
    const viewer = await V1Viewer.open(server, "slow");
    const [, bits] = await toldOf(page, "bitrate");
    assert.ok(bits < 2_500_000, `${bits} b/s`);
    throttle.bytesPerSecond = 1e9;
    const epochs = () => viewer.said.filter((m) => m.type === "stream").length;
    await until(() => epochs() >= 2, "the next recording", { ms: 30_000 });
    assert.equal(await page.evaluate("publication.stats.reconnects"), 0);
    await page.evaluate("publication.stop()");
    await viewer.untilSaid("end");
    assert.equal(await page.evaluate("publication.state"), "ended");
    await page.close();
    throttle.close();
  });
});
