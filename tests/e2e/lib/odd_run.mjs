/** One odd input published to all outputs at once, and each of them held against what is right. */
import { run } from "./decode.mjs";
import { epochs, flvEpochs, tsEpochs, watchHls } from "./odd.mjs";
import { STEP_MS } from "./odd_media.mjs";
import { BarePublisher } from "./publisher.mjs";
import { finished } from "./recordings.mjs";
import { HttpViewer } from "./viewer.mjs";
import { sleep, until } from "./wait.mjs";

/** @typedef {import('./server.mjs').Server} Server @typedef {import('./odd_case.mjs').Case} Case @typedef {import('./odd_case.mjs').Right} Right */
/** @typedef {{output: string, holds: boolean, why: string, error: number}} Verdict error: of times, ms */

export const OUTPUTS = ["mp4", "ts", "webm", "flv", "h264", "hls", "rec"];
/** Of muxers that only list: where two packets come at one tick, or decoding times are guessed. */
const GUESSED =
  /^\[(null|framecrc) @ .*\] (Application provided invalid, non monot|Timestamps are unset)/;
const PIECES = 60;
const SECONDS = 2.5;
const GROUP = 50; // pictures
const SOUND_GROUP_MS = 1000;
const [COPIED_MS, JUMP_MS, SOUND_FRAME_MS] = [2, 100, 1024 / 44.1];
const MP4 = ["mp4", "h264", "hls"];

const AVC =
  "h264 h264b h264_60 h264_film h264odd opengop refresh pyramid slices tiny bt601full sar interlaced full large tall";
const AVC_OTHER = "ten s422 s444 gray";
const WEB = "vp9 vp9ten vp9s422 vp9s444 vp9alpha av1 av1ten opus opus_51";
const AAC = "aac aac_44k aac_51 aac_8k";
/** What each output copies, as docs/formats.md says. @type {Record<string, string[]>} */
const COPIES = Object.fromEntries(
  [
    // MP4 has no place for the alpha beside VP9.
    ["mp4", AVC, WEB, AAC, "flac flac_96k"],
    ["ts", AVC, AVC_OTHER, AAC, "mp3 mp3_32k mp2 opus opus_51"],
    ["flv", AVC, AVC_OTHER, AAC, "mp3"],
    ["webm", WEB, "vp8 vp8odd vp8alpha vorbis"],
    ["h264", AVC, AAC],
  ].map(([output, ...codecs]) => [output, codecs.join(" ").split(" ")]),
);
COPIES.hls = COPIES.h264;

/** @param {Case} input @param {string} output */
function copies(input, output) {
  const tracks = [input.codec, input.sound].filter(Boolean);
  if (output === "rec") return true;
  if (output === "webm" && (input.container === "mkv" || input.container === "webm")) return true;
  if (input.reshaped && output !== "mp4" && output !== "webm") return false;
  return tracks.every((codec) => COPIES[output].includes(codec ?? ""));
}

/** Whether a child makes it of what is published. @param {Case} input @param {string} output */
function isDerived(input, output) {
  if (output === "rec" || output === "hls") return false;
  return output !== "webm" || (copies(input, "webm") && !/mkv|webm/.test(input.container));
}

/** Of Ogg up to its first page of sound: Vorbis' headers are long. @param {string} container @param {Buffer} bytes */
function headBytes(container, bytes) {
  if (container !== "ogg") return 0;
  for (let at = 0; at + 27 <= bytes.length; ) {
    const lacing = bytes.subarray(at + 27, at + 27 + bytes[at + 26]);
    const sound = bytes.readBigInt64LE(at + 6) > 0n;
    at += 27 + lacing.length + lacing.reduce((sum, size) => sum + size, 0);
    if (sound) return at;
  }
  return 0;
}

