/**
 * Who may know whom, as ARCHITECTURE.md and CONTRIBUTING.md have it: each folder of C++ includes only what
 * stands below it, and two libraries are each known to one folder. Read from the includes; no exceptions.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const BELOW_RELAY = ["codec", "ingest"];
const CORE = ["relay/streams", "relay/fanout", "relay/child", "relay/base", ...BELOW_RELAY];
const SERVICES = [
  "relay/record",
  "relay/hls",
  "relay/renditions",
  "relay/restream",
  "relay/capture",
];

/** From the ground up: a floor, and which it may see beside itself. @type {[string, string[]][]} */
const FLOORS = [
  ["ingest", []],
  ["codec", ["ingest"]],
  ["codec/child", ["codec", "ingest"]],
  ["relay/base", BELOW_RELAY],
  ["relay/child", ["relay/base", ...BELOW_RELAY]],
  ["relay/tls", ["relay/base", ...BELOW_RELAY]],
  ["relay/fanout", ["relay/base", ...BELOW_RELAY]],
  ["relay/streams", CORE],
  ["relay/record", CORE],
  ["relay/hls", CORE],
  ["relay/renditions", CORE],
  ["relay/restream", CORE],
  ["relay/capture", ["relay/record", ...CORE]],
  ["relay/access", ["relay/hls", "relay/record", ...CORE]],
  ["relay/http", ["relay/access", "relay/hls", "relay/record", ...CORE]],
  ["relay/services", [...SERVICES, ...CORE]],
  [
    "relay/server",
    ["relay/services", "relay/http", "relay/access", "relay/tls", ...SERVICES, ...CORE],
  ],
  [
    "tools",
    [
      ...["relay/server", "relay/services", "relay/http", "relay/access", "relay/tls"],
      ...["codec/child", ...SERVICES, ...CORE],
    ],
  ],
];

/** Headers of a library, and the only folder that may see them. @type {[string, RegExp, string][]} */
const LIBRARIES = [
  ["FFmpeg", /^lib(avcodec|avformat|avutil|swscale|swresample)\//, "codec/child"],
  ["libwebsockets", /^libwebsockets/, "relay/server"],
];

const files = execFileSync("git", ["ls-files", "*.h", "*.cpp"], { cwd: ROOT, encoding: "utf8" })
  .split("\n")
  .filter((file) => FLOORS.some(([floor]) => file.startsWith(`${floor}/`)));

/** The floor of a file: the longest folder that holds it. @param {string} file */
const floorOf = (file) =>
  FLOORS.map(([floor]) => floor)
    .filter((floor) => file.startsWith(`${floor}/`))
    .sort((a, b) => b.length - a.length)[0];

/** @param {string} file @returns {string[]} what it includes, as written */
const includesOf = (file) =>
  [...readFileSync(`${ROOT}/${file}`, "utf8").matchAll(/^\s*#\s*include\s*[<"]([^>"]+)[>"]/gm)].map(
    ([, what]) => what,
  );

for (const [floor, below] of FLOORS) {
  test(`${floor} includes only ${below.join(", ")}`, () => {
    const here = files.filter((file) => floorOf(file) === floor);
    assert.ok(here.length > 1, "its files are found");
    const up = here.flatMap((file) =>
      includesOf(file)
        .filter(
          (what) =>
            files.includes(what) && floorOf(what) !== floor && !below.includes(floorOf(what)),
        )
        .map((what) => `${file} includes ${what}`),
    );
    assert.deepEqual(up, []);
  });
}

test("no file of relay/ stands beside its floors", () => {
  const flat = execFileSync("git", ["ls-files", "relay/*.h", "relay/*.cpp"], {
    cwd: ROOT,
    encoding: "utf8",
  })
    .split("\n")
    .filter((file) => file && !FLOORS.some(([floor]) => file.startsWith(`${floor}/`)));
  assert.deepEqual(flat, []);
});

for (const [name, headers, home] of LIBRARIES) {
  test(`${name} is known to ${home} alone`, () => {
    const knowing = files.filter((file) => includesOf(file).some((what) => headers.test(what)));
    assert.ok(knowing.length > 0, "its headers are found");
    assert.deepEqual(
      knowing.filter((file) => floorOf(file) !== home),
      [],
    );
  });
}
