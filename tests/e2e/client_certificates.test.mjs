/** Client certificates (--client-ca): who is let in by one, who is not and is told why, by curl, WebSockets and the CLI. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import tls from "node:tls";
// @ts-expect-error the package has no types of its own
import { WebSocket } from "ws";
import { Authority } from "./lib/authority.mjs";
import { certificatesIn } from "./lib/certificates.mjs";
import { run } from "./lib/decode.mjs";
import { mediaPath } from "./lib/media.mjs";
import { binary, Server } from "./lib/server.mjs";
import { nowS, right } from "./lib/tokens.mjs";
import { until, within } from "./lib/wait.mjs";

const folder = mkdtempSync(join(tmpdir(), "framewire-mtls-"));
after(() => rmSync(folder, { recursive: true }));
const [own] = certificatesIn(folder, 1);
const ours = new Authority(folder, "ours");
const theirs = new Authority(folder, "theirs");
const CA = join(folder, "client-ca.pem");
const KEYS = join(folder, "keys.json");

const ROWS = [
  { name: "encoder", certificate: "DNS:Enc.test", rights: [right("publish", "room/*")] },
  { name: "vera", certificate: "CN:Vera", rights: [right("watch", "*")] },
  { name: "guest", key: "guest-s3cret", rights: [right("watch", "*")] },
];
const trust = (/** @type {string[]} */ ...pems) => writeFileSync(CA, pems.join("\n"));
const name = (/** @type {any[]} */ keys) => writeFileSync(KEYS, JSON.stringify({ keys }));
const ca = (/** @type {Authority} */ of) => readFileSync(of.cert, "utf8");

const encoder = ours.issue("Encoder 3", { san: "DNS:enc.test,URI:urn:enc:3" });
const vera = ours.issue("Vera", { usage: "clientAuth" });
const stranger = ours.issue("Stranger");
const foreign = theirs.issue("Vera");
const late = ours.issue("Vera", { to: Date.now() - 60_000 });
const early = ours.issue("Vera", { from: Date.now() + 3_600_000, to: Date.now() + 7_200_000 });
const forServers = ours.issue("Vera", { usage: "serverAuth" });
const revoked = ours.issue("Vera", { san: "DNS:revoked.test" });

const TLS = ["--tls-cert", own.cert, "--tls-key", own.key];
/** @param {string[]} more */
const start = (more = []) => {
  trust(ca(ours));
  name(ROWS);
  return Server.start({ flags: [...TLS, "--client-ca", CA, "--keys", KEYS, ...more] });
};

/** @typedef {import('./lib/authority.mjs').Issued} Issued */

/** @param {Server} server @param {string} path @param {Issued | null} by @param {string[]} more */
async function curl(server, path, by, ...more) {
  const shown = by ? ["--cert", by.cert, "--key", by.key] : [];
  const args = ["-sS", "-k", "-m", "10", "-w", "\n%{http_code}", ...shown, ...more];
  const { code, stdout, stderr } = await run("curl", [...args, server.origin + path]);
  const [, body, status] = /** @type {RegExpExecArray} */ (/^([\s\S]*)\n(\d+)$/.exec(stdout));
  return { code, status: Number(status), body, stderr };
}

/** A framewire.v1 socket by ws. @param {Server} server @param {string} path @param {Issued | null} by */
function open(server, path, by) {
  const shown = by ? { cert: by.pem.cert, key: by.pem.key } : {};
  const socket = new WebSocket(server.wsOrigin + path, "framewire.v1", {
    ...shown,
    rejectUnauthorized: false,
  });
  /** @type {any[]} */ const said = [];
  socket.on(
    "message",
    (/** @type {any} */ data, /** @type {boolean} */ isBinary) =>
      !isBinary && said.push(JSON.parse(String(data))),
  );
  /** @type {Promise<{code: number, reason: string}>} */
  const closed = new Promise((resolve) =>
    socket.on("close", (/** @type {number} */ code, /** @type {Buffer} */ reason) =>
      resolve({ code, reason: String(reason) }),
    ),
  );
  /** @type {Promise<Error | null>} */
  const opened = new Promise((resolve) => {
    socket.on("open", () => resolve(null));
    socket.on("error", resolve);
  });
  return { socket, said, closed, opened };
}

