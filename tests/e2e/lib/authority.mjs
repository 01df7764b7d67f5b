/** A certificate authority made by openssl, and what it signs and revokes. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const SECTIONS = `
[req]
distinguished_name = dn
prompt = no
[dn]
CN = unused
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[policy]
commonName = supplied
`;

/** @param {number} ms since 1970 @returns {string} as openssl ca wants it */
const utc = (ms) => `${new Date(ms).toISOString().replace(/[-:T]/g, "").slice(2, 14)}Z`;

/** @param {string[]} args */
const openssl = (args) => execFileSync("openssl", args, { stdio: ["ignore", "ignore", "pipe"] });

/** @typedef {{cert: string, key: string, pem: {cert: Buffer, key: Buffer}}} Issued files, and what is in them */

export class Authority {
  #folder;
  #name;
  #config;

  /** @param {string} folder @param {string} name */
  constructor(folder, name) {
    this.#folder = folder;
    this.#name = name;
    this.#config = this.#file("cnf");
    writeFileSync(this.#file("index"), "");
    writeFileSync(this.#file("index.attr"), "unique_subject = no\n");
    writeFileSync(
      this.#config,
      `${SECTIONS}[ca]
database = ${this.#file("index")}
new_certs_dir = ${folder}
default_md = sha256
policy = policy
rand_serial = yes
default_days = 1
default_crl_days = 1
[exts]
basicConstraints = CA:FALSE
`,
    );
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    const out = ["-keyout", this.#file("key.pem"), "-out", this.cert, "-days", "2"];
    const as = ["-config", this.#config, "-extensions", "root", "-subj", `/CN=${name}`];
    openssl(["req", "-x509", ...key, ...as, ...out]);
  }

  /** The file for --client-ca. */
  get cert() {
    return this.#file("pem");
  }

  /**
   * @param {string} cn
   * @param {{san?: string, usage?: string, from?: number, to?: number}} [wish] `from` and `to`: in milliseconds since 1970
   * @returns {Issued}
   */
  issue(cn, { san, usage, from = Date.now() - 3_600_000, to = Date.now() + 3_600_000 } = {}) {
    const base = join(this.#folder, `${this.#name}-${cn.replace(/\W/g, "_")}-${to}`);
    const [cert, key, request, exts] = ["pem", "key", "csr", "ext"].map((end) => `${base}.${end}`);
    const lines = ["basicConstraints = CA:FALSE"];
    if (san) lines.push(`subjectAltName = ${san}`);
    if (usage) lines.push(`extendedKeyUsage = ${usage}`);
    writeFileSync(exts, `${lines.join("\n")}\n`);
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    const config = ["-config", this.#config];
    openssl([
      "req",
      "-new",
      ...curve,
      ...config,
      "-subj",
      `/CN=${cn}`,
      "-keyout",
      key,
      "-out",
      request,
    ]);
    const by = ["-name", "ca", "-cert", this.cert, "-keyfile", this.#file("key.pem")];
    const times = ["-startdate", utc(from), "-enddate", utc(to)];
    const ask = ["-batch", "-notext", "-in", request, "-out", cert, "-extfile", exts];
    openssl(["ca", ...config, ...by, ...times, ...ask]);
    return { cert, key, pem: { cert: readFileSync(cert), key: readFileSync(key) } };
  }

  /** @param {Issued} gone @returns {string} PEM: the list of all that is revoked */
  revoke(gone) {
    const by = ["-name", "ca", "-cert", this.cert, "-keyfile", this.#file("key.pem")];
    openssl(["ca", "-config", this.#config, ...by, "-revoke", gone.cert]);
    const list = this.#file("crl");
    openssl(["ca", "-config", this.#config, ...by, "-gencrl", "-out", list]);
    return readFileSync(list, "utf8");
  }

  /** @param {string} end */
  #file(end) {
    return join(this.#folder, `${this.#name}.${end}`);
  }
}
