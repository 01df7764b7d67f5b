/** One body sent by HTTP as some client sends it, and what is made of it held against what is right. */
import http from "node:http";
import { decodeErrors, run } from "./decode.mjs";
import { epochs } from "./odd.mjs";
import { finished } from "./recordings.mjs";
import { HttpViewer } from "./viewer.mjs";
import { sleep, until } from "./wait.mjs";

/** @typedef {import('./server.mjs').Server} Server */
/**
 * @typedef {object} Raw
 * @property {string} name
 * @property {() => Promise<Buffer> | Buffer} bytes
 * @property {number} [pictures] in `.h264`; none: not looked at
 * @property {number} [missed] so many may be missing: of an encoder that begins with the newest group
 * @property {number} [sound] seconds, in `.h264`
 * @property {string[]} [told] codes of warnings
 * @property {string[]} [mayTell] those that depend on the FFmpeg that wrote the body
 * @property {{status: number, says: RegExp}} [refused]
 * @property {boolean} [exact] the origin gives the bytes as they came
 * @property {Record<string, string>} [headers]
 * @property {string} [query]
 * @property {(bytes: Buffer) => Buffer[]} [pieces] as they are written
 * @property {boolean} [unrecorded] its recording is not looked at: FFmpeg's program reads no chained Ogg
 */

const SECONDS = 1.5;
const SOUND_MS = 200; // what an encoder adds or keeps
const SOUND_GROUP_MS = 1000;
const NEXT_MS = 20; // an epoch has times of its own

/** A first piece that begins all tracks, then the rest in step. @param {Buffer} bytes */
export function inStep(bytes) {
  const first = Math.min(bytes.length, Math.max(4096, Math.ceil(bytes.length / 6)));
  const size = Math.max(1, Math.ceil((bytes.length - first) / 40));
  const out = [bytes.subarray(0, first)];
  for (let at = first; at < bytes.length; at += size) out.push(bytes.subarray(at, at + size));
  return out;
}

/** So many bytes at a time, up to a place; the rest as one. @param {number} size @param {number} [to] */
export const inBites =
  (size, to = Infinity) =>
  (/** @type {Buffer} */ bytes) => {
    const out = [];
    let at = 0;
    for (; at < Math.min(to, bytes.length); at += size) out.push(bytes.subarray(at, at + size));
    if (at < bytes.length) out.push(...inStep(bytes.subarray(at)));
    return out;
  };

