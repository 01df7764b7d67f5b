/** The documents: links, anchors, paths and options that they name are there; tables that are written are current. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FILES = spawnSync("git", ["ls-files", "-co", "--exclude-standard"], {
  cwd: ROOT,
  encoding: "utf8",
})
  .stdout.split("\n")
  .filter((name) => name && existsSync(join(ROOT, name)));
const DOCUMENTS = FILES.filter((name) => name.endsWith(".md") && !name.startsWith("tests/media/"));
const FOLDERS = new Set(
  FILES.map((name) => name.split("/")[0]).filter((name) => !name.includes(".")),
);

const NAMES = new Set(FILES.map((name) => basename(name)));

/** @param {string} name */
const read = (name) => readFileSync(join(ROOT, name), "utf8");
/** Without code: what is in it is no link. @param {string} text */
const prose = (text) => text.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "");

/** As GitHub makes them. @param {string} name @returns {Set<string>} */
function anchors(name) {
  /** @type {Map<string, number>} */ const seen = new Map();
  const lines = read(name)
    .replace(/^```[\s\S]*?^```/gm, "")
    .split("\n");
  for (const line of lines) {
    const heading = /^#{1,6} (.*)$/.exec(line);
    if (!heading) continue;
    const slug = heading[1]
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replace(/\s/g, "-");
    seen.set(slug, (seen.get(slug) ?? 0) + 1);
  }
  return new Set(
    [...seen].flatMap(([slug, n]) =>
      Array.from({ length: n }, (_, i) => (i ? `${slug}-${i}` : slug)),
    ),
  );
}

test("there are documents to look through", () => {
  assert.ok(DOCUMENTS.includes("README.md") && DOCUMENTS.includes("docs/sdk.md"));
  assert.ok(DOCUMENTS.length > 10, String(DOCUMENTS.length));
});

test("README is short", () => {
  assert.ok(read("README.md").split("\n").length <= 151);
});

for (const name of DOCUMENTS) {
  test(`${name}: its links lead somewhere`, () => {
    for (const [, target] of prose(read(name)).matchAll(/\]\(([^)\s]+)[^)]*\)/g)) {
      if (/^(https?|mailto):/.test(target)) continue;
      const [path, anchor] = target.split("#");
      const file = path ? normalize(join(dirname(name), path)) : name;
      assert.ok(existsSync(join(ROOT, file)), `${target}: there is no ${file}`);
      if (anchor) assert.ok(anchors(file).has(anchor), `${target}: no such heading in ${file}`);
    }
  });

  test(`${name}: the files it names are there`, () => {
    for (const [, code] of read(name)
      .replace(/^```[\s\S]*?^```/gm, "")
      .matchAll(/`([^`\n]+)`/g)) {
      const word = code.split(" ")[0].replace(/[:,]$/, "");
      if (/^\w+\.(h|cpp|mjs)$/.test(word))
        assert.ok(NAMES.has(word), `there is no file called ${word}`);
      if (!/^[\w./{},*-]+$/.test(word) || !word.includes("/") || !FOLDERS.has(word.split("/")[0]))
        continue;
      const choices = /^(.*)\{(.*)\}(.*)$/.exec(word);
      const paths = choices
        ? choices[2].split(",").map((c) => choices[1] + c + choices[3])
        : [word];
      for (const path of paths) {
        const pattern = new RegExp(`^${path.replace(/[.]/g, "\\.").replace(/\*/g, "[^/]*")}`);
        assert.ok(
          FILES.some((file) => pattern.test(file)),
          `there is no ${path}`,
        );
      }
    }
  });

  test(`${name}: the options it names are some`, () => {
    const known = FILES.filter(
      (file) =>
        /^(tools|tests|codec)\/.*\.(cpp|h|mjs|js)$/.test(file) || /^tools\/[\w-]+$/.test(file),
    )
      .map(read)
      .join("\n");
    for (const [, option] of read(name).matchAll(/`--([a-z][a-z-]+)[^`]*`/g))
      assert.ok(
        known.includes(`"${option}"`) || known.includes(`--${option}`),
        `there is no option --${option}`,
      );
  });
}

test("the files that sources name in their comments are there", () => {
  const sources = FILES.filter(
    (name) =>
      (/\.(h|cpp|js|mjs|css|html|cmake|txt)$/.test(name) || /^tools\/[\w-]+$/.test(name)) &&
      !/^(player-web\/dist|findings|tests\/media)\//.test(name),
  );
  assert.ok(sources.length > 500, String(sources.length));
  const path =
    /(?<![\w/.-])((?:ingest|codec|relay|tools|tests|player-web|docs|cmake)\/[\w/-]+\.(?:h|cpp|js|mjs|md|json|html|cmake))\b/g;
  const lost = sources.flatMap((name) =>
    [...read(name).matchAll(path)]
      .filter(([, named]) => !existsSync(join(ROOT, named)))
      .map(([, named]) => `${name}: ${named}`),
  );
  assert.deepEqual(lost, []);
});

test("the reference in docs/sdk.md is what the SDK's types say", () => {
  const checked = spawnSync("node", ["tools/sdk-reference", "--check"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  assert.equal(checked.status, 0, checked.stderr);
});
