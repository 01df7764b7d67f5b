/** Certificates made by openssl, and which of them a server shows. */

import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import tls from "node:tls";

/** Self-signed ones for localhost, RSA and EC in turn. @param {string} folder @param {number} count */
export const certificatesIn = (folder, count) =>
  Array.from({ length: count }, (_, n) => {
    const [cert, key] = ["cert", "key"].map((kind) => join(folder, `${kind}-${n}.pem`));
    const algorithm = n % 2 ? "rsa:2048" : "ec";
    const curve = n % 2 ? [] : ["-pkeyopt", "ec_paramgen_curve:P-256"];
    const words = ["req", "-x509", "-newkey", algorithm, ...curve, "-nodes", "-days", "2"];
    words.push("-subj", "/CN=localhost", "-keyout", key, "-out", cert);
    execFileSync("openssl", words, { stdio: "ignore" });
    return { cert, key, fingerprint: new X509Certificate(readFileSync(cert)).fingerprint256 };
  });

/** @param {import('./server.mjs').Server} server @returns {Promise<string>} what a new connection is shown */
export const fingerprint = (server) =>
  new Promise((resolve, reject) => {
    const { port } = server;
    const socket = tls.connect({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on("error", reject);
  });
