/** Who issues tokens for a server in a test: keys, a JWK Set in a file, and tokens of any shape. */
import { createHmac, randomBytes } from "node:crypto";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as jose from "jose";

export const ISSUER = "https://login.example";
export const AUDIENCE = "framewire";
/** A server's flags that go with it. */
export const EXPECTED = ["--jwt-issuer", ISSUER, "--jwt-audience", AUDIENCE];

/** @typedef {{kid: string, alg: string, key: any, jwk: any}} IssuerKey */

/** @param {string} alg @param {string} [kid] @returns {Promise<IssuerKey>} */
export async function newKey(alg, kid = alg.toLowerCase()) {
  if (alg === "HS256") {
    const secret = randomBytes(32);
    return {
      kid,
      alg,
      key: secret,
      jwk: { kty: "oct", k: secret.toString("base64url"), kid, alg },
    };
  }
  const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true });
  return { kid, alg, key: privateKey, jwk: { ...(await jose.exportJWK(publicKey)), kid, alg } };
}

export const nowS = () => Math.floor(Date.now() / 1000);

/** @param {string} action @param {string} stream */
export const right = (action, stream) => ({ action, stream });

/** @param {any[]} rights @param {object} [more] */
export const claims = (rights, more = {}) => ({
  iss: ISSUER,
  aud: AUDIENCE,
  sub: "s3cret-anna",
  exp: nowS() + 600,
  framewire: rights,
  ...more,
});

/** @param {IssuerKey} by @param {any} payload @param {object} [header] @returns {Promise<string>} */
export const sign = (by, payload, header = {}) =>
  new jose.SignJWT(payload)
    .setProtectedHeader({ alg: by.alg, kid: by.kid, ...header })
    .sign(by.key);

/** @param {unknown} value */
const part = (value) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** With any header and payload, signed as HS256 with any secret. @param {unknown} header @param {unknown} payload @param {string | Buffer} secret */
export function forge(header, payload, secret = "") {
  const text = `${part(header)}.${part(payload)}`;
  if (secret.length === 0) return `${text}.`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

/** A client of its own, so that its wrong tokens are not another's. */
let clients = 0;
export const newcomer = () => {
  clients += 1;
  return { "X-Forwarded-For": `10.0.${clients >> 8}.${clients & 255}` };
};

/** A folder with a JWK Set that is replaced as a whole. */
export class KeyFile {
  folder = mkdtempSync(join(tmpdir(), "framewire-jwks-"));
  path = join(this.folder, "keys.jwks");
  /** @param {IssuerKey[]} keys */
  write(keys) {
    this.writeText(JSON.stringify({ keys: keys.map((one) => one.jwk) }));
  }
  /** @param {string} text */
  writeText(text) {
    writeFileSync(`${this.path}.new`, text);
    renameSync(`${this.path}.new`, this.path);
  }
  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
