/**
 * `framewire token`: keys, tokens and refusals by the command line; what it makes is taken by npm's jose
 * and Python's jwt, and what they make is taken here, with every algorithm.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import * as jose from "jose";
import { run } from "./lib/decode.mjs";
import { binary } from "./lib/server.mjs";

const ALGORITHMS = ["HS256", "RS256", "PS256", "ES256", "EdDSA"];
const RIGHTS = [{ action: "publish", stream: "room/*" }];
const PARTIES = { iss: "https://login.example", aud: "framewire", sub: "anna" };
const EXPECTED = ["--iss", PARTIES.iss, "--aud", PARTIES.aud];

/** @type {string} */ let folder;
before(() => (folder = mkdtempSync(join(tmpdir(), "framewire-tokens-"))));
after(() => rmSync(folder, { recursive: true, force: true }));

/** @param {string[]} args @param {string} [input] */
const token = (args, input = "") => run(binary(), ["token", ...args], Buffer.from(input));

/** @param {string} name @param {unknown} value @returns {string} its path */
function write(name, value) {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(value));
  return path;
}
/** @param {string} path */
const read = (path) => JSON.parse(readFileSync(path, "utf8"));

/** @param {string} name @param {string} algorithm @param {string[]} [more] @returns {Promise<string>} */
async function keygen(name, algorithm, more = []) {
  const path = join(folder, name);
  const made = await token(["keygen", path, "--alg", algorithm, ...more]);
  assert.equal(made.code, 0, made.stderr);
  return path;
}

/** @param {string} path @param {string[]} [more] @returns {Promise<string>} */
async function signed(path, more = ["--publish", "room/*"]) {
  const made = await token(["sign", "--key", `${path}.jwk`, ...more]);
  assert.equal(made.code, 0, made.stderr);
  return made.stdout.trimEnd();
}

