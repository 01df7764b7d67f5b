import { last } from "../sdk/newer.js";

/** What the statistics overlay of `<framewire-player>` shows. Pure, but for the clock that it is handed. */

const RATE_SPAN_MS = 3_000;
/** @type {Record<string, string>} */
const WAYS = {
  mse: "Media Source",
  webcodecs: "WebCodecs",
  canvas: "Canvas",
  raw: "Nothing",
  hls: "HLS",
};

export class StatsRows {
  /** @type {{at: number, bytes: number, frames: number}[]} */
  #samples = [];

  /**
   * @param {import('../sdk/play.js').Player} player
   * @param {HTMLVideoElement} video
   * @param {number} now in milliseconds
   * @returns {[string, string][]}
   */
  read(player, video, now) {
    const { stats, info } = player;
    const { kbps, fps } = this.#rates(stats.bytes, stats.framesShown, now);
    const codecs = (info?.tracks ?? []).map((/** @type {any} */ track) => track.codec).join(" + ");
    const shown = stats.framesShown + stats.framesDropped;
    const lost = shown ? `${stats.framesDropped} of ${shown}` : "–";
    return [
      ["Picture", video.videoWidth ? `${video.videoWidth} × ${video.videoHeight}` : "–"],
      ["Codecs", codecs ? `${codecs} in ${info?.format}` : "–"],
      ["Received", kbps >= 1000 ? `${(kbps / 1000).toFixed(1)} Mb/s` : `${Math.round(kbps)} kb/s`],
      ["Pictures a second", fps.toFixed(0)],
      ["Pictures lost", lost],
      ["Behind", `${(stats.latencyMs / 1000).toFixed(2)} s`],
      ["Delay", delayText(stats.delay)],
      ["Buffered", `${(stats.bufferedMs / 1000).toFixed(2)} s`],
      ["Speed", `${stats.playbackRate.toFixed(2)} ×`],
      ["First picture after", stats.firstFrameMs ? `${stats.firstFrameMs} ms` : "–"],
      ["Skipped, stalls, jumps", `${stats.skipped}, ${stats.stalls}, ${stats.jumps}`],
      ["Connection", stats.transport === "http" ? "HTTP" : "WebSocket"],
      ["Reconnects", String(stats.reconnects)],
      ["Shown by", WAYS[stats.way.by] + (stats.way.rendition ? `, ${stats.way.rendition}` : "")],
    ];
  }

  /** @param {number} bytes @param {number} frames @param {number} now */
  #rates(bytes, frames, now) {
    if (bytes < (last(this.#samples)?.bytes ?? 0)) this.#samples = [];
    this.#samples.push({ at: now, bytes, frames });
    while (this.#samples.length > 2 && now - this.#samples[0].at > RATE_SPAN_MS) {
      this.#samples.shift();
    }
    const [first] = this.#samples;
    const seconds = (now - first.at) / 1000;
    if (seconds < 0.2) return { kbps: 0, fps: 0 };
    return {
      kbps: ((bytes - first.bytes) * 8) / 1000 / seconds,
      fps: Math.max(0, frames - first.frames) / seconds,
    };
  }
}

/** @param {import('../sdk/shown_delay.js').Delay | null} delay */
function delayText(delay) {
  if (!delay) return "–";
  return `${(delay.ms / 1000).toFixed(2)} s since ${delay.from === "capture" ? "its capture" : "the server had it"}`;
}
