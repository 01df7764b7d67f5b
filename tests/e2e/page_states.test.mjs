/**
 * Every state of every page, reached as a visitor reaches it: each is photographed (build/pages/), and axe-core
 * finds nothing serious in it. The pages run under their own Content-Security-Policy here.
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { look, untilCover, untilPage, untilPlays, untilText } from "./lib/look.mjs";
import { container, mediaPath } from "./lib/media.mjs";
import { sendInTime, V1Publisher } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";

/** What a browser says by itself of a server that is away or refuses. */
const NETWORK = /Failed to load resource|WebSocket connection to/;

describe("page states", { skip: !chromiumPath() && "no Chromium here" }, () => {
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

  /** Opens a page. @typedef {(url: string, by?: import('./lib/browsers.mjs').Browser) => Promise<any>} Open */

  /**
   * A test whose pages are closed at its end and complained of nothing but the network.
   * @param {string} name
   * @param {(open: Open) => Promise<any>} run
   */
  const state = (name, run) =>
    test(name, { timeout: 60_000 }, async () => {
      /** @type {import('./lib/browsers.mjs').TestPage[]} */
      const opened = [];
      /** @type {Open} */
      const open = async (url, by = browser) => {
        const tab = await by.open({ bypassCSP: false });
        opened.push(tab);
        const { page } = /** @type {any} */ (tab);
        page.on("dialog", (/** @type {any} */ dialog) => dialog.accept()); // "Leave this page?"
        await tab.goto(url.startsWith("/") ? server.origin + url : url);
        return page;
      };
      try {
        await run(open);
        for (const { complaints } of opened) {
          assert.deepEqual(
            complaints.filter((text) => !NETWORK.test(text)),
            [],
          );
        }
      } finally {
        await Promise.all(opened.map((tab) => tab.close()));
      }
    });

  /** @param {any} page a studio @param {string} [source] */
  async function goLive(page, source = "canvas") {
    await page.check(`input[name=source][value=${source}]`, { force: true });
    await page.click("#go");
    await untilText(page, "state", /Live/);
  }

  state("streams: nobody, a name that cannot be, some, one away, server gone", async (open) => {
    await Server.with({}, async (own) => {
      const list = await open(`${own.origin}/`);
      await untilText(list, "empty", /Nobody is live/);
      await look(list, "streams-empty");
      await list.fill("#name", "no blanks please");
      await list.click("text=Go live");
      await untilText(list, "hint", /Use letters/);
      await look(list, "streams-bad-name");
      const { chunks } = container("chromium-vp8-opus-camera.webm");
      const steady = await V1Publisher.open(own, "studio/steady", { title: "The steady one" });
      await steady.sendAll(chunks);
      const lost = await V1Publisher.open(own, "away", {});
      await lost.sendAll(chunks);
      await untilText(list, "streams", /The steady one/);
      lost.ws.cut();
      await untilText(list, "streams", /Publisher away/);
      await look(list, "streams-some");
      await own.stop();
      await untilText(list, "alert", /cannot be reached/);
      await look(list, "streams-server-gone");
    });
  });

  state(
    "watch: waiting, live, statistics, paused, shared, reloaded publisher, ended",
    async (open) => {
      const watch = await open("/watch/states");
      await untilCover(watch, /Not live yet/);
      await look(watch, "watch-waiting");
      const studio = await open("/publish/states");
      await studio.fill("#title", "A title");
      await goLive(studio);
      await untilPlays(watch);
      await untilText(watch, "title", /A title/);
      await look(watch, "watch-live");
      await watch.focus("#player");
      await watch.keyboard.press("i");
      await untilPage(
        watch,
        `/Codecs\\s*vp8/.test(document.querySelector("framewire-player").shadowRoot.querySelector(".stats").innerText)`,
        "the statistics",
      );
      await look(watch, "watch-statistics");
      await watch.keyboard.press("i");
      await watch.keyboard.press("k");
      await untilPage(watch, "document.getElementById('player').video.paused", "the pause");
      await look(watch, "watch-paused");
      await watch.keyboard.press("k");
      await untilPlays(watch);
      await watch.click("#share");
      await untilPage(watch, "document.getElementById('sharing').open", "the dialog");
      assert.match(await watch.inputValue("#embed"), /\/embed\/states"/);
      await look(watch, "watch-share");
      await watch.keyboard.press("Escape");

      await studio.reload();
      await untilText(studio, "state", /Off air/);
      await untilText(watch, "state", /Ended/);
      await look(watch, "watch-publisher-reloaded");
      await goLive(studio);
      await untilPlays(watch);
      await studio.click("#go");
      await untilText(studio, "state", /Off air/);
      await untilCover(watch, /has ended/);
      await look(watch, "watch-ended");
    },
  );

  state("chat: said to all, shown with who said it, muted by the publisher", async (open) => {
    const studio = await open("/publish/talk");
    await goLive(studio);
    const [ada, bob] = [await open("/watch/talk"), await open("/watch/talk")];
    await untilPlays(ada);
    await untilPlays(bob);
    const say = async (
      /** @type {any} */ page,
      /** @type {string} */ name,
      /** @type {string} */ text,
    ) => {
      await page.fill("#chatname", name);
      await page.fill("#chattext", text);
      await page.press("#chattext", "Enter");
    };
    await say(ada, "Ada", "Is <b>this</b> sharp?");
    await untilText(studio, "chatlog", /Is <b>this<\/b> sharp/);
    await say(studio, "Grace", "It is here.");
    for (const page of [ada, bob, studio]) {
      await untilText(
        page,
        "chatlog",
        /Ada[\s\S]*Is <b>this<\/b> sharp\?[\s\S]*Grace[\s\S]*On air[\s\S]*It is here/,
      );
    }
    await look(ada, "watch-chat");
    await studio.click('[aria-label="Mute Ada"]');
    await untilText(ada, "chatnote", /muted you/);
    await look(studio, "studio-chat-muted");
    await say(ada, "Ada", "Still there?");
    await say(bob, "Bob", "That was all.");
    await untilText(bob, "chatlog", /That was all/);
    assert.doesNotMatch(await bob.innerText("#chatlog"), /Still there/);
    await studio.click('[aria-label="Unmute Ada"]');
    await untilText(ada, "chatnote", /^$/);
    await say(ada, "Ada", "Thank you.");
    await untilText(bob, "chatlog", /Thank you/);
  });

  state("watch: the publisher is lost", async (open) => {
    const watch = await open("/watch/lost");
    const fixture = container("chromium-vp8-opus-camera.webm");
    const publisher = await V1Publisher.open(server, "lost", {});
    await sendInTime((data) => publisher.send(data), fixture, { speed: 4 });
    await untilPlays(watch);
    publisher.ws.cut();
    await untilCover(watch, /publisher is away/);
    await look(watch, "watch-publisher-away");
  });

  state("embed: live, muted and paused by the page around it", async (open) => {
    const studio = await open("/publish/framed");
    await goLive(studio);
    const embed = await open("/embed/framed");
    await untilPlays(embed);
    await look(embed, "embed-live");
    const around = await open("/healthz");
    await around.setContent("<main></main>");
    await around.evaluate(`(() => {
      window.states = [];
      addEventListener("message", ({ data }) => window.states.push(data));
      const frame = document.createElement("iframe");
      frame.src = "/embed/framed";
      document.querySelector("main").append(frame);
    })()`);
    const heard = (/** @type {string} */ test) =>
      untilPage(around, `window.states.some((s) => s.framewire === "state" && ${test})`, test);
    await heard("s.state === 'live' && !s.paused");
    const say = (/** @type {string} */ command) =>
      around.evaluate(`frames[0].postMessage({ framewire: "${command}" }, "*")`);
    await say("mute");
    await heard("s.muted");
    await say("pause");
    await heard("s.paused");
    await say("play");
    await untilPage(around, "!window.states.at(-1).paused", "it to play on");
  });

  state("the server restarts: watch and studio reconnect by themselves", async (open) => {
    const first = await Server.start();
    const { port } = first;
    const studio = await open(`${first.origin}/publish/again`);
    await goLive(studio);
    const watch = await open(`${first.origin}/watch/again`);
    await untilPlays(watch);
    await first.stop();
    await untilText(studio, "state", /Reconnecting/);
    await untilCover(watch, /Reconnecting/);
    await look(studio, "studio-reconnecting");
    await look(watch, "watch-reconnecting");
    await Server.with({ listen: `127.0.0.1:${port}` }, async () => {
      await untilText(studio, "state", /Live/);
      await untilText(watch, "state", /Live/);
      await untilPlays(watch);
      await look(studio, "studio-after-restart");
      await studio.close({ runBeforeUnload: false });
    });
  });

  state("keys: none, a wrong one, the right one", async (open) => {
    await Server.with(
      { flags: ["--watch-key", "sesame", "--publish-key", "rosebud"] },
      async (guarded) => {
        const list = await open(`${guarded.origin}/`);
        await untilText(list, "keyform", /list of streams opens with a key/);
        await look(list, "streams-key-needed");
        const watch = await open(`${guarded.origin}/watch/k`);
        await untilText(watch, "keyform", /opens with a key/);
        await look(watch, "watch-key-needed");
        await watch.fill("#key", "barley");
        await watch.click("text=Watch");
        await untilText(watch, "keyform", /does not open/);
        await look(watch, "watch-key-wrong");
        await watch.fill("#key", "sesame");
        await watch.click("text=Watch");
        await untilCover(watch, /Not live yet/);

        const studio = await open(`${guarded.origin}/publish/k`);
        await studio.check("input[value=canvas]", { force: true });
        await studio.click("#go");
        await untilText(studio, "keyform", /have a key/);
        await look(studio, "studio-key-needed");
        await studio.fill("#key", "rosebud");
        await studio.click("text=Use key");
        await untilPage(studio, "/token=rosebud/.test(location.search)", "the key in the address");
        await goLive(studio);
      },
    );
  });

  state(
    "studio: off air, preview, live from a camera, sound off, a name that is taken",
    async (open) => {
      const studio = await open("/publish/taken");
      await look(studio, "studio-off-air");
      await studio.click("#open");
      await untilPage(studio, "document.getElementById('preview').videoWidth > 0", "the preview");
      await untilPage(studio, "document.getElementById('level').value > 0", "the level meter");
      await untilPage(studio, "document.getElementById('camera').length > 1", "the cameras' names");
      await look(studio, "studio-preview");
      await studio.selectOption("#height", "360");
      await untilPage(
        studio,
        "document.getElementById('preview').videoHeight === 360",
        "360 lines",
      );
      await goLive(studio, "camera");
      await untilText(studio, "rate", /[1-9]\d* kb\/s|Mb\/s/);
      await studio.click("#mute");
      await untilText(studio, "mute", /Muted/);
      await untilPage(studio, "document.getElementById('level').value === 0", "silence");
      await look(studio, "studio-live");
      const second = await open("/publish/taken");
      await second.check("input[value=canvas]", { force: true });
      await second.click("#go");
      await untilText(second, "alert", /already live/);
      await look(second, "studio-name-taken");
    },
  );

  state("studio: a film rendered, one cancelled, a server that makes none", async (open) => {
    const dir = mkdtempSync(join(tmpdir(), "framewire-films-"));
    try {
      await Server.with({ flags: ["--record-dir", dir] }, async (films) => {
        const studio = await open(`${films.origin}/publish/demo`);
        await studio.selectOption("#length", "60");
        await studio.selectOption("#lines", "360");
        await studio.click("#render");
        await untilText(studio, "rendernote", /^[1-9]\d* of 1800 frames · .* left/);
        await look(studio, "studio-rendering");
        await studio.click("#render");
        await untilText(studio, "rendernote", /cancelled/);
        await studio.selectOption("#length", "2");
        await studio.click("#render");
        await untilText(studio, "rendernote", /^60 frames · 2 s · /);
        await look(studio, "studio-rendered");
        const film = await fetch(
          await studio.getAttribute("#rendered", "href").then(within(films)),
        );
        assert.equal(film.headers.get("content-type"), "video/mp4");
      });
    } finally {
      rmSync(dir, { recursive: true });
    }
    const studio = await open("/publish/demo");
    await studio.click("#render");
    await untilText(studio, "rendernote", /without --record-dir/);
  });
  /** @param {Server} of @returns {(path: string) => string} */
  const within = (of) => (path) => new URL(path, of.origin).href;

  state("studio: a file", async (open) => {
    const studio = await open("/publish/file");
    await studio.check("input[value=file]", { force: true });
    await look(studio, "studio-file");
    await studio.setInputFiles("#file", mediaPath("chromium-vp8-opus-camera.webm"));
    await untilPage(studio, "document.getElementById('preview').videoWidth > 0", "the preview");
    const watch = await open("/watch/file");
    await goLive(studio, "file");
    await untilPlays(watch);
    await studio.click("#go");
    await untilText(studio, "state", /Off air/);
    await studio.setInputFiles("#file", {
      name: "a.webm",
      mimeType: "video/webm",
      buffer: Buffer.from("no film"),
    });
    await untilText(studio, "alert", /does not know its format/);
    await look(studio, "studio-file-unplayable");
  });

  state(
    "recordings: none, one being made by the studio's switch, finished, played, deleted",
    async (open) => {
      const dir = mkdtempSync(join(tmpdir(), "framewire-"));
      mkdirSync(join(dir, "old"));
      writeFileSync(join(dir, "old", "2026-01-01_00-00-00.webm.part"), "no film");
      try {
        await Server.with({ flags: ["--record-dir", dir] }, async (own) => {
          const list = await open(`${own.origin}/recordings?stream=show`);
          await untilText(list, "empty", /Nothing has been recorded/);
          await look(list, "recordings-empty");
          const studio = await open(`${own.origin}/publish/show`);
          await studio.check("#record");
          await goLive(studio);
          await untilText(studio, "taping", /Recording/);
          await untilText(list, "recordings", /Recording/);
          await look(list, "recordings-recording");
          await look(studio, "studio-recording");
          await untilText(studio, "time", /0:0[4-9]/);
          await studio.click("#go");
          await untilText(studio, "taped", /See the recording/);
          await untilText(list, "recordings", /0:0\d[\s\S]*Download/);
          await list.selectOption("#stream", "");
          await untilText(list, "recordings", /Broken/);
          await untilPage(
            list,
            "document.querySelector('.tape img').naturalWidth > 0",
            "the thumbnail",
          );
          await look(list, "recordings-some");

          await list.click(".poster:enabled");
          const film = "document.querySelector('#screen video')";
          await untilPage(list, `${film}.readyState >= 3`, "the film");
          await list.evaluate(`void (${film}.currentTime = ${film}.duration * 0.9)`);
          await untilPage(list, `!${film}.seeking && ${film}.readyState >= 2`, "the place sought");
          await look(list, "recordings-playing");
          await list.keyboard.press("Escape");
          const id = await list.evaluate(
            "document.querySelector('.tape:has(.poster:enabled)').dataset.id",
          );
          const file = await own.fetch(`/recordings/${id}?download`);
          assert.match(String(file.headers.get("content-disposition")), /^attachment/);

          await list.click(`.tape:has(.poster:enabled) .delete`);
          await look(list, "recordings-delete");
          await list.click("text=Keep it");
          await list.click(`.tape:has(.poster:enabled) .delete`);
          await list.click("#sure .danger");
          await untilPage(list, "!document.querySelector('.poster:enabled')", "the card to go");
          assert.equal((await own.fetch(`/recordings/${id}`)).status, 404);
        });
      } finally {
        rmSync(dir, { recursive: true });
      }
    },
  );

  state("recordings: a server that makes none, and one that wants a key", async (open) => {
    const studio = await open("/publish/untaped");
    await studio.check("#record");
    await goLive(studio);
    await untilText(studio, "alert", /does not record/);
    await look(studio, "studio-cannot-record");
    await Server.with({ flags: ["--watch-key", "sesame"] }, async (guarded) => {
      const list = await open(`${guarded.origin}/recordings`);
      await untilText(list, "keyform", /open with a key/);
      await look(list, "recordings-key-needed");
    });
  });

  state("watch: the browser allows no sound before a click", async (open) => {
    const strict = await launchChromium(["--autoplay-policy=document-user-activation-required"]);
    try {
      const studio = await open("/publish/quiet");
      await goLive(studio);
      const watch = await open("/watch/quiet", strict);
      await untilPlays(watch);
      const player = watch.locator("framewire-player");
      await player.getByRole("button", { name: "Turn sound on" }).waitFor();
      await look(watch, "watch-muted-by-browser");
      await player.getByRole("button", { name: "Turn sound on" }).click();
      await untilPage(watch, "!document.getElementById('player').video.muted", "sound");
      await untilPlays(watch);
    } finally {
      await strict.close();
    }
  });

  /** name, browser flags, host, what the page says @type {[string, string[], string, RegExp][]} */
  const refusals = [
    ["denied", ["--use-fake-ui-for-media-stream=deny"], "127.0.0.1", /not allowed/],
    [
      "no-camera",
      ["--use-fake-device-for-media-stream=device-count=0"],
      "127.0.0.1",
      /Plug one in/,
    ],
    ["insecure", ["--host-resolver-rules=MAP cam.local 127.0.0.1"], "cam.local", /https/],
  ];
  for (const [name, flags, host, says] of refusals) {
    state(`studio: camera ${name}`, async (open) => {
      const other = await launchChromium(flags);
      try {
        const url = `http://${host}:${server.port}/publish/refused`;
        const studio = await open(url, other);
        await studio.click("#go");
        await untilText(studio, "alert", says);
        await look(studio, `studio-camera-${name}`);
        if (name === "denied") {
          await studio.check("input[value=screen]", { force: true });
          await studio.click("#go");
          await untilText(studio, "alert", /choose a screen/);
          await look(studio, "studio-screen-denied");
        }
        await goLive(studio); // the test card needs nobody's leave
      } finally {
        await other.close();
      }
    });
  }
});
