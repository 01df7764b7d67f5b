/**
 * What the product promises, one line each with its measured figure. Run by tools/prove.
 *   node tests/e2e/slow/prove.mjs [section ...]     without a section: all of them
 * A section may be told something, as in soak=--minutes=3.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** @typedef {{name: string, promise: string, command: string[], skip?: () => string}} Section */

/** @param {string} file @param {string} [pattern] */
const suite = (file, pattern) => [
  "node",
  "--test",
  "--test-reporter=tap",
  ...(pattern ? [`--test-name-pattern=${pattern}`] : []),
  `tests/e2e/${file}`,
];
/** @param {string} build */
const churn = (build) => ({
  command: [
    "node",
    "tests/e2e/slow/churn.mjs",
    "--bin",
    `build/${build}/framewire`,
    "--seconds",
    "60",
    "--quiet",
  ],
  skip: () =>
    existsSync(`${ROOT}build/${build}/framewire`) ? "" : `build/${build}/framewire is not built`,
});

/** In a bare root of a Debian release. @param {string[]} words of tools/test-in @returns {Omit<Section, "name" | "promise">} */
const machine = (...words) => ({
  command: ["tools/test-in", ...words],
  skip: () =>
    process.getuid?.() === 0 && existsSync("/usr/sbin/debootstrap")
      ? ""
      : "needs root and debootstrap",
});
const EXPOSED = "a service of exposure 2.0 at most; reloaded, installed over itself, purged";

/** @type {Section[]} */
const SECTIONS = [
  ...["bookworm", "trixie"].flatMap((release) => [
    {
      name: release,
      promise: `A bare root of Debian ${release}: README's two commands, all tests passed`,
      ...machine(release),
    },
    {
      name: `package-${release}`,
      promise: `The package in a bare root of Debian ${release}: ${EXPOSED}`,
      ...machine("--package", release),
    },
  ]),
  {
    name: "chromium",
    promise:
      "Chromium publishes camera, microphone and canvases; 90 % of the frames are shown in both browsers",
    command: suite("browsers_chromium.test.mjs"),
  },
  {
    name: "firefox",
    promise:
      "Firefox publishes camera, microphone and canvas; 90 % of the frames are shown in both browsers",
    command: suite("browsers_firefox.test.mjs"),
  },
  {
    name: "bytes",
    promise: "Viewers from the start get exactly the published bytes, every fixture, every cut",
    command: suite("byte_exact.test.mjs"),
  },
  {
    name: "first-picture",
    promise: "Joined 10 s late: first picture within 250 ms, median of 20",
    command: suite("slow/late_picture.test.mjs"),
  },
  {
    name: "late-join",
    promise: "What late joiners got decodes from its first byte, every WebM and MP4 fixture",
    command: suite("late_join.test.mjs"),
  },
  {
    name: "pages",
    promise:
      "Every state of every page is reached in Chromium, photographed, and axe-core finds nothing serious",
    command: suite("page_states.test.mjs"),
  },
  {
    name: "pages-firefox",
    promise: "The studio's camera, test card and file, the watch page and the chat work in Firefox",
    command: suite("slow/page_firefox.test.mjs"),
  },
  {
    name: "stall",
    promise:
      "20 s without reading beside 20 good viewers: less than 2 MB, nothing lost, told and resumed at a group start",
    command: suite("slow/stall.test.mjs"),
  },
  {
    name: "resume",
    promise:
      "The publisher cut for 3 s: viewers keep sockets, nothing acknowledged lost or doubled",
    command: suite("resume.test.mjs"),
  },
  {
    name: "hostile-ws",
    promise: "Hostile WebSocket peers get their named error, the good stream loses nothing",
    command: suite("hostile_ws.test.mjs"),
  },
  {
    name: "hostile-http",
    promise: "Hostile requests get their named error, the good stream loses nothing",
    command: suite("hostile_http.test.mjs"),
  },
  {
    name: "record-canvas",
    promise:
      "recordCanvas: 600 frames of 1280x720 are in the MP4, each its own number, whatever breaks",
    command: suite("slow/record_canvas.test.mjs"),
  },
  {
    name: "fanout",
    promise: "1,000 viewers lose nothing, for less CPU per GB than a node ws broadcast",
    command: ["node", "tests/bench/fanout.mjs", "--json", "build/fanout.json"],
  },
  {
    name: "vite",
    promise:
      "A page made by `npm create vite` installs the packed SDK, type-checks, builds and plays a live stream",
    command: suite("slow/vite_page.test.mjs"),
  },
  {
    name: "publisher-soak",
    promise:
      "A publisher page of 30 minutes, the server restarted three times: back within 3 s each, memory flat",
    command: ["node", "tests/e2e/slow/publisher_soak.mjs"],
  },
  {
    name: "soak",
    promise:
      "30 minutes of viewers that come, go and stall, HLS and .mp4 beside them: nothing lost, RSS and descriptors flat",
    command: ["node", "tests/e2e/slow/soak.mjs"],
  },
  {
    name: "reload",
    promise:
      "20 reloads, 10 of broken files, 5 new certificates under 500 viewers and 3 publishers: nobody lost, no byte lost or twice",
    command: ["node", "tests/e2e/slow/reload_crowd.mjs"],
  },
  {
    name: "crowd",
    promise:
      "Beside 1,500 HTTP viewers, 1,500 half heads and 500 held playlists new ones are answered within 200 ms; 20,000 HTTP viewers",
    command: ["node", "tests/e2e/slow/crowd.mjs"],
  },
  {
    name: "faults",
    promise:
      "Allocations and calls that fail, one by one: told, nobody else hurt, working again after it; no crash",
    command: ["node", "tests/e2e/slow/faults.mjs"],
  },
  {
    name: "lost-network",
    promise:
      "Publishers and viewers whose power fails: names free, recordings closed, counts right",
    command: suite("lost_network.test.mjs"),
  },
  {
    name: "rfc6455",
    promise: "RFC 6455 by the project's own table of cases, as it is and byte by byte",
    command: suite("rfc6455.test.mjs"),
  },
  {
    name: "asan",
    promise: "60 s of churn without an address or undefined behaviour report",
    ...churn("asan"),
  },
  { name: "tsan", promise: "60 s of churn without a data race", ...churn("tsan") },
  {
    name: "matrix",
    promise:
      "docs/formats.md's table of published formats and outputs: each that works decodes, with the source's frames and times",
    command: suite("matrix.test.mjs"),
  },
  {
    name: "remux-delay",
    promise: "A remux beside 50 viewers of the origin adds less than 5 ms, p99",
    command: suite("slow/remux_delay.test.mjs"),
  },
  {
    name: "transcode",
    promise:
      "An encoder beside 20 viewers of the origin does not delay them; one that cannot follow skips to a keyframe",
    command: suite("slow/transcode.test.mjs"),
  },
  {
    name: "recording-kill",
    promise:
      "kill -9 at 50 random moments: 50 of 50 recordings finalised, seek in Chromium, miss at most a second",
    command: suite("slow/recording_kill.test.mjs"),
  },
  {
    name: "recording-hour",
    promise: "An hour is finalised in under 100 MB, and delays no stream beside it",
    command: suite("slow/recording_hour.test.mjs"),
  },
  {
    name: "recording-disk",
    promise:
      "A full disk has a name, costs no viewer a byte, and the next stream is recorded again",
    command: suite("slow/recording_disk.test.mjs"),
  },
  {
    name: "recording-segments",
    promise: "The frames of all segments are the frames published",
    command: suite("recordings.test.mjs", "segments join"),
  },
  {
    name: "codec-hostile",
    promise:
      "500 broken streams through the codec worker: it lives, and the stream beside loses nothing",
    command: suite("slow/codec_hostile.test.mjs"),
  },
  {
    name: "codec-workers",
    promise:
      "100 streams remuxed in two workers; workers killed 100 times: all go on within a second, origins whole, a canvas's film has every frame",
    command: suite("slow/codec_workers.test.mjs"),
  },
];

