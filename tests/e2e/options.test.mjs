/**
 * docs/options.md lists the options that the program has. FRAMEWIRE_WRITE=1 writes the list anew.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { run } from "./lib/decode.mjs";
import { binary } from "./lib/server.mjs";

const page = fileURLToPath(new URL("../../docs/options.md", import.meta.url));
const LIST = /(<!-- options: [^\n]*-->\n)([\s\S]*?)(<!-- options end -->)/;

test("docs/options.md has every option, as the program explains it", async () => {
  const { code, stdout } = await run(binary(), ["describe", "options"]);
  assert.equal(code, 0);
  assert.match(stdout, /`--listen HOST:PORT` \| `127\.0\.0\.1:8080`/);
  const text = readFileSync(page, "utf8");
  if (process.env.FRAMEWIRE_WRITE) writeFileSync(page, text.replace(LIST, `$1${stdout}$3`));
  assert.equal(LIST.exec(readFileSync(page, "utf8"))?.[2], stdout);
});
