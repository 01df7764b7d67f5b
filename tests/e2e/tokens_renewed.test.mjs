/** Tokens that end while they are used, and such as are renewed: nobody notices. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { kitPage } from "./lib/browsers.mjs";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { container } from "./lib/media.mjs";
import { HttpPublisher, V1Publisher } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";
import { claims, EXPECTED, KeyFile, newKey, nowS, right, sign } from "./lib/tokens.mjs";
import { HttpViewer, V1Viewer } from "./lib/viewer.mjs";
import { sleep, until } from "./lib/wait.mjs";

const file = new KeyFile();
/** @type {import('./lib/tokens.mjs').IssuerKey} */ let key;
/** @type {Server} */ let server;
before(async () => {
  key = await newKey("ES256");
  file.write([key]);
  const flags = ["--jwks", file.path, ...EXPECTED, "--jwt-leeway", "0s"];
  server = await Server.start({ flags });
});
after(async () => {
  await server.stop();
  file.remove();
});

/** @param {string} stream @param {number} seconds */
const token = (stream, seconds) =>
  sign(key, claims([right("watch", stream), right("publish", stream)], { exp: nowS() + seconds }));

test("who shows no other one is told, and closed", async () => {
  const film = container("chromium-vp8-opus-finished.webm");
  const last = await token("ends/*", 4);
  const publisher = await V1Publisher.open(server, "ends/a", film.hello, { token: last });
  const put = new HttpPublisher(server, "ends/b", { method: "PUT", query: `?token=${last}` });
  const viewer = await V1Viewer.open(server, `ends/a?token=${last}`);
  const body = new HttpViewer(server, `ends/a?wait=9&token=${last}`);
  for (const chunk of film.chunks.slice(0, 8)) {
    await publisher.send(chunk);
    await put.send(chunk);
  }
  await body.answered();
  assert.ok((await viewer.untilSaid("token")).valid_ms <= 4000);
  for (const { ws, said } of [publisher, viewer]) {
    const { code, reason } = await ws.closed();
    assert.deepEqual([code, reason], [1008, "token-expired"]);
    assert.ok(said.some((one) => one.type === "error" && one.code === "token-expired"));
  }
  const answer = await put.answer;
  assert.equal(answer.status, 401);
  assert.match(answer.body, /token-expired/);
  await body.ended();
  assert.equal(body.complete, false, "what was cut is not said to be whole");
  assert.equal((await server.fetch(`/live/ends/a/index.m3u8?token=${last}`)).status, 401);
});

test("publisher and viewer that renew theirs go on, and no byte is lost", async () => {
  const first = await token("goes/on", 4);
  const publisher = await V1Publisher.open(
    server,
    "goes/on",
    { format: "binary" },
    { token: first },
  );
  const viewer = await V1Viewer.open(server, `goes/on?token=${first}`);
  const sent = [];
  for (let n = 0; n < 3; n += 1) {
    const begun = Date.now();
    const next = await token("goes/on", 4);
    for (const { ws } of [publisher, viewer]) await ws.sendText({ type: "token", token: next });
    while (Date.now() - begun < 2500) {
      sent.push(Buffer.from(`message ${sent.length}`));
      await publisher.send(sent[sent.length - 1]);
      await sleep(50);
    }
  }
  await until(() => viewer.media.length === sent.length, "all of it");
  assert.deepEqual(
    viewer.media.map((part) => String(part.payload)),
    sent.map(String),
  );
  for (const one of [publisher, viewer]) {
    assert.equal(one.ws.closedWith, null);
    assert.equal(one.said.filter((message) => message.type === "token").length, 4);
    assert.ok(!one.said.some((message) => message.type === "error"));
  }
  await publisher.end();
});

test("one that is wrong is refused by name, and the old one goes on to its end", async () => {
  const first = await token("keeps/*", 5);
  const viewer = await V1Viewer.open(server, `keeps/a?token=${first}`);
  const stranger = await newKey("ES256");
  for (const [wrong, says] of /** @type {[string, RegExp][]} */ ([
    [await sign(stranger, claims([right("watch", "keeps/*")])), /^token-signature: /],
    [await token("elsewhere", 60), /not for this stream/],
    [await token("keeps/*", -1), /^token-expired: /],
  ])) {
    const before = viewer.said.filter((one) => one.type === "warning").length;
    await viewer.ws.sendText({ type: "token", token: wrong });
    const told = await viewer.untilSaid("warning", before + 1);
    assert.equal(told.code, "token-refused");
    assert.match(told.message, says);
    await sleep(1000); // one a second is looked at
  }
  const { reason } = await viewer.ws.closed();
  assert.equal(reason, "token-expired");
});

describe("the SDK's refreshToken", { skip: !chromiumPath() && "no Chromium here" }, () => {
  test("publish() and subscribe() over three tokens: no state but live, every message", async () => {
    const browser = await launchChromium();
    const page = await kitPage(browser, server);
    /** @type {Record<string, number>} */ const asked = {};
    await /** @type {any} */ (page).page.exposeFunction(
      "freshToken",
      (/** @type {string} */ who) => {
        asked[who] = (asked[who] ?? 0) + 1;
        return token("sdk", 4);
      },
    );
    await page.evaluate(`(async () => {
      const { publish, subscribe } = await import("/framewire.js");
      const kept = (window.kept = { states: [], got: [], sent: 0 });
      const from = publish("/publish/sdk", { format: "binary", refreshToken: () => freshToken("publisher") });
      const to = subscribe("/watch/sdk", { refreshToken: () => freshToken("viewer") });
      from.on("state", (state) => kept.states.push("publisher " + state));
      to.on("state", (state) => kept.states.push("viewer " + state));
      to.on("message", ({ init, data }) => init || kept.got.push(new TextDecoder().decode(data)));
      await new Promise((live) => from.on("state", (state) => state === "live" && live()));
      window.say = () => from.send(new TextEncoder().encode(String(kept.sent++)));
      window.timer = setInterval(say, 50);
    })()`);
    await until(() => asked.publisher >= 4 && asked.viewer >= 4, "three renewals", { ms: 60_000 });
    const kept = await page.evaluate(`(async () => {
      clearInterval(window.timer);
      await say();
      while (kept.got.at(-1) !== String(kept.sent - 1)) await new Promise((then) => setTimeout(then, 20));
      return kept;
    })()`);
    const first = Number(kept.got[0]);
    assert.deepEqual(
      kept.got,
      Array.from({ length: kept.sent - first }, (_, n) => String(first + n)),
    );
    const states = new Set(kept.states);
    assert.ok(states.has("publisher live") && states.has("viewer live"));
    for (const state of ["reconnecting", "error", "ended", "stopped"])
      for (const who of ["publisher", "viewer"])
        assert.ok(!states.has(`${who} ${state}`), `${who} ${state}`);
    await page.close();
    await browser.close();
  });
});