describe("optional", () => {
  /** @type {Server} */ let server;
  before(async () => {
    server = await start();
  });
  after(async () => {
    await server.stop();
    assert.ok(!server.stderr.includes("s3cret"));
  });

  const put = ["-X", "PUT", "--data-binary", "x"];
  /** what, certificate, path, more, status, error @type {[string, Issued | null, string, string[], number, string][]} */
  const rows = [
    ["its stream", vera, "/live/cam", [], 404, "not-found"],
    ["another right", vera, "/publish/cam", put, 401, "unauthorized"],
    ["to publish", encoder, "/publish/room/1", put, 200, ""],
    ["another stream", encoder, "/publish/cam", put, 401, "unauthorized"],
    ["none, and no key", null, "/live/cam", [], 401, "unauthorized"],
    ["none, and a key", null, "/live/cam?token=guest-s3cret", [], 404, "not-found"],
    ["none, and a wrong key", null, "/live/cam?token=wrong-key", [], 401, "unauthorized"],
    ["a name that nobody knows", stranger, "/live/cam", [], 403, "forbidden"],
    ["such a name, and a key", stranger, "/live/cam?token=guest-s3cret", [], 404, "not-found"],
    ["a right one, and a wrong key", vera, "/live/cam?token=wrong-key", [], 401, "unauthorized"],
    ["its name as a key", null, "/live/cam?token=CN:Vera", [], 401, "unauthorized"],
  ];
  for (const [what, by, path, more, status, error] of rows)
    test(`${what}: ${status}`, async () => {
      const answer = await curl(server, path, by, ...more);
      assert.deepEqual([answer.code, answer.status], [0, status], answer.stderr + answer.body);
      assert.equal(JSON.parse(answer.body).error?.code ?? "", error);
    });

  test("a name that nobody knows is told so, and so is the log", async () => {
    const { body } = await curl(server, "/live/cam", stranger);
    assert.match(JSON.parse(body).error.message, /^certificate-unknown: .*CN=Stranger/);
    assert.match(server.stderr, /refused, forbidden: certificate-unknown: .*CN=Stranger/);
    const { said, closed } = open(server, "/live/cam", stranger);
    assert.deepEqual(await closed, { code: 1008, reason: "forbidden" });
    assert.match(said.find(({ type }) => type === "error").message, /certificate-unknown/);
  });

  /** certificate, what TLS says, what the log says @type {[string, Issued, RegExp, RegExp][]} */
  const refused = [
    ["another authority's", foreign, /unknown ca/, /certificate-untrusted: .*CN=Vera/],
    // curl makes words of its own of this alert in TLS 1.2.
    [
      "an expired one",
      late,
      /certificate (expired|problem|verification)/,
      /certificate-expired: .*CN=Vera/,
    ],
    ["one of later", early, /bad certificate/, /certificate-not-yet: /],
    ["a server's", forServers, /alert (unsupported|bad) certificate/, /certificate-purpose: /],
  ];
  for (const [what, by, alert, log] of refused)
    test(`${what} ends the handshake`, async () => {
      for (const version of ["1.2", "1.3"]) {
        const answer = await curl(
          server,
          "/live/cam",
          by,
          `--tlsv${version}`,
          "--tls-max",
          version,
        );
        assert.notEqual(answer.code, 0);
        assert.equal(answer.status, 0);
        assert.match(answer.stderr, alert);
      }
      assert.match(server.stderr, log);
      assert.match(server.stderr, /127\.0\.0\.1: refused in TLS: certificate-/);
      const { socket, opened } = open(server, "/live/cam", by);
      assert.ok(await opened);
      socket.terminate();
    });

  test("a WebSocket by a right one; what it may is what its name may", async () => {
    const viewer = open(server, "/live/cam", vera);
    await until(() => viewer.said.some(({ type }) => type === "waiting"), "the stream");
    const publisher = open(server, "/publish/cam", vera);
    assert.deepEqual(await publisher.closed, { code: 1008, reason: "unauthorized" });
    viewer.socket.close();
  });

  test("it ends with its certificate, as with a token", async () => {
    const brief = ours.issue("Vera", { to: (nowS() + 4) * 1_000 });
    const viewer = open(server, "/live/cam", brief);
    await until(() => viewer.said.some(({ type }) => type === "waiting"), "the stream");
    assert.deepEqual(await within(viewer.closed, "the end"), {
      code: 1008,
      reason: "token-expired",
    });
    assert.notEqual((await curl(server, "/live/cam", brief)).code, 0);
  });

  test("a session is not gone on with, so that each connection shows its own", async () => {
    for (const version of /** @type {const} */ (["TLSv1.2", "TLSv1.3"])) {
      /** @param {Buffer | undefined} session @param {Issued | null} by @returns {Promise<{reused: boolean, session: Buffer | undefined}>} */
      const connect = (session, by) =>
        new Promise((resolve, reject) => {
          const { port } = server;
          const shown = by ? { cert: by.pem.cert, key: by.pem.key } : {};
          const how = { minVersion: version, maxVersion: version, rejectUnauthorized: false };
          const socket = tls.connect({ port, host: "127.0.0.1", session, ...how, ...shown });
          /** @type {Buffer | undefined} */ let last;
          socket.on("session", (given) => (last = given));
          socket.on("error", reject);
          socket.on("secureConnect", () =>
            socket.write("GET /live/cam HTTP/1.1\r\nHost: localhost\r\n\r\n"),
          );
          socket.once("data", (data) => {
            assert.match(String(data), by ? /^HTTP\/1.1 404/ : /^HTTP\/1.1 401/);
            resolve({ reused: socket.isSessionReused(), session: last ?? socket.getSession() });
            socket.destroy();
          });
        });
      const first = await connect(undefined, vera);
      assert.equal((await connect(first.session, vera)).reused, false);
      assert.equal((await connect(first.session, null)).reused, false, "the right is not kept");
    }
  });

  test("framewire publish and watch show one", async () => {
    const film = mediaPath("chromium-vp8-opus-camera.webm");
    const out = join(folder, "watched.webm");
    const by = (/** @type {Issued} */ one) => [
      "--insecure",
      "--cert",
      one.cert,
      "--cert-key",
      one.key,
    ];
    const url = `${server.origin}/live/room/2`;
    const watching = run(binary(), [
      "watch",
      url,
      "-o",
      out,
      "--wait",
      "20s",
      "--quiet",
      ...by(vera),
    ]);
    await until(() => readable(out), "the watcher");
    const both = join(folder, "both.pem");
    writeFileSync(both, Buffer.concat([encoder.pem.cert, encoder.pem.key]));
    const published = await run(binary(), [
      ...["publish", film, `${server.origin}/publish/room/2`, "--fast", "--quiet"],
      ...["--insecure", "--cert", both],
    ]);
    assert.equal(published.code, 0, published.stderr);
    const watched = await watching;
    assert.equal(watched.code, 0, watched.stderr);
    assert.ok(readFileSync(out).length > 1_000);
    const no = await run(binary(), ["watch", url, "-o", "-", "--quiet", ...by(foreign)]);
    assert.notEqual(no.code, 0);
    assert.match(no.stderr, /^framewire: /);
    for (const [more, why] of /** @type {[string[], RegExp][]} */ ([
      [["--cert-key", vera.key], /--cert-key is the key of --cert/],
      [["--cert", vera.cert], /holds no PEM private key/],
      [["--cert", join(folder, "none.pem")], /cannot be read/],
      [["--cert", vera.cert, "--cert-key", encoder.key], /is not the key of the certificate/],
      [
        ["--cert", vera.cert, "--cert-key", locked()],
        /holds no PEM private key without passphrase/,
      ],
    ])) {
      const asked = await run(binary(), ["watch", url, "-o", "-", "--insecure", ...more]);
      assert.equal(asked.code, 2, asked.stderr);
      assert.match(asked.stderr, why);
      assert.ok(!asked.stderr.includes("Enter"), "nobody is asked for a passphrase");
    }
    const plain = url.replace("https:", "http:");
    const { code, stderr } = await run(binary(), ["watch", plain, "-o", "-", ...by(vera)]);
    assert.deepEqual([code, /--cert is shown to https: only/.test(stderr)], [2, true]);
  });
});

