/** --auth-url: the operator's own server says who may; what it says, when it says nothing, and who waits for it. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { HookServer } from "./lib/hook_server.mjs";
import { container } from "./lib/media.mjs";
import { HttpPublisher, V1Publisher } from "./lib/publisher.mjs";
import { RawWs } from "./lib/raw_ws.mjs";
import { Server } from "./lib/server.mjs";
import { newcomer, nowS, right } from "./lib/tokens.mjs";
import { BareViewer, HttpViewer, V1Viewer } from "./lib/viewer.mjs";
import { sleep, until } from "./lib/wait.mjs";

const film = container("chromium-vp8-opus-camera.webm");
const curl = promisify(execFile);

/** What the hook says to each token. @type {Record<string, (asked: any) => import('./lib/hook_server.mjs').Say>} */
const SAYS = {
  good: () => ({ status: 204 }),
  named: () => ({ body: { name: "Anna", metadata: { team: "red" } } }),
  listed: () => ({ body: { rights: [right("watch", "room/*"), { action: "metrics" }] } }),
  short: () => ({ body: { expires: nowS() + 2 } }),
  past: () => ({ body: { expires: nowS() - 1 } }),
  kept: () => ({ headers: { "Cache-Control": "private, max-age=600" } }),
  keptno: () => ({ status: 403, headers: { "Cache-Control": "max-age=600" } }),
  wrong: () => ({ status: 401 }),
  poor: () => ({ status: 403, body: { message: "the fee is not paid" } }),
  moved: () => ({ status: 302, headers: { Location: "/s3cret-elsewhere" } }),
  broken: () => ({ status: 500, body: "s3cret stack" }),
  page: () => ({ body: "<!doctype html><title>Log in</title>" }),
  garbage: () => ({ body: "\u0000\u0001 s3cret" }),
  array: () => ({ body: [] }),
  mistyped: () => ({ body: { right: [] } }),
  empty: () => ({ body: { rights: [] } }),
  flying: () => ({ body: { rights: [right("fly", "*")] } }),
  long: () => ({ body: `{"name":"${"x".repeat(20_000)}"}` }),
  headers: () => ({ headers: { "X-Long": "x".repeat(15_000), "X-More": "x".repeat(15_000) } }),
  cut: () => ({ cut: true }),
  slow: () => ({ afterMs: 2_000 }),
  never: () => ({ never: true }),
};

