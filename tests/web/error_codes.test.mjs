/** Error codes: what the server says, what PROTOCOL.md lists and what the SDK's types name are the same. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** @param {string} name */
const read = (name) => readFileSync(`${ROOT}/${name}`, "utf8");
/** @param {string} text @param {RegExp} pattern @returns {string[]} */
const all = (text, pattern) => [...text.matchAll(pattern)].map(([, found]) => found);

const protocol = read("PROTOCOL.md");
const section = protocol.slice(
  protocol.indexOf("## Close codes and errors"),
  protocol.indexOf("## Formats"),
);
/** Close code to the codes it comes with. @type {Map<number, string[]>} */
const closes = new Map(
  [...section.matchAll(/^\| (\d{4}) \| ([^|]*)\|/gm)].map(([, close, codes]) => [
    Number(close),
    all(codes, /`([a-z-]+)`/g),
  ]),
);
/** Those of HTTP: "409 `stream-taken`/`not-recording`". @type {Map<string, number>} */
const statuses = new Map(
  [...section.matchAll(/\b(\d{3}) ((?:`[a-z-]+`\/?)+)/g)].flatMap(([, status, codes]) =>
    all(codes, /`([a-z-]+)`/g).map((code) => [code, Number(status)]),
  ),
);

const errors = read("player-web/sdk/errors.js");
const typed = new Set(
  all(errors.slice(0, errors.indexOf("ServerErrorCode\n") + 1), /'([a-z-]+)'/g),
);
/** Every string of the server's sources that might be one. */
const literals = new Set(
  execFileSync("git", ["ls-files", "ingest", "codec", "relay"], { cwd: ROOT, encoding: "utf8" })
    .split("\n")
    .filter((file) => /\.(cpp|h)$/.test(file))
    .flatMap((file) => all(read(file), /"([a-z]+(?:-[a-z]+)*)"/g)),
);

const refusals = [
  ...read("relay/base/refusal.h").matchAll(/RefusalInfo\{"([a-z-]+)", (\d+)\}/g),
].map(([, code, status]) => /** @type {const} */ ([code, Number(status)]));
const categories = all(read("ingest/base/error.cpp"), /return "([a-z-]+)"/g);

test("there are codes to compare", () => {
  assert.ok(closes.size >= 9 && statuses.size >= 15, `${closes.size} ${statuses.size}`);
  assert.ok(typed.size >= 20 && refusals.length >= 20 && categories.length >= 8);
});

test("what PROTOCOL.md lists is said somewhere in the server", () => {
  const listed = [...[...closes.values()].flat(), ...statuses.keys()];
  assert.deepEqual(
    listed.filter((code) => !literals.has(code)),
    [],
  );
});

test("PROTOCOL.md lists each code of HTTP, with its status", () => {
  // Those without a body that a program would read: the status says all.
  const bare = ["method-not-allowed", "upgrade", "version", "subprotocol", "internal"];
  for (const [code, status] of refusals)
    if (!bare.includes(code)) assert.equal(statuses.get(code), status, code);
});

test("PROTOCOL.md lists each category of errors with a close code", () => {
  const listed = [...closes.values()].flat();
  // `refused` never leaves the server under this name.
  assert.deepEqual(
    categories.filter((code) => code !== "refused" && !listed.includes(code)),
    [],
  );
});

test("the SDK's types name each code that comes with a close code", () => {
  assert.deepEqual(
    [...closes.values()].flat().filter((code) => !typed.has(code)),
    [],
  );
});

test("each server's code that the SDK's types name is said by the server", () => {
  assert.deepEqual(
    [...typed].filter((code) => !literals.has(code)),
    [],
  );
});

test("what the SDK makes of a bare close code is one that PROTOCOL.md gives it", () => {
  const map = errors.slice(errors.indexOf("CLOSE_CODES = new Map"));
  const pairs = [...map.matchAll(/\[(\d{4}), "([a-z-]+)"\]/g)];
  assert.ok(pairs.length >= 7);
  for (const [, close, code] of pairs)
    assert.ok(closes.get(Number(close))?.includes(code), `${close} ${code}`);
});
