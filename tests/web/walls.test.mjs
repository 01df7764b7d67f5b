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

/** Formats: each stands on what all share, and sees no other but where one is put into another. */
const SHARED = ["ingest/cut", "ingest/base"];
const INGEST = [
  ...["ingest/intake", "ingest/bare", "ingest/webm", "ingest/mp4", "ingest/mpegts", "ingest/flv"],
  ...["ingest/ogg", "ingest/pictures", "ingest/packets", "ingest/wire", "ingest/codecs"],
  ...["ingest/times", ...SHARED],
];
const BELOW_RELAY = ["codec", ...INGEST];
const CORE = ["relay/streams", "relay/fanout", "relay/child", "relay/base", ...BELOW_RELAY];
const SERVICES = [
  "relay/record",
  "relay/hls",
  "relay/renditions",
  "relay/restream",
  "relay/capture",
];
const STAGES = ["codec/child/codecs", "codec/child/containers", "codec/child/av"];
const CHILD = [
  ...["codec/child/files", "codec/child/capture", "codec/child/live", "codec/child/render"],
  "codec/child/start",
  ...STAGES,
];
const JOB = ["codec/child/start", ...STAGES, "codec", ...INGEST];
const COMMANDS = [
  ...[
    "tools/serving",
    "tools/doctor",
    "tools/media",
    "tools/render",
    "tools/posts",
    "tools/token",
    "tools/bench",
    "tools/base",
  ],
];

/** From the ground up: a floor, and which it may see beside itself. @type {[string, string[]][]} */
const FLOORS = [
  ["ingest/base", []],
  ["ingest/times", []],
  ["ingest/cut", ["ingest/base"]],
  ["ingest/codecs", ["ingest/base"]],
  ["ingest/wire", SHARED],
  ["ingest/webm", ["ingest/codecs", "ingest/times", ...SHARED]],
  ["ingest/mp4", ["ingest/codecs", ...SHARED]],
  ["ingest/mpegts", ["ingest/codecs", ...SHARED]],
  ["ingest/flv", ["ingest/codecs", ...SHARED]],
  ["ingest/ogg", SHARED],
  ["ingest/pictures", ["ingest/times", ...SHARED]],
  ["ingest/packets", SHARED],
  ["ingest/bare", ["ingest/webm", "ingest/mpegts", "ingest/codecs", ...SHARED]],
  ["ingest/intake", INGEST.filter((floor) => floor !== "ingest/wire")],
  ["codec", INGEST],
  ["codec/child/av", ["codec", ...INGEST]],
  ["codec/child/start", ["codec/child/av", "codec", ...INGEST]],
  ["codec/child/codecs", ["codec/child/av", "codec", ...INGEST]],
  ["codec/child/containers", ["codec/child/av", "codec", ...INGEST]],
  ["codec/child/files", JOB],
  ["codec/child/capture", JOB],
  ["codec/child/live", JOB],
  ["codec/child/render", JOB],
  ["codec/child/main", [...CHILD, "codec"]],
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
  ["relay/access/jwt", ["ingest/base"]],
  ["relay/access", ["relay/access/jwt", "relay/hls", "relay/record", ...CORE]],
  ["relay/fetch", ["relay/access", "relay/access/jwt", ...CORE]],
  ["relay/cluster", ["relay/fetch", "relay/access", "relay/access/jwt", ...CORE]],
  ["relay/http", ["relay/access", "relay/hls", "relay/record", ...CORE]],
  ["relay/control", ["relay/access", "relay/access/jwt", "relay/hls", ...CORE]],
  [
    "relay/render",
    ["relay/control", "relay/access", "relay/access/jwt", "relay/hls", "relay/record", ...CORE],
  ],
  ["relay/services", ["relay/render", ...SERVICES, ...CORE]],
  [
    "relay/server",
    [
      ...[
        "relay/services",
        "relay/cluster",
        "relay/render",
        "relay/control",
        "relay/http",
        "relay/access",
        "relay/tls",
      ],
      ...[...SERVICES, ...CORE],
    ],
  ],
  ["tools/base", ["ingest/base"]],
  ["tools/token", ["tools/base", "relay/access/jwt", "ingest/base"]],
  ["tools/bench", ["tools/base", "ingest/wire", "ingest/base"]],
  [
    "tools/serving",
    [
      ...["tools/base", "relay/server", "relay/control", "relay/fetch", "relay/cluster"],
      ...["relay/access", "relay/access/jwt", "relay/tls", "relay/record", ...CORE],
    ],
  ],
  ["tools/posts", ["tools/base", "ingest/wire", "ingest/base"]],
  [
    "tools/media",
    ["tools/posts", "tools/serving", "tools/base", "relay/access", "relay/tls", ...CORE],
  ],
  ["tools/render", ["tools/base", "relay/http", "relay/access", "codec", ...INGEST]],
  ["tools/doctor", ["tools/serving", "tools/base", "relay/server", "relay/tls", ...CORE]],
  ["tools", [...COMMANDS, "codec/child/main"]],
];

/** Where every file stands on a floor: none lies flat beside the folders. */
const FLOORED = ["ingest", "codec/child", "relay"];

/** Headers of a library, and the only folder that may see them. @type {[string, RegExp, string][]} */
const LIBRARIES = [
  ["FFmpeg", /^lib(avcodec|avformat|avutil|swscale|swresample)\//, "codec/child"],
  ["libwebsockets", /^libwebsockets/, "relay/server"],
  ["libnats", /^nats\//, "relay/cluster"],
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

test("the table has no way up: a floor sees what stands before it", () => {
  const order = FLOORS.map(([floor]) => floor);
  const up = FLOORS.flatMap(([floor, below], at) =>
    below
      .filter((other) => other !== floor && !order.slice(0, at).includes(other))
      .map((other) => `${floor} sees ${other}`),
  );
  assert.deepEqual(up, []);
});

for (const [floor, below] of FLOORS) {
  test(`${floor} includes only what stands below it`, () => {
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

for (const house of FLOORED) {
  test(`no file of ${house}/ stands beside its floors`, () => {
    const flat = execFileSync("git", ["ls-files", `${house}/*.h`, `${house}/*.cpp`], {
      cwd: ROOT,
      encoding: "utf8",
    })
      .split("\n")
      .filter((file) => file && !(floorOf(file) ?? "").startsWith(`${house}/`));
    assert.deepEqual(flat, []);
  });
}

for (const [name, headers, home] of LIBRARIES) {
  test(`${name} is known to ${home} alone`, () => {
    const knowing = files.filter((file) => includesOf(file).some((what) => headers.test(what)));
    assert.ok(knowing.length > 0, "its headers are found");
    assert.deepEqual(
      knowing.filter((file) => !file.startsWith(`${home}/`)),
      [],
    );
  });
}
