/** The samples that users copy do what they say, against a real server and in a real browser. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { countFrames, decodeErrors, run } from "./lib/decode.mjs";
import { container, mediaPath, sha256, wholeFile } from "./lib/media.mjs";
import { Server } from "./lib/server.mjs";
import { BareViewer } from "./lib/viewer.mjs";
import { within } from "./lib/wait.mjs";

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

describe("the pages by hand", { skip: !chromiumPath() && "no Chromium here" }, () => {
  for (const blobs of [false, true]) {
    test(`publish-webcam.html (${blobs ? "Blobs" : "ArrayBuffers"}) is seen in watch-webcam.html`, {
      timeout: 60_000,
    }, async () => {
      const browser = await launchChromium();
      try {
        const name = `webcam${Number(blobs)}`;
        const viewer = await BareViewer.open(server, name);
        const publisher = await browser.open();
        await publisher.goto(`${server.origin}/samples/publish-webcam.html`);
        const page = /** @type {any} */ (publisher).page;
        await page.fill("#name", name);
        if (blobs) await page.check("#blobs");
        await page.click("#start");
        await viewer.untilBytes(50_000, 30_000);
        const watcher = await browser.open();
        await watcher.goto(`${server.origin}/samples/watch-webcam.html?${name}`);
        await /** @type {any} */ (watcher).page.waitForFunction(
          'document.getElementById("video").currentTime > 2 && document.getElementById("video").videoWidth === 640',
          undefined,
          { timeout: 20_000 },
        );
        assert.deepEqual(
          [...publisher.complaints, ...watcher.complaints].filter((c) => !/404/.test(c)),
          [],
        );
        await publisher.close();
        viewer.ws.cut();
      } finally {
        await browser.close();
      }
    });
  }
});
