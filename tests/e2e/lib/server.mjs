/**
 * A framewire server as a child process: on a free port, ended by its pid, its exit code checked.
 * FRAMEWIRE_BIN names another binary (a sanitizer build, say); default: build/release/framewire.
 */
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cpuSeconds, rssBytes } from "./proc.mjs";
import { until, within } from "./wait.mjs";

const DEFAULT_BINARY = fileURLToPath(new URL("../../../build/release/framewire", import.meta.url));
export const binary = () => process.env.FRAMEWIRE_BIN ?? DEFAULT_BINARY;

/** Where certificates that servers make are kept. */
const STATE = join(tmpdir(), "framewire-test-state");
const READY = /framewire listening on (https?):\/\/([^\s/]+):(\d+)/;

/**
 * @typedef {object} StartOptions
 * @property {string[]} [flags] after `serve`
 * @property {Record<string, string>} [env]
 * @property {string} [listen] default 127.0.0.1:0; '' = do not say
 * @property {string} [binary]
 * @property {string[]} [command] in place of [binary, 'serve'], e.g. through setpriv
 */

/** @typedef {{code: number | null, signal: NodeJS.Signals | null}} Exit */

export class Server {
  stdout = "";
  stderr = "";
  /** @type {Exit | null} */ exit = null;
  scheme = "http";
  host = "127.0.0.1";
  port = 0;

  /** @param {StartOptions} [options] spawns and does not wait */
  constructor(options = {}) {
    const [file, ...args] = options.command ?? [options.binary ?? binary(), "serve"];
    const listen = options.listen ?? "127.0.0.1:0";
    if (listen) args.push("--listen", listen);
    args.push(...(options.flags ?? []));
    this.child = spawn(file, args, {
      // Few connections would all be on one loop.
      env: { FRAMEWIRE_LOOP_FILL: "0", XDG_STATE_HOME: STATE, ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child.stdout.on("data", (chunk) => (this.stdout += chunk));
    this.child.stderr.on("data", (chunk) => (this.stderr += chunk));
    /** @type {Promise<Exit>} */
    this.exited = new Promise((resolve) => {
      this.child.on("error", (error) => {
        this.stderr += String(error);
      });
      this.child.on("close", (code, signal) => {
        this.exit = { code, signal };
        resolve(this.exit);
      });
    });
    running.add(this);
    this.exited.then(() => running.delete(this));
  }

  /** @param {StartOptions} [options] @returns {Promise<Server>} when it listens */
  static async start(options) {
    const server = new Server(options);
    await until(() => READY.test(server.stdout) || server.exit, "the server to listen", {
      ms: 30_000,
    });
    const line = READY.exec(server.stdout);
    if (!line)
      throw new Error(`the server ended with ${JSON.stringify(server.exit)}: ${server.output}`);
    server.scheme = line[1];
    server.host = line[2];
    server.port = Number(line[3]);
    return server;
  }

  /** Starts one, runs `use`, ends it, and demands exit code 0.
   * @template T @param {StartOptions} options @param {(server: Server) => Promise<T>} use @returns {Promise<T>} */
  static async with(options, use) {
    const server = await Server.start(options);
    try {
      return await use(server);
    } finally {
      await server.stop();
    }
  }

  get pid() {
    return /** @type {number} */ (this.child.pid);
  }
  get output() {
    return `${this.stdout}\n${this.stderr}`.trim();
  }
  get origin() {
    return `${this.scheme}://127.0.0.1:${this.port}`;
  }
  get wsOrigin() {
    return this.origin.replace(/^http/, "ws");
  }
  get rssBytes() {
    return rssBytes(this.pid);
  }
  get cpuSeconds() {
    return cpuSeconds(this.pid);
  }

  /** @param {string} path @param {RequestInit} [init] */
  fetch(path, init) {
    return fetch(this.origin + path, init);
  }

  /** @param {string} stream @returns {Promise<any>} the stream's JSON, or null */
  async describe(stream) {
    const answer = await this.fetch(`/api/v1/streams/${stream}`);
    return answer.status === 200 ? answer.json() : null;
  }

  /** One sample of /metrics, by its full name with labels; NaN: not there. @param {string} name */
  async metric(name) {
    const lines = (await (await this.fetch("/metrics")).text()).split("\n");
    return Number(lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1));
  }

  /** Waits until the process is gone, however it goes. @param {number} [ms] */
  ended(ms = 15_000) {
    return within(this.exited, "the server to exit", ms);
  }

  /** SIGTERM, and exit code 0 or an error that shows what it said. */
  async stop() {
    if (!this.exit) this.child.kill("SIGTERM");
    let exit;
    try {
      exit = await this.ended(20_000);
    } catch (error) {
      this.child.kill("SIGKILL");
      throw error;
    }
    if (exit.code !== 0)
      throw new Error(
        `the server exited with ${JSON.stringify(exit)}: ${this.output.slice(-4000)}`,
      );
  }
}

/** @type {Set<Server>} */
const running = new Set();
const killAll = () => {
  for (const server of running) server.child.kill("SIGKILL");
};
// A test that fails in its middle leaves its server: the process must end all the same.
if (process.env.NODE_TEST_CONTEXT) {
  const { after } = await import("node:test");
  after(() => void setTimeout(killAll, 25_000).unref());
}
process.on("exit", killAll);
for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => process.exit(1));
