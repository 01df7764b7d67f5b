/** Where a server has the keys of tokens from: a file that changes, a URL that is fetched. */
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { after, before, describe, test } from "node:test";
import { Server } from "./lib/server.mjs";
import { claims, EXPECTED, KeyFile, newcomer, newKey, right, sign } from "./lib/tokens.mjs";
import { until } from "./lib/wait.mjs";

describe("the keys' file", () => {
  /** @param {Server} server @param {string} token */
  const status = async (server, token) =>
    (await server.fetch(`/live/cam?token=${token}`, { headers: newcomer() })).status;

  test("is read anew when it changes, by a reload, and not when it is broken", async () => {
    const own = new KeyFile();
    const [first, second] = [await newKey("ES256", "one"), await newKey("RS256", "two")];
    own.write([first]);
    const [old, fresh] = await Promise.all(
      [first, second].map((key) => sign(key, claims([right("watch", "*")]))),
    );
    await Server.with(
      { flags: ["--jwks", own.path, ...EXPECTED, "--loops", "2", "--trust-proxy", "127.0.0.1"] },
      async (server) => {
        assert.deepEqual([await status(server, old), await status(server, fresh)], [404, 401]);
        own.write([first, second]);
        await until(async () => (await status(server, fresh)) === 404, "the new key");
        assert.equal(await status(server, old), 404);
        own.write([second]);
        await until(async () => (await status(server, old)) === 401, "the old key to be forgotten");
        own.writeText("{ broken");
        server.child.kill("SIGHUP");
        await until(
          () => /reload: --jwks .*stays as it was/.test(server.stderr),
          "that it is said",
        );
        await until(() => /the last good keys go on/.test(server.stderr), "that it is said");
        assert.equal(await status(server, fresh), 404);
        own.write([first]);
        server.child.kill("SIGHUP");
        await until(async () => (await status(server, old)) === 404, "the first key again");
        assert.equal(await status(server, fresh), 401);
      },
    );
    own.remove();
  });

  for (const [what, text, says] of /** @type {[string, string | null, RegExp][]} */ ([
    ["that is not there", null, /--jwks .*No such file/],
    ["without keys", '{"keys":[]}', /--jwks .*there are no keys/],
    ["with a short secret", '{"kty":"oct","k":"c2hvcnQ","alg":"HS256"}', /--jwks .*32 bytes/],
  ]))
    test(`${what} keeps a server from starting`, async () => {
      const own = new KeyFile();
      if (text !== null) own.writeText(text);
      const server = new Server({ flags: ["--jwks", own.path] });
      assert.equal((await server.ended()).code, 1);
      assert.match(server.stderr, says);
      own.remove();
    });
});

describe("keys of a URL", () => {
  /** @type {http.Server} */ let provider;
  let url = "";
  /** What it answers. @type {{status: number, body: string}} */ let answer;
  let asked = 0;
  before(async () => {
    provider = http.createServer((_, response) => {
      asked += 1;
      response.writeHead(answer.status).end(answer.body);
    });
    provider.listen(0, "127.0.0.1");
    await once(provider, "listening");
    url = `http://127.0.0.1:${/** @type {any} */ (provider.address()).port}/jwks?secret=s3cret`;
  });
  after(() => provider.close());
  const set = (/** @type {import('./lib/tokens.mjs').IssuerKey[]} */ ...of) =>
    JSON.stringify({ keys: of.map((one) => one.jwk) });

  test("are fetched, fetched again for a key that is new, and kept when nobody answers", async () => {
    const [first, second, strange] = [
      await newKey("ES256", "one"),
      await newKey("ES256", "two"),
      await newKey("ES256", "x"),
    ];
    const [old, fresh, no] = await Promise.all(
      [first, second, strange].map((key) => sign(key, claims([right("watch", "*")]))),
    );
    answer = { status: 200, body: set(first) };
    asked = 0;
    await Server.with(
      { flags: ["--jwks", url, ...EXPECTED, "--jwks-pause", "1s", "--trust-proxy", "127.0.0.1"] },
      async (server) => {
        const status = async (/** @type {string} */ token) =>
          (await server.fetch(`/live/cam?token=${token}`, { headers: newcomer() })).status;
        assert.equal(await status(old), 404, "the first request waits for the first keys");
        assert.equal(asked, 1);
        answer.body = set(first, second);
        await until(async () => (await status(fresh)) === 404, "the new key");
        const before = asked;
        const begun = Date.now();
        for (let n = 0; n < 50; n += 1) assert.equal(await status(no), 401);
        const seconds = (Date.now() - begun) / 1000;
        assert.ok(asked - before <= 2 + seconds, `${asked - before} times in ${seconds} s`);
        answer = { status: 500, body: "" };
        await until(
          async () => {
            await status(no);
            return /500; the last good ones go on/.test(server.stderr);
          },
          "that it is said",
          { every: 100 },
        );
        assert.deepEqual([await status(old), await status(fresh)], [404, 404]);
        assert.ok(!server.output.includes("s3cret"), "what may be secret of the URL is not told");
      },
    );
  });

  test("that are not there yet: try again; then they are", async () => {
    const key = await newKey("EdDSA", "one");
    const token = await sign(key, claims([right("watch", "*")]));
    answer = { status: 503, body: "" };
    await Server.with(
      { flags: ["--jwks", url, ...EXPECTED, "--jwks-pause", "1s"] },
      async (server) => {
        const first = await server.fetch(`/live/cam?token=${token}`);
        assert.equal(first.status, 503);
        assert.match((await first.json()).error.message, /could not be fetched yet/);
        answer = { status: 200, body: set(key) };
        await until(
          async () => (await server.fetch(`/live/cam?token=${token}`)).status === 404,
          "the keys",
        );
      },
    );
  });

  for (const [text, says] of /** @type {[string, RegExp][]} */ ([
    ["http://login.example/jwks", /only https:/],
    ["http://127.0.0.1.evil.example/jwks", /only https:/],
    ["ftp://127.0.0.1/jwks", /only https:/],
    ["file:///etc/passwd", /only https:|no URL/],
    ["https://user:s3cret@login.example/jwks", /name or password/],
  ]))
    test(`${text} is refused`, async () => {
      const server = new Server({ flags: ["--jwks", text] });
      assert.equal((await server.ended()).code, 2);
      assert.match(server.stderr, says);
      assert.ok(!server.stderr.includes("s3cret"));
    });
});
