/** What README.md tells to type and to copy works: its commands as they stand, its pages from another site. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { chromiumPath, launchChromium } from "./lib/chromium.mjs";
import { countFrames, run } from "./lib/decode.mjs";
import { mediaPath } from "./lib/media.mjs";
import { probe, track } from "./lib/recordings.mjs";
import { binary, Server } from "./lib/server.mjs";
import { until } from "./lib/wait.mjs";

const README = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
/** @param {string} language */
const blocks = (language) =>
  [...README.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(
    ([, text]) => text,
  );
const COMMANDS = blocks("sh")
  .join("")
  .split("\n")
  .map((line) => line.replace(/ +# .*$/, ""))
  .filter(Boolean);
/** These build and start; tools/test does it. */
const BUILDS = /^(tools\/serve|cmake |build\/release\/)/;

/** @type {string} */ let folder;
/** @type {Server} */ let server;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "framewire-readme-"));
  const made = [
    "-v",
    "error",
    "-stream_loop",
    "5",
    "-i",
    mediaPath(join("..", "made", "not-fragmented.mp4")),
  ];
  const long = await run("ffmpeg", [...made, "-c", "copy", join(folder, "film.mp4")]);
  assert.equal(long.code, 0, long.stderr);
  symlinkSync(binary(), join(folder, "framewire"));
  // No screen here: what plays is decoded.
  writeFileSync(join(folder, "ffplay"), '#!/bin/sh\nexec ffmpeg -v error -i "$1" -f null -\n', {
    mode: 0o755,
  });
  server = await Server.start();
});
after(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** In a folder with film.mp4, with this server in place of the one on port 8080. @param {string} line */
function shell(line) {
  const here = line
    .replaceAll("127.0.0.1:8080", `127.0.0.1:${server.port}`)
    .replace(/^(framewire publish \S+) cam/, `$1 http://127.0.0.1:${server.port}/publish/cam`)
    .replace(/^(framewire (?:watch|record)) cam/, `$1 http://127.0.0.1:${server.port}/live/cam`);
  const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` };
  const child = spawn("bash", ["-o", "pipefail", "-c", here], { cwd: folder, env });
  let said = "";
  for (const pipe of [child.stdout, child.stderr]) pipe.on("data", (text) => (said += text));
  return new Promise((resolve, reject) =>
    child.on("close", (code) =>
      code === 0 ? resolve(said) : reject(new Error(`${here}: ${code}: ${said}`)),
    ),
  );
}

/** A publisher's and a viewer's command; what there is to see of it then. @type {[RegExp, RegExp, () => Promise<void>][]} */
const PAIRS = [
  [
    /^ffmpeg .*-f webm/,
    /^curl -N/,
    async () => assert.ok((await countFrames(readFileSync(join(folder, "copy.mp4")))) > 10),
  ],
  [/^ffmpeg .*-f mpegts/, /^ffplay/, async () => {}],
  [/^framewire publish/, /^framewire watch cam\.mp4 \| ffplay/, async () => {}],
  [
    /^framewire publish/,
    /^framewire record/,
    async () =>
      assert.ok((track(await probe(join(folder, "cam.mp4")), "video")?.packets ?? 0) > 10),
  ],
];
/** The others, in their order. @type {[RegExp, () => void][]} */
const ALONE = [
  [/^framewire remux cam\.mp4/, () => {}],
  [/^framewire verify cam\.mkv/, () => {}],
];

/** @param {RegExp} pattern */
function command(pattern) {
  const found = COMMANDS.filter((line) => pattern.test(line));
  assert.equal(found.length, 1, `${pattern} in README: ${found}`);
  return found[0];
}

describe("README's commands", () => {
  for (const [send, watch, look] of PAIRS) {
    test(`${command(send).slice(0, 60)} ... and ${command(watch)}`, async () => {
      const sent = shell(command(send));
      await until(() => server.describe("cam"), "the stream", { ms: 60_000 });
      await shell(command(watch));
      await sent;
      await look();
      await until(async () => (await server.describe("cam")) === null, "the stream to be over", {
        ms: 30_000,
      });
    });
  }
  for (const [pattern, prepare] of ALONE) {
    test(command(pattern), async () => {
      prepare();
      await shell(command(pattern));
    });
  }
  test("all of them are here", () => {
    const known = [
      ...PAIRS.map(([send]) => send),
      ...PAIRS.map(([, watch]) => watch),
      ...ALONE.map(([p]) => p),
      BUILDS,
    ];
    for (const line of COMMANDS)
      assert.ok(
        known.some((p) => p.test(line)),
        `not tried: ${line}`,
      );
  });
});

describe("README's pages, on another site", {
  skip: chromiumPath() ? false : "no Chromium",
}, () => {
  test("publish and play, the element, the frame", { timeout: 120_000 }, async () => {
    const html = blocks("html");
    assert.equal(html.length, 3);
    const browser = await launchChromium();
    /** @type {{close: () => void}[]} */ const sites = [];
    try {
      const state = { port: 0 };
      const fitted = (/** @type {string} */ text) =>
        text.replaceAll("127.0.0.1:8080", `127.0.0.1:${state.port}`);
      // The site is there first: its origin is what the server must let in.
      const first = http.createServer((request, answer) => {
        const n = Number(request.url?.slice(1));
        answer.setHeader("Content-Type", "text/html");
        answer.end(`<!doctype html><title>another site</title>${fitted(html[n] ?? "")}`);
      });
      await new Promise((resolve) => first.listen(0, "127.0.0.1", () => resolve(null)));
      sites.push(first);
      const { port } = /** @type {import('node:net').AddressInfo} */ (first.address());
      const origin = `http://127.0.0.1:${port}`;
      await Server.with({ flags: ["--allow-origin", origin] }, async (open) => {
        state.port = open.port;
        const plays = async (
          /** @type {string} */ what,
          /** @type {() => Promise<number>} */ time,
        ) => until(async () => (await time().catch(() => 0)) > 0, what, { ms: 60_000, every: 200 });
        const studio = /** @type {any} */ (await browser.open());
        await studio.goto(`${origin}/0`);
        await plays("the first page to play", () =>
          studio.page.evaluate("document.querySelector('video').currentTime"),
        );
        const element = /** @type {any} */ (await browser.open());
        await element.goto(`${origin}/1`);
        await plays("the element to play", () =>
          element.page.evaluate(
            "document.querySelector('framewire-player').shadowRoot.querySelector('video').currentTime",
          ),
        );
        const frame = /** @type {any} */ (await browser.open());
        await frame.goto(`${origin}/2`);
        await plays(
          "the frame to play",
          () =>
            /** @type {Promise<number>} */ (
              frame.page
                .frames()[1]
                .evaluate(
                  "document.querySelector('framewire-player').shadowRoot.querySelector('video').currentTime",
                )
            ),
        );
        for (const page of [studio, element, frame]) await page.close();
      });
    } finally {
      await browser.close();
      for (const each of sites) each.close();
    }
  });
});
