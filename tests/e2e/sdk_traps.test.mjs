/** What a page author stumbles over: another site's page, a server that is not there, a stream without a name, an old browser. */
import assert from "node:assert/strict";
import http from "node:http";
import { after, before, describe, test } from "node:test";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { look } from "./lib/look.mjs";
import { pictureFixtures } from "./lib/media.mjs";
import { V1Publisher } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

describe("the SDK in Chromium", { skip: !chromiumPath() && "no Chromium here" }, () => {
  /** @type {http.Server} */ let site;
  /** @type {string} */ let origin;
  /** @type {Server} */ let server;
  /** @type {any} */ let browser;
  before(async () => {
    site = http.createServer((_, response) => {
      response
        .setHeader("Content-Type", "text/html")
        .end("<!doctype html><title>another site</title>");
    });
    await new Promise((resolve) => site.listen(0, "127.0.0.1", () => resolve(undefined)));
    const { port } = /** @type {import('node:net').AddressInfo} */ (site.address());
    origin = `http://localhost:${port}`;
    server = await Server.start({ flags: ["--allow-origin", origin] });
    browser = await launchChromium();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    site?.close();
  });

  for (const how of ["a path", "a name", "framewire(server)"]) {
    test(`a page of another site publishes and plays by ${how}`, async () => {
      const page = await browser.open();
      await page.goto(`${origin}/some/page`);
      const stream = `far-${how.replace(/\W/g, "")}`;
      await page.evaluate(
        async (/** @type {string[]} */ [from, name, way]) => {
          const sdk = await import(`${from}/framewire.js`);
          const { publish, play } = way === "framewire(server)" ? sdk.framewire(from) : sdk;
          const [to, at] = way === "a path" ? [`/publish/${name}`, `/watch/${name}`] : [name, name];
          const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 64 });
          const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
          let n = 0;
          setInterval(() => {
            n += 10;
            pen.fillStyle = `hsl(${n} 80% 50%)`;
            pen.fillRect(0, 0, 64, 64);
          }, 30);
          publish(canvas, to, { as: "pictures" });
          const video = document.body.appendChild(document.createElement("video"));
          /** @type {any} */ (window).player = play(video, at, { muted: true });
        },
        [server.origin, stream, how],
      );
      const shown = () => /** @type {any} */ (window).player.stats.framesShown > 3;
      await until(() => page.evaluate(shown), "pictures");
      await page.close();
    });
  }

  test("the first state is an event, and a server that is not there an error", async () => {
    const page = await browser.open();
    await page.goto(`${server.origin}/healthz`);
    /** @type {{states: string[], errors: string[]}[]} */
    const seen = await page.evaluate(async () => {
      const name = "/framewire.js";
      const { play, publish, subscribe } = await import(name);
      const options = { giveUpMs: 300 };
      const gone = "http://127.0.0.1:9/watch/cam"; // the discard port: nobody listens
      const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 64 });
      canvas.getContext("2d");
      const all = [
        play(document.createElement("video"), gone, options),
        publish(canvas, gone, options),
        publish(canvas, gone, { ...options, as: "pictures" }),
        publish(gone, { ...options, format: "binary" }),
        subscribe(gone, options),
      ].map(async (one) => {
        /** @type {string[]} */ const states = [];
        /** @type {string[]} */ const errors = [];
        one.on("state", (/** @type {string} */ state) => states.push(state));
        one.on("error", (/** @type {any} */ why) => errors.push(why.code));
        const why = await one.closed;
        return { states, errors: [...errors, why.code] };
      });
      return Promise.all(all);
    });
    assert.equal(seen.length, 5);
    for (const { states, errors } of seen) {
      assert.equal(states[0], "connecting");
      assert.equal(states[states.length - 1], "error");
      assert.deepEqual(errors, ["unreachable", "unreachable"]);
    }
    await page.close();
  });

  test("who joins while the publisher is away is told so, and sees it come back", async () => {
    const stream = "away";
    const { chunks } = /** @type {any} */ (
      pictureFixtures().find(({ format }) => format === "jpeg")
    );
    const publisher = await V1Publisher.open(server, stream, { format: "jpeg" });
    for (const chunk of chunks.slice(0, 5)) await publisher.send(chunk);
    publisher.ws.cut();
    const page = await browser.open();
    await page.goto(`${server.origin}/healthz`);
    await page.evaluate(async (/** @type {string} */ name) => {
      const url = "/framewire.js";
      const { play } = await import(url);
      const video = document.body.appendChild(document.createElement("video"));
      const player = play(video, name, { muted: true });
      /** @type {string[]} */ const states = [];
      player.on("state", () => states.push(`${player.state} ${player.reason}`.trim()));
      Object.assign(window, { player, states });
    }, stream);
    const shown = () => /** @type {any} */ (window).player.stats.framesShown;
    await until(async () => (await page.evaluate(shown)) > 0, "the last picture");
    const states = () => /** @type {any} */ (window).states;
    await until(
      async () => (await page.evaluate(states)).includes("waiting publisher-lost"),
      "the player to say that nobody is live",
    );
    assert.ok(!(await page.evaluate(states)).includes("live"));
    await publisher.resume();
    for (const chunk of chunks.slice(0, 5)) await publisher.send(chunk);
    await until(async () => (await page.evaluate(states)).includes("live"), "the stream");
    await page.close();
  });

  test("a stream without a name, or an option that is none, is refused before anything is sent", async () => {
    const page = await browser.open();
    await page.goto(`${server.origin}/healthz`);
    const codes = await page.evaluate(async () => {
      const name = "/framewire.js";
      const { play, publish, subscribe } = await import(name);
      const canvas = document.createElement("canvas");
      const video = document.createElement("video");
      const calls = [
        () => publish(canvas),
        () => play(video),
        () => subscribe(),
        () => publish(canvas, "cam", { fps: "30" }),
        () => play(video, "cam", { latency: "fast" }),
      ];
      return calls.map((call) => {
        try {
          call();
          return "taken";
        } catch (error) {
          return /** @type {any} */ (error).code;
        }
      });
    });
    assert.deepEqual(codes, ["bad-url", "bad-url", "bad-url", "bad-option", "bad-option"]);
    await page.close();
  });

  test("a page that is busy for a while loses nothing of its sound", async () => {
    const page = await browser.open();
    await page.goto(`${server.origin}/healthz`);
    const { heldMs, spanMs } = await page.evaluate(async () => {
      const name = "/sdk/track_sound.js";
      const { openTrackSound } = await import(name);
      const context = new AudioContext({ sampleRate: 48_000 });
      const out = context.createMediaStreamDestination();
      const tone = new OscillatorNode(context);
      tone.connect(out);
      tone.start();
      /** @type {number[]} */ const times = [];
      const [track] = out.stream.getAudioTracks();
      const reading = openTrackSound(
        track,
        { rate: 48_000, size: 480 },
        (/** @type {{at: number}} */ { at }) => times.push(at * 1000),
        () => {},
      );
      const pause = (/** @type {number} */ ms) => new Promise((go) => setTimeout(go, ms));
      await pause(500);
      for (const until = performance.now() + 400; performance.now() < until; );
      await pause(500);
      reading.stop();
      return { heldMs: (times.length - 1) * 10, spanMs: times[times.length - 1] - times[0] };
    });
    assert.ok(heldMs > 700, `${heldMs} ms`);
    assert.ok(spanMs - heldMs < 50, `${spanMs - heldMs} of ${spanMs} ms are missing`);
    await page.close();
  });

  test("a page may have the SDKs of two servers", async () => {
    await Server.with({ flags: ["--allow-origin", origin] }, async (second) => {
      const page = await browser.open();
      await page.goto(origin);
      const names = await page.evaluate(
        async (/** @type {string[]} */ from) => {
          const [one, two] = await Promise.all(from.map((at) => import(`${at}/framewire.js`)));
          return [
            one.locate("cam").watchUrl(),
            two.locate("cam").watchUrl(),
            one.play === two.play,
          ];
        },
        [server.origin, second.origin],
      );
      assert.deepEqual(names, [`${server.origin}/watch/cam`, `${second.origin}/watch/cam`, false]);
      await page.close();
    });
  });

  for (const width of [220, 320, 640]) {
    test(`a player of ${width} px shows all of its buttons`, async () => {
      const page = await browser.open();
      await page.goto(`${server.origin}/healthz`);
      const out = await page.evaluate(async (/** @type {number} */ px) => {
        const url = "/framewire.js";
        await import(url);
        const element = document.createElement("framewire-player");
        element.setAttribute("src", "/watch/nobody");
        element.style.width = `${px}px`;
        document.body.replaceChildren(element);
        document.title = "A small player";
        document.documentElement.lang = "en";
        await new Promise((resolve) => setTimeout(resolve, 300));
        const { right, left } = element.getBoundingClientRect();
        const bar = /** @type {HTMLElement} */ (element.shadowRoot?.querySelector(".bar"));
        const buttons = [...bar.querySelectorAll("button")].filter((one) => one.offsetWidth > 0);
        const inside = buttons.filter((one) => {
          const box = one.getBoundingClientRect();
          return box.left >= left && box.right <= right && box.width >= 30 && box.height >= 30;
        });
        return {
          buttons: buttons.length,
          inside: inside.length,
          volume: Boolean(bar.querySelector("input")?.offsetWidth),
        };
      }, width);
      assert.ok(out.buttons >= 4, JSON.stringify(out));
      assert.equal(out.inside, out.buttons);
      assert.equal(out.volume, width > 560);
      if (width === 220) await look(/** @type {any} */ (page).page, "player-220");
      await page.close();
    });
  }

  for (const path of ["/watch/cam", "/", "/publish/cam"]) {
    test(`${path} says so in a browser that is too old for it`, async () => {
      const page = await browser.open();
      // As Chromium 80: what came later is not there.
      await page.page.addInitScript(() => {
        delete (/** @type {any} */ (Promise).any);
      });
      await page.goto(`${server.origin}${path}`);
      await until(
        async () => /too old/.test((await page.page.textContent("#too-old").catch(() => "")) ?? ""),
        "the sentence",
      );
      await page.close();
      const newer = await browser.open();
      await newer.goto(`${server.origin}${path}`);
      await newer.page.waitForLoadState("networkidle");
      assert.equal(await newer.page.locator("#too-old").count(), 0);
      await newer.close();
    });
  }
});
