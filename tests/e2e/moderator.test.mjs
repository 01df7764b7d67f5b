/** A moderator by the SDK and in the pages: clears the chat, slows it, mutes, kicks, bans; others see it; others may not. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { kitPage } from "./lib/browsers.mjs";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { look, untilPage, untilText } from "./lib/look.mjs";
import { container } from "./lib/media.mjs";
import { V1Publisher } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";
import { claims, EXPECTED, KeyFile, newKey, right, sign } from "./lib/tokens.mjs";
import { V1Viewer } from "./lib/viewer.mjs";
import { until } from "./lib/wait.mjs";

const file = new KeyFile();
/** @type {import('./lib/tokens.mjs').IssuerKey} */ let key;
/** @type {Server} */ let server;
before(async () => {
  key = await newKey("ES256");
  file.write([key]);
  const flags = ["--jwks", file.path, ...EXPECTED, "--loops", "2", "--chat-history", "9"];
  server = await Server.start({ flags });
});
after(async () => {
  await server.stop();
  file.remove();
});

/** @param {string} sub @param {...any} rights */
const token = (sub, ...rights) => sign(key, claims(rights, { sub }));
/** @param {string} who @param {string} stream @param {...any} more */
const viewerToken = (who, stream, ...more) =>
  token(who, right("watch", stream), right("talk", stream), right("metrics", "*"), ...more);

/** @param {string} stream */
async function publish(stream) {
  const publisher = await V1Publisher.open(
    server,
    stream,
    {},
    {
      token: await token("host", right("publish", stream)),
    },
  );
  await publisher.sendAll(container("chromium-vp8-opus-camera.webm").chunks);
  await publisher.untilAcked();
  return publisher;
}

test("the wire tells who may moderate, and nobody else", async () => {
  const publisher = await publish("told");
  for (const [rights, told] of /** @type {[any[], object | undefined][]} */ ([
    [[], undefined],
    [[right("moderate", "told")], { moderate: true, manage: false, server: false }],
    [[right("manage", "t*")], { moderate: true, manage: true, server: false }],
    [[right("manage", "*")], { moderate: true, manage: true, server: true }],
    [[right("moderate", "other")], undefined],
  ])) {
    const by = await viewerToken("v", "told", ...rights);
    const viewer = await V1Viewer.open(server, `told?token=${by}`);
    await viewer.untilSaid("stream");
    const rest = viewer.said.find(({ type }) => type === "rights");
    assert.deepEqual(rest, told && { type: "rights", ...told });
    viewer.ws.cut();
  }
  await publisher.end();
});

