/** framewire doctor: nothing wrong on a good server, and each planted fault found. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { run } from "./lib/decode.mjs";
import { clusterHeader, simpleBlock, webmHeader } from "./lib/live_source.mjs";
import { BarePublisher } from "./lib/publisher.mjs";
import { binary, Server } from "./lib/server.mjs";

/** @type {string} */ let folder;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "framewire-doctor-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** @param {string[]} args */
const doctor = (...args) => run(binary(), ["doctor", ...args]);
/** @param {{stdout: string}} said @param {string} grade @param {RegExp} what */
function finds(said, grade, what) {
  const lines = said.stdout.split("\n").filter((line) => line.startsWith(grade));
  assert.ok(
    lines.some((line) => what.test(line)),
    `${what} among ${said.stdout}`,
  );
}

/** A proxy with a fault: what it does to heads, and to what comes back.
 * @param {Server} server @param {{head?: (text: string) => string | null, collect?: boolean, hold?: boolean}} fault */
async function faultyProxy(server, fault) {
  /** @type {Set<net.Socket>} */ const open = new Set();
  const proxy = net.createServer((client) => {
    open.add(client);
    client.on("error", () => {}).on("close", () => open.delete(client));
    client.once("data", (data) => {
      const text = fault.head ? fault.head(data.toString("latin1")) : data.toString("latin1");
      if (text === null) {
        client.end("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n");
        return;
      }
      if (fault.collect && /content-length: [1-9]/i.test(text)) return; // waits for the body
      const back = net.connect(server.port, "127.0.0.1");
      back.on("error", () => {}).on("close", () => client.end());
      back.write(Buffer.from(text, "latin1"));
      client.pipe(back);
      if (!fault.hold || !text.startsWith("GET /live/")) back.pipe(client);
    });
  });
  await new Promise((resolve) => proxy.listen(0, "127.0.0.1", () => resolve(null)));
  const { port } = /** @type {net.AddressInfo} */ (proxy.address());
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => {
      for (const socket of open) socket.destroy();
      proxy.close();
    },
  };
}

test("a good server: nothing is wrong", async () => {
  await Server.with({ flags: ["--publish-key", "k"] }, async (server) => {
    const said = await doctor(`${server.origin}/watch/cam`);
    assert.equal(said.code, 0, said.stdout);
    for (const what of [/server: .* is reached/, /pages:/, /WebSocket:/, /bodies:/, /buffering:/])
      finds(said, "ok", what);
    assert.doesNotMatch(said.stdout, /^(warning|wrong)/m);
    assert.match(said.stdout, /5 ok, 0 to think about, 0 wrong/);
    assert.deepEqual((await (await server.fetch("/api/v1/streams")).json()).streams, []);
  });
});

test("this machine, with the server's file", async () => {
  const file = join(folder, "good.toml");
  writeFileSync(file, `record-dir = "${folder}"\nmax-viewers = 10\n`);
  await Server.with({}, async (server) => {
    const said = await doctor(server.origin, "--config", file);
    for (const what of [/options:/, /recordings: \d+ MiB/, /descriptors:/, /encoders: .*libx264/])
      finds(said, "ok", what);
    assert.match(said.stdout, /^(ok|warning) +(memory|clock|io_uring)/m);
    assert.equal(said.code, 0, said.stdout);
  });
});

