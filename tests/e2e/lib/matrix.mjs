/**
 * What becomes of each published format in each output: published to a real server, fetched, decoded by
 * ffmpeg, and its pictures' count and times held against the source. The table in docs/formats.md.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countFrames, decodeErrors, run } from "./decode.mjs";
import { farthest, made, packetsOf } from "./derived.mjs";
import { container, pictureFixtures, pieces, rgbaFixture, wholeFile } from "./media.mjs";
import { packetsStream, readPackets } from "./packets.mjs";
import { BarePublisher, V1Publisher } from "./publisher.mjs";
import { listed } from "./recordings.mjs";
import { binary } from "./server.mjs";
import { HttpViewer } from "./viewer.mjs";
import { sleep, until } from "./wait.mjs";

/** @typedef {import('./server.mjs').Server} Server */
/** @typedef {Awaited<ReturnType<typeof packetsOf>>} Packets */
/** @typedef {{way: "remux" | "transcode" | "no", reason: string}} Cell */
/**
 * @typedef {object} Row
 * @property {string} name
 * @property {object | null} hello null: bare bytes
 * @property {() => Promise<Buffer[]>} chunks
 * @property {() => Promise<Packets>} source times of all packets that are published
 */

const LIVE = ["webm", "mp4", "ts", "flv", "packets"];
export const COLUMNS = [...LIVE, "HLS", "jpg", "recording"];
const TOLERANCE_US = 1001; // containers count in milliseconds, or in 1/90,000 s
const AUDIO_EDGE_US = 200_000; // what is left out before the first picture, and what codecs need
const LEAST_SHARE = 0.4; // of the pictures: the making begins when somebody asks
const FIRST_CHUNKS = 0.4;
const PICTURE = /vp8|vp9|av1|h264|mpeg|jpeg|png|webp|rgba/;
const FPS = 25;
const PICTURES = 80;
const OPAQUE = 7;

/** @param {string} title @param {string} file @returns {Row} */
function film(title, file) {
  const read = () => {
    if (/^(chromium|firefox)/.test(file)) return container(file);
    const media = made(file);
    return { ...media, chunks: pieces(wholeFile(media), 1000) };
  };
  return {
    name: title,
    hello: null,
    chunks: async () => read().chunks,
    source: () => packetsOf(wholeFile(read())),
  };
}

/** @param {string} title @param {string} format @returns {Row} */
function pictures(title, format) {
  const times = () => Array.from({ length: PICTURES }, (_, i) => Math.round((i * 1e6) / FPS));
  // Opaque ones: the eighth is not.
  const files = () => {
    if (format !== "rgba") return pictureFixtures().find((f) => f.format === format)?.chunks ?? [];
    const opaque = (/** @type {Buffer} */ frame) => frame.map((b, i) => (i % 4 === 3 ? 255 : b));
    return rgbaFixture(OPAQUE).chunks.map((frame) => Buffer.from(opaque(frame)));
  };
  return {
    name: title,
    hello: { format, width: 320, height: 180, fps: FPS },
    chunks: async () => {
      const all = files();
      return times().map((_, i) => all[i % OPAQUE]);
    },
    source: async () => ({ [format]: { pts: times(), durations: [] } }),
  };
}

/** @param {string} title @param {string[]} names of tests/media/browser/webcodecs @param {string[]} codecs @returns {Row} */
function encodedPackets(title, names, codecs) {
  return {
    name: title,
    hello: null,
    chunks: async () => packetsStream(names).messages,
    source: async () => {
      const { packets } = packetsStream(names);
      const timesOf = (/** @type {number} */ track) =>
        packets.filter((p) => p.track === track).map((p) => p.pts);
      return Object.fromEntries(
        codecs.map((codec, track) => [codec, { pts: timesOf(track), durations: [] }]),
      );
    },
  };
}

/** @type {Row[]} */
export const ROWS = [
  film("WebM: VP8, Opus", "chromium-vp8-opus-camera.webm"),
  film("WebM: VP9", "chromium-vp9-canvas.webm"),
  film("WebM: AV1, Opus", "chromium-av1-opus-camera.webm"),
  film("Chromium's Matroska: H.264, Opus", "chromium-h264-opus-camera.webm"),
  film("MP4: H.264, AAC", "avc1-aac-frag.mp4"),
  film("MP4: H.264, Opus", "chromium-avc1-opus-camera-kf1000.mp4"),
  film("MPEG-TS: H.264, AAC", "avc1-aac.ts"),
  film("FLV: H.264, AAC", "avc1-aac.flv"),
  encodedPackets("packets: H.264, Opus", ["avc1-avcc", "opus"], ["h264", "opus"]),
  pictures("RGBA", "rgba"),
  pictures("PNG", "png"),
  pictures("JPEG", "jpeg"),
  pictures("WebP", "webp"),
];

