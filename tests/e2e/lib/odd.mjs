/**
 * Odd streams: one is published, an output of it is watched from the first byte, and what came is held
 * against what was sent: how many pictures and sounds, how far their times are off, what does not decode.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeErrors, run } from "./decode.mjs";
import { attributes } from "./hls.mjs";
import { BarePublisher } from "./publisher.mjs";
import { finished } from "./recordings.mjs";
import { HttpViewer } from "./viewer.mjs";
import { sleep, until } from "./wait.mjs";

/** @typedef {import('./server.mjs').Server} Server */

const DIR = fileURLToPath(new URL("../../media/odd/", import.meta.url));
const PIECE = 4000;
const SQUASHED_MS = 0.5;

/** @param {string} name */
export const oddFile = (name) => readFileSync(join(DIR, name));

/**
 * @typedef {object} Watched
 * @property {Buffer} bytes
 * @property {number} status
 * @property {string} text of an answer that is no media
 * @property {number} discontinuities of HLS
 */

/** Sends the file in so many seconds, message by message. @param {Server} server @param {string} stream @param {Buffer} bytes @param {number} seconds @param {() => Promise<any>} [begun] after the first one */
async function publish(server, stream, bytes, seconds, begun = async () => {}) {
  const publisher = await BarePublisher.open(server, stream);
  const count = Math.ceil(bytes.length / PIECE);
  const start = Date.now();
  for (let i = 0; i < count; ++i) {
    await publisher.send(bytes.subarray(i * PIECE, (i + 1) * PIECE));
    if (i === 0) await begun();
    const due = start + ((i + 1) * seconds * 1000) / count;
    if (due > Date.now()) await sleep(due - Date.now());
  }
  await publisher.end();
}

/** What HLS has of a stream once it is over. @param {Server} server @param {string} stream @param {() => boolean} over @returns {Promise<Watched>} */
export async function watchHls(server, stream, over) {
  const get = async (/** @type {string} */ uri) => {
    const answer = await server.fetch(`/live/${stream}/${uri}`);
    return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) };
  };
  const index = await get("index.m3u8?wait=15");
  const text = index.body.toString();
  if (index.status !== 200)
    return { bytes: index.body, status: index.status, text, discontinuities: 0 };
  const media = text.split("\n").find((line) => line && !line.startsWith("#")) ?? "";
  let list = "";
  await until(
    async () => {
      list = (await get(media)).body.toString();
      return over() && list.includes("#EXT-X-ENDLIST");
    },
    `${stream}'s playlist to end`,
    { ms: 30_000, every: 200 },
  );
  /** @type {Buffer[]} */ const pieces = [];
  let map = "";
  for (const line of list.split("\n")) {
    if (line.startsWith("#EXT-X-MAP:")) {
      const uri = attributes(line.slice(11)).URI;
      if (uri !== map) pieces.push((await get(uri)).body);
      map = uri;
    } else if (line && !line.startsWith("#")) {
      pieces.push((await get(line)).body);
    }
  }
  const discontinuities = list.split("#EXT-X-DISCONTINUITY\n").length - 1;
  return { bytes: Buffer.concat(pieces), status: 200, text: list, discontinuities };
}

/**
 * Publishes the file and watches one output of it: a suffix, "hls", or "rec" (the server then records).
 * @param {Server} server @param {string} stream @param {string} name @param {string} output
 * @param {{seconds?: number}} [how] @returns {Promise<Watched>}
 */
export async function watchOdd(server, stream, name, output, { seconds = 3 } = {}) {
  const bytes = oddFile(name);
  if (output === "rec") {
    await publish(server, stream, bytes, 0.2);
    const [film] = await finished(server, stream);
    const answer = await server.fetch(`/recordings/${film.id}`);
    const file = Buffer.from(await answer.arrayBuffer());
    return { bytes: file, status: answer.status, text: JSON.stringify(film), discontinuities: 0 };
  }
  let over = false;
  if (output === "hls") {
    const watched = watchHls(server, stream, () => over);
    await publish(server, stream, bytes, seconds, () =>
      until(() => server.output.includes(`stream ${stream}.h264: derived`), "HLS to begin"),
    );
    over = true;
    return watched;
  }
  const viewer = new HttpViewer(server, `${stream}.${output}?wait=15`);
  await publish(server, stream, bytes, seconds, () =>
    until(
      () => server.output.includes(`stream ${stream}.${output}: derived`),
      `${output} to begin`,
    ),
  );
  await viewer.ended(30_000);
  const got = viewer.bytes;
  return {
    bytes: got,
    status: viewer.status,
    text: got.toString("latin1", 0, 400),
    discontinuities: 0,
  };
}