/** @param {Server} server @param {string} stream @param {Raw} raw @param {Buffer} bytes @param {boolean} waits for `.h264` to begin */
async function send(server, stream, raw, bytes, waits) {
  /** @type {Promise<{status: number, text: string}>} */
  let answer = Promise.resolve({ status: 0, text: "" });
  const request = http.request({
    host: "127.0.0.1",
    port: server.port,
    method: "PUT",
    path: `/publish/${stream}${raw.query ?? ""}`,
    headers: { "Transfer-Encoding": "chunked", ...raw.headers },
  });
  let over = false;
  answer = new Promise((resolve) => {
    request.on("error", (error) => resolve({ status: 0, text: String(error) }));
    request.on("response", (response) => {
      let text = "";
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
  });
  answer.then(() => (over = true));
  const pieces = (raw.pieces ?? inStep)(bytes);
  let sent = 0;
  let start = 0;
  for (const piece of pieces) {
    if (over) break;
    request.write(piece);
    sent += piece.length;
    if (!start && sent >= Math.min(4096, bytes.length)) {
      if (waits)
        await until(() => over || server.output.includes(`stream ${stream}.h264: derived`), "", {
          ms: 4000,
        }).catch(() => {});
      start = Date.now();
    }
    const due = start && start + (sent / bytes.length) * SECONDS * 1000;
    if (due > Date.now()) await sleep(due - Date.now());
    else if (sent % 512 < piece.length) await sleep(1);
  }
  request.end();
  return answer;
}

/** Shown times, milliseconds, one epoch behind the other. @param {Buffer} bytes @param {"v" | "a"} kind */
async function times(bytes, kind) {
  /** @type {number[]} */ const all = [];
  for (const epoch of epochs(bytes)) {
    const args = ["-v", "error", "-select_streams", `${kind}:0`, "-show_entries"];
    const { stdout } = await run(
      "ffprobe",
      [...args, "packet=pts_time,dts_time", "-of", "csv=p=0", "-"],
      epoch,
    );
    const own = stdout.split("\n").map((line) => Number.parseFloat(line) * 1000);
    const shown = own.filter((time) => !Number.isNaN(time)).sort((a, b) => a - b);
    const last = all[all.length - 1] ?? Number.NEGATIVE_INFINITY;
    const by = shown.length && shown[0] <= last ? last + NEXT_MS - shown[0] : 0;
    all.push(...shown.map((time) => time + by));
  }
  return all;
}

/** @param {Buffer} made @param {Raw} raw @returns {Promise<string>} what is wrong */
async function judge(made, raw) {
  for (const epoch of epochs(made)) {
    const errors = await decodeErrors(epoch);
    if (errors) return `decode: ${errors.split("\n")[0].slice(0, 160)}`;
  }
  if (raw.pictures !== undefined) {
    const got = await times(made, "v");
    const missing = raw.pictures - got.length;
    if (missing < 0 || missing > (raw.missed ?? 0))
      return `${got.length} pictures of ${raw.pictures}`;
    const squashed = got.filter((time, i) => i > 0 && time - got[i - 1] < 0.5).length;
    if (squashed) return `${squashed} pictures at the time of the one before`;
  }
  if (raw.sound !== undefined) {
    const got = await times(made, "a");
    const lasts = got.length ? got[got.length - 1] - got[0] : 0;
    const more = lasts - raw.sound * 1000;
    const missed = raw.pictures === undefined ? SOUND_GROUP_MS : (raw.missed ?? 0) * 40;
    if (more > SOUND_MS || more < -SOUND_MS - missed)
      return `sound lasts ${(lasts / 1000).toFixed(2)} s of ${raw.sound}`;
  }
  return "";
}

/** @param {Server} server that records all @param {string} stream @param {Raw} raw @returns {Promise<string[]>} what does not hold */
export async function tryRaw(server, stream, raw) {
  const bytes = await raw.bytes();
  const looksAt = raw.pictures !== undefined || raw.sound !== undefined;
  const viewers = looksAt
    ? [`${stream}.h264?wait=20`, `${stream}?wait=20`].map((path) => new HttpViewer(server, path))
    : [];
  if (looksAt) await sleep(150);
  const { status, text } = await send(server, stream, raw, bytes, looksAt);
  /** @type {string[]} */ const wrong = [];
  if (raw.refused) {
    if (status !== raw.refused.status || !raw.refused.says.test(text))
      wrong.push(`answer: ${status} ${text.slice(0, 300)}`);
    return wrong;
  }
  if (status !== 200) return [`answer: ${status} ${text.slice(0, 300)}`];
  const said = JSON.parse(text).warnings ?? [];
  const told = said
    .map((/** @type {{code: string}} */ one) => one.code)
    .filter((/** @type {string} */ code) => !raw.mayTell?.includes(code))
    .sort();
  const want = [...(raw.told ?? [])].sort();
  if (String(told) !== String(want)) wrong.push(`told: ${JSON.stringify(said)}`);
  if (!looksAt) return wrong;
  const [made, origin] = viewers;
  await Promise.all(viewers.map((viewer) => viewer.ended(30_000)));
  if (made.status !== 200) wrong.push(`.h264: ${made.status} ${made.bytes.subarray(0, 200)}`);
  else {
    const why = await judge(made.bytes, raw);
    if (why) wrong.push(`.h264: ${why}`);
  }
  if (raw.exact !== false && !origin.bytes.equals(bytes))
    wrong.push(`the origin gives ${origin.bytes.length} bytes of ${bytes.length}, or others`);
  if (raw.unrecorded) return wrong;
  const films = await finished(server, stream);
  for (const film of films)
    if (film.state !== "done") wrong.push(`recording: ${film.state} ${film.error}`);
  if (wrong.some((why) => why.startsWith("recording"))) return wrong;
  let pictures = 0;
  let lasts = 0;
  for (const film of films.reverse()) {
    const file = Buffer.from(await (await server.fetch(`/recordings/${film.id}`)).arrayBuffer());
    const errors = await decodeErrors(file);
    if (errors) wrong.push(`recording: decode: ${errors.split("\n")[0].slice(0, 160)}`);
    pictures += (await times(file, "v")).length;
    const sounds = await times(file, "a");
    lasts += sounds.length ? sounds[sounds.length - 1] - sounds[0] : 0;
  }
  if (raw.pictures !== undefined && pictures !== raw.pictures)
    wrong.push(`recording: ${pictures} pictures of ${raw.pictures}`);
  if (raw.sound !== undefined && Math.abs(lasts - raw.sound * 1000) > SOUND_MS)
    wrong.push(`recording: sound lasts ${(lasts / 1000).toFixed(2)} s of ${raw.sound}`);
  return wrong;
}
