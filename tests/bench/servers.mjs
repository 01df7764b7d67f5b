/** Starts the servers that are compared, each on a free port of 127.0.0.1, and stops them again. */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { freePort, listening, makeNchan } from "./nchan.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const kStartMs = 10_000;

/** @param {string} build the build folder */
export const framewirePath = (build) => join(root, build, "framewire");

/** A certificate of its own for `ws` and `nchan`, as framewire and limit make theirs: EC P-256. */
function makeCertificate() {
  const folder = mkdtempSync(join(tmpdir(), "fw-bench-"));
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
  execFileSync(
    "openssl",
    [...words.split(" "), "-subj", "/CN=localhost", "-out", cert, "-keyout", key],
    { stdio: "ignore" },
  );
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return [cert, key];
}

/** @type {string[] | undefined} */ let certificate;
/** Servers of others: name, command. @type {Map<string, string>} */ const peers = new Map();

/**
 * A server to compare with: `NAME=COMMAND`, where {port} stands for the port of 127.0.0.1 to listen on, {cert} and
 * {key} for PEM files (empty without TLS). It takes ws messages at /publish/NAME and sends them to each of /live/NAME.
 * @param {string} line
 * @returns {string} the name
 */
export function addPeer(line) {
  const [, name, command] = /^([\w-]+)=(.+)$/.exec(line) ?? [];
  if (!command) throw new Error(`a peer is NAME=COMMAND, not ${line}`);
  peers.set(name, command);
  return name;
}

/**
 * @param {string} name framewire, framewire-N (with N loops), framewire-N-spread (all used from
 *   the start), framewire-plain (without io_uring), before (another program of ours), limit, ws or nchan
 * @param {boolean} tls
 * @param {string} build
 * @param {string} [before] the program of `before`
 * @returns {Promise<{command: string[], port?: number}>} command and arguments; the port, if it does not
 *   print it
 */
async function commandOf(name, tls, build, before) {
  if (tls) certificate ??= makeCertificate();
  if (name.startsWith("framewire") || (name === "before" && before)) {
    const loops = /-(\d+)/.exec(name)?.[1] ?? "1";
    const program = name === "before" ? /** @type {string} */ (before) : framewirePath(build);
    const command = [program, "serve", "--listen", "127.0.0.1:0", "--loops", loops];
    if (name.endsWith("-spread")) command.push("--loop-fill", "0");
    if (name === "framewire-plain") command.push("--no-io-uring");
    return {
      command: [...command, "--log-level", "warn", ...(tls ? ["--tls-self-signed"] : [])],
    };
  }
  if (name === "limit") {
    return { command: [join(root, build, "tests/bench/limit"), ...(tls ? ["--tls"] : [])] };
  }
  if (name === "ws") {
    const script = join(root, "tests/bench/ws_broadcast.mjs");
    return { command: [process.execPath, script, ...((tls && certificate) || [])] };
  }
  if (name === "nchan") return makeNchan(tls ? certificate : undefined);
  const line = peers.get(name);
  if (line) {
    const port = await freePort();
    const [cert, key] = certificate ?? ["", ""];
    const filled = line.replaceAll("{port}", `${port}`).replaceAll("{cert}", cert);
    return { command: ["sh", "-c", `exec ${filled.replaceAll("{key}", key)}`], port };
  }
  throw new Error(`there is no server ${name}: framewire, framewire-2, limit, ws or nchan`);
}

/**
 * @param {string} name
 * @param {boolean} tls
 * @param {string} build
 * @param {string} [before]
 * @param {string[]} [onCores] words before its command
 * @returns {Promise<{url: string, pid: number, stop: () => Promise<void>}>}
 */
export async function startServer(name, tls, build, before, onCores = []) {
  const made = await commandOf(name, tls, build, before);
  const [command, ...args] = [...onCores, ...made.command];
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const stop = async () => {
    const timer = setTimeout(() => child.kill("SIGKILL"), 8_000);
    child.kill("SIGTERM");
    await ended;
    clearTimeout(timer);
  };
  const url = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${name} did not start`)), kStartMs);
    child.once("error", reject);
    child.once("close", () => reject(new Error(`${name} ended at once`)));
    if (made.port) {
      listening(made.port, kStartMs).then(() => {
        clearTimeout(timer);
        resolve(`${tls ? "wss" : "ws"}://127.0.0.1:${made.port}`);
      }, reject);
    }
    createInterface({ input: child.stdout }).on("line", (line) => {
      const found = / listening on \w+:\/\/(\S+)/.exec(line);
      if (!found) return;
      clearTimeout(timer);
      resolve(`${tls ? "wss" : "ws"}://${found[1].replace(/\/$/, "")}`);
    });
  }).catch(async (error) => {
    child.kill("SIGKILL");
    throw error;
  });
  return { url, pid: child.pid ?? 0, stop };
}