describe("a server with --auth-url", () => {
  /** @type {HookServer} */ let hook;
  /** @type {Server} */ let server;
  before(async () => {
    hook = await HookServer.start((asked) =>
      (SAYS[asked.token] ?? (() => ({ status: 401 })))(asked),
    );
    server = await Server.start({
      flags: [
        ...["--auth-url", hook.url, "--trust-proxy", "127.0.0.1", "--publish-key", "static"],
        ...["--log-level", "debug", "--auth-timeout", "4s"],
      ],
    });
  });
  after(async () => {
    await server.stop();
    hook.stop();
    assert.deepEqual(hook.wrong, []);
    assert.ok(!server.stderr.includes("s3cret"), "nothing that is secret is in the log");
  });

  /** @param {string} token @param {'parameter' | 'header'} way @param {string} [path] @param {RequestInit} [init] */
  const ask = (token, way, path = "/live/cam", init = {}) =>
    server.fetch(way === "parameter" ? `${path}?token=${token}` : path, {
      ...init,
      headers: {
        ...newcomer(),
        ...(way === "header" && { Authorization: `Bearer ${token}` }),
      },
    });

  test("tells it who asks for what, and how", async () => {
    const from = hook.asked.length;
    const headers = { ...newcomer(), "User-Agent": 'a "browser"' };
    await server.fetch("/live/room/1.mp4?token=a%20b&room=7&wait=0&_HLS_msn=3", { headers });
    const { connection, ...asked } = hook.asked[from];
    assert.match(connection, /^\d+-\d+$/);
    assert.deepEqual(asked, {
      action: "watch",
      stream: "room/1",
      protocol: "http",
      token: "a b",
      address: headers["X-Forwarded-For"],
      user_agent: 'a "browser"',
      query: [
        ["room", "7"],
        ["wait", "0"],
      ],
    });
    await server.fetch("/publish/cam", { method: "POST", body: "x", headers: newcomer() });
    assert.deepEqual(
      [hook.asked[from + 1].action, hook.asked[from + 1].token],
      ["publish", null],
      "who shows nothing is asked about, too",
    );
    await assert.rejects(RawWs.open({ port: server.port, path: "/live/cam?token=x" }));
    assert.equal(hook.asked[from + 2].protocol, "websocket");
  });

  /** Token, status, code, what the message says. @type {[string, number, string, RegExp][]} */
  const rows = [
    ["wrong", 401, "unauthorized", /not taken/],
    ["poor", 403, "forbidden", /no right "watch" here: the fee is not paid/],
    ["past", 401, "token-expired", /expired/],
    ["moved", 503, "auth-failed", /no answer of use/],
    ["broken", 503, "auth-failed", /no answer of use/],
    ["page", 503, "auth-failed", /no answer of use/],
    ["garbage", 503, "auth-failed", /no answer of use/],
    ["array", 503, "auth-failed", /no answer of use/],
    ["mistyped", 503, "auth-failed", /no answer of use/],
    ["empty", 503, "auth-failed", /no answer of use/],
    ["flying", 503, "auth-failed", /no answer of use/],
    ["long", 503, "auth-failed", /no answer of use/],
    ["headers", 503, "auth-failed", /no answer of use/],
    ["cut", 503, "auth-failed", /no answer of use/],
    ["never", 503, "auth-timed-out", /in time/],
  ];
  for (const [token, status, code, says] of rows)
    for (const way of /** @type {const} */ (["parameter", "header"]))
      test(`"${token}" as ${way}: ${status} ${code}`, async () => {
        const answer = await ask(token, way);
        const { error } = await answer.json();
        assert.deepEqual([answer.status, error.code], [status, code]);
        assert.match(error.message, says);
        assert.equal(answer.headers.get("retry-after"), status === 503 ? "5" : null);
        const ws = await RawWs.open({
          ...{ port: server.port, protocol: "framewire.v1", headers: newcomer() },
          path: `/live/cam?token=${token}`,
        });
        const closed = await ws.closed();
        assert.deepEqual([closed.code, closed.reason], [status === 503 ? 1013 : 1008, code]);
        assert.match(JSON.parse(ws.messages[0].data.toString()).message, says);
      });

  test("admits to what it names, and by itself to what was asked for", async () => {
    assert.equal((await ask("good", "header")).status, 404, "let in: none is live");
    assert.equal((await ask("listed", "header", "/live/room/1")).status, 404);
    assert.equal((await ask("listed", "header", "/api/v1/streams")).status, 200);
    assert.equal((await ask("listed", "header", "/live/cam")).status, 401);
    assert.equal((await ask("slow", "header")).status, 404, "after 2 s");
    assert.equal(
      (await ask("static", "header", "/live/cam")).status,
      401,
      "a key is not asked about",
    );
    assert.ok(!hook.asked.some((one) => one.token === "static"));
  });

  test("is obeyed for as long as it says, and asked each time else", async () => {
    const headers = newcomer();
    for (const [token, status] of /** @type {[string, number][]} */ ([
      ["kept", 404],
      ["keptno", 403],
      ["good", 404],
    ])) {
      const from = hook.asked.length;
      // One connection: each loop keeps its own.
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
      for (let n = 0; n < 4; n += 1) {
        const request = http.get(`${server.origin}/live/cam?token=${token}&_HLS_msn=${n}`, {
          ...{ agent, headers },
        });
        const [response] = await once(request, "response");
        response.resume();
        await once(response, "end");
        assert.equal(response.statusCode, status);
      }
      agent.destroy();
      const asked = hook.asked.length - from;
      assert.ok(token === "good" ? asked === 4 : asked <= 4, `${token}: ${asked}`);
    }
  });

  test("media goes through, to real clients: curl publishes, curl and WebSockets watch", async () => {
    const push = curl("curl", [
      ...["-sS", "-H", "Authorization: Bearer good", "-T", "-", "-H", "Expect:"],
      `${server.origin}/publish/real`,
    ]);
    push.child.stdin?.write(film.chunks[0]);
    const viewer = await V1Viewer.open(server, "real?token=good");
    const bare = await BareViewer.open(server, "real?token=good");
    const watch = curl(
      "curl",
      ["-sS", "-N", "-m", "20", `${server.origin}/live/real?wait=10&token=good`],
      { encoding: "buffer" },
    );
    await until(() => hook.asked.filter((one) => one.stream === "real").length >= 4, "all asked");
    await sleep(300);
    for (const chunk of film.chunks.slice(1)) push.child.stdin?.write(chunk);
    push.child.stdin?.end();
    assert.match((await push).stdout, /received_bytes/);
    const all = Buffer.concat(film.chunks);
    assert.ok((await watch).stdout.equals(all), "byte for byte");
    await bare.ended();
    assert.ok(bare.bytes.equals(all));
    assert.ok(viewer.bytes.equals(all));
  });

  test("who somebody is, is shown to others in the side channel", async () => {
    const publisher = await V1Publisher.open(server, "talk", film.hello, {
      path: "/publish/talk?token=named",
    });
    await publisher.send(film.chunks[0]);
    const viewer = await V1Viewer.open(server, "talk?token=good");
    await publisher.ws.sendText({ type: "message", data: "hello", name: "Boss" });
    const said = await viewer.untilSaid("message");
    assert.deepEqual([said.name, said.user], ["Boss", { name: "Anna", metadata: { team: "red" } }]);
    await viewer.ws.sendText({ type: "message", data: "hi", user: { name: "Anna" } });
    assert.equal((await viewer.untilSaid("message", 2)).user, undefined, "nobody says so itself");
    await publisher.end();
  });

  test("pages are let in, or told why", {
    skip: !chromiumPath() && "no Chromium here",
  }, async () => {
    const browser = await launchChromium();
    const page = await browser.open();
    await page.goto(`${server.origin}/watch/paged?token=good`);
    const said = await page.evaluate(`(async () => {
      const { publish, subscribe } = await import("/framewire.js");
      const why = async (token) => (await subscribe("/watch/paged", { token }).closed).code;
      const from = publish("/publish/paged?token=good", { format: "binary" });
      await new Promise((live) => from.on("state", (state) => state === "live" && live()));
      const to = subscribe("/watch/paged", { token: "good" });
      const got = new Promise((then) => to.on("message", ({ init, data }) => init || then(data.byteLength)));
      const timer = setInterval(() => from.send(new Uint8Array(100)), 50);
      const bytes = await got;
      clearInterval(timer);
      const again = subscribe("/watch/paged", { token: "broken" });
      const lost = new Promise((then) => again.on("state", (state) => state === "reconnecting" && then(state)));
      return { bytes, poor: await why("poor"), wrong: await why("wrong"), broken: await lost };
    })()`);
    assert.deepEqual(said, {
      bytes: 100,
      poor: "forbidden",
      wrong: "unauthorized",
      broken: "reconnecting",
    });
    await browser.close();
  });

  test("what it lets in ends when it says, and is renewed by another token", async () => {
    const publisher = await V1Publisher.open(server, "ends", film.hello, {
      path: "/publish/ends?token=good",
    });
    await publisher.send(film.chunks[0]);
    const [ends, renewed] = [
      await V1Viewer.open(server, "ends?token=short"),
      await V1Viewer.open(server, "ends?token=short"),
    ];
    assert.ok((await renewed.untilSaid("token")).valid_ms <= 2000);
    await renewed.ws.sendText({ type: "token", token: "good" });
    assert.equal((await renewed.untilSaid("token", 2)).valid_ms, null);
    const { code, reason } = await ends.ws.closed();
    assert.deepEqual([code, reason], [1008, "token-expired"]);
    await renewed.ws.sendText({ type: "message", data: "still here" });
    await renewed.untilSaid("message");
    await publisher.end();
  });
});