/** Vera's key, behind a passphrase. */
function locked() {
  const out = join(folder, "locked.key");
  const by = ["-aes128", "-passout", "pass:a-passphrase"];
  execFileSync("openssl", ["pkey", "-in", vera.key, ...by, "-out", out]);
  return out;
}

/** @param {string} path */
function readable(path) {
  try {
    return readFileSync(path) !== null;
  } catch {
    return false;
  }
}

describe("required", () => {
  /** @type {Server} */ let server;
  before(async () => {
    server = await start(["--client-cert", "required"]);
  });
  after(() => server.stop());

  test("nobody comes in without one, whatever it asks for", async () => {
    for (const path of [
      "/live/cam",
      "/",
      "/healthz",
      "/framewire.js",
      "/live/cam?token=guest-s3cret",
    ])
      for (const version of ["1.2", "1.3"]) {
        const answer = await curl(server, path, null, `--tlsv${version}`, "--tls-max", version);
        assert.deepEqual([answer.code !== 0, answer.status], [true, 0], path);
      }
    assert.match(server.stderr, /refused in TLS: certificate-missing: /);
    assert.ok(await open(server, "/live/cam?token=guest-s3cret", null).opened);
  });

  test("nor by plain HTTP on the same port", async () => {
    const plain = `http://127.0.0.1:${server.port}`;
    for (const path of ["/", "/healthz", "/metrics", "/live/cam?token=guest-s3cret"]) {
      const { status } = await fetch(plain + path, { redirect: "manual" });
      assert.equal(status, 308, path);
    }
    const { status } = await fetch(`${plain}/publish/cam`, { method: "POST", body: "x" });
    assert.equal(status, 400);
  });

  test("a right one opens what its name may, an unknown name only what anybody may", async () => {
    assert.equal((await curl(server, "/live/cam", vera)).status, 404);
    assert.equal((await curl(server, "/healthz", stranger)).status, 200);
    assert.equal((await curl(server, "/live/cam", stranger)).status, 403);
    assert.equal((await curl(server, "/live/cam?token=guest-s3cret", stranger)).status, 404);
    assert.notEqual((await curl(server, "/", foreign)).code, 0);
    assert.match(server.stderr, /refused in TLS: certificate-untrusted: /);
  });
});

