/** The command line: what it refuses and how it says so; where it listens; environment and file; TLS. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { run } from "./lib/decode.mjs";
import { binary, Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

/** @type {string} */ let folder;
before(() => (folder = mkdtempSync(join(tmpdir(), "framewire-cli-"))));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A start that must fail. @param {import('./lib/server.mjs').StartOptions} options */
async function refused(options) {
  const server = new Server(options);
  const ended = until(() => server.exit || /listening/.test(server.stdout), "an end, or a start");
  await ended.catch(() => {});
  if (!server.exit) {
    const said = server.stdout;
    await server.stop();
    assert.fail(`it started: ${said}`);
  }
  assert.notEqual(server.exit.code, 0, server.output);
  assert.equal(server.exit.signal, null, server.output);
  assert.equal(server.stdout, "", "errors go to stderr");
  return server.stderr;
}

test("--version and --help", async () => {
  const version = await run(binary(), ["--version"]);
  assert.equal(version.code, 0);
  assert.match(version.stdout, /framewire \d+\.\d+\.\d+/);
  const help = await run(binary(), ["serve", "--help-all"]);
  assert.equal(help.code, 0);
  for (const flag of ["--listen", "--publish-key", "--max-lag", "--tls-self-signed", "--config"])
    assert.ok(help.stdout.includes(flag), flag);
});

