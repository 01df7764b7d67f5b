/** SIGHUP, `framewire reload` and certificates that are replaced: nobody notices who is there already. */
import assert from "node:assert/strict";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fingerprint } from "./lib/certificates.mjs";
import { run } from "./lib/decode.mjs";
import { BarePublisher } from "./lib/publisher.mjs";
import { binary, Server } from "./lib/server.mjs";
import { BareViewer } from "./lib/viewer.mjs";
import { sleep, until } from "./lib/wait.mjs";

const PUBLISHERS = 3;
const VIEWERS = Number(process.env.FRAMEWIRE_RELOAD_VIEWERS ?? 120);
const RELOADS = 20;
const CERTIFICATES = 5;
const MESSAGE_BYTES = 300;

/** @type {string} */ let folder;
before(() => (folder = mkdtempSync(join(tmpdir(), "framewire-reload-"))));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A new certificate in place of the old one, the key first. @param {string} kind @returns {Promise<boolean>} */
async function renew(kind) {
  const [cert, key] = ["cert.pem", "key.pem"].map((name) => join(folder, name));
  const algorithm =
    kind === "ec"
      ? ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
      : ["-newkey", "rsa:2048"];
  const args = ["req", "-x509", ...algorithm, "-nodes", "-subj", "/CN=localhost", "-days", "2"];
  const made = await run("openssl", [...args, "-keyout", `${key}.new`, "-out", `${cert}.new`]);
  if (made.code !== 0) return false;
  renameSync(`${key}.new`, key);
  await sleep(1500); // it is looked at while the two do not fit
  renameSync(`${cert}.new`, cert);
  return true;
}

/** @param {string} text */
const write = (text) => writeFileSync(join(folder, "fw.toml"), text);
/** @param {Server} server @param {RegExp} what @param {number} count */
const logged = (server, what, count) =>
  until(
    () => (server.stderr.match(new RegExp(what, "g")) ?? []).length >= count,
    `${count} times ${what}: ${server.stderr.slice(-500)}`,
  );

/** Sends numbered messages until it is told to stop. @param {Server} server @param {string} stream */
async function numbered(server, stream) {
  const publisher = await BarePublisher.open(server, stream, { token: "first" });
  const state = { sent: 0, stopped: false };
  const done = (async () => {
    for (; !state.stopped; state.sent += 1) {
      const message = Buffer.alloc(MESSAGE_BYTES, 0x5a);
      message.writeUInt32BE(state.sent);
      await publisher.send(message);
      await sleep(100);
    }
    await publisher.end();
  })();
  return { state, done };
}