/** The server's own sentence. @param {number} status @param {Buffer} body @returns {Cell} */
function refusal(status, body) {
  let message = `HTTP ${status}`;
  try {
    message = JSON.parse(body.toString()).error.message;
  } catch {}
  return { way: "no", reason: message.replace(/matrix\/s\d+/g, "NAME") };
}

/** Differences to the last one: outputs may count from another time. @param {number[]} times */
const backwards = (times) => times.map((us) => us - Number(times.at(-1)));

/** @param {Packets} packets @returns {[string, number[]] | undefined} */
const pictureTrack = (packets) => {
  const found = Object.entries(packets).find(([codec]) => PICTURE.test(codec));
  return found && [found[0].replace("mjpeg", "jpeg"), found[1].pts];
};

/** Packets in a container that ffmpeg reads, as the command line makes it. @param {Buffer} bytes */
async function inContainer(bytes) {
  const picture = readPackets(bytes).configs.find(({ config }) => config.codedWidth);
  const folder = mkdtempSync(join(tmpdir(), "framewire-matrix-"));
  try {
    const to = join(folder, /^avc/.test(picture?.config.codec ?? "") ? "film.mp4" : "film.webm");
    const from = join(folder, "film.packets");
    writeFileSync(from, bytes);
    const { code, stderr } = await run(binary(), ["remux", from, to]);
    assert.equal(code, 0, stderr);
    return readFileSync(to);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Decodes it, and holds it against the source. @param {string} what @param {Buffer} bytes @param {Packets} source @returns {Promise<Cell>} */
async function judge(what, bytes, source) {
  assert.equal(await decodeErrors(bytes), "", `${what} decodes`);
  const got = await packetsOf(bytes);
  const want = pictureTrack(source);
  const have = pictureTrack(got);
  assert.ok(want && have, `${what} has pictures`);
  const frames = await countFrames(bytes);
  assert.equal(frames, have[1].length, `${what}: frames decoded, packets`);
  assert.ok(frames >= LEAST_SHARE * want[1].length, `${what}: ${frames} of ${want[1].length}`);
  const off = farthest(backwards(have[1]), backwards(want[1].slice(-frames)));
  assert.ok(off <= TOLERANCE_US, `${what}: ${off} µs off`);
  const sound = Object.entries(source).find(([codec]) => !PICTURE.test(codec));
  const heard = Object.entries(got).find(([codec]) => !PICTURE.test(codec));
  assert.equal(Boolean(heard), Boolean(sound), `${what}: has it sound?`);
  if (sound && heard) {
    // Picture and sound end together in the source, and do here.
    const lag = Number(heard[1].pts.at(-1)) - Number(have[1].at(-1));
    const own = Number(sound[1].pts.at(-1)) - Number(want[1].at(-1));
    assert.ok(Math.abs(lag - own) <= AUDIO_EDGE_US, `${what}: sound ${lag - own} µs off`);
  }
  const same = have[0] === want[0] && (heard?.[0] ?? "") === (sound?.[0] ?? "");
  return { way: same ? "remux" : "transcode", reason: "" };
}

/** @param {Server} server @param {string} stream @param {Packets} source @returns {Promise<Cell>} */
async function poster(server, stream, source) {
  const answer = await server.fetch(`/live/${stream}.jpg`);
  const body = Buffer.from(await answer.arrayBuffer());
  if (answer.status !== 200) return refusal(answer.status, body);
  assert.equal(await decodeErrors(body), "", "the poster decodes");
  assert.equal(await countFrames(body), 1);
  return { way: "jpeg" in source ? "remux" : "transcode", reason: "" };
}

/** @param {Server} server @param {string} stream @param {Packets} source @returns {Promise<Cell>} */
async function playlist(server, stream, source) {
  const first = await server.fetch(`/live/${stream}/index.m3u8?wait=15`);
  const body = Buffer.from(await first.arrayBuffer());
  if (first.status !== 200) return refusal(first.status, body);
  const url = `${server.origin}/live/${stream}/index.m3u8`;
  const args = ["-v", "error", "-live_start_index", "0", "-i", url, "-map", "0", "-c", "copy"];
  const { out, code, stderr } = await run("ffmpeg", [...args, "-f", "matroska", "-"]);
  assert.equal(code, 0, stderr);
  return judge("HLS", out, source);
}

/** @param {Server} server @param {string} stream @param {Packets} source @returns {Promise<Cell>} */
async function recording(server, stream, source) {
  const told = () => /is \w+, which is not recorded: .*/.exec(logOf(server, stream))?.[0];
  const over = async () => {
    const all = await listed(server, stream);
    const done = all.length > 0 && all.every((r) => r.state === "done" || r.state === "broken");
    return done ? all : null;
  };
  const done = await until(async () => (told() ? [] : await over()), "a recording", {
    ms: 60_000,
  });
  if (!done.length) return { way: "no", reason: `${told()}`.replace(/^is/, "this stream is") };
  assert.equal(done[0].state, "done", done[0].error);
  const answer = await server.fetch(/** @type {string} */ (done[0].url));
  return judge("recording", Buffer.from(await answer.arrayBuffer()), source);
}

/** @param {Server} server @param {string} stream */
const logOf = (server, stream) =>
  server.output
    .split("\n")
    .filter((line) => line.includes(stream))
    .join("\n");

/** @param {string} output @param {Buffer} bytes */
const readable = (output, bytes) => (output === "packets" ? inContainer(bytes) : bytes);

let count = 0;

/**
 * @param {Server} server that records all streams @param {Row} row
 * @returns {Promise<Record<string, Cell>>} by column
 */
export async function fill(server, row) {
  const stream = `matrix/s${++count}`;
  const [chunks, source] = await Promise.all([row.chunks(), row.source()]);
  const viewers = LIVE.map((output) => new HttpViewer(server, `${stream}.${output}?wait=15`));
  const hls = playlist(server, stream, source);
  hls.catch(() => {});
  const publisher = row.hello
    ? await V1Publisher.open(server, stream, row.hello)
    : await BarePublisher.open(server, stream);
  // Little at first, until all that asked have begun; then the rest.
  let sent = 0;
  const begun = () => viewers.every((viewer) => viewer.status !== 0);
  for (; sent < 2 || (!begun() && sent < chunks.length * FIRST_CHUNKS); ++sent) {
    await publisher.send(chunks[sent]);
    await sleep(100);
  }
  const jpg = await poster(server, stream, source);
  for (; sent < chunks.length; ++sent) await publisher.send(chunks[sent]);
  if (publisher instanceof V1Publisher) await publisher.untilAcked();
  await publisher.end();

  /** @type {Record<string, Cell>} */ const cells = { jpg };
  for (const [i, viewer] of viewers.entries()) {
    await viewer.ended();
    cells[LIVE[i]] =
      viewer.status === 200
        ? await judge(`${row.name} as ${LIVE[i]}`, await readable(LIVE[i], viewer.bytes), source)
        : refusal(viewer.status, viewer.bytes);
  }
  cells.HLS = await hls;
  cells.recording = await recording(server, stream, source);
  return cells;
}

const BEGIN = "<!-- matrix: written by tests/e2e/matrix.test.mjs -->";
const END = "<!-- matrix ends -->";

/**
 * The table as docs/formats.md has it: reasons are numbered below it.
 * @param {[string, Record<string, Cell>][]} rows
 */
export function markdown(rows) {
  /** @type {string[]} */ const reasons = [];
  const text = (/** @type {Cell} */ cell) => {
    if (cell.way !== "no") return cell.way;
    if (!reasons.includes(cell.reason)) reasons.push(cell.reason);
    return `no: ${reasons.indexOf(cell.reason) + 1}`;
  };
  const lines = rows.map(
    ([name, cells]) => `| ${name} | ${COLUMNS.map((c) => text(cells[c])).join(" | ")} |`,
  );
  const heads = COLUMNS.map((c) => (/^[a-z]/.test(c) && c !== "recording" ? `\`.${c}\`` : c));
  return [
    `| published | ${heads.join(" | ")} |`,
    `|---|${COLUMNS.map(() => "---|").join("")}`,
    ...lines,
    "",
    ...reasons.map((reason, i) => `${i + 1}. ${reason}`),
  ].join("\n");
}

/** What stands between the marks. @param {string} readme */
export function written(readme) {
  const from = readme.indexOf(BEGIN);
  const to = readme.indexOf(END);
  assert.ok(from >= 0 && to > from, "docs/formats.md has no marks for the table");
  return readme.slice(from + BEGIN.length, to).trim();
}

/** @param {string} readme @param {string} table */
export const rewritten = (readme, table) =>
  `${readme.slice(0, readme.indexOf(BEGIN) + BEGIN.length)}\n${table}\n${readme.slice(readme.indexOf(END))}`;

/** The cells of one row of a table, reasons in words. @param {string} table @param {string} name */
export function rowIn(table, name) {
  const reasons = [...table.matchAll(/^\d+\. (.*)$/gm)].map((match) => match[1]);
  const line = table.split("\n").find((l) => l.startsWith(`| ${name} |`)) ?? "";
  const cells = line.split("|").slice(2, -1);
  return cells.map((cell) => {
    const number = /^no: (\d+)$/.exec(cell.trim())?.[1];
    return number ? `no: ${reasons[Number(number) - 1]}` : cell.trim();
  });
}
