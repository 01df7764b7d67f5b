/** The program has been compiled with what makes a mistake a crash rather than a foothold (cmake/hardening.cmake). */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
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
