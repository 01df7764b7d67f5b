import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";

const web = new URL("../../player-web/", import.meta.url);

/** Every module that a file brings in, itself included, as URL paths. @param {URL} file @param {Set<string>} seen */
async function modulesOf(file, seen = new Set()) {
  const path = file.href.slice(web.href.length - 1);
  if (seen.has(path)) return seen;
  seen.add(path);
  const text = await readFile(file, "utf8");
  // Type comments import too; those stand in comments.
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "");
  for (const [, to] of code.matchAll(/(?:from |import\(|^import )"(\.[^"]+)"/gm)) {
    await modulesOf(new URL(to, file), seen);
  }
  return seen;
}

for (const page of [
  "admin",
  "api",
  "embed",
  "preview",
  "recordings",
  "render",
  "streams",
  "studio",
  "watch",
]) {
  test(`${page}.html preloads every module that it needs, and nothing else`, async () => {
    const html = await readFile(new URL(`pages/${page}.html`, web), "utf8");
    const listed = [...html.matchAll(/rel="modulepreload" href="([^"]+)"/g)].map(
      ([, href]) => href,
    );
    const needed = await modulesOf(new URL(`pages/${page}.js`, web));
    needed.delete(`/pages/${page}.js`);
    assert.deepEqual(listed.sort(), [...needed].sort());
  });
}

test("no page loads anything from elsewhere, or runs inline script", async () => {
  for (const name of await readdir(new URL("pages/", web))) {
    if (!name.endsWith(".html")) continue;
    const html = await readFile(new URL(`pages/${name}`, web), "utf8");
    assert.doesNotMatch(html, /https?:\/\//, name);
    assert.doesNotMatch(html, /<script(?![^>]*src=)/, name);
  }
});

test("the SDK can be imported where there is no page", async () => {
  const sdk = await import("../../player-web/framewire.js");
  assert.equal(typeof sdk.publish, "function");
  const { version } = JSON.parse(await readFile(new URL("../package.json", web), "utf8"));
  assert.equal(sdk.version, version);
});
