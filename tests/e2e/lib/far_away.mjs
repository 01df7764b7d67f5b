/**
 * A second machine: a network namespace at the other end of a cable of our own, which can be pulled.
 * Nothing that was connected over it says goodbye then. Needs root.
 */
import { execFileSync, spawn } from "node:child_process";

/** @param {string} text */
const ip = (text) => execFileSync("ip", text.split(" "), { stdio: ["ignore", "pipe", "pipe"] });

let made = 0; // of this process

export class FarAway {
  /** @type {import('node:child_process').ChildProcess[]} */ #children = [];
  #name = `fw${process.pid % 100_000}n${made++}`;
  #net = `10.213.${(process.pid + made) % 250}`;
  /** The address at this end, which servers listen on. */
  here = `${this.#net}.1`;

  constructor() {
    ip(`netns add ${this.#name}`);
    try {
      ip(`link add ${this.#name}a type veth peer name ${this.#name}b netns ${this.#name}`);
      ip(`address add ${this.here}/30 dev ${this.#name}a`);
      ip(`link set ${this.#name}a up`);
      ip(`-n ${this.#name} address add ${this.#net}.2/30 dev ${this.#name}b`);
      ip(`-n ${this.#name} link set ${this.#name}b up`);
      ip(`-n ${this.#name} link set lo up`);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** '' or why not. */
  static possible() {
    if (process.getuid?.() !== 0) return "needs root";
    try {
      new FarAway().close();
      return "";
    } catch (error) {
      return `no network namespaces here: ${error}`;
    }
  }

  /** A process over there. @param {string} file @param {string[]} args @param {import('node:child_process').SpawnOptions} [options] */
  spawn(file, args, options = {}) {
    const child = spawn("ip", ["netns", "exec", this.#name, file, ...args], options);
    this.#children.push(child);
    return child;
  }

  /** What is sent from now on is lost, both ways. */
  pull() {
    ip(`-n ${this.#name} link set ${this.#name}b down`);
  }

  /** The kernel takes a namespace and its cable away in its own time; a cable deleted first is gone at once. */
  close() {
    for (const child of this.#children) child.kill("SIGKILL");
    try {
      ip(`link delete ${this.#name}a`);
    } catch {
      // There is no cable yet.
    }
    ip(`netns delete ${this.#name}`);
  }
}