/** All tracks begin in the first piece. @param {Server} server @param {string} stream @param {Case} input @param {Buffer} bytes @param {string[]} outputs */
async function publish(server, stream, input, bytes, outputs) {
  const publisher = await BarePublisher.open(server, stream);
  const first = Math.max(Math.ceil(bytes.length / 8), headBytes(input.container, bytes));
  const size = Math.ceil((bytes.length - first) / PIECES);
  const derived = outputs.filter((one) => isDerived(input, one));
  const begun = () =>
    derived.every((one) => server.output.includes(`stream ${stream}.${one}: derived`));
  let start = 0;
  for (let i = 0, at = 0; at < bytes.length; at = first + i++ * size) {
    await publisher.send(bytes.subarray(at, first + i * size));
    if (i === 0) {
      await until(() => begun() || publisher.ws.closedWith, "the outputs to begin", { ms: 20_000 });
      start = Date.now();
    }
    const due = start + ((i + 1) * SECONDS * 1000) / PIECES;
    if (due > Date.now()) await sleep(due - Date.now());
    if (publisher.ws.closedWith) break;
  }
  // A worker that begins late tells late.
  const warnings = async () => (await server.describe(stream))?.warnings ?? [];
  if (input.told && !publisher.ws.closedWith)
    await until(async () => (await warnings()).some(isLeftOut), "a warning", { ms: 10_000 }).catch(
      () => {},
    );
  const told = await warnings();
  await publisher.end();
  return { closed: publisher.ws.closedWith, told };
}

const isLeftOut = (/** @type {{code: string}} */ one) => one.code === "left-out";

/** @typedef {{bytes: Buffer, files?: Buffer[], status: number, text: string, discontinuities: number}} Got files: of a recording */
/** @param {Server} server @param {string} stream @param {string} output @param {() => boolean} over @returns {Promise<Got>} */
async function watch(server, stream, output, over) {
  if (output === "hls") return watchHls(server, stream, over);
  const viewer = new HttpViewer(server, `${stream}.${output}?wait=20`);
  await viewer.ended(60_000);
  const { bytes, status } = viewer;
  return { bytes, status, text: bytes.toString("latin1", 0, 300), discontinuities: 0 };
}

/** @param {Server} server @param {string} stream @returns {Promise<Got>} */
async function recorded(server, stream) {
  const films = await finished(server, stream);
  const bytes = [];
  for (const film of films.reverse())
    bytes.push(Buffer.from(await (await server.fetch(`/recordings/${film.id}`)).arrayBuffer()));
  const text = JSON.stringify(films);
  const broken = films.some((film) => film.state !== "done");
  return {
    bytes: Buffer.concat(bytes),
    files: bytes,
    status: broken ? 500 : 200,
    text,
    discontinuities: films.length - 1,
  };
}

/**
 * The shown times of the first pictures and the first sound, and what FFmpeg says as it decodes them: by
 * one process for each epoch.
 * @param {Buffer[]} pieces epochs @param {boolean} pictures whether FFmpeg can list any: a .webm keeps a track of an unknown
 *   codec that was published @param {boolean} sound likewise, of one that is only promised @returns {Promise<{video: number[], audio: number[], errors: string}>}
 */
