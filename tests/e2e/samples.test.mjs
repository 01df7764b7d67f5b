/** The samples that users copy do what they say, against a real server and in a real browser. */
// @alone: cameras in two pages
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { countFrames, decodeErrors, run } from "./lib/decode.mjs";
import { container, mediaPath, sha256, wholeFile } from "./lib/media.mjs";
import { withFolder } from "./lib/recordings.mjs";
import { Server } from "./lib/server.mjs";
import { BareViewer, V1Viewer } from "./lib/viewer.mjs";
import { within } from "./lib/wait.mjs";

/** The hash of each picture, by ffmpeg. */
const MOVING = ["-v", "error", "-i", "-", "-f", "framemd5"];
const hashOf = (/** @type {string} */ line) => line.split(",").at(-1);
const hrefOf = (/** @type {any} */ link) => link.href;

const sample = (/** @type {string} */ name) =>
  fileURLToPath(new URL(`../../samples/${name}`, import.meta.url));

/** @type {Server} */ let server;
before(async () => (server = await Server.start()));
after(() => server.stop());

describe("publish-curl.sh", () => {
  test("publishes a file", async () => {
    const viewer = await BareViewer.open(server, "clip");
    const file = "chromium-vp8-opus-camera.webm";
    const { code, stderr } = await run(sample("publish-curl.sh"), [
      mediaPath(file),
      `${server.origin}/publish/clip`,
    ]);
    assert.equal(code, 0, stderr);
    await viewer.ended();
    assert.equal(sha256(viewer.bytes), sha256(wholeFile(container(file))));
  });
  test("with a key, and with a wrong one", async () => {
    await Server.with({ flags: ["--publish-key", "sesame"] }, async (guarded) => {
      const args = [mediaPath("chromium-vp8-opus-camera.webm"), `${guarded.origin}/publish/clip`];
      assert.notEqual((await run(sample("publish-curl.sh"), [...args, "barley"])).code, 0);
      assert.equal((await run(sample("publish-curl.sh"), [...args, "sesame"])).code, 0);
    });
  });
});

test("publish-ffmpeg.sh goes on until it is stopped", { timeout: 60_000 }, async () => {
  const viewer = await BareViewer.open(server, "test");
  const child = spawn(sample("publish-ffmpeg.sh"), [`${server.origin}/publish/test`], {
    stdio: "pipe",
  });
  let said = "";
  child.stderr.on("data", (chunk) => (said += chunk));
  const gone = new Promise((resolve) => child.on("close", resolve));
  await viewer
    .untilBytes(200_000, 40_000)
    .catch((error) => assert.fail(`${error.message}: ${said}`));
  child.kill("SIGINT");
  await within(gone, "ffmpeg to stop");
  await viewer.ended();
  assert.equal(await decodeErrors(viewer.bytes), "");
  assert.ok((await countFrames(viewer.bytes)) > 20);
});

