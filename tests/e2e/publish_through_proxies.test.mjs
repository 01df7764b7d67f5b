/**
 * framewire publish and watch where proxies let no WebSocket through, hold a request back until it is whole, or refuse
 * one that is long: what comes out at a viewer of the server is the film, byte by byte.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { BlockingProxy } from "./lib/blocking_proxy.mjs";
import { run } from "./lib/decode.mjs";
import { HoldingProxy } from "./lib/holding_proxy.mjs";
import { mediaPath } from "./lib/media.mjs";
import { FrontProxy, isInstalled } from "./lib/proxy.mjs";
import { binary, Server } from "./lib/server.mjs";
import { until as untilWithin } from "./lib/wait.mjs";

const FILM = mediaPath("chromium-vp8-opus-camera.webm");
/** nginx with what one finds in its manual's first example. */
const PLAIN_NGINX = "server { listen 443; location / { proxy_pass http://127.0.0.1:8080; } }";

/** Films take seconds, and so does finding out that nothing arrives. @param {() => any} ask @param {string} what */
const until = (ask, what) => untilWithin(ask, what, { ms: 60_000 });

/** @type {string} */ let folder;
/** @type {Server} */ let server;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "framewire-proxies-"));
  server = await Server.start({ flags: ["--open"] });
});
after(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** @param {string[]} args */
const framewire = (args) => run(binary(), args, null, 120_000);
/** @param {string} file */
const sha256 = (file) => createHash("sha256").update(readFileSync(file)).digest("hex");
/** @param {string} file */
const sizeOf = (file) => (existsSync(file) ? statSync(file).size : 0);

/** One who watches, alone, and has come by now. @param {string} origin @param {string} stream */
async function watching(origin, stream, at = server) {
  const viewers = () => at.metric('framewire_viewers{mode="http"}');
  await until(async () => !((await viewers()) > 0), "those of before to be gone");
  const out = join(folder, stream);
  const done = framewire(["watch", `${origin}/live/${stream}`, "--wait", "60s", "-o", out]);
  await until(async () => (await viewers()) === 1, "the viewer");
  return { out, done };
}

/** The film is published like that, and comes out of the server as it is. @param {string} origin @param {string} stream @param {string} film @param {string[]} [how] */
async function arrives(origin, stream, film, how = []) {
  const { out, done } = await watching(server.origin, stream);
  const sent = await framewire(["publish", film, `${origin}/publish/${stream}`, ...how]);
  assert.equal(sent.code, 0, sent.stderr);
  assert.equal((await done).code, 0);
  assert.equal(sha256(out), sha256(film));
  return sent.stderr;
}

describe("a proxy that passes a body on as it comes, and no WebSocket", () => {
  /** @type {BlockingProxy} */ let proxy;
  before(async () => (proxy = await BlockingProxy.start(server.port)));
  after(() => proxy.stop());

  test("one request takes all of it", async () => {
    const said = await arrives(proxy.origin, "passed", FILM);
    assert.match(said, /done: .* transport body\n$/);
    assert.equal(proxy.methods.filter((method) => method === "POST").length, 1);
  });

  test("what is watched through it is the film", async () => {
    const { out, done } = await watching(proxy.origin, "seen");
    const to = `${server.origin}/publish/seen`;
    assert.equal((await framewire(["publish", "--fast", FILM, to])).code, 0);
    assert.equal((await done).code, 0);
    assert.equal(sha256(out), sha256(FILM));
  });
});

describe("a proxy that holds a request back until it is whole", () => {
  /** @type {HoldingProxy} */ let proxy;
  before(async () => (proxy = await HoldingProxy.start(server.port)));
  after(() => proxy.stop());

  test("a film is live while it is sent, by short requests", async () => {
    const sending = arrives(proxy.origin, "held", FILM);
    await until(async () => (await server.describe("held"))?.state === "live", "the stream");
    const said = await sending;
    assert.match(said, /holds it; going on by short ones \(transport posts\)/);
    assert.match(said, /done: .* 249164 bytes, transport posts\n$/);
    const bodies = proxy.requests.filter((line) =>
      /POST \/publish\/held(\?(?!over=http).*)?$/.test(line),
    );
    assert.deepEqual(bodies, [], "the long one was given up, and published nothing");
  });

  test("connections that break in the middle lose nothing", async () => {
    const out = join(folder, "cut");
    const sending = arrives(proxy.origin, "cut", FILM, ["--transport", "posts"]);
    for (const bytes of [40_000, 120_000, 180_000]) {
      await until(() => sizeOf(out) > bytes, `${bytes} bytes`);
      proxy.cut();
    }
    assert.match(await sending, /trying again/);
  });

  test("what is watched through it goes on after a cut", async () => {
    const { out, done } = await watching(proxy.origin, "resumed");
    const sending = framewire(["publish", FILM, `${server.origin}/publish/resumed`]);
    await until(() => sizeOf(out) > 60_000, "bytes");
    proxy.cut();
    const watched = await done;
    assert.equal(watched.code, 0, watched.stderr);
    assert.match(watched.stderr, /trying again/);
    assert.equal((await sending).code, 0);
    assert.ok(sizeOf(out) > 200_000);
  });

  test("Ctrl-C ends the stream in good order, with whole parts", async () => {
    const { out, done } = await watching(server.origin, "stopped");
    const to = `${proxy.origin}/publish/stopped`;
    const child = spawn(binary(), ["publish", FILM, to, "--loop", "--transport", "posts"]);
    const ended = new Promise((resolve) => child.on("close", resolve));
    await until(() => sizeOf(out) > 100_000, "bytes");
    child.kill("SIGINT");
    assert.equal(await ended, 0);
    // A stream that lingers for a lost publisher would keep the watcher.
    assert.equal((await done).code, 0);
    const verified = await framewire(["verify", out, "--json"]);
    assert.deepEqual(JSON.parse(verified.stdout).faults, []);
  });

  test("a title, and stdin that comes late", async () => {
    const to = `${proxy.origin}/publish/titled`;
    const child = spawn(binary(), ["publish", "-", to, "--title", "A & B", "--transport", "posts"]);
    const ended = new Promise((resolve) => child.on("close", resolve));
    const film = readFileSync(FILM);
    child.stdin.write(film.subarray(0, 100_000));
    await until(async () => (await server.describe("titled"))?.title === "A & B", "the title");
    child.stdin.end(film.subarray(100_000));
    assert.equal(await ended, 0);
  });

  test("a refused key, and a name that is taken, end it with 4", async () => {
    await Server.with({ flags: ["--publish-key", "right"] }, async (guarded) => {
      const before = await HoldingProxy.start(guarded.port);
      const to = `${before.origin}/publish/cam`;
      const args = ["publish", "--fast", FILM, to, "--transport", "posts"];
      const wrong = await framewire([...args, "--token", "wrong"]);
      assert.equal(wrong.code, 4, wrong.stderr);
      assert.match(wrong.stderr, /unauthorized/);
      const right = await framewire([...args, "--token", "right"]);
      assert.equal(right.code, 0, right.stderr);
      const first = spawn(binary(), ["publish", FILM, to, "--loop", "--token", "right"]);
      const ended = new Promise((resolve) => first.on("close", resolve));
      await until(() => guarded.describe("cam"), "the first one");
      const taken = await framewire([...args, "--token", "right"]);
      assert.equal(taken.code, 4);
      assert.match(taken.stderr, /stream-taken/);
      first.kill("SIGINT");
      assert.equal(await ended, 0);
      await before.stop();
    });
  });

  test("a server that comes back is published to anew", async () => {
    const first = await Server.start({});
    const at = new URL(first.origin).host;
    const to = `http://${at}/publish/again`;
    const sending = framewire(["publish", FILM, to, "--transport", "posts"]);
    await until(() => first.describe("again"), "the stream");
    await first.stop();
    const second = await Server.start({ listen: at });
    try {
      const { out, done } = await watching(second.origin, "again", second);
      const sent = await sending;
      assert.equal(sent.code, 0, sent.stderr);
      assert.match(sent.stderr, /trying again/);
      assert.equal((await done).code, 0);
      const verified = await framewire(["verify", out, "--json"]);
      assert.deepEqual(JSON.parse(verified.stdout).faults, []);
    } finally {
      await second.stop();
    }
  });
});

test("a proxy that refuses long requests: short ones take over, from the first byte", async () => {
  const film = mediaPath("firefox-vp8-canvas.webm");
  const proxy = await HoldingProxy.start(server.port, { most: 300_000 });
  const said = await arrives(proxy.origin, "long", film, ["--fast"]);
  assert.match(said, /refused on the way \(413\); going on by short ones/);
  await proxy.stop();
});

test("--transport body stays with one request, and says what refused it", async () => {
  const film = mediaPath("firefox-vp8-canvas.webm");
  const proxy = await HoldingProxy.start(server.port, { most: 300_000 });
  const to = `${proxy.origin}/publish/body`;
  const sent = await framewire(["publish", "--fast", film, to, "--transport", "body"]);
  assert.equal(sent.code, 4);
  assert.match(sent.stderr, /413/);
  await proxy.stop();
});

describe("behind nginx as it is by default", { skip: !isInstalled("nginx") && "no nginx" }, () => {
  /** @type {FrontProxy} */ let proxy;
  before(async () => {
    proxy = await FrontProxy.start("nginx", server.port, () => PLAIN_NGINX);
  });
  after(() => proxy.stop());
  const origin = () => `http://127.0.0.1:${proxy.port}`;

  test("a film is live while it is sent", async () => {
    const sending = arrives(origin(), "nginx", FILM);
    await until(async () => (await server.describe("nginx"))?.state === "live", "the stream");
    assert.match(await sending, /transport posts\n$/);
  });

  test("more than it takes in one request", async () => {
    const film = join(folder, "long.ts");
    const ts = readFileSync(mediaPath("../made/avc1-aac.ts"));
    const rounds = Math.ceil((3 << 20) / ts.length);
    writeFileSync(film, Buffer.concat(Array.from({ length: rounds }, () => ts)));
    const said = await arrives(origin(), "nginx-long", film, ["--fast"]);
    assert.match(said, /refused on the way \(413\)/);
  });

  test("a server that restarts behind it is waited for", async () => {
    const first = await Server.start({ flags: ["--open"] });
    const before = await FrontProxy.start("nginx", first.port, () => PLAIN_NGINX);
    const to = `http://127.0.0.1:${before.port}/publish/cam`;
    const sending = framewire(["publish", FILM, to, "--transport", "posts"]);
    await until(() => first.describe("cam"), "the stream");
    await first.stop();
    await new Promise((resolve) => setTimeout(resolve, 1_500)); // so that a try meets nobody
    const second = await Server.start({ flags: ["--open"], listen: `127.0.0.1:${first.port}` });
    try {
      const { code, stderr } = await sending;
      assert.equal(code, 0, stderr);
      assert.match(stderr, /trying again/);
    } finally {
      await before.stop();
      await second.stop();
    }
  });

  test("what is watched through it is the film", async () => {
    const { out, done } = await watching(origin(), "nginx-seen");
    const to = `${server.origin}/publish/nginx-seen`;
    assert.equal((await framewire(["publish", "--fast", FILM, to])).code, 0);
    assert.equal((await done).code, 0);
    assert.equal(sha256(out), sha256(FILM));
  });
});