async function decoded(pieces, pictures, sound) {
  const tracks = [...(pictures ? ["-map", "0:v:0?"] : []), ...(sound ? ["-map", "0:a:0?"] : [])];
  const listed = [...tracks, "-c", "copy", "-f", "framecrc", "pipe:1"];
  const exact = ["-fps_mode", "passthrough", "-enc_time_base", "-1"];
  /** @type {{video: number[], audio: number[], errors: string}} */
  const out = { video: [], audio: [], errors: "" };
  /** @type {number[]} */ let before = [];
  for (const epoch of pieces) {
    const from = ["-v", "repeat+error", "-copyts", "-i", "-"];
    const made = await run(
      "ffmpeg",
      [...from, ...listed, ...tracks, ...exact, "-f", "null", "-"],
      epoch,
    );
    const began = { video: out.video.length, audio: out.audio.length };
    const lines = made.stderr.split("\n").filter((line) => line && !GUESSED.test(line));
    out.errors += lines.join("\n") || (made.code ? `exit code ${made.code}` : "");
    /** @type {Record<string, {kind: "video" | "audio", tick: number}>} */ const of = {};
    for (const line of made.stdout.split("\n")) {
      const told = /^#(tb|media_type) (\d+): (\S+)$/.exec(line);
      if (told) {
        of[told[2]] ??= { kind: "video", tick: 1 };
        const track = of[told[2]];
        const [ticks, a_second] = told[3].split("/").map(Number);
        if (told[1] === "tb") track.tick = (ticks * 1000) / a_second;
        else if (told[3] === "audio") track.kind = "audio";
      }
      const [track, dts, pts] = line.split(",").map((text) => text.trim());
      if (!of[track] || !dts) continue;
      out[of[track].kind].push(Number(pts) * of[track].tick);
    }
    // An epoch may have times of its own: players go on where the one before ended.
    const kind = out.video.length > began.video ? "video" : "audio";
    const first = Math.min(...out[kind].slice(began[kind]));
    if (before.length > 1 && first < before[before.length - 1]) {
      const by = 2 * before[before.length - 1] - before[before.length - 2] - first;
      for (const which of /** @type {const} */ (["video", "audio"]))
        for (let i = began[which]; i < out[which].length; ++i) out[which][i] += by;
    }
    before = out[kind].slice(began[kind]).sort((a, b) => a - b);
  }
  out.video.sort((a, b) => a - b);
  out.audio.sort((a, b) => a - b);
  return out;
}

/** How far the distances are off. @param {number[]} got @param {number[]} right @param {number} jumps */
function compare(got, right, jumps) {
  let worst = 0;
  let odd = 0;
  let most = 0;
  for (let i = 1; i < got.length; ++i) {
    const off = Math.abs(got[i] - got[i - 1] - (right[i] - right[i - 1]));
    if (off > COPIED_MS && odd < jumps) {
      ++odd;
      most = Math.max(most, off);
    } else worst = Math.max(worst, off);
  }
  return { worst, most };
}

/** Width, height and the corners' colours of the first picture, as a player shows it. @param {Buffer} bytes */
export async function shownOf(bytes) {
  const scale = "scale=trunc(iw*if(gt(sar\\,0)\\,sar\\,1)+0.5):ih,format=rgb24";
  const args = ["-v", "error", "-i", "-", "-vf", scale, "-frames:v", "1"];
  const { out } = await run("ffmpeg", [...args, "-f", "image2pipe", "-c:v", "ppm", "-"], bytes);
  const [, width, height, head] =
    /^P6\s(\d+) (\d+)\s255\s/
      .exec(out.toString("latin1", 0, 40))
      ?.map((text, i) => (i === 0 ? text : Number(text)))
      .concat(out.toString("latin1", 0, 40).match(/^P6\s\d+ \d+\s255\s/)?.[0].length ?? 0) ?? [];
  const [w, h, at] = [Number(width), Number(height), Number(head)];
  const pixel = (/** @type {number} */ x, /** @type {number} */ y) => [
    ...out.subarray(at + 3 * (y * w + x), at + 3 * (y * w + x) + 3),
  ];
  const [right, low] = [w - 14, h - 14];
  return {
    size: [w, h],
    corners: w > 0 ? [pixel(14, 14), pixel(right, 14), pixel(14, low), pixel(right, low)] : [],
  };
}