describe("refused at start, with a sentence that names the trouble", () => {
  test("a port in use", async () => {
    await Server.with({}, async (server) => {
      const said = await refused({ listen: `127.0.0.1:${server.port}` });
      assert.match(said, /in use/i);
      assert.ok(said.includes(String(server.port)));
    });
  });

  test("a privileged port, as an ordinary user", async (t) => {
    const floor = Number(readFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8"));
    if (floor <= 81) return t.skip("this system lets everybody listen on port 81");
    const root = process.getuid?.() === 0;
    const drop = [
      "setpriv",
      "--reuid=65534",
      "--regid=65534",
      "--clear-groups",
      "--inh-caps=-all",
      "--bounding-set=-all",
    ];
    const command = [...(root ? drop : []), binary(), "serve"];
    const said = await refused({ command, listen: "127.0.0.1:81" });
    assert.match(said, /permission/i);
  });

  /** @type {[string, string[], string, RegExp][]} */
  const rows = [
    ["an unknown flag", ["--no-such-flag"], "127.0.0.1:0", /no-such-flag/],
    ["a bad duration", ["--linger", "soon"], "127.0.0.1:0", /linger/],
    ["a bad size", ["--max-message", "big"], "127.0.0.1:0", /max-message/],
    ["a value out of range", ["--stall-timeout", "1ms"], "127.0.0.1:0", /stall-timeout/],
    ["a bad address", [], "no-such-host:1", /no-such-host/],
    ["a bad port", [], "127.0.0.1:99999", /99999/],
    ["a public address without a key", [], "0.0.0.0:0", /--open|publish-key/],
    ["a public IPv6 address without a key", [], "[::]:0", /--open|publish-key/],
    ["a certificate without its key", ["--tls-cert", "/nowhere.pem"], "127.0.0.1:0", /tls-key/],
    [
      "a certificate that is not there",
      ["--tls-cert", "/nowhere.pem", "--tls-key", "/nowhere.pem"],
      "127.0.0.1:0",
      /nowhere/,
    ],
    [
      "a folder for recordings that cannot be",
      ["--record-dir", "/dev/null/x"],
      "127.0.0.1:0",
      /record-dir/,
    ],
    ["a config file that is not there", ["--config", "/nowhere.toml"], "127.0.0.1:0", /nowhere/],
  ];
  for (const [name, flags, listen, pattern] of rows) {
    test(name, async () => assert.match(await refused({ flags, listen }), pattern));
  }

  test("a config file with a word that is no option", async () => {
    const file = join(folder, "bad.toml");
    writeFileSync(file, '[serve]\nlinger = "5s"\nlingr = "5s"\n');
    const said = await refused({ flags: ["--config", file] });
    assert.match(said, /lingr/);
    assert.match(said, /3/);
  });
});

describe("where it listens", () => {
  /** The local addresses that listen on this port, as /proc shows them. @param {number} port */
  function listening(port) {
    const hex = port.toString(16).toUpperCase().padStart(4, "0");
    return ["tcp", "tcp6"].flatMap((file) =>
      readFileSync(`/proc/net/${file}`, "latin1")
        .split("\n")
        .map((line) => line.trim().split(/\s+/))
        .filter((f) => f[3] === "0A" && f[1]?.endsWith(`:${hex}`))
        .map((f) => f[1].split(":")[0]),
    );
  }

  test("127.0.0.1 means 127.0.0.1 and nothing else", async () => {
    await Server.with({}, async (server) => {
      assert.deepEqual([...new Set(listening(server.port))], ["0100007F"]);
    });
  });
  test("--open allows a public address", async () => {
    await Server.with({ listen: "0.0.0.0:0", flags: ["--open"] }, async (server) => {
      assert.deepEqual([...new Set(listening(server.port))], ["00000000"]);
      assert.equal((await server.fetch("/healthz")).status, 200);
    });
  });
  test("IPv6 loopback", async (t) => {
    const probe = net.createServer();
    const ok = await new Promise((resolve) =>
      probe
        .once("error", () => resolve(false))
        .listen(0, "::1", () => probe.close(() => resolve(true))),
    );
    if (!ok) return t.skip("no IPv6 here");
    await Server.with({ listen: "[::1]:0" }, async (server) => {
      assert.equal((await fetch(`http://[::1]:${server.port}/healthz`)).status, 200);
    });
  });
});

describe("options from elsewhere", () => {
  /** Keys are the easiest option to see from outside. @param {Server} server @param {string} key */
  const accepts = async (server, key) =>
    (await server.fetch(`/publish/x?token=${key}`, { method: "POST", body: "x" })).status !== 401;

  test("FRAMEWIRE_* in the environment", async () => {
    await Server.with({ env: { FRAMEWIRE_PUBLISH_KEY: "from-env" } }, async (server) => {
      assert.equal(await accepts(server, "other"), false);
      assert.equal(await accepts(server, "from-env"), true);
    });
  });
  test("a --config file", async () => {
    const file = join(folder, "good.toml");
    writeFileSync(
      file,
      '# comment\n[serve]\nlisten = "127.0.0.1:0"\npublish-key = ["from-file", "second"]\nmax-lag = "2s"\n',
    );
    await Server.with({ listen: "", flags: ["--config", file] }, async (server) => {
      assert.equal(await accepts(server, "other"), false);
      assert.equal(await accepts(server, "second"), true);
    });
  });
  test("the command line wins over environment and file", async () => {
    const file = join(folder, "wins.toml");
    writeFileSync(file, 'publish-key = ["from-file"]\n');
    const flags = ["--config", file, "--publish-key", "from-flag"];
    await Server.with({ flags, env: { FRAMEWIRE_PUBLISH_KEY: "from-env" } }, async (server) => {
      assert.equal(await accepts(server, "from-file"), false);
      assert.equal(await accepts(server, "from-env"), false);
      assert.equal(await accepts(server, "from-flag"), true);
    });
  });
});

describe("TLS", () => {
  test("--tls-self-signed", async () => {
    await Server.with({ flags: ["--tls-self-signed"] }, async (server) => {
      assert.equal(server.scheme, "https");
      const { stdout } = await run("curl", ["-sk", `${server.origin}/healthz`]);
      assert.equal(stdout.trim(), "ok");
      const refusedBy = await run("curl", ["-s", `${server.origin}/healthz`]);
      assert.notEqual(refusedBy.code, 0, "curl trusts no self-signed certificate");
    });
  });
  test("--tls-cert and --tls-key", async (t) => {
    const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    const made = await run("openssl", [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-subj",
      "/CN=localhost",
      "-addext",
      "subjectAltName=DNS:localhost",
      "-keyout",
      key,
      "-out",
      cert,
      "-days",
      "2",
    ]).catch(() => null);
    if (made?.code !== 0) return t.skip("no openssl to make a certificate");
    await Server.with({ flags: ["--tls-cert", cert, "--tls-key", key] }, async (server) => {
      const { stdout } = await run("curl", [
        "-s",
        "--cacert",
        cert,
        "--resolve",
        `localhost:${server.port}:127.0.0.1`,
        `https://localhost:${server.port}/healthz`,
      ]);
      assert.equal(stdout.trim(), "ok");
    });
  });
});
