/**
 * A cluster on this machine: a real nats-server, and nodes that are framewire processes of their own.
 * Ports are whatever is free; all is ended by its pid.
 */
import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Server } from "./server.mjs";
import { until } from "./wait.mjs";

export class Nats {
  /** @type {import("node:child_process").ChildProcess | null} */ child = null;
  output = "";
  port = 0;
  /** @param {string} folder */
  constructor(folder) {
    this.folder = folder;
  }

  static async start() {
    const nats = new Nats(await mkdtemp(join(tmpdir(), "framewire-nats-")));
    await nats.run();
    return nats;
  }

  /** Again at the same port, with what it had kept. */
  async run() {
    const port = this.port === 0 ? "-1" : String(this.port);
    const args = ["-a", "127.0.0.1", "-p", port, "-js", "-sd", this.folder];
    args.push("--ports_file_dir", this.folder);
    const child = spawn("nats-server", args, { stdio: ["ignore", "ignore", "pipe"] });
    this.child = child;
    child.stderr.on("data", (text) => (this.output += text));
    this.exited = new Promise((resolve) => child.on("close", resolve));
    const file = `nats-server_${child.pid}.ports`;
    await until(async () => (await readdir(this.folder)).includes(file), "NATS to listen");
    const ports = await until(async () => {
      try {
        return JSON.parse(await readFile(join(this.folder, file), "utf8"));
      } catch {
        return null;
      }
    }, "NATS to say its port");
    this.port = Number(new URL(ports.nats[0]).port);
  }

  get url() {
    return `nats://127.0.0.1:${this.port}`;
  }

  /** @param {NodeJS.Signals} signal */
  kill(signal) {
    if (this.child?.pid) process.kill(this.child.pid, signal);
  }

  async die() {
    this.kill("SIGKILL");
    await this.exited;
  }

  async stop() {
    if (this.child?.exitCode === null && this.child.signalCode === null) await this.die();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export class Cluster {
  /** @type {Server[]} */ nodes = [];
  /** @param {Nats} nats @param {string} secret a file */
  constructor(nats, secret) {
    this.nats = nats;
    this.secret = secret;
  }

  /** @param {number} count of nodes @param {string[]} [flags] of each */
  static async start(count, flags = []) {
    const nats = await Nats.start();
    const secret = join(nats.folder, "secret");
    await writeFile(secret, "a-secret-of-this-test-and-no-other-one\n", { mode: 0o600 });
    const cluster = new Cluster(nats, secret);
    cluster.flags = flags;
    for (let i = 0; i < count; ++i) await cluster.add();
    return cluster;
  }

  /** @type {string[]} */ flags = [];

  /** @param {string[]} [flags] */
  async add(flags = []) {
    const said = ["--cluster", this.nats.url, "--cluster-secret", this.secret];
    said.push("--node-url", "http://127.0.0.1:0", ...this.flags, ...flags);
    const node = await Server.start({ flags: said });
    this.nodes.push(node);
    await until(() => node.stderr.includes("is in, at"), "the node to be in");
    return node;
  }

  /** All nodes but those that were killed by the test. */
  async stop() {
    for (const node of this.nodes) if (!node.exit) await node.stop();
    await this.nats.stop();
  }

  /** @param {number} count @param {(cluster: Cluster) => Promise<void>} use @param {string[]} [flags] */
  static async with(count, use, flags) {
    const cluster = await Cluster.start(count, flags);
    try {
      await use(cluster);
    } finally {
      await cluster.stop();
    }
  }
}
