/** Signed links (--link-key): what they open, what refuses them, by every way that carries one, and their end. */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { run } from "./lib/decode.mjs";
import { RawWs } from "./lib/raw_ws.mjs";
import { binary, Server } from "./lib/server.mjs";
import { newcomer, nowS } from "./lib/tokens.mjs";
import { HttpViewer, V1Viewer } from "./lib/viewer.mjs";
import { until } from "./lib/wait.mjs";

const program = promisify(execFile);
const SECRET = "s3cret-s3cret-s3cret-s3cret-s3cret-s3cret";

/** @param {string} action @param {string} stream @param {number | string} expires @param {string} [secret] */
const signed = (action, stream, expires, secret = SECRET) =>
  createHmac("sha256", secret)
    .update(`framewire link 1\n${action}\n${stream}\n${expires}`)
    .digest("base64url");
/** @param {string} [action] @param {string} [stream] @param {number} [ttlS] */
function link(action = "watch", stream = "cam", ttlS = 600) {
  const expires = nowS() + ttlS;
  return `expires=${expires}&sign=${signed(action, stream, expires)}`;
}

describe("a server with --link-key", () => {
  const folder = mkdtempSync(join(tmpdir(), "framewire-links-"));
  const file = join(folder, "links.key");
  /** @type {Server} */ let server;
  /** @type {import('node:child_process').ChildProcess | undefined} */ let publisher;
  before(async () => {
    writeFileSync(file, `# of the site\n${SECRET}\n`);
    server = await Server.start({
      flags: ["--link-key", file, "--publish-key", "p", "--trust-proxy", "127.0.0.1"],
    });
  });
  after(async () => {
    publisher?.kill();
    await server.stop();
    rmSync(folder, { recursive: true });
    assert.ok(!server.stderr.includes("s3cret"));
  });

  /** @param {string} path @param {RequestInit} [init] */
  const ask = (path, init = {}) =>
    server.fetch(path, { ...init, headers: { ...newcomer(), ...init.headers } });

  /** What is wrong, the query, code, what the message says. @type {[string, () => string, string, RegExp][]} */
  const attacks = [
    ["another stream", () => link("watch", "cam2"), "unauthorized", /^link-signature: /],
    ["a stream below it", () => link("watch", "cam/2"), "unauthorized", /^link-signature: /],
    ["all streams", () => link("watch", "*"), "unauthorized", /^link-signature: /],
    ["no stream", () => link("watch", ""), "unauthorized", /^link-signature: /],
    ["another action", () => link("publish"), "unauthorized", /^link-signature: /],
    ["an action that is none", () => link("WATCH"), "unauthorized", /^link-signature: /],
    ["another end", () => moved(1), "unauthorized", /^link-signature: /],
    ["an end in the past, for another", () => moved(-100_000), "unauthorized", /^link-signature: /],
    ["expired", () => link("watch", "cam", -1), "token-expired", /^link-expired: /],
    [
      "upper case",
      () => changed((s) => s.toUpperCase()),
      "unauthorized",
      /^link-(signature|malformed): /,
    ],
    [
      "lower case",
      () => changed((s) => s.toLowerCase()),
      "unauthorized",
      /^link-(signature|malformed): /,
    ],
    ["one character", () => changed((s) => flip(s)), "unauthorized", /^link-signature: /],
    ["cut", () => changed((s) => s.slice(0, -1)), "unauthorized", /^link-malformed: /],
    ["cut to half", () => changed((s) => s.slice(0, 21)), "unauthorized", /^link-malformed: /],
    ["empty", () => changed(() => ""), "unauthorized", /^link-malformed: /],
    ["padded", () => changed((s) => `${s}%3D`), "unauthorized", /^link-malformed: /],
    ["of base64", () => changed((s) => `%2B%2F${s.slice(2)}`), "unauthorized", /^link-malformed: /],
    ["in hexadecimal", () => hex(), "unauthorized", /^link-malformed: /],
    ["a blank before", () => changed((s) => `%20${s}`), "unauthorized", /^link-malformed: /],
    ["a NUL behind", () => changed((s) => `${s}%00`), "unauthorized", /^link-malformed: /],
    ["another secret", () => bySecret("x".repeat(40)), "unauthorized", /^link-signature: /],
    ["an empty secret", () => bySecret(""), "unauthorized", /^link-signature: /],
    ["an end with a zero before", () => spelt((e) => `0${e}`), "unauthorized", /^link-malformed: /],
    ["an end with a part", () => spelt((e) => `${e}.0`), "unauthorized", /^link-malformed: /],
    ["an end with an exponent", () => spelt(() => "2e9"), "unauthorized", /^link-malformed: /],
    ["an end below zero", () => spelt(() => "-1"), "unauthorized", /^link-malformed: /],
    ["no end", () => spelt(() => ""), "unauthorized", /^link-malformed: /],
    ["a line end in the end", () => spelt((e) => `${e}%0A`), "unauthorized", /^link-malformed: /],
    ["a doubled sign", () => `${link()}&sign=x`, "bad-request", /once/],
    ["a doubled end", () => `expires=1&${link()}`, "bad-request", /once/],
    ["twice the same", () => `${link()}&${link()}`, "bad-request", /once/],
    ["a sign alone", () => link().split("&")[1], "bad-request", /both/],
    ["an end alone", () => link().split("&")[0], "bad-request", /both/],
    ["a key beside it", () => `token=p&${link()}`, "bad-request", /one of them is enough/],
    [
      "names in upper case",
      () => link().replace("sign", "Sign").replace("e", "E"),
      "unauthorized",
      /a key that opens/,
    ],
  ];
  /** @param {number} byS */
  function moved(byS) {
    const expires = nowS() + 600;
    return `expires=${expires + byS}&sign=${signed("watch", "cam", expires)}`;
  }
  /** @param {(sign: string) => string} change */
  function changed(change) {
    const expires = nowS() + 600;
    return `expires=${expires}&sign=${change(signed("watch", "cam", expires))}`;
  }
  const flip = (/** @type {string} */ s) => (s[5] === "A" ? "B" : "A") + s.slice(1);
  function hex() {
    const expires = nowS() + 600;
    return `expires=${expires}&sign=${Buffer.from(signed("watch", "cam", expires), "base64url").toString("hex")}`;
  }
  /** @param {string} secret */
  function bySecret(secret) {
    const expires = nowS() + 600;
    return `expires=${expires}&sign=${signed("watch", "cam", expires, secret)}`;
  }
  /** Signed as it is spelt. @param {(expires: number) => string} spell */
  function spelt(spell) {
    const text = spell(nowS() + 600);
    return `expires=${text}&sign=${signed("watch", "cam", decodeURIComponent(text))}`;
  }

  for (const [name, query, code, says] of attacks)
    test(`${name}: ${code}, by HTTP, HLS and WebSocket`, async () => {
      const from = server.stderr.length;
      for (const path of ["/live/cam", "/live/cam.mp4", "/live/cam/index.m3u8"]) {
        const answer = await ask(`${path}?${query()}`);
        const { error } = await answer.json();
        assert.equal(answer.status, code === "bad-request" ? 400 : 401, path);
        assert.equal(error.code, code);
        assert.match(error.message, says);
      }
      const options = { port: server.port, path: `/live/cam?${query()}`, headers: newcomer() };
      if (code === "bad-request") {
        assert.equal((await RawWs.request(options)).head.status, 400);
      } else {
        const ws = await RawWs.open({ ...options, protocol: "framewire.v1" });
        assert.deepEqual(
          [(await ws.closed()).reason, JSON.parse(ws.messages[0].data.toString()).code],
          [code, code],
        );
      }
      const sign = new URLSearchParams(query()).get("sign") ?? "";
      await until(() => server.stderr.length > from, "a line in the log");
      assert.ok(sign.length < 12 || !server.stderr.includes(sign.slice(0, 12)));
    });

  test("opens what it is for, and nothing else", async () => {
    const query = link();
    for (const path of ["/live/cam", "/live/cam.mp4", "/live/cam.jpg"])
      assert.equal((await ask(`${path}?${query}`)).status, 404, "let in: none is live");
    for (const [path, init] of /** @type {[string, RequestInit][]} */ ([
      ["/api/v1/streams", {}],
      ["/api/v1/streams/cam", {}],
      ["/metrics", {}],
      ["/api/v1/recordings", {}],
      ["/live/other", {}],
      ["/publish/cam", { method: "POST", body: "x" }],
      ["/api/v1/streams/cam/record", { method: "POST", body: "" }],
    ]))
      assert.equal((await ask(`${path}?${query}`, init)).status, 401, path);
    const push = { method: "POST", body: "no media" };
    assert.equal((await ask(`/publish/cam?${link("publish")}`, push)).status, 200);
    assert.equal((await ask(`/publish/cam?${query}`, push)).status, 401);
    for (const action of ["talk", "metrics", "manage", "record"])
      assert.equal((await ask(`/api/v1/streams?${link(action, "")}`)).status, 401, action);
    assert.equal((await ask(`/watch/cam?${query}`)).status, 200);
  });

  test("`framewire token link` makes them, for every kind of player", async () => {
    for (const [as, path] of [
      ["page", "/watch/cam"],
      ["live", "/live/cam"],
      ["mp4", "/live/cam.mp4"],
      ["hls", "/live/cam/index.m3u8"],
    ]) {
      const made = await run(binary(), [
        ...["token", "link", "--key", file, "--watch", "cam", "--ttl", "2h", "--as", as],
        ...["--server", `${server.origin}/`],
      ]);
      assert.equal(made.code, 0, made.stderr);
      const url = new URL(made.stdout.trim());
      assert.equal(url.origin + url.pathname, server.origin + path);
      const expires = Number(url.searchParams.get("expires"));
      assert.ok(expires > nowS() + 7100 && expires <= nowS() + 7200);
      assert.equal(url.searchParams.get("sign"), signed("watch", "cam", expires));
      assert.ok([200, 404].includes((await fetch(url)).status));
    }
    for (const args of [
      ["--watch", "cam", "--publish", "cam"],
      ["--watch", "*"],
      [],
      ["--publish", "cam", "--as", "hls"],
      ["--watch", "cam", "--ttl", "0s"],
      ["--watch", "cam", "--as", "film"],
    ])
      assert.equal((await run(binary(), ["token", "link", "--key", file, ...args])).code, 2);
    const none = await run(binary(), ["token", "link", "--key", `${file}x`, "--watch", "cam"]);
    assert.equal(none.code, 3);
  });

  test("media by WebSocket, curl, .mp4 and HLS, whose playlists carry it on; it ends when it says", async () => {
    publisher = spawn("ffmpeg", [
      ...["-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-t", "60"],
      ...["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "25"],
      ...["-pix_fmt", "yuv420p", "-f", "mpegts"],
      `${server.origin}/publish/cam?${link("publish")}`,
    ]);
    const query = link("watch", "cam", 6);
    const viewer = await V1Viewer.open(server, `cam?${query}`);
    const body = new HttpViewer(server, `cam.mp4?${query}&wait=10`);
    await until(() => viewer.parts.length > 0, "media by WebSocket");
    await body.answered();
    await until(() => body.bytes.length > 0, "media as MP4");
    const long = link();
    const { stdout } = await program("curl", [
      ...["-sS", "-f", `${server.origin}/live/cam/index.m3u8?${long}&wait=15`],
    ]);
    const child = /^(?!#).+$/m.exec(stdout)?.[0] ?? "";
    assert.match(child, new RegExp(`\\?${long}`), stdout);
    const media = await ask(`/live/cam/${child}`);
    assert.equal(media.status, 200);
    const list = await media.text();
    const uris = [...list.matchAll(/URI="([^"]+)"/g)].map(([, uri]) => uri);
    const segments = [...uris, ...list.split("\n").filter((line) => line && line[0] !== "#")];
    assert.ok(segments.length >= 2, list);
    for (const uri of segments) assert.ok(uri.includes(`?${long}`), uri);
    assert.equal((await ask(`/live/cam/${segments[0]}`)).status, 200);
    assert.equal((await ask(`/live/cam/${segments[0].split("?")[0]}`)).status, 401);
    const { code, reason } = await viewer.ws.closed(20_000);
    assert.deepEqual([code, reason], [1008, "token-expired"]);
    await body.ended(20_000);
    assert.equal(body.complete, false, "cut, and not said to be whole");
  });

  test("pages carry it: the watch page plays, and the studio goes live", {
    skip: !chromiumPath() && "no Chromium here",
  }, async () => {
    const browser = await launchChromium();
    const studio = await browser.open();
    await studio.goto(`${server.origin}/publish/paged?${link("publish", "paged")}`);
    await studio.evaluate(`(async () => {
      const { publish } = await import("/framewire.js");
      const canvas = document.createElement("canvas");
      const paint = canvas.getContext("2d");
      setInterval(() => paint.fillRect(0, 0, 50, Math.random() * 100), 30);
      window.publication = publish(canvas, location.href);
      await new Promise((live) => publication.on("state", (state) => state === "live" && live()));
    })()`);
    const watch = await browser.open();
    await watch.goto(`${server.origin}/watch/paged?${link("watch", "paged")}`);
    await until(
      () => watch.evaluate("document.querySelector('framewire-player').player?.mediaTimeUs > 0"),
      "the page to play",
      { ms: 30_000, every: 200 },
    );
    const wrong = await browser.open();
    await wrong.goto(`${server.origin}/watch/paged?${link("watch", "other")}`);
    await until(
      () => wrong.evaluate("!document.querySelector('#keyform').hidden"),
      "the page to ask for a key",
      { ms: 30_000, every: 200 },
    );
    await browser.close();
  });

  test("a reload replaces the keys: the first makes, all are taken", async () => {
    const expires = nowS() + 600;
    const fresh = "another-s3cret-another-s3cret-another";
    const query = `expires=${expires}&sign=${signed("watch", "reloaded", expires, fresh)}`;
    assert.equal((await ask(`/live/reloaded?${query}`)).status, 401);
    writeFileSync(file, `${fresh}\n${SECRET}\n`);
    server.child.kill("SIGHUP");
    await until(async () => (await ask(`/live/reloaded?${query}`)).status === 404, "the new key");
    assert.equal((await ask(`/live/reloaded?${link("watch", "reloaded")}`)).status, 404);
    writeFileSync(file, "short\n");
    server.child.kill("SIGHUP");
    await until(
      () => /reload: --link-key .*stays as it was/.test(server.stderr),
      "that it is said",
    );
    assert.equal((await ask(`/live/reloaded?${query}`)).status, 404);
  });
});

test("without --link-key the two parameters are somebody else's", async () => {
  await Server.with({ flags: [] }, async (server) => {
    assert.equal((await server.fetch("/live/cam?sign=1&sign=2&expires=x")).status, 404);
  });
});
