/** player-web/dist, which the server hands out: what tools/web-bundle makes of the sources now, and few files. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const DIST = `${ROOT}player-web/dist/`;
const names = readdirSync(DIST).filter((name) => !/\.(br|gz)$/.test(name));
const pages = names.filter((name) => name.endsWith(".html"));
const read = (/** @type {string} */ name) => readFileSync(DIST + name, "utf8");
/** What a file of dist names beside itself. @param {string} text */
const named = (text) => text.match(/[\w]+-[0-9a-f]{12}\.\w+/g) ?? [];

test("what is checked in equals what the sources give", () => {
  const checked = spawnSync("node", ["tools/web-bundle", "--check"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  assert.equal(checked.status, 0, checked.stderr);
});

for (const page of pages) {
  test(`${page} asks for one script, one sheet, an icon, the words for old browsers, and a decoder if it plays`, () => {
    const kinds = new Set(named(read(page)));
    const stems = [...kinds].map((name) => name.replace(/-.*\./, ".")).sort();
    const stem = page.replace(".html", "");
    const early = ["embed.html", "watch.html"].includes(page) ? ["decode_worker.js"] : [];
    assert.deepEqual(
      stems,
      ["icon.svg", "too_old.js", `${stem}.css`, `${stem}.js`, ...early].sort(),
    );
    assert.doesNotMatch(read(page), /"\/(pages|sdk|elements)\//);
  });
}

test("no script brings in another but as a worker or worklet, and nothing is there for nobody", () => {
  const needed = new Set(["framewire.js", "render.js", ...pages]);
  for (const name of needed) for (const other of named(read(name))) needed.add(other);
  assert.deepEqual([...needed].sort(), names.sort());
  for (const name of names.filter((one) => one.endsWith(".js"))) {
    assert.doesNotMatch(read(name), /^import\b|\bfrom"\.|[^.\w]import\(/, name);
  }
});

test("the SDK in one file has all that the SDK has, and knows its server", async () => {
  const bundled = await import(`${"../../player-web/dist/framewire.js"}`);
  const written = await import("../../player-web/framewire.js");
  assert.deepEqual(Object.keys(bundled).sort(), Object.keys(written).sort());
  const text = read("framewire.js").replace(
    /\bimport\.meta\.url\b/,
    '"https://host/some/framewire.js"',
  );
  assert.doesNotMatch(text, /import\.meta/, "its address is asked once");
  const sdk = await import(`data:text/javascript,${encodeURIComponent(text)}`);
  assert.equal(sdk.locate("cam").watchUrl(), "https://host/some/watch/cam");
});
