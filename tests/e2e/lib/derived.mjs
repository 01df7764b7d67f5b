/** Derived renditions: what a viewer of one got, held against what was published. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { run } from "./decode.mjs";
import { pieces } from "./media.mjs";
import { until } from "./wait.mjs";

/** @typedef {import('./server.mjs').Server} Server */

const MADE = fileURLToPath(new URL("../../media/made/", import.meta.url));

/** Media made by tools/make-test-media, in messages of a size that cuts elements. @param {string} name @returns {import('./media.mjs').Fixture} */
export function made(name) {
  const format = { ts: "mpegts" }[name.split(".").at(-1) ?? ""] ?? name.split(".").at(-1) ?? "";
  const chunks = pieces(readFileSync(MADE + name), 5000);
  return { name, format, chunks, atMs: [], hello: { format }, needsHello: false };
}

/**
 * The packets of each track, by codec: their times in microseconds, sorted, and sizes.
 * @param {Buffer} bytes @returns {Promise<Record<string, {pts: number[], durations: number[]}>>}
 */
export async function packetsOf(bytes) {
  const args = ["-v", "error", "-show_entries", "stream=index,codec_name", "-show_packets"];
  const { stdout } = await run("ffprobe", [...args, "-of", "json", "-"], bytes);
  const { streams = [], packets = [] } = JSON.parse(stdout || "{}");
  /** @type {Record<string, {pts: number[], durations: number[]}>} */
  const out = {};
  for (const stream of streams) {
    const own = packets.filter((/** @type {any} */ p) => p.stream_index === stream.index);
    own.sort((/** @type {any} */ a, /** @type {any} */ b) => a.pts_time - b.pts_time);
    out[stream.codec_name] = {
      pts: own.map((/** @type {any} */ p) => Math.round(p.pts_time * 1e6)),
      durations: own.map((/** @type {any} */ p) => Math.round((p.duration_time ?? 0) * 1e6)),
    };
  }
  return out;
}

/** The largest difference of two lists of times, in microseconds; Infinity if their lengths differ. @param {number[]} a @param {number[]} b */
export const farthest = (a, b) =>
  a.length === b.length
    ? a.reduce((most, time, i) => Math.max(most, Math.abs(time - b[i])), 0)
    : Infinity;

/** The boxes in a run of bytes, those in `inside` with their children instead. @param {Buffer} bytes @param {string[]} inside @returns {Generator<{type: string, body: Buffer}>} */
function* boxes(bytes, inside) {
  for (let at = 0; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32BE(at);
    const type = bytes.toString("latin1", at + 4, at + 8);
    const body = bytes.subarray(at + 8, at + size);
    if (inside.includes(type)) yield* boxes(body, inside);
    else yield { type, body };
    at += Math.max(size, 8);
  }
}

/**
 * Each track fragment of an MP4: where it begins and what its samples last, in the track's timescale.
 * @param {Buffer} bytes @returns {{track: number, begin: number, duration: number}[]}
 */
export function fragmentsOf(bytes) {
  /** @type {{track: number, begin: number, duration: number}[]} */ const out = [];
  let each = 0;
  for (const { type, body } of boxes(bytes, ["moof", "traf"])) {
    const flags = body.length >= 4 ? body.readUInt32BE(0) & 0xffffff : 0;
    if (type === "tfhd") {
      out.push({ track: body.readUInt32BE(4), begin: 0, duration: 0 });
      each = flags & 8 ? body.readUInt32BE(8 + (flags & 1 ? 8 : 0) + (flags & 2 ? 4 : 0)) : 0;
    }
    const fragment = /** @type {typeof out[0]} */ (out.at(-1));
    if (type === "tfdt")
      fragment.begin = body[0] === 1 ? Number(body.readBigUInt64BE(4)) : body.readUInt32BE(4);
    if (type !== "trun") continue;
    const samples = body.readUInt32BE(4);
    const stride = [0x100, 0x200, 0x400, 0x800].filter((flag) => flags & flag).length * 4;
    let at = 8 + (flags & 1 ? 4 : 0) + (flags & 4 ? 4 : 0);
    for (let i = 0; i < samples; ++i, at += stride)
      fragment.duration += flags & 0x100 ? body.readUInt32BE(at) : each;
  }
  return out;
}

/**
 * The worst hole or overlap between the fragments of the track with this timescale, in microseconds.
 * @param {Buffer} bytes @param {number} timescale
 */
export function worstSeam(bytes, timescale) {
  let track = 0;
  let found = 0;
  for (const { type, body } of boxes(bytes, ["moov", "trak", "mdia"])) {
    const at = body[0] === 1 ? 20 : 12;
    if (type === "tkhd") track = body.readUInt32BE(at);
    if (type === "mdhd" && body.readUInt32BE(at) === timescale) found = track;
  }
  const own = fragmentsOf(bytes).filter((f) => f.track === found);
  const seams = own.slice(1).map((f, i) => Math.abs(f.begin - own[i].begin - own[i].duration));
  return (Math.max(0, ...seams) * 1e6) / timescale;
}

/** @param {Server} server @param {string} name e.g. "cam.mp4" */
export const untilDerived = (server, name, ms = 15_000) =>
  until(() => server.output.includes(`stream ${name}: published`), `${name} to be made`, { ms });

/** The worker started last; 0: none. @param {Server} server */
export function workerPid(server) {
  const started = [...server.output.matchAll(/codec worker (\d+) started/g)];
  return Number(started.at(-1)?.[1] ?? 0);
}

/** @param {number} pid */
export function isRunning(pid) {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "latin1").includes(") Z ");
  } catch {
    return false;
  }
}