test("an answer that is cut off before its body admits nobody", async () => {
  /** What it says, and whether that is all of an answer. @type {[string, boolean][]} */
  const answers = [
    ["HTTP/1.1 200 OK\r\n\r\n", false],
    ["HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", false],
    ["HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n  ", false],
    ['HTTP/1.1 200 OK\r\n\r\n{"rights":[', false],
    ["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{}", false],
    ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", false],
    ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", false],
    ["HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true],
    ["HTTP/1.1 204 No Content\r\n\r\n", true],
    ["HTTP/1.1 200 OK\r\n\r\n{}", true],
    ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", true],
  ];
  let says = "";
  const hook = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(says));
  });
  await new Promise((resolve) => hook.listen(0, "127.0.0.1", () => resolve(null)));
  const { port } = /** @type {net.AddressInfo} */ (hook.address());
  await Server.with({ flags: ["--auth-url", `http://127.0.0.1:${port}/`] }, async (server) => {
    for (const [text, whole] of answers) {
      says = text;
      assert.equal((await server.fetch("/live/cam")).status, whole ? 404 : 503, text);
    }
  });
  hook.close();
});

test("with --open-watch good tokens are no wrong ones, and bad ones keep nobody out", async () => {
  const hook = await HookServer.start(({ token }) =>
    token === "good" ? { body: { name: "Anna" } } : { status: 401 },
  );
  const flags = ["--auth-url", hook.url, "--open-watch", "--wrong-keys", "5"];
  await Server.with({ flags: [...flags, "--publish-key", "p"] }, async (server) => {
    for (let n = 0; n < 12; n += 1)
      for (const token of ["good", "p", "stale"])
        assert.equal((await server.fetch(`/live/cam?token=${token}`)).status, 404, `${token} ${n}`);
    assert.ok(hook.asked.some(({ token }) => token === "good"));
    const publisher = await V1Publisher.open(server, "cam", film.hello, {
      headers: { Authorization: "Bearer p" },
    });
    const viewer = await V1Viewer.open(server, "cam?token=good");
    await viewer.ws.sendText({ type: "message", data: "hello" });
    assert.equal((await publisher.untilSaid("message")).user.name, "Anna");
    for (let n = 0; n < 5; n += 1) await server.fetch(`/live/none?token=guess${n}`);
    assert.equal((await server.fetch("/live/none?token=good")).status, 429, "guesses are");
    await viewer.ws.close(1000);
    await publisher.end();
  });
  hook.stop();
});

