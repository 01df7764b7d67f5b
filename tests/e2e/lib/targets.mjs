/**
 * Where streams are passed on to: ffmpeg as an RTMP or SRT server that keeps what it is sent in a file,
 * ffmpeg as the publisher, and the way between as slow as one likes.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { run } from "./decode.mjs";
import { within } from "./wait.mjs";

/** @typedef {import('./server.mjs').Server} Server */

/** A port that was free a moment ago, of TCP; ffmpeg cannot tell the one that 0 gave it. */
export async function freePort() {
  const listener = net.createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = /** @type {net.AddressInfo} */ (listener.address());
  await new Promise((resolve) => listener.close(() => resolve(undefined)));
  return port;
}

export const folder = () => {
  const path = mkdtempSync(join(tmpdir(), "framewire-restream-"));
  process.on("exit", () => rmSync(path, { recursive: true, force: true }));
  return path;
};

/** @type {Set<import('node:child_process').ChildProcess>} */ const running = new Set();
const killAll = () => {
  for (const child of running) child.kill("SIGKILL");
};
// A test that fails in its middle leaves them: the process must end all the same.
if (process.env.NODE_TEST_CONTEXT) after(killAll);
process.on("exit", killAll);

/** An ffmpeg that is ended with the test. @param {string[]} args */
function ffmpeg(args) {
  const child = spawn("ffmpeg", ["-nostdin", "-v", "error", ...args], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  running.add(child);
  /** @type {{child: typeof child, stderr: string, ended: Promise<number | null>}} */
  const out = { child, stderr: "", ended: Promise.resolve(null) };
  child.stderr.on("data", (piece) => (out.stderr += piece));
  out.ended = new Promise((resolve) =>
    child.on("close", (code) => {
      running.delete(child);
      resolve(code);
    }),
  );
  return out;
}

/** A server that takes one stream and writes it to `file`. */
export class Target {
  /** @param {string} url @param {string} file @param {string[]} [more] */
  constructor(url, file, more = []) {
    this.file = file;
    this.process = ffmpeg([...more, "-i", url, "-c", "copy", "-flush_packets", "1", "-y", file]);
  }
  /** @param {number} port @param {string} path "app/key" @param {string} file */
  static rtmp(port, path, file) {
    return new Target(`rtmp://127.0.0.1:${port}/${path}`, file, ["-listen", "1"]);
  }
  /** @param {number} port @param {string} file */
  static srt(port, file) {
    return new Target(`srt://127.0.0.1:${port}?mode=listener`, file);
  }
  get bytes() {
    try {
      return readFileSync(this.file);
    } catch {
      return Buffer.alloc(0);
    }
  }
  /** The stream is over, or the connection. */
  ended() {
    return within(this.process.ended, `${this.file} to be whole`, 40_000);
  }
  async kill() {
    this.process.child.kill("SIGKILL");
    await this.process.ended;
  }
}

const PICTURES = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30"];
const SOUND = ["-f", "lavfi", "-i", "sine=sample_rate=48000"];
const ENCODERS = {
  flv: "-c:v libx264 -preset ultrafast -tune zerolatency -g 30 -c:a aac",
  webm: "-c:v libvpx -deadline realtime -cpu-used 8 -g 30 -c:a libopus",
};

/** A film of counted seconds. @param {'flv' | 'webm'} format @param {number} seconds @param {string} file @param {string[]} [more] */
export async function film(format, seconds, file, more = []) {
  const args = [...PICTURES, ...SOUND, "-t", `${seconds}`, ...ENCODERS[format].split(" "), ...more];
  const { code, stderr } = await run("ffmpeg", ["-v", "error", ...args, "-f", format, "-y", file]);
  if (code !== 0) throw new Error(stderr);
  return file;
}

/** Publishes a film at its own pace. @param {Server} server @param {string} stream @param {string} file @param {string[]} [more] before the input */
export function publishFilm(server, stream, file, more = []) {
  const format = /** @type {string} */ (file.split(".").at(-1));
  const url = `${server.origin}/publish/${stream}`;
  return ffmpeg([...more, "-re", "-i", file, "-c", "copy", "-f", format, url]);
}

/** The decoded pictures, each by its hash. @param {string} file @returns {Promise<string[]>} */
export async function picturesOf(file) {
  const args = ["-v", "error", "-i", file, "-map", "0:v", "-fps_mode", "passthrough"];
  const { stdout, stderr } = await run("ffmpeg", [...args, "-f", "framemd5", "-"]);
  if (stderr) throw new Error(`${file}: ${stderr}`);
  const rows = stdout.split("\n").filter((row) => row && !row.startsWith("#"));
  return rows.map((row) => /** @type {string} */ (row.split(",").at(-1)).trim());
}

/** A way to a port that can be held up: nothing is read from who sends. */
export class Way {
  passed = 0;
  #held = false;
  /** @type {Set<net.Socket>} */ #sockets = new Set();

  /** @param {number} to */
  constructor(to) {
    this.listener = net.createServer((client) => {
      const server = net.connect(to, "127.0.0.1");
      for (const socket of [client, server]) {
        this.#sockets.add(socket);
        socket.on("error", () => {});
        socket.on("close", () => {
          client.destroy();
          server.destroy();
          this.#sockets.delete(socket);
        });
      }
      server.pipe(client);
      client.on("data", (data) => {
        this.passed += data.length;
        server.write(data);
        if (this.#held) client.pause();
      });
      this.client = client;
    });
  }
  /** @param {number} to */
  static async open(to) {
    const way = new Way(to);
    way.listener.listen(0, "127.0.0.1").unref();
    await once(way.listener, "listening");
    return way;
  }
  get port() {
    return /** @type {net.AddressInfo} */ (this.listener.address()).port;
  }
  hold() {
    this.#held = true;
    this.client?.pause();
  }
  go() {
    this.#held = false;
    this.client?.resume();
  }
  close() {
    for (const socket of this.#sockets) socket.destroy();
    this.listener.close();
  }
}
