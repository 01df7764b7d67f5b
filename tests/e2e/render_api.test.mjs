/** POST /api/v1/render: films of pages by the server, what such a page reaches, and what a restart leaves. */
// @alone: browsers that draw every frame take both cores
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Api } from "./lib/api_schema.mjs";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { numbersIn, upTo } from "./lib/counter.mjs";
import { run } from "./lib/decode.mjs";
import { children } from "./lib/proc.mjs";
import { listed, probe, track, withFolder } from "./lib/recordings.mjs";
import { CANVAS, HEIGHT, WIDTH } from "./lib/render_pages.mjs";
import { Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const MINUTES = 300_000;
const SIZE = `${WIDTH}x${HEIGHT}`;
const SHORT = { html: CANVAS, canvas: "#scene", fps: 30, duration: 0.4 };
/** A page whose film never ends by itself. */
const ENDLESS = { html: "<p>x", fps: 60, duration: 3600, size: SIZE };

/** @param {string} dir @param {string[]} [flags] */
const flagsOf = (dir, flags = []) => [
  ...["--record-dir", dir, "--render", "--render-chromium", String(chromiumPath())],
  ...flags,
];
/** @param {string[]} flags @param {(server: Server, api: Api, dir: string) => Promise<any>} use */
const withRenders = (flags, use) =>
  withFolder((dir) =>
    Server.with({ flags: flagsOf(dir, flags) }, async (server) =>
      use(server, await Api.of(server), dir),
    ),
  );

/** @param {Api} api @param {number} id @param {string[]} states @returns {Promise<any>} */
const untilState = (api, id, ...states) =>
  until(
    async () => {
      const { json } = await api.ask("GET", `/api/v1/render/${id}`);
      return states.includes(json.state) && json;
    },
    `film ${id} to be ${states}`,
    { ms: MINUTES, every: 100 },
  );
/** @param {Api} api @param {object} wish */
async function film(api, wish) {
  const { status, json } = await api.ask("POST", "/api/v1/render", wish);
  assert.equal(status, 200, JSON.stringify(json));
  return untilState(api, json.id, "done", "failed");
}

/** A server of the operator's network, which counts who comes.
 * @param {(origin: string, asked: string[]) => Promise<any>} use @param {(url: string) => [number, Record<string, string>, string]} [answer] */
async function withNeighbour(use, answer = () => [200, { "content-type": "text/html" }, "secret"]) {
  /** @type {string[]} */ const asked = [];
  const server = createServer((request, response) => {
    asked.push(String(request.url));
    const [status, headers, body] = answer(String(request.url));
    response.writeHead(status, headers).end(body);
  });
  server.on("upgrade", (request, socket) => {
    asked.push(`socket ${request.url}`);
    socket.destroy();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  try {
    return await use(`http://127.0.0.1:${port}`, asked);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

test("without --render: 409, and in words", async () => {
  await Server.with({}, async (server) => {
    const api = await Api.of(server);
    for (const [method, path, body] of /** @type {[string, string, object?][]} */ ([
      ["GET", "/api/v1/render"],
      ["POST", "/api/v1/render", SHORT],
      ["GET", "/api/v1/render/1"],
      ["DELETE", "/api/v1/render/1"],
    ])) {
      const { status, json } = await api.ask(method, path, body);
      assert.equal(status, 409);
      assert.equal(json.error.code, "not-rendering");
      assert.match(json.error.message, /--render/);
    }
  });
});

test("a film: ordered, followed, among the recordings, every frame of it", async () => {
  await withRenders([], async (server, api, dir) => {
    const events = await fetch(`${server.origin}/api/v1/events?types=render-finish,record-finish`);
    const { status, json } = await api.ask("POST", "/api/v1/render", { ...SHORT, title: "Bars" });
    assert.equal(status, 200);
    assert.deepEqual([json.title, json.format, json.page, json.url], ["Bars", "mp4", null, null]);
    const done = await untilState(api, json.id, "done", "failed");
    assert.equal(done.state, "done", JSON.stringify(done));
    assert.deepEqual(
      [done.frame, done.frames, done.fps, done.width, done.height, done.error, done.said],
      [12, 12, 30, WIDTH, HEIGHT, null, []],
    );
    assert.equal(done.url, `/recordings/render/${json.id}.mp4`);
    assert.deepEqual(await numbersIn(join(dir, "render", `${json.id}.mp4`)), upTo(12));
    const answer = await server.fetch(done.url);
    assert.equal(answer.headers.get("content-type"), "video/mp4");
    assert.equal((await answer.arrayBuffer()).byteLength, done.bytes);
    const [recording] = await listed(server, "render");
    api.hold("Recordings", { recordings: [recording] });
    const { title, state, frames, duration_ms } = /** @type {any} */ (recording);
    assert.deepEqual([title, state, frames, duration_ms], ["Bars", "done", 12, 400]);
    const picture = await server.fetch(String(recording.thumbnail));
    assert.equal(picture.headers.get("content-type"), "image/jpeg");
    const reader = /** @type {ReadableStream} */ (events.body).getReader();
    let text = "";
    for (; !/render-finish[\s\S]*\n\n/.test(text); )
      text += new TextDecoder().decode((await reader.read()).value);
    await reader.cancel();
    const [, data] = /** @type {RegExpExecArray} */ (/event: render-finish\ndata: (.*)/.exec(text));
    assert.equal(JSON.parse(data).data.url, done.url);
    assert.deepEqual(readdirSync(join(dir, ".framewire", ".renders")), [`${json.id}.json`]);
  });
});

test("animated images: served as such, listed with their length, shown by /recordings; --chroma, --bit-depth", async () => {
  await withRenders([], async (server, api, dir) => {
    /** @type {[string, string][]} */
    const kinds = [
      ["gif", "image/gif"],
      ["webp", "image/webp"],
      ["apng", "image/apng"],
      ["avif", "image/avif"],
    ];
    for (const [format, type] of kinds) {
      const done = await film(api, { ...SHORT, fps: 25, format, title: format });
      assert.equal(done.state, "done", JSON.stringify(done));
      assert.equal(done.url, `/recordings/render/${done.id}.${format}`);
      const answer = await server.fetch(done.url);
      assert.equal(answer.headers.get("content-type"), type);
      assert.equal((await answer.arrayBuffer()).byteLength, done.bytes);
      const [recording] = await listed(server, "render");
      api.hold("Recordings", { recordings: [recording] });
      const { state, frames, duration_ms, width, error } = /** @type {any} */ (recording);
      assert.deepEqual(
        [state, frames, duration_ms, width, error],
        ["done", 10, 400, WIDTH, undefined],
      );
    }
    const fine = await film(api, { ...SHORT, chroma: "444", bit_depth: 10 });
    assert.equal(fine.state, "done", JSON.stringify(fine));
    const args = ["-v", "error", "-show_entries", "stream=pix_fmt", "-of", "csv=p=0"];
    const file = join(dir, "render", `${fine.id}.mp4`);
    assert.equal((await run("ffprobe", [...args, file])).stdout.trim(), "yuv444p10le");

    const browser = await launchChromium();
    try {
      const { page } = /** @type {any} */ (await browser.open());
      await page.goto(`${server.origin}/recordings`);
      const posters = page.locator(".tape .poster");
      await posters.nth(4).waitFor();
      for (const at of [1, 2, 3, 4]) {
        await posters.nth(at).click();
        const image = page.locator("#screen img");
        await image.waitFor({ state: "visible" });
        const drawn = async () => image.evaluate((/** @type {any} */ it) => it.naturalWidth);
        await until(async () => (await drawn()) === WIDTH, "the image to be there");
        assert.ok(!(await page.locator("#screen video").isVisible()));
        await page.keyboard.press("Escape");
        await image.waitFor({ state: "hidden" });
      }
      await posters.nth(0).click();
      await page.locator("#screen video").waitFor({ state: "visible" });
      assert.ok(!(await page.locator("#screen img").isVisible()));
    } finally {
      await browser.close();
    }
  });
});

test("sound, transparency, props, a size of its own; MOV and WebM", async () => {
  await withRenders(["--render-workers", "2"], async (_server, api, dir) => {
    const wav = join(dir, ".tone.wav");
    await run("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "sine=d=1", wav]);
    const audio = `data:audio/wav;base64,${readFileSync(wav).toString("base64")}`;
    const html = `<body style="background:#00f8;margin:0">
      <script>if (framewire.render.props.n !== 5) throw new Error("no props");</script>`;
    const wish = { html, duration: 0.5, fps: 10, size: SIZE, alpha: true, props: { n: 5 } };
    const webm = await film(api, { ...wish, format: "webm", audio, workers: 2, seed: 7 });
    assert.equal(webm.state, "done", JSON.stringify(webm));
    const seen = await probe(join(dir, "render", `${webm.id}.webm`));
    assert.equal(track(seen, "video")?.codec, "vp9");
    assert.equal(track(seen, "audio")?.codec, "opus");
    assert.equal(track(seen, "video")?.alpha, 5, "packets with alpha");
    const mov = await film(api, { ...wish, format: "mov" });
    assert.equal(mov.state, "done", JSON.stringify(mov));
    const prores = await probe(join(dir, "render", `${mov.id}.mov`));
    assert.equal(track(prores, "video")?.codec, "prores");
    // The sound of one film in another.
    const again = await film(api, { ...SHORT, audio: `render/${webm.id}.webm` });
    assert.equal(again.state, "done", JSON.stringify(again));
    assert.equal(track(await probe(join(dir, "render", `${again.id}.mp4`)), "audio")?.codec, "aac");
  });
});

test("what is wrong is named: the body, the page by its lines", async () => {
  await withRenders(["--render-body", "4KiB", "--render-size", "1MiB"], async (_server, api) => {
    for (const [body, status, what] of /** @type {[unknown, number, RegExp][]} */ ([
      ["{", 400, /JSON/],
      [{}, 400, /nothing/],
      [{ html: "x", url: "http://a" }, 400, /exclude/],
      [{ html: "x", fps: "60" }, 400, /"fps" is a string, not a number/],
      [{ html: "x", size: "big" }, 400, /"size" is such as 1920x1080/],
      [{ html: "x", colour: 1 }, 400, /no member "colour"/],
      [{ html: "x".repeat(5000) }, 413, /4096 bytes/],
      [{ url: "http://127.0.0.1:1/" }, 403, /--render-origin/],
      [{ url: "file:///etc/passwd" }, 400, /http/],
    ])) {
      const answer = await api.ask("POST", "/api/v1/render", body);
      assert.equal(answer.status, status, JSON.stringify(body).slice(0, 80));
      assert.match(answer.json.error.message, what);
    }
    const thrown = await film(api, {
      html: "<p>one</p>\n<script>\nconsole.warn('careful');\ngone();\n</script>",
      duration: 1,
      size: SIZE,
    });
    assert.equal(thrown.state, "failed");
    assert.equal(thrown.error.code, "page-failed");
    assert.match(thrown.error.message, /page\.html:4:\d+: ReferenceError: gone is not defined/);
    assert.match(thrown.said.join(), /page\.html:3:\d+: careful/);
    const none = await film(api, { html: "<p>x", size: SIZE });
    assert.deepEqual([none.state, none.error.code], ["failed", "bad-wish"]);
    assert.match(none.error.message, /how long is the film/);
    const canvas = await film(api, { html: "<p>x", canvas: "#no", duration: 1, size: SIZE });
    assert.deepEqual([canvas.state, canvas.error.code], ["failed", "not-found"]);
  });
});

describe("what a page reaches", () => {
  /** All ways out that a page has. @param {string} to an origin @param {string} socket */
  const ways = (to, socket) => `<body>
    <img src="${to}/img"><iframe src="${to}/frame"></iframe><link rel=stylesheet href="${to}/css">
    <link rel=preconnect href="${to}"><link rel=prefetch href="${to}/prefetch"><video src="${to}/video"></video>
    <object data="${to}/object"></object><form id=f action="${to}/form" target=_blank></form>
    <iframe src="file:///etc/passwd"></iframe>
    <script>
    fetch("${to}/fetch", { mode: "no-cors" }).catch(() => {});
    fetch("file:///etc/passwd").then(() => { throw new Error("a file was read"); }, () => {});
    navigator.sendBeacon("${to}/beacon");
    const xhr = new XMLHttpRequest(); xhr.open("GET", "${to}/xhr"); xhr.send();
    try { new WebSocket("${socket}/socket"); new EventSource("${to}/events"); } catch {}
    import("${to}/module").catch(() => {});
    new Worker(URL.createObjectURL(new Blob(["fetch('${to}/worker', {mode: 'no-cors'}).catch(() => {})"])));
    try { open("${to}/popup"); f.submit(); } catch {}
    const script = document.createElement("script"); script.src = "${to}/script"; document.body.append(script);
    </script>`;
  const wish = (/** @type {string} */ html) => ({ html, duration: 0.5, fps: 10, size: SIZE });

  test("HTML that was sent: no server, by no way, and no file", async () => {
    await withNeighbour(async (origin, asked) => {
      await withRenders([], async (server, api) => {
        const made = await film(api, wish(ways(origin, origin.replace("http", "ws"))));
        assert.equal(made.state, "done", JSON.stringify(made));
        assert.match(made.said.join("\n"), /kept back: an isolated page may not reach this server/);
        const local = await film(api, wish(ways(server.origin, server.wsOrigin)));
        assert.equal(local.state, "done", JSON.stringify(local));
        assert.deepEqual(asked, []);
        for (const host of ["localhost", "[::1]", "0.0.0.0", "2130706433"]) {
          const other = origin.replace("127.0.0.1", host);
          await film(api, wish(`<img src="${other}/img">`));
        }
        assert.deepEqual(asked, []);
        await film(
          api,
          wish(`<script>setTimeout(() => location = "${origin}/away", 100)</script>`),
        );
        assert.deepEqual(asked, []);
      });
    });
  });

  test("--render-origin: that one, and not where it leads", async () => {
    await withNeighbour(async (other, askedOther) => {
      const page = `<!doctype html><img src="/a.png"><img src="/leads"><img src="${other}/b.png"><p>x`;
      await withNeighbour(
        async (origin, asked) => {
          await withRenders(["--render-origin", origin], async (_server, api) => {
            const url = `${origin}/page?key=1#end`;
            const order = { url, duration: 0.2, fps: 10, size: SIZE };
            const made = await film(api, order);
            assert.equal(made.state, "done", JSON.stringify(made));
            assert.equal(made.page, `${origin}/page`);
            assert.ok(asked.includes("/page?key=1") && asked.includes("/a.png"));
            assert.deepEqual(askedOther, []);
            const gone = await film(api, { ...order, url: `${origin}/gone` });
            assert.deepEqual([gone.state, gone.error.code], ["failed", "not-found"]);
            const away = await film(api, { ...order, url: `${origin}/leads` });
            assert.deepEqual([away.state, away.error.code], ["failed", "unreachable"]);
            assert.match(away.error.message, /kept back/);
            const refused = await api.ask("POST", "/api/v1/render", { ...order, url: other });
            assert.equal(refused.status, 403);
            assert.deepEqual(askedOther, []);
          });
        },
        (url) => {
          if (url === "/leads") return [302, { location: `${other}/led` }, ""];
          if (url === "/gone") return [404, { "content-type": "text/html" }, "gone"];
          return [200, { "content-type": "text/html" }, page];
        },
      );
    });
  });
});

test("one after the other; cancelled; too many; nothing left of them", async () => {
  await withRenders(["--render-queue", "2"], async (server, api, dir) => {
    const begin = async () => (await api.ask("POST", "/api/v1/render", ENDLESS)).json;
    const first = await begin();
    await until(
      async () => (await api.ask("GET", `/api/v1/render/${first.id}`)).json.frame > 3,
      "some frames",
      { ms: MINUTES, every: 100 },
    );
    const running = (await api.ask("GET", `/api/v1/render/${first.id}`)).json;
    assert.equal(running.frames, 216_000);
    assert.ok(running.eta_ms > 0);
    const waiting = [await begin(), await begin()];
    assert.equal((await api.ask("POST", "/api/v1/render", ENDLESS)).status, 503);
    const page = await api.ask("GET", "/api/v1/render?limit=2");
    assert.deepEqual(
      page.json.renders.map((/** @type {any} */ { id }) => id),
      [waiting[1].id, waiting[0].id],
    );
    const rest = await api.ask("GET", `/api/v1/render?limit=2&cursor=${page.json.next}`);
    assert.deepEqual(
      rest.json.renders.map((/** @type {any} */ { id }) => id),
      [first.id],
    );
    assert.equal(rest.json.next, null);
    assert.equal((await api.ask("GET", "/api/v1/render?limit=0")).status, 400);
    for (const { id } of [...waiting, first])
      assert.equal((await api.ask("DELETE", `/api/v1/render/${id}`)).status, 204);
    const { error } = await untilState(api, first.id, "cancelled");
    assert.equal(error.code, "cancelled");
    await until(() => children(server.pid).length === 0, "its process to be gone");
    for (const { id } of [...waiting, first])
      assert.equal((await api.ask("DELETE", `/api/v1/render/${id}`)).status, 204, "forgotten");
    assert.equal((await api.ask("GET", `/api/v1/render/${first.id}`)).status, 404);
    assert.deepEqual(readdirSync(join(dir, ".framewire", ".renders")), []);
    assert.deepEqual(await listed(server), []);
  });
});

test("--render-time", async () => {
  await withRenders(["--render-time", "1s"], async (_server, api) => {
    const late = await film(api, ENDLESS);
    assert.deepEqual([late.state, late.error.code], ["failed", "timed-out"]);
  });
});

test("a restart: the list is as before, what ran or waited has failed", async () => {
  await withFolder(async (dir) => {
    /** @type {number[]} */ let ids = [];
    /** @type {number} */ let child = 0;
    const server = await Server.start({ flags: flagsOf(dir) });
    const api = await Api.of(server);
    const done = await film(api, SHORT);
    for (const _ of [1, 2]) ids.push((await api.ask("POST", "/api/v1/render", ENDLESS)).json.id);
    await untilState(api, ids[0], "running");
    child = await until(() => children(server.pid)[0], "its process");
    process.kill(server.pid, "SIGKILL");
    await server.exited;
    await until(() => !existsSync(`/proc/${child}`), "its process to end");
    ids = [ids[1], ids[0], done.id];
    await Server.with({ flags: flagsOf(dir) }, async (again) => {
      const its = await Api.of(again);
      const { json } = await its.ask("GET", "/api/v1/render");
      assert.deepEqual(
        json.renders.map((/** @type {any} */ r) => [r.id, r.state, r.error?.code]),
        [
          [ids[0], "failed", "interrupted"],
          [ids[1], "failed", "interrupted"],
          [ids[2], "done", undefined],
        ],
      );
      assert.equal((await again.fetch(json.renders[2].url)).status, 200);
      assert.ok((await its.ask("POST", "/api/v1/render", SHORT)).json.id > ids[0]);
    });
    // Stopped in good order while one is made.
    await Server.with({ flags: flagsOf(dir) }, async (third) => {
      const its = await Api.of(third);
      const { json } = await its.ask("POST", "/api/v1/render", ENDLESS);
      await untilState(its, json.id, "running");
    });
  });
});

test("it takes a key that may manage", async () => {
  const keys = ["--publish-key", "boss", "--watch-key", "guest"];
  await withRenders(keys, async (server) => {
    for (const [key, status] of /** @type {[string, number][]} */ ([
      ["", 401],
      ["guest", 401],
      ["boss", 200],
    ])) {
      const headers = key ? { authorization: `Bearer ${key}` } : undefined;
      assert.equal((await server.fetch("/api/v1/render", { headers })).status, status, key);
    }
  });
});