test("required, and no keys: the certificate alone lets in, and ends what it let in", async () => {
  trust(ca(ours));
  const flags = [...TLS, "--client-ca", CA, "--client-cert", "required"];
  await Server.with({ flags }, async (server) => {
    const brief = ours.issue("Brief", { to: (nowS() + 4) * 1_000 });
    const viewer = open(server, "/live/cam", brief);
    await until(() => viewer.said.some(({ type }) => type === "waiting"), "the stream");
    const stays = open(server, "/live/cam", vera);
    await until(() => stays.said.some(({ type }) => type === "waiting"), "the stream");
    const end = { code: 1008, reason: "token-expired" };
    assert.deepEqual(await within(viewer.closed, "the end"), end);
    assert.equal(stays.socket.readyState, WebSocket.OPEN);
    stays.socket.close();
  });
});

describe("a reload", () => {
  /** @type {Server} */ let server;
  before(async () => {
    server = await start();
  });
  after(() => server.stop());
  async function reload() {
    const before = server.stderr.length;
    server.child.kill("SIGHUP");
    await until(() => /reload: /.test(server.stderr.slice(before)), "the reload");
  }

  test("that names somebody no more ends its connections", async () => {
    const viewer = open(server, "/live/cam", vera);
    await until(() => viewer.said.some(({ type }) => type === "waiting"), "the stream");
    name(ROWS.slice(0, 1).concat(ROWS.slice(2)));
    await reload();
    assert.deepEqual(await viewer.closed, { code: 1008, reason: "key-removed" });
    assert.equal((await curl(server, "/live/cam", vera)).status, 403);
    name(ROWS);
    await reload();
    assert.equal((await curl(server, "/live/cam", vera)).status, 404);
  });

  test("that lists one as revoked ends its connections, and no others", async () => {
    const agents = [vera, revoked].map(
      (by) =>
        new https.Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false, ...by.pem }),
    );
    /** @param {https.Agent} agent @returns {Promise<{status?: number, reused: boolean}>} */
    const ask = (agent) =>
      new Promise((resolve, reject) => {
        const request = https.get(`${server.origin}/healthz`, { agent }, (answer) => {
          answer.resume();
          answer.on("end", () =>
            resolve({ status: answer.statusCode, reused: request.reusedSocket }),
          );
        });
        request.on("error", reject);
      });
    for (const reused of [false, true])
      for (const agent of agents) assert.deepEqual(await ask(agent), { status: 200, reused });
    const [good, gone] = [open(server, "/live/cam", vera), open(server, "/live/cam", revoked)];
    for (const { said } of [good, gone])
      await until(() => said.some(({ type }) => type === "waiting"), "the stream");
    trust(ca(ours), ours.revoke(revoked));
    await reload();
    assert.deepEqual(await gone.closed, { code: 1008, reason: "key-removed" });
    assert.match(server.stderr, /its client certificate is not taken any more/);
    assert.deepEqual(await ask(agents[0]), { status: 200, reused: true });
    await assert.rejects(ask(agents[1]), "neither the open connection nor a new one");
    assert.notEqual((await curl(server, "/live/cam", revoked)).code, 0);
    assert.match(server.stderr, /refused in TLS: certificate-revoked: /);
    assert.equal(good.socket.readyState, WebSocket.OPEN);
    good.socket.close();
    for (const agent of agents) agent.destroy();
  });

  test("that brings another authority ends all of the one before; a broken file changes nothing", async () => {
    const viewer = open(server, "/live/cam", vera);
    await until(() => viewer.said.some(({ type }) => type === "waiting"), "the stream");
    writeFileSync(CA, "no certificate");
    await reload();
    assert.match(server.stderr, /--client-ca .* holds no PEM certificate; all stays as it was/);
    assert.equal((await curl(server, "/live/cam", vera)).status, 404);
    assert.equal(viewer.socket.readyState, WebSocket.OPEN);
    trust(ca(theirs));
    await reload();
    assert.deepEqual(await viewer.closed, { code: 1008, reason: "key-removed" });
    assert.notEqual((await curl(server, "/live/cam", vera)).code, 0);
    assert.equal((await curl(server, "/live/cam", foreign)).status, 404);
  });
});

/** flags, what is wrong @type {[string[], RegExp][]} */
const wrong = [
  [["--client-ca", CA], /--client-ca needs TLS/],
  [[...TLS, "--client-cert", "required"], /--client-cert required needs --client-ca/],
  [[...TLS, "--client-ca", CA, "--client-cert", "maybe"], /optional or required/],
  [[...TLS, "--client-ca", join(folder, "none.pem")], /--client-ca .*none\.pem/],
  [[...TLS, "--client-ca", own.key], /holds no PEM certificate/],
];
for (const [flags, why] of wrong)
  test(`refused at the start: ${flags.slice(-2).join(" ").replace(folder, "")}`, async () => {
    trust(ca(ours));
    const { code, stderr } = await run(binary(), ["serve", "--listen", "127.0.0.1:0", ...flags]);
    assert.notEqual(code, 0);
    assert.match(stderr, why);
  });
