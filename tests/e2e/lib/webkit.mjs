/**
 * WebKitGTK's MiniBrowser, by the little of W3C WebDriver that is needed (https://www.w3.org/TR/webdriver2/): a
 * session, its address, scripts. Optional: Debian's webkit2gtk-driver and xvfb, which nothing else here needs. A
 * page is a session, and a browser, of its own, so that one that crashes takes no other with it; one at a time. The driver tells nothing of the console, so `complaints` stays empty.
 */
import { spawn } from "node:child_process";
import net from "node:net";
import { firstThere } from "./browsers.mjs";
import { until, within } from "./wait.mjs";

const DRIVERS = [process.env.WEBKIT_DRIVER ?? "", "/usr/bin/WebKitWebDriver"];
const XVFB = "/usr/bin/Xvfb";
const SCREEN = ["-screen", "0", "1280x900x24", "-nolisten", "tcp"];
const SCRIPT_MS = 60_000;
/** No graphics card; and what is not painted is not measured. */
const ENVIRONMENT = { LIBGL_ALWAYS_SOFTWARE: "1", WEBKIT_DISABLE_DMABUF_RENDERER: "1" };

/** Where it can run: the driver, and a screen or the means for one. */
export function webkitPath() {
  if (!process.env.DISPLAY && !firstThere([XVFB])) return undefined;
  return firstThere(DRIVERS.filter(Boolean));
}

/** @returns {Promise<number>} that nobody listens on, just now */
const freePort = () =>
  new Promise((resolve) => {
    const probe = net.createServer();
    probe.listen(0, "127.0.0.1", () => {
      const { port } = /** @type {net.AddressInfo} */ (probe.address());
      probe.close(() => resolve(port));
    });
  });

/** @typedef {import('node:child_process').ChildProcess} Process */

/** @param {Process} child */
async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await within(gone, "a process to end", 5_000).catch(() => child.kill("SIGKILL"));
}

/** A screen that nobody sees. @returns {Promise<{child: Process, display: string}>} */
async function openScreen() {
  const stdio = /** @type {any} */ (["ignore", "ignore", "ignore", "pipe"]);
  const child = spawn(XVFB, ["-displayfd", "3", ...SCREEN], { stdio });
  let said = "";
  child.stdio[3]?.on("data", (/** @type {Buffer} */ piece) => {
    said += piece;
  });
  await until(() => said.includes("\n"), "the screen");
  return { child, display: `:${said.trim()}` };
}

/** A call of the driver. @param {string} base @param {string} path @param {object} [body] none: GET @param {string} [method] */
async function ask(base, path, body, method = body ? "POST" : "GET") {
  const answer = await fetch(base + path, {
    method,
    body: body && JSON.stringify(body),
    headers: { "Content-Type": "application/json" },
  });
  const { value } = /** @type {any} */ (await answer.json());
  if (!answer.ok) throw new Error(`${value?.error}: ${value?.message}`);
  return value;
}

/**
 * What is run in the page: the result goes out as JSON, so that it is what the other browsers give.
 *
 * @param {any} code a function, or the text of an expression @param {any} argument JSON
 */
function scriptOf(code, argument) {
  const expression =
    typeof code === "string"
      ? code.trim().replace(/;$/, "")
      : `(${code})(${JSON.stringify(argument) ?? ""})`;
  return `const done = arguments[arguments.length - 1];
    (async () => (
${expression}
))().then((value) => done(JSON.stringify({ value })), (error) => done(JSON.stringify({ error: String(error) })));`;
}

/** @returns {Promise<import('./browsers.mjs').Browser>} */
export async function launchWebkit() {
  const screen = process.env.DISPLAY ? null : await openScreen();
  const port = await freePort();
  /** @type {NodeJS.ProcessEnv} */ const env = { ...process.env, ...ENVIRONMENT };
  if (screen) env.DISPLAY = screen.display;
  const driver = spawn(/** @type {string} */ (webkitPath()), [`--port=${port}`], {
    env,
    stdio: "ignore",
  });
  const base = `http://127.0.0.1:${port}`;
  const ready = () => ask(base, "/status").catch(() => null);
  const close = async () => {
    await end(driver);
    if (screen) await end(screen.child);
  };
  try {
    await until(ready, "the driver");
  } catch (error) {
    await close();
    throw error;
  }
  return { name: "webkit", close, open: () => openPage(base) };
}

/** @param {string} base of the driver @returns {Promise<import('./browsers.mjs').TestPage>} */
async function openPage(base) {
  const options = { args: ["--automation", "--autoplay-policy=allow"] };
  const alwaysMatch = { "webkitgtk:browserOptions": options };
  const { sessionId } = await ask(base, "/session", { capabilities: { alwaysMatch } });
  const session = `${base}/session/${sessionId}`;
  await ask(session, "/timeouts", { script: SCRIPT_MS, pageLoad: SCRIPT_MS });
  return {
    complaints: [],
    evaluate: async (/** @type {any} */ code, /** @type {any} */ argument) => {
      const call = { script: scriptOf(code, argument), args: [] };
      const { value, error } = JSON.parse(await ask(session, "/execute/async", call));
      if (error) throw new Error(error);
      return value;
    },
    goto: (/** @type {string} */ url) => ask(session, "/url", { url }),
    close: () => ask(session, "", undefined, "DELETE").catch(() => {}), // it may have crashed
  };
}
