/** The package's types are committed, so that neither `npm pack` nor the server's build needs a compiler. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** @param {string} folder */
const filesIn = (folder) =>
  new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
      .sort()
      .map((path) => [path.slice(folder.length), readFileSync(path, "utf8")]),
  );

test("player-web/types is what the compiler makes of the sources (else: npm run types)", () => {
  const made = mkdtempSync(join(tmpdir(), "types-"));
  try {
    execFileSync(
      process.execPath,
      [
        join(root, "node_modules/typescript/bin/tsc"),
        "-p",
        "tsconfig.types.json",
        "--outDir",
        made,
      ],
      { cwd: root },
    );
    assert.deepEqual(filesIn(join(root, "player-web/types")), filesIn(made));
  } finally {
    rmSync(made, { recursive: true });
  }
});

test("a page written in TypeScript, or with React, knows calls, events and the element", () => {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const words = "--noEmit --strict --jsx preserve --target es2022 --module nodenext".split(" ");
  const run = (/** @type {string} */ file) =>
    spawnSync(
      process.execPath,
      [tsc, ...words, "--types", "react", join(root, "tests/web/typed", file)],
      {
        cwd: root,
        encoding: "utf8",
      },
    );
  const right = run("right.tsx");
  assert.equal(right.status, 0, right.stdout);
  const wrong = run("wrong.tsx");
  const lines = wrong.stdout.split("\n").filter((line) => line.startsWith("tests/"));
  assert.deepEqual(
    lines.map((line) => Number(/\((\d+),/.exec(line)?.[1])),
    [5, 6, 7, 8, 10],
    wrong.stdout,
  );
});