describe("a server that says who may and is not there", () => {
  test("refuses, says so once, and again when it is back", async () => {
    const hook = await HookServer.start(() => ({}));
    const { url } = hook;
    const port = Number(new URL(url).port);
    hook.stop();
    await Server.with({ flags: ["--auth-url", url] }, async (server) => {
      for (let n = 0; n < 3; n += 1) {
        const answer = await server.fetch("/live/cam");
        assert.equal((await answer.json()).error.code, "auth-failed");
      }
      assert.equal(server.stderr.match(/requests are refused/g)?.length, 1);
      hook.server.listen(port, "127.0.0.1");
      await once(hook.server, "listening");
      assert.equal((await server.fetch("/live/cam")).status, 404);
      await until(() => /answers again/.test(server.stderr), "that it is said");
      assert.equal((await server.fetch("/watch/cam")).status, 200, "pages are anybody's");
      assert.ok(!server.stderr.includes("s3cret"));
    });
    hook.stop();
  });

  test("a reload names another one", async () => {
    const [one, other] = [
      await HookServer.start(() => ({})),
      await HookServer.start(() => ({ status: 403 })),
    ];
    const { mkdtempSync, rmSync, writeFileSync } = await import("node:fs");
    const folder = mkdtempSync("/tmp/framewire-hook-");
    const file = `${folder}/fw.toml`;
    writeFileSync(file, `auth-url = "${one.url}"\n`);
    await Server.with({ flags: ["--config", file] }, async (server) => {
      assert.equal((await server.fetch("/live/cam")).status, 404);
      writeFileSync(file, `auth-url = "${other.url}"\n`);
      server.child.kill("SIGHUP");
      await until(async () => (await server.fetch("/live/cam")).status === 403, "the other one");
    });
    rmSync(folder, { recursive: true });
    one.stop();
    other.stop();
  });

  for (const url of ["http://example.org/may", "ftp://127.0.0.1/", "https://a:b@127.0.0.1/", "may"])
    test(`${url} is refused at the start`, async () => {
      const server = new Server({ flags: ["--auth-url", url] });
      assert.equal((await server.ended()).code, 2);
      assert.match(server.stderr, /--auth-url/);
    });
});

test("1,000 wait for one that never answers: the streams beside them lose nothing, the rest is refused", async () => {
  const hook = await HookServer.start(({ token }) =>
    token === "good" ? {} : token === "slow" ? { afterMs: 2_000 } : { never: true },
  );
  const flags = ["--auth-url", hook.url, "--auth-parallel", "8", "--auth-queue", "900"];
  await Server.with({ flags: [...flags, "--publish-key", "p"] }, async (server) => {
    const publisher = new HttpPublisher(server, "live", { method: "PUT", query: "?token=p" });
    const watcher = new HttpViewer(server, "live?wait=15&token=good");
    await publisher.send(film.chunks[0]);
    await watcher.answered();
    const waiting = Array.from({ length: 1000 }, (_, n) =>
      server.fetch(`/live/cam?token=never${n}`).then(async (answer) => ({
        status: answer.status,
        code: (await answer.json()).error.code,
      })),
    );
    await until(() => hook.open === 8, "as many as may be asked at a time");
    assert.equal(hook.most, 8);
    for (const chunk of film.chunks.slice(1)) await publisher.send(chunk);
    const sent = Buffer.concat(film.chunks);
    await until(() => watcher.bytes.length === sent.length, "all of it, while they wait");
    assert.ok(watcher.bytes.equals(sent));
    const answers = await Promise.all(waiting);
    const codes = new Set(answers.map(({ status, code }) => `${status} ${code}`));
    assert.deepEqual([...codes].sort(), ["503 auth-timed-out", "503 overloaded"]);
    const refused = answers.filter(({ code }) => code === "overloaded").length;
    assert.ok(refused >= 92, `${refused} found no room`);
    await until(() => hook.open === 0, "nobody to be asked about any more");
    assert.equal((await server.fetch("/live/cam?token=slow")).status, 404, "and it goes on");
    publisher.cut();
    watcher.cut();
  });
  hook.stop();
});