/** @param {string[]} command @returns {Promise<{code: number | null, output: string}>} */
function run([file, ...args]) {
  const child = spawn(file === "node" ? process.execPath : file, args, {
    cwd: ROOT,
    env: { ...process.env, FRAMEWIRE_PROVE: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, output })));
}

/** The lines of a log that carry figures. @param {string} output */
function figures(output) {
  const lines = output.split("\n").map((line) => line.replace(/^# /, ""));
  const told = lines.filter((line) =>
    /^(figure: |(chromium|firefox|bookworm|trixie): |== (bookworm|trixie), .*: |ok: |WRONG: |first picture|framewire |ws {2}|server {2}|churn of)/.test(
      line,
    ),
  );
  const passed = /^# pass (\d+)/m.exec(output)?.[1];
  const failed = /^# fail (\d+)/m.exec(output)?.[1];
  if (passed) told.push(`${passed} cases passed, ${failed} failed`);
  return told.map((line) => line.replace(/^figure: /, ""));
}

/** @param {Section} section */
async function prove(section) {
  const skipped = section.skip?.();
  const start = Date.now();
  const { code, output } = skipped
    ? { code: null, output: "" }
    : await run([...section.command, ...(besides[section.name]?.split(",") ?? [])]);
  const verdict = skipped ? "SKIPPED" : code === 0 ? "SHOWN" : "FAILED";
  const lines = skipped ? [skipped] : figures(output);
  console.log(
    `\n${verdict}  ${section.name}: ${section.promise}  (${Math.round((Date.now() - start) / 1000)} s)`,
  );
  for (const line of lines) console.log(`    ${line}`);
  if (verdict === "FAILED") {
    const wrong = output.split("\n").filter((line) => /^\s*(not ok|error:|FAILED)/.test(line));
    for (const line of wrong.slice(0, 40)) console.log(`    ! ${line.trim()}`);
    mkdirSync(`${ROOT}build`, { recursive: true });
    writeFileSync(`${ROOT}build/prove-${section.name}.log`, output);
  }
  return { name: section.name, verdict, lines };
}

/** What each is told besides. @type {Record<string, string>} */ const besides = {};
const wanted = process.argv.slice(2).map((word) => {
  const at = word.indexOf("=");
  if (at < 0) return word;
  besides[word.slice(0, at)] = word.slice(at + 1);
  return word.slice(0, at);
});
const unknown = wanted.filter((name) => !SECTIONS.some((section) => section.name === name));
if (unknown.length) {
  console.error(
    `no section ${unknown.join(", ")}; there are: ${SECTIONS.map((s) => s.name).join(" ")}`,
  );
  process.exit(2);
}
const results = [];
for (const section of SECTIONS)
  if (!wanted.length || wanted.includes(section.name)) results.push(await prove(section));
const bad = results.filter((result) => result.verdict === "FAILED");
console.log(
  `\n${results.filter((r) => r.verdict === "SHOWN").length} shown, ${bad.length} failed, ${results.filter((r) => r.verdict === "SKIPPED").length} skipped`,
);
process.exit(bad.length ? 1 : 0);