describe("planted faults", () => {
  /** @type {Server} */ let server;
  before(async () => {
    server = await Server.start({ flags: ["--publish-key", "k"] });
  });
  after(() => server.stop());

  test("1: nothing listens", async () => {
    const said = await doctor("http://127.0.0.1:1");
    assert.equal(said.code, 1);
    finds(said, "wrong", /server: .* is not reached: .*is it running/);
  });

  test("2: something else answers", async () => {
    const other = http.createServer((_, answer) => answer.writeHead(502).end("bad gateway"));
    await new Promise((resolve) => other.listen(0, "127.0.0.1", () => resolve(null)));
    const { port } = /** @type {net.AddressInfo} */ (other.address());
    const said = await doctor(`http://127.0.0.1:${port}`);
    other.closeAllConnections();
    other.close();
    assert.equal(said.code, 1);
    finds(said, "wrong", /no framewire answers there \(502\)/);
  });

  test("3: no TLS where TLS is asked for", async () => {
    const said = await doctor(`https://127.0.0.1:${server.port}`);
    assert.equal(said.code, 1);
    finds(said, "wrong", /speaks no TLS/);
  });

  test("4: a certificate that nobody trusts", async () => {
    const env = { XDG_STATE_HOME: folder };
    await Server.with({ flags: ["--tls-self-signed"], env }, async (secure) => {
      const said = await doctor(secure.origin);
      assert.equal(said.code, 1);
      finds(said, "wrong", /TLS: the certificate is not trusted/);
      finds(said, "ok", /WebSocket:/);
      assert.equal((await doctor(secure.origin, "--insecure")).code, 0);
    });
  });

  /** @type {[string, Parameters<typeof faultyProxy>[1], RegExp][]} */
  const proxies = [
    [
      "5: a proxy that drops the upgrade",
      { head: (text) => text.replace(/Upgrade: .*\r\n/i, "").replace(/Connection: .*\r\n/i, "") },
      /WebSocket: refused \(4\d\d\): the proxy in front must pass the upgrade on/,
    ],
    [
      "6: a proxy that says another Host",
      { head: (text) => text.replace(/Host: .*\r\n/, "Host: backend:80\r\n") },
      /WebSocket: refused, for the server is told another Host/,
    ],
    [
      "7: a proxy that refuses large bodies",
      { head: (text) => (/Content-Length: \d{8}/.test(text) ? null : text) },
      /bodies: the proxy refuses large ones.*client_max_body_size/,
    ],
    [
      "8: a proxy that collects bodies",
      { collect: true },
      /bodies: the proxy collects them.*proxy_request_buffering/,
    ],
  ];
  for (const [name, fault, what] of proxies)
    test(name, async () => {
      const proxy = await faultyProxy(server, fault);
      const said = await doctor(proxy.url);
      proxy.stop();
      assert.equal(said.code, 1, said.stdout);
      finds(said, "wrong", what);
    });

  test("9: a proxy that holds back what is sent", async () => {
    const publisher = await BarePublisher.open(server, "cam", { token: "k" });
    for (let n = 0; n < 4; n += 1)
      await publisher.send(
        Buffer.concat([
          ...(n === 0 ? [webmHeader()] : []),
          clusterHeader(n * 1000),
          simpleBlock(n, 0, true, 1000),
        ]),
      );
    const proxy = await faultyProxy(server, { hold: true });
    const said = await doctor(proxy.url);
    proxy.stop();
    assert.equal(said.code, 1, said.stdout);
    finds(said, "wrong", /buffering: the proxy holds back/);
    finds(await doctor(server.origin), "ok", /buffering: none, the bytes of cam come at once/);
    await publisher.end();
  });

  test("10: a proxy in front of a server that anybody may publish to", async () => {
    await Server.with({}, async (open) => {
      const proxy = await faultyProxy(open, {
        head: (text) => text.replace("\r\n", "\r\nX-Forwarded-For: 203.0.113.9\r\n"),
      });
      const said = await doctor(proxy.url);
      proxy.stop();
      finds(said, "warning", /keys: anybody who reaches the proxy may publish/);
    });
  });

  test("11: a key that opens nothing", async () => {
    await Server.with({ flags: ["--watch-key", "w"] }, async (guarded) => {
      const said = await doctor(guarded.origin, "--token", "wrong");
      assert.equal(said.code, 1, said.stdout);
      finds(said, "wrong", /keys: --token opens nothing here/);
      assert.equal((await doctor(guarded.origin, "--token", "w")).code, 0);
    });
  });

  test("12: a mistake in the file of options", async () => {
    const file = join(folder, "broken.toml");
    writeFileSync(file, "# a comment\nmax-lag = soon\n");
    const said = await doctor(server.origin, "--config", file);
    assert.equal(said.code, 1);
    finds(said, "wrong", /options: .*broken\.toml:2/);
  });

  test("13: a folder for recordings that cannot be written to", async () => {
    const file = join(folder, "recordings.toml");
    writeFileSync(file, 'record-dir = "/dev/null/x"\n');
    const said = await doctor(server.origin, "--config", file);
    assert.equal(said.code, 1);
    finds(said, "wrong", /recordings: \/dev\/null\/x cannot be written to/);
  });

  test("14: a certificate that has expired", async (t) => {
    const [cert, key] = ["old.pem", "old.key"].map((name) => join(folder, name));
    const made = await run("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
      ...["-subj", "/CN=localhost", "-days", "-1", "-keyout", key, "-out", cert],
    ]);
    if (made.code !== 0) return t.skip("this openssl makes no certificate of yesterday");
    const file = join(folder, "expired.toml");
    writeFileSync(file, `tls-cert = "${cert}"\ntls-key = "${key}"\n`);
    const said = await doctor(server.origin, "--config", file);
    assert.equal(said.code, 1);
    finds(said, "wrong", /certificate: .*expired/);
  });

  test("15: too few descriptors", async () => {
    const file = join(folder, "good.toml");
    writeFileSync(file, "");
    const words = `ulimit -n 300; exec ${binary()} doctor ${server.origin} --config ${file}`;
    const said = await run("bash", ["-c", words]);
    finds(said, "wrong", /descriptors: 300 open files are allowed/);
  });
});

test("what is no URL is a mistake of the command line", async () => {
  for (const url of ["ftp://x", "x"]) assert.equal((await doctor(url)).code, 2);
});