describe("in Chromium", { skip: !chromiumPath() && "no Chromium here" }, () => {
  /** @type {import('./lib/browsers.mjs').Browser} */ let browser;
  before(async () => {
    browser = await launchChromium();
  });
  after(() => browser?.close());

  /** A page that plays, and what its player tells. @param {string} stream @param {string} by */
  async function player(stream, by) {
    const page = await kitPage(browser, server);
    await page.evaluate(
      async (/** @type {string[]} */ [name, shown]) => {
        const here = /** @type {any} */ (window);
        const { play, moderate } = await import(/** @type {any} */ ("/framewire.js"));
        here.moderate = moderate;
        here.token = shown;
        here.heard = [];
        here.player = play(document.createElement("video"), `/watch/${name}`, { token: shown });
        for (const type of ["message", "cleared", "slowmode", "mutedsender", "warning", "error"])
          here.player.on(type, (/** @type {any} */ detail) => here.heard.push([type, detail]));
        const live = () => ["live", "waiting"].includes(here.player.state);
        while (!live()) await new Promise((resolve) => setTimeout(resolve, 50));
      },
      [stream, by],
    );
    return page;
  }
  /** What a call of its moderator came to. @param {any} page @param {string} code */
  const outcome = (page, code) =>
    page.evaluate(
      `(async () => { try { return { got: await (${code}) } } catch (why) {
         return { name: why.name, code: why.code, message: why.message } } })()`,
    );
  /** @param {any} page @param {string} type @param {string} [of] of the detail */
  const untilHeard = (page, type, of = "true") =>
    until(
      () => page.evaluate(`heard.some(([type, detail]) => type === "${type}" && (${of}))`),
      `${type} ${of}`,
    );

  test("by the SDK: cleared, slowed, muted, banned; seen by others; refused by name", async () => {
    const publisher = await publish("sdk/room");
    const operator = await player(
      "sdk/room",
      await viewerToken("olga", "sdk/room", right("manage", "*")),
    );
    const guest = await player("sdk/room", await viewerToken("gus", "sdk/room"));
    assert.deepEqual(await operator.evaluate("player.rights"), {
      ...{ moderate: true, manage: true, server: true },
    });
    assert.deepEqual(await guest.evaluate("player.rights"), {
      ...{ moderate: false, manage: false, server: false },
    });
    await guest.evaluate(`player.say("spam")`);
    await untilHeard(operator, "message", `detail.data === "spam"`);
    const sender = await guest.evaluate("player.sender");
    const { got } = await outcome(operator, "player.moderator.chat()");
    assert.deepEqual(
      got.history.map((/** @type {any} */ one) => [one.data, one.sender]),
      [["spam", sender]],
    );

    await outcome(operator, "player.moderator.clear()");
    for (const page of [operator, guest]) await untilHeard(page, "cleared");
    await publisher.untilSaid("cleared");
    const slowed = await outcome(operator, "player.moderator.slowMode(3600000)");
    assert.equal(slowed.got.slowMs, 3_600_000);
    await untilHeard(guest, "slowmode", "detail === 3600000");
    await guest.evaluate(`player.say("once"), player.say("twice")`);
    await untilHeard(guest, "warning", `detail.code === "slow-mode"`);
    await outcome(operator, "player.moderator.slowMode(0)");
    await untilHeard(guest, "slowmode", "detail === 0");
    await outcome(operator, `player.moderator.mute("${sender}")`);
    await untilHeard(guest, "mutedsender", `detail.sender === "${sender}" && detail.muted`);
    await outcome(operator, `player.moderator.mute("${sender}", false)`);
    await untilHeard(guest, "mutedsender", "!detail.muted");
    await outcome(operator, `player.moderator.setTitle("Half time")`);
    assert.equal((await publisher.untilSaid("title")).title, "Half time");

    for (const call of [
      "clear()",
      "slowMode(1000)",
      `mute("${sender}")`,
      `ban("${sender}")`,
      "people()",
      "endStream()",
      `setTitle("x")`,
    ]) {
      const no = await outcome(guest, `player.moderator.${call}`);
      assert.deepEqual([no.name, no.code], ["FramewireError", "unauthorized"], call);
      assert.match(no.message, /gives no right/, call);
    }
    const stranger = await outcome(guest, `moderate("sdk/room", { token: "x" }).clear()`);
    assert.equal(stranger.code, "unauthorized");
    const gone = await outcome(operator, `player.moderator.kick("9-9")`);
    assert.equal(gone.code, "sender-gone");

    const { got: ban } = await outcome(
      operator,
      `player.moderator.ban("${sender}", { reason: "spam" })`,
    );
    assert.equal(ban.identity, "gus");
    await untilHeard(guest, "error", `detail.code === "banned"`);
    const back = await V1Viewer.open(
      server,
      `sdk/room?token=${await viewerToken("gus", "sdk/room")}`,
    );
    assert.equal((await back.untilSaid("error")).code, "banned");
    await outcome(operator, `player.moderator.unban(${ban.id})`);
    const again = await V1Viewer.open(
      server,
      `sdk/room?token=${await viewerToken("gus", "sdk/room")}`,
    );
    await again.untilSaid("stream");
    await again.ws.sendText({ type: "message", data: "back" });
    const { sender: anew } = await again.untilSaid("sender");
    assert.equal((await outcome(operator, `player.moderator.kick("${anew}")`)).code, undefined);
    assert.equal((await again.untilSaid("error")).code, "kicked");
    await outcome(operator, `moderate("/watch/sdk/room", { refreshToken: () => token }).clear()`);
    await outcome(operator, "player.moderator.endStream()");
    assert.equal((await publisher.untilSaid("error")).code, "stream-ended");
    for (const page of [operator, guest]) await page.close();
  });

  test("in the watch page: buttons for who has the right, none for others", async () => {
    const publisher = await publish("page");
    const open = async (/** @type {string} */ by) => {
      const tab = await browser.open({ bypassCSP: false });
      const { page } = /** @type {any} */ (tab);
      page.on("dialog", (/** @type {any} */ dialog) => dialog.accept());
      await tab.goto(`${server.origin}/watch/page?token=${by}`);
      return page;
    };
    const operator = await open(await viewerToken("olga", "page", right("manage", "*")));
    const guest = await open(await viewerToken("gus", "page"));
    const moderator = await open(await viewerToken("mia", "page", right("moderate", "page")));
    await untilPage(operator, "!document.querySelector('#chat .tools').hidden", "the tools");
    await untilPage(moderator, "!document.querySelector('#chat .tools').hidden", "the tools");
    await guest.fill("#chattext", "buy this");
    await guest.press("#chattext", "Enter");
    for (const page of [operator, guest, moderator]) await untilText(page, "chatlog", /buy this/);
    assert.equal(await guest.isVisible("#chatclear"), false);
    const line = "#chatlog .line";
    for (const [page, mutes, bans] of /** @type {[any, boolean, boolean][]} */ ([
      [operator, true, true],
      [moderator, true, false],
      [guest, false, false],
    ])) {
      assert.equal(await page.isVisible(`${line} .mute`), mutes);
      assert.equal(await page.isVisible(`${line} .ban`), bans);
    }
    await look(operator, "watch-moderated");
    await moderator.selectOption("#chatslow", "10000");
    await untilText(guest, "chatnote", /Slow mode: one message each 10 s/);
    await untilPage(operator, "document.getElementById('chatslow').value === '10000'", "slow mode");
    await moderator.click(`${line} .mute`);
    await untilText(guest, "chatnote", /muted you/);
    await untilPage(
      operator,
      `document.querySelector("${line}").dataset.muted === "true"`,
      "the mute",
    );
    const late = await open(await viewerToken("lea", "page", right("moderate", "page")));
    await untilPage(late, "document.getElementById('chatslow').value === '10000'", "slow mode");
    await untilPage(
      late,
      `document.querySelector("${line}")?.dataset.muted === "true"`,
      "the mute",
    );
    await operator.click(`${line} .ban`);
    await untilText(guest, "state", /Refused/);
    await operator.click("#chatclear");
    for (const page of [operator, moderator])
      await untilPage(page, `!document.querySelector("${line}")`, "an empty log");
    await publisher.end();
  });
});