test("20 reloads, 10 of them broken, and 5 new certificates, under viewers and publishers", {
  timeout: 180_000,
}, async (t) => {
  if (!(await renew("ec"))) return t.skip("no openssl to make certificates");
  const good = (/** @type {number} */ n) =>
    `publish-key = ["first", "key-${n}"]\nmax-lag = "60s"\nmax-viewers = ${1000 + n}\n`;
  write(good(0));
  const flags = ["--config", join(folder, "fw.toml"), "--loops", "2"];
  flags.push("--tls-cert", join(folder, "cert.pem"), "--tls-key", join(folder, "key.pem"));
  await Server.with({ flags }, async (server) => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"; // of this process, whose servers are its own
    const streams = Array.from({ length: PUBLISHERS }, (_, n) => `reload/s${n}`);
    const publishers = await Promise.all(streams.map((stream) => numbered(server, stream)));
    /** @type {BareViewer[]} */ const viewers = [];
    for (let n = 0; n < VIEWERS; n += 1)
      viewers.push(await BareViewer.open(server, streams[n % PUBLISHERS]));

    const seen = new Set([await fingerprint(server)]);
    const broken = [
      "max-lag = soon\n",
      "no-such-option = 1\n",
      "publish-key = [\n",
      "linger = 1\n",
    ];
    let wrong = 0;
    for (let n = 1; n <= RELOADS; n += 1) {
      if (n % 2 === 0) {
        write(good(n));
        server.child.kill("SIGHUP");
        await logged(server, /reload: .*publish-key.* changed/, n / 2);
      } else {
        write(`# a mistake\n${broken[wrong++ % broken.length]}`);
        server.child.kill("SIGHUP");
        await logged(server, /reload: .*fw\.toml:[23].*stays as it was/, wrong);
      }
      if (n % (RELOADS / CERTIFICATES) === 0) {
        const number = n / (RELOADS / CERTIFICATES);
        assert.ok(await renew(number % 2 ? "rsa" : "ec"));
        await logged(server, /was replaced: new connections/, number);
        await until(async () => {
          const shown = await fingerprint(server);
          return !seen.has(shown) && seen.add(shown);
        }, "the new certificate to be shown");
      }
    }
    assert.equal(seen.size, CERTIFICATES + 1, "each certificate was shown");
    // The newest file counts, and what it took away is gone.
    for (const [key, ok] of /** @type {[string, boolean][]} */ ([
      ["key-20", true],
      ["key-18", false],
      ["key-0", false],
    ])) {
      const answer = await server.fetch(`/publish/reload/other?token=${key}`, {
        method: "POST",
        body: "x",
      });
      assert.equal(answer.status !== 401, ok, key);
    }

    for (const { state } of publishers) state.stopped = true;
    await Promise.all(publishers.map(({ done }) => done));
    for (const [n, viewer] of viewers.entries()) {
      await viewer.ended();
      const numbers = viewer.messages.map((message) => message.readUInt32BE());
      const { sent } = publishers[n % PUBLISHERS].state;
      assert.equal(numbers.at(-1), sent - 1, `viewer ${n} got the last`);
      const step = numbers.findIndex((number, i) => i > 0 && number !== numbers[i - 1] + 1);
      assert.equal(step, -1, `viewer ${n}: ${numbers[step - 1]} then ${numbers[step]}`);
    }
  });
});

test("`framewire reload` does it too; what is fixed says so; the log's level changes", async () => {
  write('log-level = "info"\nloops = 1\n');
  await Server.with({ flags: ["--config", join(folder, "fw.toml")] }, async (server) => {
    write('log-level = "debug"\nloops = 2\nmax-viewers = 1\n');
    const asked = await run(binary(), ["reload", String(server.pid)]);
    assert.equal(asked.code, 0, asked.stderr);
    await logged(server, /loops cannot change while the server runs/, 1);
    await logged(server, /max-viewers, log-level changed/, 1);
    const viewer = await BareViewer.open(server, "a");
    const second = await BareViewer.open(server, "a").catch(() => null);
    if (second) assert.equal((await second.ended()).code, 1013);
    await viewer.ws.close();
  });
  const none = await run(binary(), ["reload", "1"]);
  assert.equal(none.code, 3);
  assert.match(none.stderr, /process 1 is no framewire serve/);
});

test("restreams and patterns of recordings are read anew", async () => {
  const recordings = join(folder, "recordings");
  write("");
  const flags = ["--config", join(folder, "fw.toml"), "--record-dir", recordings];
  await Server.with({ flags }, async (server) => {
    write('record = ["kept/*"]\nrestream = ["all=rtmp://127.0.0.1:1/live/%path"]\n');
    const first = await numbered(server, "early");
    server.child.kill("SIGHUP");
    await logged(server, /reload: restream, record changed|reload: record, restream changed/, 1);
    const told = await until(async () => {
      const stream = await server.describe("early");
      return stream?.restreams?.length === 1 && stream;
    }, "the stream that was there to be passed on");
    assert.equal(told.restreams[0].to, "rtmp://127.0.0.1:1");
    write("");
    server.child.kill("SIGHUP");
    await logged(server, /reload: .*restream.* changed/, 2);
    await until(
      async () => ((await server.describe("early"))?.restreams ?? []).length === 0,
      "it to be passed on no more",
    );
    first.state.stopped = true;
    await first.done;
  });
});

test("a reload of a server without any file is nothing", async () => {
  await Server.with({}, async (server) => {
    server.child.kill("SIGHUP");
    await logged(server, /reload: no option has changed/, 1);
    assert.equal((await server.fetch("/healthz")).status, 200);
  });
});