/** @param {Got} got @param {Case} input @param {Right} right @param {string} output @returns {Promise<{why: string, error: number}>} */
async function judge(got, input, right, output) {
  const fits = output !== "webm" || copies(input, "webm");
  if (!fits) return { why: got.status === 415 ? "" : `${got.status}, not 415`, error: 0 };
  if (got.status !== 200) return { why: `${got.status}: ${got.text.slice(0, 200)}`, error: 0 };
  const copied = copies(input, output);
  const byTables = output === "ts" ? tsEpochs : output === "flv" ? flvEpochs : epochs;
  const own = input.changes ? byTables : epochs;
  const times = await decoded(
    (got.files ?? [got.bytes]).flatMap(own),
    right.video.length > 0,
    right.audio.length > 0,
  );
  if (times.errors)
    return { why: `decode: ${times.errors.split("\n")[0].slice(0, 160)}`, error: 0 };
  const late = MP4.includes(output) ? (right.late ?? 0) : 0;
  const left = right.video.length - late - times.video.length;
  if (left !== 0 && !(left > 0 && left === GROUP && !copied))
    return { why: `${times.video.length} pictures of ${right.video.length}`, error: 0 };
  const video = compare(times.video, right.video.slice(Math.max(left, 0)), right.jumps ?? 0);
  let error = video.worst;
  if (video.worst > COPIED_MS)
    return { why: `a picture is ${video.worst.toFixed(1)} ms off`, error };
  if (video.most > JUMP_MS) return { why: `pictures jump by ${video.most.toFixed(0)} ms`, error };
  const sound = soundFault(times, right, output, copied, left > 0, got.discontinuities);
  if (sound.why) return { why: sound.why, error: Math.max(error, sound.error) };
  error = Math.max(error, sound.error);
  if (right.shown) {
    const { size, corners } = await shownOf(epochs(got.bytes)[0]);
    const off = Math.max(...size.map((side, i) => Math.abs(side - (right.shown?.[i] ?? 0))));
    if (!(off <= 2))
      return { why: `shown as ${size.join("x")}, not ${right.shown.join("x")}`, error };
    for (const [i, want] of (right.corners ?? []).entries())
      if (want && !corners[i].every((value, c) => Math.abs(value - want[c]) < 70))
        return { why: `corner ${i} is ${corners[i]}, not ${want}`, error };
    const alpha = input.codec?.endsWith("alpha") && !copied;
    if (alpha && corners.slice(2).some((colour) => colour.some((value) => value > 60)))
      return { why: `what is transparent is ${corners[2]}, not black`, error };
  }
  return { why: "", error };
}

/** @param {{video: number[], audio: number[]}} times @param {Right} right @param {string} output @param {boolean} copied @param {boolean} late @param {number} discontinuities */
function soundFault(times, right, output, copied, late, discontinuities) {
  const [got, want] = [times.audio, right.audio];
  if (!want.length) return { why: "", error: 0 };
  if (!got.length) return { why: "no sound", error: 0 };
  const apart = right.video.length ? got[0] - times.video[0] : 0;
  // Who comes late begins with the newest group: of sound alone it is at most a second long, and what
  // makes an output comes late.
  const group = right.video.length ? GROUP * STEP_MS : SOUND_GROUP_MS;
  if (right.filled && MP4.includes(output)) return filledFault(times, right);
  if (copied) {
    // HLS begins with a picture, also anew: sounds that are earlier are left out.
    const alone = want.filter((time) => time - want[0] < SOUND_GROUP_MS).length;
    const most =
      output === "hls"
        ? 4 * (1 + discontinuities) + (right.lateSounds ?? 0)
        : right.video.length || output === "rec"
          ? 0
          : alone;
    const early = want.length - got.length;
    if (early < 0 || early > most)
      return { why: `${got.length} sounds of ${want.length}`, error: 0 };
    const jumps = (right.soundJumps ?? 0) + (output === "hls" ? discontinuities : 0);
    const rest = want.slice(discontinuities > 0 ? 0 : early);
    const { worst, most: jump } = compare(got, rest, jumps);
    if (worst > COPIED_MS) return { why: `a sound is ${worst.toFixed(1)} ms off`, error: worst };
    if (jump > JUMP_MS) return { why: `sounds jump by ${jump.toFixed(0)} ms`, error: worst };
    if (right.apart === undefined) return { why: "", error: worst };
    const off = Math.abs(apart - right.apart - (rest[0] - want[0]));
    if (off > COPIED_MS && discontinuities === 0)
      return { why: `sound is ${off.toFixed(1)} ms apart`, error: off };
    return { why: "", error: Math.max(worst, discontinuities === 0 ? off : 0) };
  }
  const missed = late || !right.video.length ? group : 0;
  const span = want[want.length - 1] - want[0];
  const off = got[got.length - 1] - got[0] - span;
  if (off > 5 * SOUND_FRAME_MS || off < -5 * SOUND_FRAME_MS - missed)
    return { why: `sound lasts ${off.toFixed(0)} ms more`, error: 0 };
  // What is made from `.h264` begins with its first picture: sounds before that are left out.
  const early = Math.max(0, -(right.apart ?? 0));
  const most = 2 * SOUND_FRAME_MS + early;
  const [least, later] = [-2 * SOUND_FRAME_MS, apart - (right.apart ?? apart)];
  if (!late && (later < least || later > most))
    return { why: `sound is ${later.toFixed(0)} ms apart`, error: 0 };
  return { why: "", error: 0 };
}

