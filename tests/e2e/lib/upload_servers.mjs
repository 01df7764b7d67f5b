/**
 * Where recordings go in tests: the s3rver of 20minutes, which verifies signatures (version 4), and a plain HTTP server of
 * PUT and HEAD; a door before either refuses, cuts and checks what S3 itself would check.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export const KEYS = { AWS_ACCESS_KEY_ID: "S3RVER", AWS_SECRET_ACCESS_KEY: "S3RVER" };

/** @param {Uint8Array} bytes @param {string} kind @param {import("node:crypto").BinaryToTextEncoding} [form] */
export const digest = (bytes, kind = "sha256", form = "hex") =>
  createHash(kind).update(bytes).digest(form);

/** @param {http.Server} server @param {number} [port] @returns {Promise<number>} */
const listen = (server, port = 0) =>
  new Promise((resolve) =>
    server.listen(port, "127.0.0.1", () =>
      resolve(/** @type {import("node:net").AddressInfo} */ (server.address()).port),
    ),
  );

/**
 * @typedef {{method: string, url: string, headers: http.IncomingHttpHeaders, bytes: number}} Seen
 * @typedef {{status?: number, headers?: Record<string, string>, body?: string, cutAfter?: number, hangAfter?: number}} Trouble
 */

/** Before a server: notes each request, makes trouble where it is asked to, passes the rest on whole. */
export class Door {
  /** @type {Seen[]} */ seen = [];
  /** What is wrong, by request; nothing: it goes through. @type {(seen: Seen) => Trouble | undefined} */
  trouble = () => undefined;
  /** What S3 would have refused. @type {string[]} */ faults = [];
  port = 0;
  /** @type {http.Server} */ #server;
  /** @param {number | ((request: http.IncomingMessage, body: Buffer, response: http.ServerResponse) => void)} behind a port, or who answers */
  constructor(behind) {
    this.#server = http.createServer((request, response) => {
      const { method = "", url = "", headers } = request;
      const seen = { method, url, headers, bytes: 0 };
      this.seen.push(seen);
      const trouble = this.trouble(seen);
      /** @type {Buffer[]} */ const pieces = [];
      request.on("error", () => {});
      request.on("data", (piece) => {
        seen.bytes += piece.length;
        pieces.push(piece);
        if (trouble?.cutAfter !== undefined && seen.bytes >= trouble.cutAfter) request.destroy();
        if (trouble?.hangAfter !== undefined && seen.bytes >= trouble.hangAfter) request.pause();
      });
      request.on("end", () => {
        const body = Buffer.concat(pieces);
        this.#check(seen, body);
        if (trouble?.status) response.writeHead(trouble.status, trouble.headers).end(trouble.body);
        else if (typeof behind === "function") behind(request, body, response);
        else this.#pass(behind, seen, body, response);
      });
    });
  }
  /** @param {Seen} seen @param {Buffer} body */
  #check({ method, url, headers }, body) {
    const told = headers["x-amz-content-sha256"];
    if (told && told !== digest(body)) this.faults.push(`${method} ${url}: x-amz-content-sha256`);
    const md5 = headers["content-md5"];
    if (md5 && md5 !== digest(body, "md5", "base64"))
      this.faults.push(`${method} ${url}: Content-MD5`);
    const sha = headers["content-digest"];
    if (sha && sha !== `sha-256=:${digest(body, "sha256", "base64")}:`)
      this.faults.push(`${method} ${url}: Content-Digest`);
    if (method === "PUT" && !told && !sha) this.faults.push(`${method} ${url}: no checksum`);
  }
  /** @param {number} port @param {Seen} seen @param {Buffer} body @param {http.ServerResponse} response */
  #pass(port, { method, url, headers }, body, response) {
    const onward = http.request(
      { port, host: "127.0.0.1", method, path: url, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on("error", () => response.destroy());
    onward.end(body);
  }
  /** @param {number} [port] of before */
  async open(port) {
    this.port = await listen(this.#server, port);
    return this;
  }
  close() {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(resolve));
  }
  get origin() {
    return `http://127.0.0.1:${this.port}`;
  }
  /** @param {string} method */
  count(method) {
    return this.seen.filter((each) => each.method === method).length;
  }
}

/** An S3 server with one bucket, `films`, behind a door. @param {(s3: Door & {object: (key: string) => Buffer | null}) => Promise<any>} use */
export async function withS3(use) {
  const S3rver = createRequire(import.meta.url)("@20minutes/s3rver");
  const directory = mkdtempSync(join(tmpdir(), "framewire-s3-"));
  const s3 = new S3rver({
    ...{ port: 0, address: "127.0.0.1", silent: true, directory },
    ...{ vhostBuckets: false, configureBuckets: [{ name: "films" }] },
  });
  const { port } = await s3.run();
  const door = await new Door(port).open();
  /** @param {string} key */
  const object = (key) => {
    const file = join(directory, "films", `${key}._S3rver_object`);
    return existsSync(file) ? readFileSync(file) : null;
  };
  try {
    return await use(Object.assign(door, { object }));
  } finally {
    await door.close();
    await s3.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A plain HTTP server: what is PUT can be asked for. @param {(web: Door & {files: Map<string, Buffer>}) => Promise<any>} use */
export async function withWeb(use) {
  /** @type {Map<string, Buffer>} */ const files = new Map();
  const door = new Door((request, body, response) => {
    const path = String(request.url);
    if (request.method === "PUT") {
      response.writeHead(files.has(path) ? 204 : 201).end();
      files.set(path, body);
    } else {
      const file = files.get(path);
      response.writeHead(file ? 200 : 404, { "Content-Length": file?.length ?? 0 }).end();
    }
  });
  await door.open();
  try {
    return await use(Object.assign(door, { files }));
  } finally {
    await door.close();
  }
}

/** A finished recording that a server of before was to send. @param {string} dir @param {string} id @param {Uint8Array} bytes */
export function leave(dir, id, bytes, upload = { state: "waiting" }) {
  const note = join(dir, ".framewire", `${id}.json`);
  for (const file of [join(dir, id), note]) mkdirSync(dirname(file), { recursive: true });
  writeFileSync(join(dir, id), bytes);
  writeFileSync(note, JSON.stringify({ stream: dirname(id), began_ms: Date.now(), upload }));
}