describe("the pages", { skip: !chromiumPath() && "no Chromium here" }, () => {
  /** @type {import('./lib/browsers.mjs').Browser} */ let browser;
  before(async () => (browser = await launchChromium()));
  after(() => browser?.close());

  /** @param {string} path @returns {Promise<{test: import('./lib/browsers.mjs').TestPage, page: import('playwright-core').Page}>} */
  async function open(path) {
    const page = await browser.open();
    await page.goto(`${server.origin}/samples/${path}`);
    const own = /** @type {any} */ (page).page;
    // The SDK awaits its element, and `load` does not await that.
    await own.waitForFunction(`(() => {
      const [start, drop] = ["start", "drop"].map((id) => document.getElementById(id));
      return start ? start.onclick : drop ? drop.ondrop : true;
    })()`);
    return { test: page, page: own };
  }
  /** No icon, and the API's "not there yet", are no complaints. @param {import('./lib/browsers.mjs').TestPage} page */
  const complaintsOf = (page) => page.complaints.filter((complaint) => !/404/.test(complaint));

  test("webcodecs-publish.html is seen by webcodecs-watch.html, and plays as WebM", async () => {
    const publishing = await open("webcodecs-publish.html");
    await publishing.page.click("#start");
    await publishing.page.waitForFunction(
      `/live: \\d\\d/.test(document.querySelector("#state").textContent)`,
    );
    const viewer = await BareViewer.open(server, "webcodecs.webm");
    const watching = await open("webcodecs-watch.html?webcodecs");
    await watching.page.bringToFront();
    await watching.page.waitForFunction(
      `Number.parseInt(document.querySelector("#state").textContent) > 20`,
    );
    // The white box moves over a background whose colour changes.
    const seen = `(() => {
      const canvas = document.querySelector("canvas");
      return canvas.width + ":" + canvas.getContext("2d").getImageData(0, 170, 640, 1).data.join();
    })()`;
    const before = String(await watching.page.evaluate(seen));
    assert.match(before, /^640:/);
    await watching.page.waitForFunction(`${seen} !== ${JSON.stringify(before)}`);
    await viewer.untilBytes(20_000);
    await publishing.test.close();
    assert.equal(await decodeErrors(viewer.bytes), "");
    assert.deepEqual(complaintsOf(watching.test), []);
    await watching.test.close();
  });

  test("packets-lowest-delay.html shows beside the canvas what it sends", async () => {
    for (const query of ["", "?camera"]) {
      const { test: own, page } = await open(`packets-lowest-delay.html${query}`);
      await page.fill("#name", `lowest${query.length}`);
      await page.click("#start");
      await page.waitForFunction(
        `/^packets by .*, \\d+ ms in the player/.test(document.querySelector("#state").textContent)`,
      );
      await page.waitForFunction(`document.querySelector("#player").player?.canvas`);
      const [way, shown] = /** @type {any[]} */ (
        await page.evaluate(`(() => {
          const { player } = document.querySelector("#player");
          return [player.stats.way, [player.canvas.width, player.canvas.height]];
        })()`)
      );
      assert.equal(way.by, "webcodecs");
      assert.deepEqual(shown, query ? shown : [640, 360]);
      await page.waitForFunction(`document.querySelector("#player").player.stats.framesShown > 20`);
      assert.deepEqual(complaintsOf(own), []);
      await own.close();
    }
  });

  test("three-to-mp4.html renders a scene that moves", { timeout: 120_000 }, async () => {
    await withFolder((dir) =>
      Server.with({ flags: ["--record-dir", dir] }, async (films) => {
        const rendering = await browser.open();
        const page = /** @type {import('playwright-core').Page} */ (
          /** @type {any} */ (rendering).page
        );
        await page.route("https://cdn.jsdelivr.net/npm/three@*/**", (route) => {
          const file = route
            .request()
            .url()
            .replace(/.*\/three@[^/]+\//, "node_modules/three/");
          route.fulfill({ path: file, contentType: "text/javascript" });
        });
        await rendering.goto(`${films.origin}/samples/three-to-mp4.html?seconds=1`);
        await page.waitForFunction('document.getElementById("start").onclick');
        await page.click("#start");
        const link = await page.waitForSelector("#state a", { timeout: 90_000 });
        assert.equal(await link.textContent(), "1 seconds of film");
        const film = Buffer.from(await (await fetch(await link.evaluate(hrefOf))).arrayBuffer());
        assert.equal(await decodeErrors(film), "");
        assert.equal(await countFrames(film), 30);
        const { stdout } = await run("ffmpeg", [...MOVING, "-"], film);
        const seen = new Set(
          stdout
            .split("\n")
            .filter((line) => /^0,/.test(line))
            .map(hashOf),
        );
        assert.equal(seen.size, 30, "each picture is another");
        assert.deepEqual(complaintsOf(rendering), []);
        await rendering.close();
      }),
    );
  });

  test("webgl-live-and-file.html is seen while its film is made, which has every frame", {
    timeout: 120_000,
  }, async () => {
    await withFolder((dir) =>
      Server.with({ flags: ["--record-dir", dir] }, async (films) => {
        const opened = await browser.open();
        await opened.goto(`${films.origin}/samples/webgl-live-and-file.html?seconds=2`);
        const page = /** @type {any} */ (opened).page;
        await page.waitForFunction('document.getElementById("start").onclick');
        const live = await V1Viewer.open(films, "webgl");
        await page.click("#start");
        const link = await page.waitForSelector("#state a", { timeout: 90_000 });
        assert.equal(await link.textContent(), "The film: 60 frames");
        const film = Buffer.from(await (await fetch(await link.evaluate(hrefOf))).arrayBuffer());
        assert.equal(await decodeErrors(film), "");
        assert.equal(await countFrames(film), 60);
        await live.untilSaid("end");
        const seen = new Set(live.media.map(({ payload }) => sha256(payload)));
        assert.ok(seen.size > 1, "pictures that move were live");
        for (const { payload } of live.media) {
          assert.equal(payload.readUInt16BE(0), 0xffd8, "a JPEG");
        }
        assert.deepEqual(complaintsOf(opened), []);
        await opened.close();
        await live.ws.close();
      }),
    );
  });

  for (const by of ["blob", "arraybuffer"]) {
    test(`publish-${by}.html is seen in watch-webcam.html`, { timeout: 60_000 }, async () => {
      const name = `webcam-${by}`;
      const viewer = await BareViewer.open(server, name);
      const publisher = await open(`publish-${by}.html`);
      await publisher.page.fill("#name", name);
      await publisher.page.click("#start");
      await viewer.untilBytes(50_000, 30_000);
      const watcher = await open(`watch-webcam.html?${name}`);
      await watcher.page.waitForFunction(
        'document.getElementById("video").currentTime > 2 && document.getElementById("video").videoWidth === 640',
        undefined,
        { timeout: 20_000 },
      );
      for (const each of [publisher, watcher]) {
        assert.deepEqual(complaintsOf(each.test), []);
        await each.test.close();
      }
      viewer.ws.cut();
    });
  }

  for (const sample of ["pictures-jpeg", "pictures-rgba", "pictures-worker"]) {
    test(`${sample}.html is seen on the watch page, on its canvas, and moves`, {
      timeout: 60_000,
    }, async () => {
      const publisher = await open(`${sample}.html`);
      await publisher.page.click("#start");
      await publisher.page.waitForFunction(
        'document.getElementById("state").textContent.startsWith("live")',
      );
      const name = await publisher.page.inputValue("#name");
      const watcher = await browser.open();
      await watcher.goto(`${server.origin}/watch/${name}`);
      const page = /** @type {any} */ (watcher).page;
      const shown = `(() => {
        const { canvas } = document.getElementById("player").player ?? {};
        return canvas && canvas.getContext("2d").getImageData(0, canvas.height / 2, canvas.width, 8).data.join();
      })()`;
      await page.waitForFunction(`Boolean(${shown})`);
      await page.evaluate(`window.before = ${shown}`);
      await page.waitForFunction(`${shown} !== window.before`);
      assert.equal(
        await page.evaluate('document.getElementById("player").player.stats.way.by'),
        "canvas",
      );
      assert.deepEqual(complaintsOf(publisher.test), []);
      await publisher.test.close();
      await watcher.close();
    });
  }

  test("pictures-alpha.html comes back with what is transparent in it", {
    timeout: 60_000,
  }, async () => {
    const { test: opened, page } = await open("pictures-alpha.html");
    await page.click("#start");
    // The corner is clear, the middle of the ring of discs is not everywhere.
    await page.waitForFunction(`(() => {
      const canvas = [...document.querySelectorAll("canvas")].find((c) => c.id !== "canvas");
      if (!canvas) return false;
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      const alphas = data.filter((_, i) => i % 4 === 3);
      return alphas[0] === 0 && alphas.some((a) => a > 100 && a < 200);
    })()`);
    assert.deepEqual(complaintsOf(opened), []);
    await opened.close();
  });

  test("binary-channel.html sees what it sent, whole", { timeout: 60_000 }, async () => {
    const { test: opened, page } = await open("binary-channel.html");
    await page.click("#start");
    await page.waitForFunction('document.getElementById("state").textContent.startsWith("live")');
    const box = await (await page.waitForSelector("#canvas")).boundingBox();
    for (let i = 0; i < 40; i += 1) {
      await page.mouse.move(Number(box?.x) + 20 + i * 5, Number(box?.y) + 50);
    }
    await page.waitForFunction(
      '/seen [1-9]\\d/.test(document.getElementById("state").textContent)',
    );
    assert.deepEqual(complaintsOf(opened), []);
    await opened.close();
  });

  for (const sample of ["sdk-webcam", "sdk-canvas", "sdk-worker"]) {
    test(`${sample}.html is seen in embed.html, and can be paused there`, {
      timeout: 60_000,
    }, async () => {
      const publisher = await open(`${sample}.html`);
      await publisher.page.fill("#name", sample);
      await publisher.page.click("#start");
      await publisher.page.waitForFunction(
        'document.getElementById("state").textContent.startsWith("live")',
        undefined,
        { timeout: 20_000 },
      );
      const watcher = await open(`embed.html?${sample}`);
      const says = (/** @type {string} */ words) =>
        watcher.page.waitForFunction(
          `document.getElementById("state").textContent.includes("${words}")`,
          undefined,
          { timeout: 30_000 },
        );
      await says("live, playing, muted, 1 viewers");
      const frame = watcher.page.frames()[1];
      await frame.waitForFunction(
        "document.querySelector('framewire-player').player.stats.framesShown > 20",
      );
      await watcher.page.click("[data-command=pause]");
      await says("live, paused");
      for (const each of [publisher, watcher]) {
        assert.deepEqual(complaintsOf(each.test), []);
        await each.test.close();
      }
    });
  }

  test("file-drop.html streams a file that is chosen, and says what is wrong with another", {
    timeout: 60_000,
  }, async () => {
    const { test: opened, page } = await open("file-drop.html");
    const file = "chromium-vp8-opus-camera.webm";
    const viewer = await BareViewer.open(server, "dropped");
    await page.fill("#name", "dropped");
    await page.setInputFiles("#file", mediaPath(file));
    await viewer.ended(30_000);
    assert.equal(sha256(viewer.bytes), sha256(wholeFile(container(file))));
    await page.waitForFunction(
      'document.getElementById("state").textContent.includes("has been streamed")',
    );
    await page.setInputFiles("#file", sample("publish-curl.sh"));
    await page.waitForFunction(
      'document.getElementById("state").textContent.includes("Only WebM")',
    );
    assert.deepEqual(complaintsOf(opened), []);
    await opened.close();
  });

  test("file-drop.html takes a file that is dropped", { timeout: 60_000 }, async () => {
    const { test: opened, page } = await open("file-drop.html");
    const bytes = readFileSync(mediaPath("chromium-vp8-opus-camera.webm")).toString("base64");
    const viewer = await BareViewer.open(server, "file");
    await page.evaluate(`(() => {
      const bytes = Uint8Array.from(atob("${bytes}"), (c) => c.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([bytes], "clip.webm", { type: "video/webm" }));
      const drop = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
      document.getElementById("drop").dispatchEvent(drop);
    })()`);
    await viewer.untilBytes(50_000, 30_000);
    viewer.ws.cut();
    await opened.close();
  });

  test("all of them are listed at /samples/, each below 60 lines", async () => {
    const { test: opened, page } = await open("");
    const listed = await page.$$eval("main a", (links) =>
      links.map((link) => new URL(/** @type {any} */ (link).href).pathname.split("/").at(-1)),
    );
    const files = readdirSync(sample("")).filter((name) => /\.(html|js)$/.test(name));
    assert.deepEqual([...listed].sort(), files.filter((name) => name !== "index.html").sort());
    for (const name of files) {
      const lines = readFileSync(sample(name), "utf8").split("\n").length - 1;
      assert.ok(lines < 60, `${name} has ${lines} lines`);
      const answer = await server.fetch(`/samples/${name}`);
      assert.equal(answer.status, 200, name);
    }
    assert.deepEqual(complaintsOf(opened), []);
    await opened.close();
  });
});
