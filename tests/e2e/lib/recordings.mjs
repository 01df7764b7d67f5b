/** Recordings on disk, as ffprobe, the API and Chromium's <video> see them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./decode.mjs";
import { container } from "./media.mjs";
import { V1Publisher } from "./publisher.mjs";
import { Server } from "./server.mjs";
import { until } from "./wait.mjs";

/** @typedef {{id: string, stream: string, state: string, format: string, bytes: number, duration_ms: number | null,
 *   width: number | null, height: number | null, began: string, error?: string, url: string | null, thumbnail: string | null}} Recording */

/** A folder of its own, gone at the end. @param {(dir: string) => Promise<any>} use */
export async function withFolder(use) {
  const dir = mkdtempSync(join(tmpdir(), "framewire-rec-"));
  try {
    return await use(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** @param {string} dir @param {string[]} [flags] */
export const recorder = (dir, flags = []) =>
  Server.start({ flags: ["--record", "all", "--record-dir", dir, ...flags] });

/** @param {Server} server @param {string} [stream] @returns {Promise<Recording[]>} newest first */
export async function listed(server, stream) {
  const query = stream ? `?stream=${encodeURIComponent(stream)}` : "";
  const answer = await server.fetch(`/api/v1/recordings${query}`);
  return (await answer.json()).recordings;
}

/** Waits until so many recordings of the stream have been finalised. @param {Server} server @param {string} [stream] @param {number} [count] @returns {Promise<Recording[]>} */
export function finished(server, stream, count = 1, ms = 60_000) {
  return until(
    async () => {
      const all = await listed(server, stream);
      const over = all.filter((r) => r.state === "done" || r.state === "broken");
      return over.length >= count && over.length === all.length ? over : null;
    },
    `${count} recordings of ${stream ?? "all streams"} to be done`,
    { ms, every: 50 },
  );
}

/**
 * @typedef {{duration: number, tracks: {type: string, codec: string, packets: number, alpha: number, first: number, keys: number[], times: number[]}[]}} Probe
 * @param {string} file @returns {Promise<Probe>} times in seconds
 */
export async function probe(file) {
  const args = ["-v", "error", "-show_format", "-show_streams", "-show_packets", "-of", "json"];
  const { stdout, code, stderr } = await run("ffprobe", [...args, file]);
  if (code !== 0) throw new Error(`ffprobe ${file}: ${stderr}`);
  const { format, streams, packets } = JSON.parse(stdout);
  return {
    duration: Number(format.duration),
    tracks: streams.map((/** @type {any} */ stream) => {
      const own = packets.filter((/** @type {any} */ p) => p.stream_index === stream.index);
      const times = own.map((/** @type {any} */ p) => Number(p.pts_time ?? p.dts_time));
      return {
        type: stream.codec_type,
        codec: stream.codec_name,
        packets: own.length,
        alpha: own.filter((/** @type {any} */ p) =>
          p.side_data_list?.some((/** @type {any} */ s) =>
            /BlockAdditional/.test(s.side_data_type),
          ),
        ).length,
        first: Math.min(...times),
        times,
        keys: own
          .filter((/** @type {any} */ p) => p.flags.startsWith("K"))
          .map((/** @type {any} */ p) => Number(p.pts_time)),
      };
    }),
  };
}

/** @param {Probe} film @param {string} type */
export const track = (film, type) => film.tracks.find((t) => t.type === type);

/**
 * Plays a recording in a page of the server's, from 90 % of its length.
 * @param {any} page a playwright page at the server's origin @param {string} url
 * @returns {Promise<{duration: number, at: number, width: number, error: string}>}
 */
export const seekTo90 = (page, url) =>
  page.evaluate(async (/** @type {string} */ src) => {
    const video = document.createElement("video");
    video.muted = true;
    video.src = src;
    document.body.append(video);
    const event = (/** @type {string} */ name) =>
      new Promise((resolve, reject) => {
        video.addEventListener(name, resolve, { once: true });
        video.addEventListener("error", () => reject(new Error(video.error?.message)), {
          once: true,
        });
        setTimeout(() => reject(new Error(`no ${name} in 15 s`)), 15_000);
      });
    try {
      await event("loadedmetadata");
      const duration = video.duration;
      const seeked = event("seeked");
      video.currentTime = duration * 0.9;
      await seeked;
      const out = { duration, at: video.currentTime, width: video.videoWidth, error: "" };
      if (video.readyState < 2) out.error = `readyState ${video.readyState}`;
      return out;
    } catch (error) {
      return { duration: video.duration, at: 0, width: 0, error: String(error) };
    } finally {
      video.remove();
    }
  }, url);

/** Publishes all of a fixture, and ends. @param {import("./server.mjs").Server} server @param {string} stream @param {string} fixture */
export async function publishWhole(server, stream, fixture) {
  const publisher = await V1Publisher.open(server, stream, {});
  await publisher.sendAll(container(fixture).chunks);
  await publisher.end();
  return publisher;
}