/**
 * @typedef {object} Measured
 * @property {number} count packets
 * @property {number} first ms
 * @property {number} worst the largest distance from the step of the one before to it, ms, jumps left out
 * @property {number[]} jumps the distances beyond `jump` ms, as they are
 * @property {number} squashed packets less than 0.5 ms after the one before
 */

const EBML = Buffer.from("1a45dfa3", "hex");

/** Epoch by epoch: FFmpeg's demuxers take the first header for all. @param {Buffer} bytes */
export function epochs(bytes) {
  /** @type {Buffer[]} */ const out = [];
  if (bytes.indexOf(EBML) === 0) {
    for (let from = 0; from < bytes.length; ) {
      const next = bytes.indexOf(EBML, from + 4);
      const to = next < 0 ? bytes.length : next;
      out.push(bytes.subarray(from, to));
      from = to;
    }
    return out;
  }
  for (let from = 0; from < bytes.length; ) {
    const next = bytes.indexOf("ftyp", from + 8);
    const to = next < 0 || bytes.toString("latin1", 4, 8) !== "ftyp" ? bytes.length : next - 4;
    out.push(bytes.subarray(from, to));
    from = to;
  }
  return out;
}

/** MPEG-TS, table version by table version. @param {Buffer} ts */
export function tsEpochs(ts) {
  /** @type {Buffer[]} */ const out = [];
  let [from, version] = [0, -1];
  for (let at = 0; at + 188 <= ts.length; at += 188) {
    if ((ts.readUInt16BE(at + 1) & 0x5fff) !== 0x4000) continue; // a PAT begins
    const payload = at + 4 + (ts[at + 3] & 0x20 ? 1 + ts[at + 4] : 0);
    const told = (ts[payload + 6] >> 1) & 31;
    if (version >= 0 && told !== version) {
      out.push(ts.subarray(from, at));
      from = at;
    }
    version = told;
  }
  return [...out, ts.subarray(from)];
}

/** FLV, metadata by metadata, each piece with the header. @param {Buffer} flv */
export function flvEpochs(flv) {
  /** @type {number[]} */ const starts = [];
  for (let at = 13; at + 15 <= flv.length; at += flv.readUIntBE(at + 1, 3) + 15)
    if (flv[at] === 18) starts.push(at);
  return starts.map((from, i) =>
    Buffer.concat([flv.subarray(0, 13), flv.subarray(from, starts[i + 1])]),
  );
}

/** The shown times of a kind of track, in milliseconds, sorted. @param {Buffer} bytes @param {"v" | "a"} kind */
export async function shownTimes(bytes, kind) {
  const entries = ["-show_entries", "packet=pts_time,dts_time", "-of", "csv=p=0"];
  /** @type {number[]} */ const times = [];
  for (const epoch of epochs(bytes)) {
    const { stdout } = await run(
      "ffprobe",
      ["-v", "error", "-select_streams", `${kind}:0`, ...entries, "-"],
      epoch,
    );
    times.push(...stdout.split("\n").map((line) => Number.parseFloat(line) * 1000));
  }
  return times.filter((time) => !Number.isNaN(time)).sort((a, b) => a - b);
}

/** @param {Buffer} bytes */
async function errorsOf(bytes) {
  let errors = "";
  for (const epoch of epochs(bytes)) errors += await decodeErrors(epoch);
  return errors;
}

/** @param {number[]} times ms, sorted @param {number} step ms @param {number} [jump] a distance that is farther off than this is one @returns {Measured} */
export function measure(times, step, jump = 20) {
  const out = { count: times.length, first: times[0], worst: 0, squashed: 0, jumps: [] };
  for (let i = 1; i < times.length; ++i) {
    const distance = times[i] - times[i - 1];
    if (distance < SQUASHED_MS) ++out.squashed;
    const off = Math.abs(distance - step);
    if (off > jump) /** @type {number[]} */ (out.jumps).push(Math.round(distance));
    else out.worst = Math.max(out.worst, off);
  }
  return out;
}

/** All that is measured of one output. @param {Watched} watched @param {{picture?: number, sound?: number}} steps ms */
export async function judge(watched, { picture = 40, sound = 1024 / 48 }) {
  const [video, audio, errors] = await Promise.all([
    shownTimes(watched.bytes, "v"),
    shownTimes(watched.bytes, "a"),
    errorsOf(watched.bytes),
  ]);
  return {
    video: measure(video, picture),
    audio: measure(audio, sound),
    apart: (audio[0] ?? 0) - (video[0] ?? 0),
    errors,
  };
}
