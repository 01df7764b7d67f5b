/** The packed SDK in a project that is not ours: installed, type-checked, bundled, and playing a live stream. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { kitPage, publishFrom } from "../lib/browsers.mjs";
import { chromiumPath, launchChromium } from "../lib/chromium.mjs";
import { run } from "../lib/decode.mjs";
import { Server } from "../lib/server.mjs";
import { until } from "../lib/wait.mjs";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const TYPES = new Map([
  [".html", "text/html"],
  [".js", "text/javascript"],
  [".css", "text/css"],
]);

/** A page author's first page: what is typed is used, what is wrong is told. */
const page = (/** @type {string} */ origin) => `
import { play, publish, FramewireError } from "framewire";
import type { PlayState, SideMessage } from "framewire";
import "framewire/player";

const video = document.body.appendChild(document.createElement("video"));
const player = play(video, "${origin}/watch/vite", { muted: true, targetMs: 100 });
const states: PlayState[] = [];
player.on("state", (state) => states.push(state));
player.on("message", ({ data, mediaTimeUs }: SideMessage) => console.log(data, mediaTimeUs.toFixed()));
player.closed.then((why: FramewireError | null) => console.log(why?.code));
// @ts-expect-error a number is no source
const wrong = () => publish(42, "/publish/vite");
// @ts-expect-error no such event
const none = () => player.on("nothing", () => {});
Object.assign(window, { player, states, wrong, none });
`;

/** @param {string} folder */
async function serve(folder) {
  const server = http.createServer(async (request, response) => {
    const path = request.url === "/" ? "/index.html" : (request.url ?? "").split("?")[0];
    try {
      const body = await readFile(join(folder, path));
      response.writeHead(200, { "content-type": TYPES.get(extname(path)) ?? "image/svg+xml" });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { origin: `http://127.0.0.1:${port}`, close: () => server.close() };
}

/** @param {string} cwd @param {string[]} command */
async function must(cwd, [file, ...args]) {
  const quiet = { npm_config_audit: "false", npm_config_fund: "false", CI: "1" };
  const script = `cd "$0" && exec "$@"`;
  const env = Object.entries(quiet).map(([name, value]) => `${name}=${value}`);
  const result = await run("sh", ["-c", script, cwd, "env", ...env, file, ...args]);
  assert.equal(result.code, 0, `${file} ${args.join(" ")}: ${result.stdout}${result.stderr}`);
  return result.stdout;
}

test("a Vite page with the packed SDK", {
  skip: !chromiumPath() && "no Chromium here",
  timeout: 600_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), "framewire-vite-"));
  try {
    await must(ROOT, ["npm", "pack", "--pack-destination", folder]);
    await must(folder, [
      "npm",
      "create",
      "--yes",
      "vite@latest",
      "app",
      "--",
      "--template",
      "vanilla-ts",
      "--no-interactive",
    ]);
    const app = join(folder, "app");
    await must(app, ["npm", "install"]);
    await must(app, ["npm", "install", join(folder, "framewire-0.1.0.tgz")]);
    const pages = await serve(join(app, "dist"));
    const server = await Server.start({ flags: ["--allow-origin", pages.origin] });
    const browser = await launchChromium();
    try {
      await writeFile(join(app, "src/main.ts"), page(server.origin));
      await must(app, ["npx", "tsc", "--noEmit"]);
      await must(app, ["npm", "run", "build"]);
      const studio = await kitPage(browser, server);
      await publishFrom(studio, "/publish/vite", { source: "canvas" });
      const viewer = await browser.open();
      await viewer.goto(pages.origin);
      const shown = await until(
        async () => {
          const frames = await viewer.evaluate("window.player?.stats.framesShown ?? 0");
          return frames > 50 && frames;
        },
        "the built page to play",
        { ms: 60_000, every: 200 },
      );
      assert.equal(await viewer.evaluate("window.player.state"), "live");
      const { version } = JSON.parse(
        await readFile(join(app, "node_modules/vite/package.json"), "utf8"),
      );
      const typescript = JSON.parse(
        await readFile(join(app, "node_modules/typescript/package.json"), "utf8"),
      );
      console.log(
        `figure: Vite ${version}, TypeScript ${typescript.version}: type-checked, built, ${shown} frames shown`,
      );
      await studio.close();
    } finally {
      await browser.close();
      await server.stop();
      pages.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
