/** ffmpeg and ffprobe as judges: does what a viewer received decode, from its first byte? */
import { spawn } from "node:child_process";
import { within } from "./wait.mjs";

/**
 * @param {string} file @param {string[]} args @param {Buffer | null} [input]
 * @returns {Promise<{code: number | null, stdout: string, stderr: string, out: Buffer}>} out: stdout as bytes
 */
export function run(file, args, input = null, ms = 60_000) {
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "pipe"] });
  /** @type {Buffer[]} */ const pieces = [];
  let stderr = "";
  child.stdout.on("data", (chunk) => pieces.push(chunk));
  child.stderr.on("data", (chunk) => (stderr += chunk));
  child.stdin.on("error", () => {});
  child.stdin.end(input ?? undefined);
  const done = new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      const out = Buffer.concat(pieces);
      resolve({ code, stdout: out.toString(), stderr, out });
    });
  });
  return within(/** @type {Promise<any>} */ (done), `${file} to finish`, ms).finally(() =>
    child.kill("SIGKILL"),
  );
}

const NULL_MUXER_ROUNDING =
  /^\[null @ .*\] Application provided invalid, non monotonically increasing dts/;

/**
 * What `ffmpeg -v error -i - -f null -` prints. Two canvas frames 1 ms apart fall together in the null
 * muxer's guessed frame rate, in the published file just the same: those lines alone are asked for
 * again with the input's own time base.
 * @param {Buffer} bytes
 * @returns {Promise<string>} empty: decodes from its first byte
 */
export async function decodeErrors(bytes) {
  const { stderr, code } = await run(
    "ffmpeg",
    ["-v", "error", "-i", "-", "-f", "null", "-"],
    bytes,
  );
  const lines = stderr.split("\n").filter(Boolean);
  if (code === 0 && !lines.length) return "";
  if (code !== 0 || !lines.every((line) => NULL_MUXER_ROUNDING.test(line)))
    return stderr || `exit code ${code}`;
  const exact = [
    "-v",
    "error",
    "-i",
    "-",
    "-fps_mode",
    "passthrough",
    "-enc_time_base",
    "-1",
    "-f",
    "null",
    "-",
  ];
  return (await run("ffmpeg", exact, bytes)).stderr;
}

/** @param {Buffer} bytes @returns {Promise<number>} decoded video frames */
export async function countFrames(bytes) {
  const args = [
    "-v",
    "error",
    "-count_frames",
    "-select_streams",
    "v:0",
    "-show_entries",
    "stream=nb_read_frames",
    "-of",
    "csv=p=0",
    "-",
  ];
  const { stdout } = await run("ffprobe", args, bytes);
  return Number.parseInt(stdout, 10) || 0;
}
