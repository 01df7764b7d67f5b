/** Behind a proxy: whose word on the client's address is taken, and what an open server says of it. */
import assert from "node:assert/strict";
import net from "node:net";
import { after, before, describe, test } from "node:test";
import tls from "node:tls";
import { container } from "./lib/media.mjs";
import { HttpPublisher } from "./lib/publisher.mjs";
import { RawWs } from "./lib/raw_ws.mjs";
import { Server } from "./lib/server.mjs";
import { until, within } from "./lib/wait.mjs";

const SIGNATURE = Buffer.from("0d0a0d0a000d0a515549540a", "hex");
/** @param {string} source @param {Buffer} [extra] */
const proxyV2 = (source, extra = Buffer.alloc(0)) => {
  const fixed = Buffer.from([0x21, 0x11, 0, 12 + extra.length]);
  const rest = Buffer.from([
    ...source.split(".").map(Number),
    127,
    0,
    0,
    1,
    0x12,
    0x34,
    0x1f,
    0x90,
  ]);
  return Buffer.concat([SIGNATURE, fixed, rest, extra]);
};

/** What is answered until the end. @param {Server} server @param {(Buffer | string)[]} pieces */
function ask(server, pieces) {
  const socket = net.connect(server.port, "127.0.0.1");
  let answer = "";
  socket.on("data", (chunk) => (answer += chunk)).on("error", () => {});
  const closed = new Promise((resolve) => socket.on("close", resolve));
  (async () => {
    for (const piece of pieces) {
      socket.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  return within(closed, "the answer's end", 15_000).then(() => answer);
}
const BAD = ["GET /live/.bad HTTP/1.1", "Host: localhost", "Connection: close"];
/** A request that is refused, and so logged. @param {string[]} [lines] */
const refused = (lines = []) => [...BAD, ...lines, "", ""].join("\r\n");
/** @param {Server} server @param {string} who */
const logs = (server, who) =>
  until(() => server.stderr.includes(`${who}: refused, bad-name`), `${who} in: ${server.stderr}`);
/** @param {Server} server @param {string} client @param {string} [path] */
const viewer = (server, client, path = "/live/cam") =>
  RawWs.request({ port: server.port, path, headers: { "X-Forwarded-For": client } });

describe("--trust-proxy", () => {
  /** @type {Server} */ let server;
  before(async () => {
    server = await Server.start({
      flags: [
        ...["--trust-proxy", "127.0.0.0/8", "--trust-proxy", "10.0.0.7"],
        ...["--max-connections-per-address", "2", "--publish-key", "k"],
        ...["--handshake-timeout", "1s"],
      ],
    });
  });
  after(() => server.stop());

  test("the log has the client's address", async () => {
    await ask(server, [refused(["X-Forwarded-For: 6.6.6.6, 203.0.113.9, 10.0.0.7"])]);
    await logs(server, "203.0.113.9");
    await ask(server, [refused()]);
    await logs(server, "127.0.0.1");
    assert.doesNotMatch(server.stderr, /6\.6\.6\.6/);
  });

  test("the limit of an address is each client's, not the proxy's", async () => {
    const open = [];
    for (const client of ["198.51.100.1", "198.51.100.2", "198.51.100.3"])
      for (let n = 0; n < 2; n += 1) open.push(await viewer(server, client));
    assert.deepEqual(new Set(open.map((ws) => ws.head.status)), new Set([101]));
    const third = await viewer(server, "198.51.100.2");
    assert.equal(third.head.status, 503);
    for (const ws of open) ws.socket.destroy();
    await until(
      async () => (await viewer(server, "198.51.100.2")).head.status === 101,
      "room for it again",
    );
  });

  test("20 wrong keys stop one client, and nobody else behind the proxy", async () => {
    const key = async (/** @type {string} */ client) =>
      (
        await server.fetch("/publish/cam", {
          method: "POST",
          body: "x",
          headers: { "X-Forwarded-For": client, Authorization: "Bearer wrong" },
        })
      ).status;
    for (let n = 0; n < 20; n += 1) assert.equal(await key("198.51.100.20"), 401);
    assert.equal(await key("198.51.100.20"), 429);
    assert.equal(await key("198.51.100.21"), 401);
  });

  const [first, second, third, fourth] = [31, 32, 33, 34].map((n) => `203.0.113.${n}`);
  for (const [name, who, pieces] of /** @type {[string, string, (Buffer | string)[]][]} */ ([
    ["at once", first, [Buffer.concat([proxyV2(first), Buffer.from(refused())])]],
    ["in pieces", second, [proxyV2(second).subarray(0, 5), proxyV2(second).subarray(5), refused()]],
    ["byte by byte", third, [...[...proxyV2(third)].map((byte) => Buffer.from([byte])), refused()]],
    ["with extras", fourth, [proxyV2(fourth, Buffer.from([4, 0, 2, 9, 9])), refused()]],
  ]))
    test(`PROXY protocol v2, ${name}`, async () => {
      await ask(server, pieces);
      await logs(server, who);
    });

  test("what a PROXY header's client forwards is not believed", async () => {
    await ask(server, [proxyV2("203.0.113.40"), refused(["X-Forwarded-For: 6.6.6.6"])]);
    await logs(server, "203.0.113.40");
    assert.doesNotMatch(server.stderr, /6\.6\.6\.6/);
  });

  test("a proxy's own health check", async () => {
    const local = Buffer.concat([SIGNATURE, Buffer.from([0x20, 0, 0, 0])]);
    const answer = await ask(server, [
      local,
      "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    ]);
    assert.match(answer, /^HTTP\/1\.1 200 /);
  });

  test("a header that is broken, cut or never comes ends that connection alone", async () => {
    const broken = Buffer.concat([SIGNATURE, Buffer.from([0x31, 0x11, 0, 12])]);
    assert.equal(await ask(server, [broken]), "");
    await until(() => server.stderr.includes("its PROXY header cannot be read"), "that it is said");
    const half = net.connect(server.port, "127.0.0.1").on("error", () => {});
    half.end(proxyV2("203.0.113.50").subarray(0, 20));
    await within(new Promise((resolve) => half.on("close", resolve)), "the cut one's end", 15_000);
    assert.equal(await ask(server, [proxyV2("203.0.113.51").subarray(0, 20)]), "");
    assert.equal(await ask(server, []), "");
    assert.equal((await server.fetch("/healthz")).status, 200);
  });
});

test("PROXY protocol v2 before TLS", async () => {
  const flags = ["--trust-proxy", "127.0.0.1", "--tls-self-signed"];
  await Server.with({ flags, env: { XDG_STATE_HOME: "/dev/null" } }, async (server) => {
    const socket = net.connect(server.port, "127.0.0.1");
    socket.write(proxyV2("203.0.113.60"));
    const secure = tls.connect({ socket, rejectUnauthorized: false });
    secure.write(refused());
    secure.resume();
    await within(new Promise((resolve) => secure.on("close", resolve)), "the end", 15_000);
    await logs(server, "203.0.113.60");
  });
});

test("without --trust-proxy nobody's word is taken", async () => {
  await Server.with({ flags: ["--max-connections-per-address", "9"] }, async (server) => {
    await ask(server, [refused(["X-Forwarded-For: 6.6.6.6"])]);
    await logs(server, "127.0.0.1");
    assert.match(await ask(server, [proxyV2("6.6.6.6"), refused()]), /^HTTP\/1\.1 400 /);
    assert.doesNotMatch(server.stderr, /6\.6\.6\.6: /);
  });
});

test("HLS counts clients: each behind the proxy, and nobody twice for what stands in ?token=", async () => {
  const flags = ["--trust-proxy", "127.0.0.1"];
  await Server.with({ flags }, async (server) => {
    const source = container("chromium-avc1-opus-camera-kf1000.mp4");
    const publisher = new HttpPublisher(server, "cam");
    let over = false;
    const sending = (async () => {
      for (const chunk of source.chunks) {
        if (over) break;
        await publisher.sendAll([chunk]);
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
    })();
    const playlist = (/** @type {string} */ client, /** @type {string} */ query = "") =>
      server.fetch(`/live/cam/media.m3u8?wait=10${query}`, {
        headers: { "X-Forwarded-For": client },
      });
    const clients = ["198.51.100.1", "198.51.100.2", "2001:db8::1", "2001:db8::2"];
    for (const client of clients) assert.equal((await playlist(client)).status, 200);
    for (let n = 0; n < 20; n += 1) await playlist("198.51.100.1", `&token=forged${n}`);
    // Two addresses and one /64, counted once a second.
    const told = await until(async () => {
      const stream = await server.describe("cam");
      return stream?.viewers >= 3 && stream;
    }, "viewers");
    // What stands in ?token= makes a few of one address, and not as many as one likes.
    assert.ok(told.viewers <= 6, `${told.viewers}`);
    over = true;
    await sending;
    await publisher.end();
  });
});

describe("a proxy in front of a server without a publish key", () => {
  const rows = /** @type {[string, string[], boolean][]} */ ([
    ["is warned of, in the log and in the page", [], true],
    ["--open says that it is meant", ["--open"], false],
    ["with a key there is nothing to warn of", ["--publish-key", "k"], false],
  ]);
  for (const [name, flags, warned] of rows)
    test(name, async () => {
      await Server.with({ flags }, async (server) => {
        const direct = await (await server.fetch("/watch/cam")).text();
        assert.doesNotMatch(direct, /through a proxy/);
        for (const header of ["X-Forwarded-For", "Via", "Forwarded"]) {
          const page = await server.fetch("/watch/cam", { headers: { [header]: "203.0.113.9" } });
          const text = await page.text();
          assert.equal(/through a proxy: .*--publish-key KEY.*--open/.test(text), warned, header);
          assert.equal(text.replace(/\n<p class="alert".*<\/p>/, ""), direct);
        }
        const embed = await server.fetch("/embed/cam", { headers: { Via: "1.1 p" } });
        assert.doesNotMatch(await embed.text(), /through a proxy/);
        const lines = server.stderr.match(/came through a proxy/g) ?? [];
        assert.equal(lines.length, warned ? 1 : 0, server.stderr);
      });
    });
});

test("--log-format json: a stream's begin and end, with who, what and how much", async () => {
  await Server.with({ flags: ["--log-format", "json"] }, async (server) => {
    const source = container("chromium-vp8-opus-camera.webm");
    const ws = await RawWs.open({ port: server.port, path: "/live/cam" });
    const headers = { "User-Agent": 'a "studio"\tof\xffours' };
    const publisher = new HttpPublisher(server, "cam", { headers });
    await publisher.sendAll(source.chunks);
    await until(async () => (await server.describe("cam"))?.viewers === 1, "the viewer counted");
    assert.equal((await publisher.end()).status, 200);
    await ws.closed();
    assert.equal((await server.fetch("/wp-login.php")).status, 404);
    await server.stop();
    const lines = server.stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    for (const line of lines) {
      assert.match(line.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assert.match(line.level, /^(info|warning)$/);
    }
    const said = lines.map((line) => line.message);
    const size = Buffer.concat(source.chunks).length;
    const begin = said.filter((text) => text.startsWith("stream cam: published"));
    assert.equal(begin.length, 1);
    assert.match(
      begin[0],
      /by 127\.0\.0\.1 \(a "studio".*\); webm, video\/webm; codecs="vp8,opus", \d+x\d+/,
    );
    const end = said.filter((text) => text.startsWith("stream cam: ended"));
    assert.equal(end.length, 1);
    assert.match(end[0], new RegExp(`[\\d.]+ s, ${size} bytes, at most 1 viewers`));
    assert.ok(said.some((text) => /^framewire .* serves at /.test(text)));
    assert.ok(said.some((text) => /^ends: /.test(text)));
    assert.equal(said.at(-1), "ended");
    assert.ok(!said.some((text) => text.includes("wp-login")), "scanners are at debug");
  });
});