/** Sound as it came, with silence where none came: to the end of the pictures. @param {{video: number[], audio: number[]}} times @param {Right} right */
function filledFault({ video, audio }, right) {
  const by = video[0] - right.video[0];
  const got = audio.map((time) => time - by);
  const steps = got.slice(1).map((time, i) => time - got[i]);
  const longest = Math.max(...steps, (right.video.at(-1) ?? 0) - (got.at(-1) ?? 0));
  if (longest >= 2 * SOUND_FRAME_MS)
    return { why: `a hole of ${longest.toFixed(0)} ms`, error: longest };
  // Of what comes again, the first may have silence in its place. HLS begins with a picture.
  const again = right.audio.filter((time, i) => time - (right.audio[i - 1] ?? time) > JUMP_MS)[0];
  let worst = 0;
  for (const time of right.audio) {
    if ((time >= again && time < again + JUMP_MS) || time < right.video[0]) continue;
    const off = Math.min(...got.map((one) => Math.abs(one - time)));
    if (off > COPIED_MS) return { why: `a sound is ${off.toFixed(1)} ms off`, error: off };
    worst = Math.max(worst, off);
  }
  return { why: "", error: worst };
}

/**
 * Publishes it and judges each output.
 * @param {Server} server that records all @param {string} stream @param {Case} input @param {string[]} [outputs]
 * @returns {Promise<Verdict[]>}
 */
export async function tryCase(server, stream, input, outputs = OUTPUTS) {
  const [bytes, right] = await Promise.all([input.bytes(), input.right()]);
  let over = false;
  const watching = outputs
    .filter((output) => output !== "rec")
    .map((output) => watch(server, stream, output, () => over));
  const answers = Promise.allSettled(watching);
  const { closed, told } = await publish(server, stream, input, bytes, outputs);
  over = true;
  if (input.refused)
    return [
      {
        output: "publish",
        holds: closed?.code === 1003,
        why: closed?.code === 1003 ? "" : `closed with ${closed?.code}`,
        error: 0,
      },
    ];
  const settled = await answers;
  if (outputs.includes("rec"))
    settled.push(...(await Promise.allSettled([recorded(server, stream)])));
  const order = [...outputs.filter((output) => output !== "rec"), "rec"];
  /** @type {Verdict[]} */ const out = [];
  for (const [i, one] of settled.entries()) {
    const output = order[i];
    const { why, error } =
      one.status === "fulfilled"
        ? await judge(one.value, input, right, output)
        : { why: String(one.reason.message ?? one.reason), error: 0 };
    const ended =
      closed && closed.code !== 1000 ? ` (publisher: ${closed.code} ${closed.reason})` : "";
    out.push({ output, holds: !why, why: why ? why + ended : "", error });
  }
  if (input.told && !told.some(isLeftOut))
    out.push({
      output: "told",
      holds: false,
      why: "nothing is told of what is left out",
      error: 0,
    });
  return out;
}
