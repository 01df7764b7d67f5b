/** The server's own pages, used as a person would: open the studio, go live, share the link, watch. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { decodeErrors } from "./lib/decode.mjs";
import { readPackets } from "./lib/packets.mjs";
import { Server } from "./lib/server.mjs";
import { BareViewer, HttpViewer } from "./lib/viewer.mjs";
import { until } from "./lib/wait.mjs";

const PLAYS = `(() => { const v = document.querySelector('framewire-player')?.shadowRoot?.querySelector('video'); return v && v.videoWidth > 0 && v.currentTime > 0 && !v.paused; })()`;

describe("pages", { skip: !chromiumPath() && "no Chromium here" }, () => {
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

  for (const source of ["camera", "canvas"]) {
    test(`studio, ${source}: go live, watch, stop`, { timeout: 90_000 }, async () => {
      const name = `studio/${source}`;
      const raw = await BareViewer.open(server, name);
      const film = new HttpViewer(server, `${name}.mp4?wait=60`);
      const studio = await browser.open();
      const page = /** @type {any} */ (studio).page;
      await studio.goto(`${server.origin}/publish/${name}`);
      await page.check(`input[name=source][value=${source}]`);
      await page.click("#go");
      await page.waitForFunction(
        'document.getElementById("state").textContent === "Live"',
        undefined,
        { timeout: 20_000 },
      );
      const link = await page.inputValue("#link");
      assert.equal(link, `${server.origin}/watch/${name}`);

      const watcher = await browser.open();
      await watcher.goto(link);
      await /** @type {any} */ (watcher).page.waitForFunction(PLAYS, undefined, {
        timeout: 30_000,
      });
      await page.waitForFunction(
        'Number(document.getElementById("viewers").textContent) >= 1',
        undefined,
        { timeout: 10_000 },
      );

      const list = await browser.open();
      await list.goto(`${server.origin}/`);
      await /** @type {any} */ (list).page.waitForFunction(
        `document.getElementById('streams').textContent.includes(${JSON.stringify(name)})`,
        undefined,
        { timeout: 10_000 },
      );
      // Before the stream ends: the poster of one that has just ended is 404, and may be asked for.
      assert.deepEqual(list.complaints, []);
      await list.close();

      await page.click("#go");
      await page.waitForFunction(
        'document.getElementById("state").textContent === "Off air"',
        undefined,
        { timeout: 20_000 },
      );
      assert.equal((await raw.ended()).code, 1000);
      assert.ok(readPackets(raw.bytes).packets.length > 10);
      await film.ended();
      assert.equal(await decodeErrors(film.bytes), "");
      await /** @type {any} */ (watcher).page.waitForFunction(
        '/Ended|Waiting/.test(document.getElementById("state").textContent)',
        undefined,
        { timeout: 10_000 },
      );
      for (const each of [studio, watcher]) {
        assert.deepEqual(each.complaints, []);
        await each.close();
      }
    });
  }

  test("a viewer who comes first waits, and sees the stream when it begins", {
    timeout: 60_000,
  }, async () => {
    const watcher = await browser.open();
    await watcher.goto(`${server.origin}/watch/early`);
    await /** @type {any} */ (watcher).page.waitForFunction(
      'document.getElementById("state").textContent === "Waiting"',
      undefined,
      { timeout: 10_000 },
    );
    const studio = await browser.open();
    await studio.goto(`${server.origin}/publish/early`);
    await /** @type {any} */ (studio).page.check("input[name=source][value=canvas]");
    await /** @type {any} */ (studio).page.click("#go");
    await /** @type {any} */ (watcher).page.waitForFunction(PLAYS, undefined, { timeout: 30_000 });
    await studio.close();
    await watcher.close();
  });

  test("full screen and picture in picture, by key and by button", {
    timeout: 60_000,
  }, async () => {
    const [studio, watcher] = [await browser.open(), await browser.open()];
    await studio.goto(`${server.origin}/publish/large`);
    await /** @type {any} */ (studio).page.check("input[name=source][value=canvas]");
    await /** @type {any} */ (studio).page.click("#go");
    await watcher.goto(`${server.origin}/watch/large`);
    const page = /** @type {import('playwright-core').Page} */ (/** @type {any} */ (watcher).page);
    await page.waitForFunction(PLAYS, undefined, { timeout: 30_000 });
    await page.bringToFront();
    await page.focus("framewire-player");
    for (const [key, button, state] of [
      ["f", "Full screen", "document.fullscreenElement?.localName === 'framewire-player'"],
      ["p", "Picture in picture", "document.pictureInPictureElement !== null"],
    ]) {
      await page.keyboard.press(key);
      await page.waitForFunction(state, undefined, { timeout: 10_000 });
      assert.ok(await page.evaluate(PLAYS), "it plays on");
      await page.keyboard.press(key);
      await page.waitForFunction(`!(${state})`, undefined, { timeout: 10_000 });
      await page.getByRole("button", { name: button }).click();
      await page.waitForFunction(state, undefined, { timeout: 10_000 });
      await page.keyboard.press(key);
      await page.waitForFunction(`!(${state})`, undefined, { timeout: 10_000 });
    }
    assert.ok(await page.evaluate(PLAYS), "it plays on");
    await Promise.all([studio.close(), watcher.close()]);
  });

  test("a page of another site, if it is admitted, may use the API with a key", async () => {
    const flags = ["--allow-origin", server.origin, "--publish-key", "sesame"];
    await Server.with({ flags }, async (other) => {
      const page = await browser.open();
      await page.goto(`${server.origin}/healthz`);
      const ask = (/** @type {string} */ origin, /** @type {string} */ method, path = "") =>
        page.evaluate(`fetch("${origin}/api/v1/${path}", {
          method: "${method}", headers: { Authorization: "Bearer sesame" },
          ...("${method}" === "POST" ? { body: '{"record":true}' } : {}),
        }).then((answer) => answer.status, (error) => error.name)`);
      assert.equal(await ask(other.origin, "POST", "streams/nobody/record"), 404);
      assert.equal(await ask(other.origin, "DELETE", "recordings/none.webm"), 409);
      await Server.with({ flags: ["--publish-key", "sesame"] }, async (closed) => {
        assert.equal(await ask(closed.origin, "DELETE", "recordings/none.webm"), "TypeError");
      });
      await page.close();
    });
  });

  test("the watch page survives a restart of the server", { timeout: 90_000 }, async () => {
    const first = await Server.start();
    const { port } = first;
    const [studio, watcher] = [await browser.open(), await browser.open()];
    await studio.goto(`${first.origin}/publish/again`);
    await /** @type {any} */ (studio).page.check("input[name=source][value=canvas]");
    await /** @type {any} */ (studio).page.click("#go");
    await watcher.goto(`${first.origin}/watch/again`);
    await /** @type {any} */ (watcher).page.waitForFunction(PLAYS, undefined, { timeout: 30_000 });
    await first.stop();
    const second = await Server.start({ listen: `127.0.0.1:${port}` });
    try {
      await until(
        async () => (await second.describe("again"))?.viewers >= 1,
        "publisher and viewer to come back",
        { ms: 40_000, every: 200 },
      );
      const before = await watcher.evaluate(
        `document.querySelector('framewire-player').shadowRoot.querySelector('video').currentTime`,
      );
      await /** @type {any} */ (watcher).page.waitForFunction(
        `document.querySelector('framewire-player').shadowRoot.querySelector('video').currentTime > ${before} + 2`,
        undefined,
        { timeout: 30_000 },
      );
    } finally {
      await second.stop();
    }
    await studio.close();
    await watcher.close();
  });
});