/** @param {string} jwks a file @param {string} text @param {string[]} [more] */
async function taken(jwks, text, more = []) {
  const { code, stdout, stderr } = await token(["verify", "--jwks", jwks, ...more], text);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

/** @param {string} jwks @param {string} text @param {string} name of the refusal @param {string[]} [more] */
async function refused(jwks, text, name, more = []) {
  const { code, stdout, stderr } = await token(["verify", "--jwks", jwks, ...more], text);
  assert.equal(code, 4, stdout + stderr);
  assert.equal(stdout, "");
  assert.match(stderr, new RegExp(`^framewire: ${name}: .`));
  for (const part of text.split(".").filter((one) => one.length > 8))
    assert.ok(!stderr.includes(part.slice(0, 8)), "nothing of the token is told");
}

/** What python3-jwt does with a key as JWK. @param {object} asked @returns {Promise<any>} */
async function python(asked) {
  const program = `
import json, sys, jwt
asked = json.load(sys.stdin)
jwk = asked["jwk"]
key = jwt.PyJWK.from_dict(jwk).key
if "token" in asked:
    out = jwt.decode(asked["token"], key, algorithms=[jwk["alg"]], audience="framewire", issuer="https://login.example")
else:
    out = jwt.encode(asked["claims"], key, algorithm=jwk["alg"], headers={"kid": jwk["kid"]})
print(json.dumps(out))`;
  const { code, stdout, stderr } = await run(
    "/usr/bin/python3", // Debian's, which has python3-jwt
    ["-c", program],
    Buffer.from(JSON.stringify(asked)),
  );
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

/** @param {string} jwkFile @param {object} claims @param {object} [header] */
async function signedByJose(jwkFile, claims, header = {}) {
  const jwk = read(jwkFile);
  return await new jose.SignJWT(/** @type {jose.JWTPayload} */ (claims))
    .setProtectedHeader({ alg: jwk.alg, kid: jwk.kid, ...header })
    .sign(await jose.importJWK(jwk));
}

const later = (seconds = 600) => Math.floor(Date.now() / 1000) + seconds;

for (const algorithm of ALGORITHMS)
  describe(`${algorithm}, there and back`, () => {
    /** @type {string} */ let ours;
    before(async () => (ours = await keygen(`there-${algorithm}`, algorithm)));

    test("by ourselves", async () => {
      const text = await signed(ours, ["--publish", "room/*", "--sub", "anna"]);
      const claims = await taken(`${ours}.jwks`, text);
      assert.equal(claims.sub, "anna");
      assert.deepEqual(claims.rights, RIGHTS);
      assert.ok(claims.exp > later(3500) && claims.exp <= later(3600));
    });

    test("our tokens and keys are taken by jose and by Python", async () => {
      const text = await signed(ours, [
        ...["--publish", "room/*", "--sub", "anna", "--iss", PARTIES.iss, "--aud", PARTIES.aud],
      ]);
      const jwk = read(`${ours}.jwks`).keys[0];
      const byJose = await jose.jwtVerify(text, await jose.importJWK(jwk), {
        ...{ algorithms: [algorithm], issuer: PARTIES.iss, audience: PARTIES.aud },
      });
      assert.deepEqual(byJose.payload.framewire, RIGHTS);
      const byPython = await python({ jwk, token: text });
      assert.deepEqual(byPython.framewire, RIGHTS);
    });

    test("tokens that jose and Python make with our key are taken", async () => {
      const claims = { ...PARTIES, exp: later(), framewire: RIGHTS };
      const jwk = read(`${ours}.jwk`);
      for (const text of [
        await signedByJose(`${ours}.jwk`, claims),
        await python({ jwk, claims }),
      ]) {
        const said = await taken(`${ours}.jwks`, text, EXPECTED);
        assert.equal(said.sub, "anna");
        assert.deepEqual(said.rights, RIGHTS);
      }
    });

    test("so are those of a key that jose has made", async () => {
      /** @type {any} */ const pair =
        algorithm === "HS256"
          ? await jose.generateSecret(algorithm, { extractable: true })
          : await jose.generateKeyPair(algorithm, { extractable: true });
      const more = { alg: algorithm, kid: "of jose" };
      const secret = { ...(await jose.exportJWK(pair.privateKey ?? pair)), ...more };
      const open = { ...(await jose.exportJWK(pair.publicKey ?? pair)), ...more };
      const key = write(`jose-${algorithm}.jwk`, secret);
      const jwks = write(`jose-${algorithm}.jwks`, { keys: [open] });
      const claims = { ...PARTIES, exp: later(), framewire: RIGHTS };
      await taken(jwks, await signedByJose(key, claims), EXPECTED);
      await taken(jwks, await signed(key.slice(0, -4)), []);
    });
  });

describe("keys", () => {
  test("the private one is for its owner alone, and no file is written over", async () => {
    const path = await keygen("mode", "ES256", ["--kid", "one"]);
    assert.equal(statSync(`${path}.jwk`).mode & 0o777, 0o600);
    assert.equal(statSync(`${path}.jwks`).mode & 0o044, 0o044);
    assert.equal(read(`${path}.jwk`).kid, "one");
    assert.ok(!("d" in read(`${path}.jwks`).keys[0]));
    const again = await token(["keygen", path]);
    assert.equal(again.code, 6, again.stderr);
    assert.match(again.stderr, /--force/);
    assert.equal(read(`${path}.jwk`).kid, "one");
    await keygen("mode", "EdDSA", ["--force"]);
    assert.equal(read(`${path}.jwk`).alg, "EdDSA");
    assert.equal(statSync(`${path}.jwk`).mode & 0o777, 0o600);
  });

  test("a shared secret is nobody else's either", async () => {
    const path = await keygen("shared", "HS256");
    assert.equal(statSync(`${path}.jwks`).mode & 0o777, 0o600);
    assert.equal(read(`${path}.jwks`).keys[0].k, read(`${path}.jwk`).k);
  });

  test("a set of several: by name, others left out with a warning, a private one refused", async () => {
    const [one, other] = [await keygen("one", "ES256"), await keygen("other", "EdDSA")];
    const keys = [one, other].map((path) => read(`${path}.jwks`).keys[0]);
    const encrypting = { kty: "RSA", use: "enc", kid: "e", n: "AQAB", e: "AQAB" };
    const set = write("set.jwks", { keys: [...keys, encrypting] });
    const text = await signed(other);
    const { code, stderr } = await token(["verify", "--jwks", set], text);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /warning: .*key 3 is not for signatures/);
    const wrong = write("wrong.jwks", {
      keys: [...keys, read(`${await keygen("p", "ES256")}.jwk`)],
    });
    const failed = await token(["verify", "--jwks", wrong], text);
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /key 3 is a private key/);
  });

  test("what is no key, or not there, is said", async () => {
    const none = join(folder, "none");
    for (const args of [
      ["sign", "--key", none, "--watch", "*"],
      ["verify", "--jwks", none],
    ]) {
      const { code, stderr } = await token(args, "x");
      assert.equal(code, 3, stderr);
      assert.ok(stderr.includes(none));
    }
    const bad = write("bad.jwk", { kty: "oct", k: "c2hvcnQ" });
    const signing = await token(["sign", "--key", bad, "--watch", "*"]);
    assert.equal(signing.code, 1);
    assert.match(signing.stderr, /bad\.jwk: the key is a secret of fewer than 32 bytes/);
    assert.ok(!signing.stderr.includes("c2hvcnQ"));
  });
});

