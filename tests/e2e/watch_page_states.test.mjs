/** The pages of viewers: the list of streams, watch, embed, chat, keys; each state photographed. */
import assert from "node:assert/strict";
import { launchChromium } from "./lib/chromium.mjs";
import { look, untilCover, untilPage, untilPlays, untilText } from "./lib/look.mjs";
import { container } from "./lib/media.mjs";
import { describePages, goLive } from "./lib/page_states.mjs";
import { sendInTime, V1Publisher } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";

describePages("states of the pages of viewers", ({ state, server }) => {
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
        `/Codecs\\s*(avc1|vp8|vp09|av01).* in packets/.test(document.querySelector("framewire-player").shadowRoot.querySelector(".stats").innerText)`,
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
    const publisher = await V1Publisher.open(server(), "lost", {});
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

  state("watch: the browser allows no sound before a click", async (open) => {
    const strict = await launchChromium(["--autoplay-policy=document-user-activation-required"]);
    try {
      const studio = await open("/publish/quiet");
      await goLive(studio);
      const tab = await strict.open({ bypassCSP: false });
      const watch = /** @type {any} */ (tab).page;
      // Each question to a page counts as a click of its visitor: nothing is asked before it plays.
      await watch.addInitScript(`{
        const { play } = HTMLMediaElement.prototype;
        HTMLMediaElement.prototype.play = function () {
          const playing = play.call(this);
          playing.catch((error) => console.info("play: " + error.name));
          return playing;
        };
      }`);
      const refused = watch.waitForEvent("console", {
        predicate: (/** @type {any} */ line) => line.text() === "play: NotAllowedError",
      });
      await tab.goto(`${server().origin}/watch/quiet`);
      await refused;
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
});
