#!/usr/bin/env node
/**
 * Programs that people have, as they are, publishing with the command lines of docs/formats.md: which container came,
 * and is what comes out as `.mp4` decoded without a word? Prints the table of docs/formats.md.
 *
 *   node tests/e2e/slow/publishers.mjs [words that rows must have]
 *
 * Debian's GStreamer, mpv, VLC, ffmpeg and curl; those that are not there are left out.
 */
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Server } from "../lib/server.mjs";
import { sleep, until } from "../lib/wait.mjs";

const SECONDS = 6;
const words = process.argv.slice(2);
const dir = mkdtempSync(join(tmpdir(), "framewire-publishers-"));
chmodSync(dir, 0o755); // VLC does not run as root
const film = join(dir, "film.mp4");
execFileSync("ffmpeg", [
  ..."-v error -f lavfi -i testsrc2=size=640x360:rate=25 -f lavfi -i sine=frequency=440:sample_rate=48000 -t 30".split(
    " ",
  ),
  ..."-c:v libx264 -preset ultrafast -g 50 -pix_fmt yuv420p -c:a aac".split(" "),
  film,
]);

const PICTURES = "videotestsrc is-live=true ! video/x-raw,width=640,height=360,framerate=25/1";
const SOUND = "audiotestsrc is-live=true ! audio/x-raw,rate=48000,channels=2";
const H264 = `${PICTURES} ! x264enc tune=zerolatency key-int-max=50 ! h264parse ! queue ! m.`;
const AAC = `${SOUND} ! avenc_aac ! aacparse ! queue ! m.`;
/** GStreamer to a sink. @param {string} mux @param {string} tracks @param {string} sink */
const gst = (mux, tracks, sink) => `gst-launch-1.0 -q ${mux} name=m ! ${sink} ${tracks}`;
const curl = "curlhttpsink location=URL";
const PARTS = "content-type=multipart/x-mixed-replace;boundary=cut";
const VP8 = `${PICTURES} ! vp8enc deadline=1 keyframe-max-dist=50 ! queue ! m.`;
const OPUS = `${SOUND} ! opusenc ! queue ! m.`;

/** URL and FILM are put in. @type {[what: string, command: string][]} */
const ROWS = [
  ["GStreamer: MPEG-TS", gst("mpegtsmux", `${H264} ${AAC}`, curl)],
  ["GStreamer: FLV", gst("flvmux streamable=true", `${H264} ${AAC}`, curl)],
  ["GStreamer: WebM", gst("webmmux streamable=true", `${VP8} ${OPUS}`, curl)],
  ["GStreamer: Matroska", gst("matroskamux streamable=true", `${H264} ${AAC}`, curl)],
  ["GStreamer: MP4", gst("mp4mux streamable=true fragment-duration=500", `${H264} ${AAC}`, curl)],
  [
    "GStreamer: JPEG",
    gst("multipartmux boundary=cut", `${PICTURES} ! jpegenc ! m.`, `${curl} "${PARTS}"`),
  ],
  [
    "GStreamer: MPEG-TS, souphttpclientsink",
    gst("mpegtsmux", `${H264} ${AAC}`, "souphttpclientsink location=URL"),
  ],
  [
    "GStreamer: MPEG-TS by curl",
    `${gst("mpegtsmux", `${H264} ${AAC}`, "fdsink")} | curl -sS -T - URL`,
  ],
  [
    "mpv",
    "mpv --no-config --really-quiet FILM --of=mpegts --ovc=libx264 --ovcopts=tune=zerolatency,g=50 --oac=aac -o URL",
  ],
  [
    "VLC",
    "setpriv --reuid=65534 --regid=65534 --clear-groups cvlc -q FILM --sout '#std{access=file,mux=ts,dst=-}' vlc://quit | curl -sS -T - URL",
  ],
  ["ffmpeg: MPEG-TS", "ffmpeg -v error -re -i FILM -c copy -f mpegts URL"],
  ["ffmpeg: FLV", "ffmpeg -v error -re -i FILM -c copy -f flv URL"],
  ["ffmpeg: Matroska", "ffmpeg -v error -re -i FILM -c copy -f matroska URL"],
  [
    "ffmpeg: MP4",
    "ffmpeg -v error -re -i FILM -c copy -f mp4 -movflags frag_keyframe+empty_moov+default_base_moof URL",
  ],
];

/** @param {string} url @returns {Promise<[pictures: number, faults: string]>} of SECONDS, as ffmpeg decodes them */
async function decoded(url) {
  const args = `-v error -progress pipe:1 -i ${url} -t ${SECONDS} -f null -`;
  const ffmpeg = spawn("ffmpeg", args.split(" "), { stdio: ["ignore", "pipe", "pipe"] });
  let [progress, faults] = ["", ""];
  ffmpeg.stdout.on("data", (chunk) => (progress += chunk));
  ffmpeg.stderr.on("data", (chunk) => (faults += chunk));
  const late = setTimeout(() => ffmpeg.kill("SIGKILL"), 30_000);
  await new Promise((resolve) => ffmpeg.on("close", resolve));
  clearTimeout(late);
  const pictures = Number(
    progress
      .match(/frame=(\d+)/g)
      ?.at(-1)
      ?.slice(6) ?? 0,
  );
  return [pictures, faults.trim().replaceAll("\n", "; ").slice(0, 200)];
}

/** @param {Server} server @param {string} what @param {string} command */
async function row(server, what, command) {
  const stream = `p${Date.now() % 1e6}`;
  const line = command.replace("URL", `${server.origin}/publish/${stream}`).replace("FILM", film);
  const child = spawn("bash", ["-c", `exec 2>&1; ${line}`], {
    detached: true,
    env: { ...process.env, HOME: "/tmp" },
  });
  let said = "";
  child.stdout.on("data", (chunk) => (said += chunk));
  try {
    const told = await until(
      async () => {
        const now = await server.describe(stream);
        return now?.format && (now.tracks.length > 0 || now.format === "jpeg") ? now : null;
      },
      "the stream",
      { ms: 20_000 },
    );
    const codecs = told.tracks
      .map((/** @type {{codec: string}} */ track) => track.codec)
      .join(", ");
    const [pictures, faults] = await decoded(`${server.origin}/live/${stream}.mp4`);
    return [what, told.format, codecs, `${pictures} pictures of ${25 * SECONDS}`, faults || "none"];
  } catch (error) {
    return [
      what,
      "",
      "",
      /** @type {Error} */ (error).message,
      said.trim().split("\n").at(-1)?.slice(0, 150) ?? "",
    ];
  } finally {
    if (child.exitCode === null) process.kill(-(child.pid ?? 0), "SIGKILL");
    await sleep(200);
  }
}

const server = await Server.start();
const print = (/** @type {string[]} */ ...cells) => console.log(`| ${cells.join(" | ")} |`);
print("publisher", "format", "codecs", "`.mp4`", "faults");
for (const [what, command] of ROWS)
  if (words.every((word) => what.includes(word))) print(...(await row(server, what, command)));
await server.stop();
rmSync(dir, { recursive: true, force: true });