describe("refused, by name", () => {
  /** @type {string} */ let key;
  before(async () => (key = await keygen("refusing", "ES256")));
  const good = () => ({ ...PARTIES, exp: later(), framewire: RIGHTS });

  /** @type {[string, string, object][]} */
  const rows = [
    ["token-expired", "long ago", { exp: later(-3600) }],
    ["token-no-expiry", "never expires", { exp: undefined }],
    ["token-not-yet", "later", { nbf: later(3600) }],
    ["token-issuer", "another issuer", { iss: "https://evil.example" }],
    ["token-audience", "another audience", { aud: "other" }],
    ["token-rights", "no rights", { framewire: undefined }],
    ["token-rights", "lists in lists", { framewire: [RIGHTS] }],
    ["token-malformed", "a subject that is none", { sub: 7 }],
  ];
  for (const [name, what, change] of rows)
    test(`${name}: ${what}`, async () => {
      const text = await signedByJose(`${key}.jwk`, { ...good(), ...change });
      await refused(`${key}.jwks`, text, name, EXPECTED);
    });

  test("what was tampered with, signed by another, or not at all", async () => {
    const text = await signedByJose(`${key}.jwk`, good());
    const [header, payload, signature] = text.split(".");
    const jwks = `${key}.jwks`;
    await taken(jwks, text, EXPECTED);
    const other = await signedByJose(`${key}.jwk`, { ...good(), sub: "mallory" });
    await refused(jwks, `${header}.${other.split(".")[1]}.${signature}`, "token-signature");
    await refused(jwks, `${header}.${payload}.`, "token-signature");
    await refused(jwks, ` ${text}`, "token-malformed");
    await refused(jwks, `${text}=`, "token-malformed");
    await refused(jwks, "x".repeat(9000), "token-too-long");
    await refused(jwks, await signed(await keygen("another", "ES256")), "token-key-unknown");
    await refused(jwks, new jose.UnsecuredJWT(good()).encode(), "token-algorithm");
    const critical = { b64: true, crit: ["b64"] };
    await refused(jwks, await signedByJose(`${key}.jwk`, good(), critical), "token-critical");
  });

  test("with --leeway and --claim as they are said", async () => {
    const text = await signedByJose(`${key}.jwk`, { exp: later(-30), "urn:r": RIGHTS });
    const said = await taken(`${key}.jwks`, text, ["--claim", "urn:r"]);
    assert.deepEqual(said.rights, RIGHTS);
    await refused(`${key}.jwks`, text, "token-rights");
    await refused(`${key}.jwks`, text, "token-expired", ["--claim", "urn:r", "--leeway", "10s"]);
  });
});

describe("asked wrongly", () => {
  /** @type {[string, string[], RegExp][]} */
  const rows = [
    ["no command", ["sing"], /keygen, sign, verify or link is wanted \(did you mean sign\?\)/],
    ["no name", ["keygen"], /NAME/],
    ["an algorithm that is none", ["keygen", "x", "--alg", "none"], /--alg/],
    ["no key", ["sign", "--watch", "*"], /--key/],
    ["no rights", ["sign", "--key", "x"], /rights/],
    ["a pattern that no name fits", ["sign", "--key", "x", "--watch", "../a"], /--watch/],
    ["a life of nothing", ["sign", "--key", "x", "--watch", "a", "--ttl", "0s"], /--ttl/],
    ["a life of no unit", ["sign", "--key", "x", "--watch", "a", "--ttl", "9"], /--ttl/],
    ["an option that is none", ["sign", "--key", "x", "--wach", "a"], /did you mean --watch/],
    ["no keys to verify with", ["verify", "x"], /--jwks/],
    ["two tokens", ["verify", "--jwks", "x", "a.b.c", "d.e.f"], /belongs to no option/],
  ];
  for (const [what, args, said] of rows)
    test(what, async () => {
      const { code, stdout, stderr } = await token(args);
      assert.equal(code, 2, stdout + stderr);
      assert.match(stderr, said);
    });

  test("--help of each", async () => {
    for (const [args, text] of /** @type {[string[], string][]} */ ([
      [[], "Usage: framewire token COMMAND"],
      [["--help"], "Usage: framewire token COMMAND"],
      [["keygen", "--help"], "Usage: framewire token keygen NAME"],
      [["sign", "--help"], "--publish STREAM"],
      [["verify", "-h"], "--jwks FILE"],
    ])) {
      const { code, stdout } = await token(args);
      assert.equal(code, 0);
      assert.ok(stdout.includes(text), stdout);
    }
  });
});

test("a token may stand in the command line", async () => {
  const path = await keygen("inline", "EdDSA");
  const { code } = await token(["verify", "--jwks", `${path}.jwks`, await signed(path)]);
  assert.equal(code, 0);
});
