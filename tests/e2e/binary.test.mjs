/** The program has been compiled with what makes a mistake a crash rather than a foothold (cmake/hardening.cmake). */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { binary } from "./lib/server.mjs";

/** @param {string} flag of readelf */
const readelf = (flag) =>
  String(execFileSync("readelf", [flag, "-W", binary()], { env: { ...process.env, LC_ALL: "C" } }));

/** @type {[string, string, RegExp][]} */
const rows = [
  ["at a random address (PIE)", "-h", /Type:\s+DYN \(Position-Independent Executable/],
  ["its tables of addresses become read-only (RELRO)", "-l", /GNU_RELRO/],
  ["all of them, as all are filled at the start (now)", "-d", /FLAGS_1.*\bNOW\b.*\bPIE\b/],
  ["a stack that cannot be run", "-l", /GNU_STACK(\s+0x0+){3}(\s+0x0+){2} RW /],
  ["canaries behind arrays on the stack", "--dyn-syms", /__stack_chk_fail\b/],
  [
    "buffers are checked (_FORTIFY_SOURCE)",
    "--dyn-syms",
    /__(memcpy|read|recv|snprintf|memset)_chk\b/,
  ],
  ["containers are checked (_GLIBCXX_ASSERTIONS)", "--dyn-syms", /__glibcxx_assert_fail/],
];
for (const [what, flag, expected] of rows) test(what, () => assert.match(readelf(flag), expected));

test("jumps land only where they may (CET)", { skip: process.arch !== "x64" }, () => {
  // The mark at the beginning of a function. Whether the kernel enforces it is for the libraries to say as well,
  // and Debian 12's are without.
  const endbr64 = Buffer.from([0xf3, 0x0f, 0x1e, 0xfa]);
  const bytes = readFileSync(binary());
  let marks = 0;
  for (let at = bytes.indexOf(endbr64); at >= 0; at = bytes.indexOf(endbr64, at + 1)) marks += 1;
  assert.ok(marks > 1000, `${marks} functions begin with endbr64`);
});
