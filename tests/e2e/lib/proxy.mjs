/** The proxies of docs/deploy.md, with its recipes, on free ports of this machine; what is not installed is null. */
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./decode.mjs";
import { until } from "./wait.mjs";

const DEPLOY = new URL("../../../docs/deploy.md", import.meta.url);
/** name, program, what its language is called */
const PROGRAMS = new Map([
  ["nginx", "/usr/sbin/nginx"],
  ["caddy", "/usr/bin/caddy"],
  ["haproxy", "/usr/sbin/haproxy"],
  ["apache", "/usr/sbin/apache2"],
]);
export const PROXIES = [...PROGRAMS.keys()];
/** @param {string} name */
export const isInstalled = (name) => existsSync(/** @type {string} */ (PROGRAMS.get(name)));

/** The recipe, as the document has it. @param {string} name */
export function recipe(name) {
  const text = readFileSync(DEPLOY, "utf8");
  const found = new RegExp(`<!-- recipe: ${name} -->\\n\`\`\`\\w+\\n([\\s\\S]*?)\n\`\`\``).exec(
    text,
  );
  if (!found) throw new Error(`docs/deploy.md has no recipe for ${name}`);
  return found[1];
}

/** @returns {Promise<number>} */
const freePort = () =>
  new Promise((resolve) => {
    const probe = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = /** @type {net.AddressInfo} */ (probe.address());
      probe.close(() => resolve(port));
    });
  });

/** What the recipe leaves to the machine: addresses, files, and the frame around it.
 * @param {string} name @param {string} text @param {{port: number, to: number, dir: string}} at */
function fitted(name, text, { port, to, dir }) {
  const common = text
    .replaceAll("127.0.0.1:8080", `127.0.0.1:${to}`)
    .replace(/\/etc\/letsencrypt\S*fullchain\.pem/, `${dir}/cert.pem`)
    .replace(/\/etc\/letsencrypt\S*privkey\.pem/, `${dir}/key.pem`)
    .replace("/etc/haproxy/cam.example.org.pem", `${dir}/both.pem`);
  switch (name) {
    case "nginx":
      return [
        `daemon off; pid ${dir}/nginx.pid; error_log ${dir}/log; worker_processes 1;`,
        `events {} http { access_log off;`,
        ...["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
          (n) => `${n}_temp_path ${dir}/${n};`,
        ),
        common.replace("listen 443", `listen 127.0.0.1:${port}`),
        "}",
      ].join("\n");
    case "caddy":
      return `{\n admin off\n auto_https off\n default_sni localhost\n}\n${common.replace(
        "cam.example.org {",
        `https://localhost:${port} {\n  bind 127.0.0.1\n  tls ${dir}/cert.pem ${dir}/key.pem`,
      )}`;
    case "haproxy":
      return common.replace("bind :443", `bind 127.0.0.1:${port}`);
    default:
      return [
        `ServerRoot ${dir}`,
        `PidFile ${dir}/pid`,
        `ErrorLog ${dir}/log`,
        "ServerName localhost",
        `Listen 127.0.0.1:${port}`,
        ...["mpm_event", "authz_core", "env", "ssl", "http2", "proxy", "proxy_http", "headers"].map(
          (m) => `LoadModule ${m}_module /usr/lib/apache2/modules/mod_${m}.so`,
        ),
        common.replace("*:443", `127.0.0.1:${port}`),
      ].join("\n");
  }
}

export class FrontProxy {
  /** @param {string} name @param {number} to the server's port @param {(recipe: string) => string} [change] */
  static async start(name, to, change = (text) => text) {
    const dir = mkdtempSync(join(tmpdir(), `framewire-${name}-`));
    chmodSync(dir, 0o755); // nginx' workers are nobody, and keep bodies there
    const port = await freePort();
    const args = [
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-subj",
      "/CN=localhost",
      "-days",
      "2",
    ];
    await run("openssl", [...args, "-keyout", `${dir}/key.pem`, "-out", `${dir}/cert.pem`]);
    writeFileSync(
      `${dir}/both.pem`,
      readFileSync(`${dir}/cert.pem`) + readFileSync(`${dir}/key.pem`, "utf8"),
    );
    const file = join(dir, "config");
    writeFileSync(file, `${fitted(name, change(recipe(name)), { port, to, dir })}\n`);
    const program = /** @type {string} */ (PROGRAMS.get(name));
    const words = {
      nginx: ["-c", file, "-p", dir, "-e", `${dir}/log`],
      caddy: ["run", "--config", file, "--adapter", "caddyfile"],
      haproxy: ["-db", "-f", file],
      apache: ["-DFOREGROUND", "-f", file],
    };
    const child = spawn(program, words[/** @type {keyof words} */ (name)], {
      env: { ...process.env, HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const proxy = new FrontProxy(child, port, dir);
    child.stdout.on("data", (text) => (proxy.said += text));
    child.stderr.on("data", (text) => (proxy.said += text));
    await until(
      async () => (await proxy.#answers()) || child.exitCode !== null,
      `${name} to listen`,
    ).catch((error) => {
      throw new Error(`${error.message}: ${proxy.said}`);
    });
    if (child.exitCode !== null) throw new Error(`${name} ended: ${proxy.said}`);
    return proxy;
  }

  /** @param {import('node:child_process').ChildProcess} child @param {number} port @param {string} dir */
  constructor(child, port, dir) {
    this.child = child;
    this.port = port;
    this.dir = dir;
    this.said = "";
  }
  get origin() {
    return `https://localhost:${this.port}`;
  }
  /** @returns {Promise<boolean>} */
  #answers() {
    return new Promise((resolve) => {
      const socket = net.connect(this.port, "127.0.0.1");
      socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
      socket.on("connect", () => socket.destroy());
    });
  }
  async stop() {
    const ended = new Promise((resolve) => this.child.on("close", resolve));
    if (this.child.exitCode === null) this.child.kill("SIGTERM");
    const hard = setTimeout(() => this.child.kill("SIGKILL"), 5_000);
    await ended;
    clearTimeout(hard);
    rmSync(this.dir, { recursive: true, force: true });
  }
}
