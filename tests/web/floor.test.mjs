/**
 * The oldest browsers that the pages, the element and the SDK run in: Chromium 87, Firefox 90, Safari 15. Of the language
 * the types' check keeps it (tsconfig.floor.json); here is what that cannot see.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const web = fileURLToPath(new URL("../../player-web/", import.meta.url));

/** What, since which Chromium, and how it looks. @type {[string, number, RegExp][]} */
const NEWER = [
  ["top-level await", 89, /^await |^(?:const|let) .*= await /m],
  ["static blocks", 94, /\bstatic \{/],
  ["#member in object", 91, /#\w+ in \w/],
  ["structuredClone()", 98, /\bstructuredClone\(/],
  ["crypto.randomUUID()", 92, /\brandomUUID\(/],
  ["AbortSignal.timeout()", 103, /\bAbortSignal\.(?:timeout|any)\(/],
  ["import assertions", 91, /^import .* (?:assert|with) \{/m],
  ["the v flag", 112, /\/[gimsuy]*v[gimsuy]*\.(?:test|exec)/],
  ["reportError()", 95, /\breportError\(/],
  ["scheduler", 94, /\bscheduler\./],
];

/** @param {string} text without its comments */
const code = (text) => text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");

const files = readdirSync(web, { recursive: true })
  .map(String)
  .filter((name) => name.endsWith(".js"));

for (const [what, since, pattern] of NEWER) {
  test(`nothing needs ${what}, which came with Chromium ${since}`, () => {
    const found = files.filter((name) => pattern.test(code(readFileSync(join(web, name), "utf8"))));
    assert.deepEqual(found, []);
  });
}

test("what is looked for is found where it is", () => {
  const samples = /** @type {Record<string, string>} */ ({
    "top-level await": 'await import("./x.js");\n',
    "static blocks": "class A { static { b(); } }",
    "#member in object": "if (#a in b) c();",
    "structuredClone()": "structuredClone(a)",
    "crypto.randomUUID()": "crypto.randomUUID()",
    "AbortSignal.timeout()": "AbortSignal.timeout(5)",
    "import assertions": 'import a from "./a.json" with { type: "json" };',
    "the v flag": "/a/v.test(b)",
    "reportError()": "reportError(e)",
    scheduler: "scheduler.postTask(f)",
  });
  for (const [what, , pattern] of NEWER) assert.match(code(samples[what]), pattern, what);
});

test("each page has a sentence for browsers below it, in a script that those run", () => {
  for (const name of readdirSync(join(web, "pages"))) {
    if (!name.endsWith(".html")) continue;
    const html = readFileSync(join(web, "pages", name), "utf8");
    assert.match(
      html,
      /<script src="\/pages\/too_old\.js"><\/script>\n.*<script type="module"/,
      name,
    );
  }
  const script = readFileSync(join(web, "pages/too_old.js"), "utf8");
  assert.doesNotMatch(code(script), /=>|\b(?:const|let|class|import|export)\b|`|\?\./);
});
