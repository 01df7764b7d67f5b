import { FrameScreen } from "./frame_screen.js";
import { MseScreen } from "./mse_screen.js";
import { RawScreen } from "./raw_screen.js";

/**
 * The screen for a way of showing a stream; null: the browser's own HLS has none.
 *
 * @param {import('./ways.js').By} by
 * @param {HTMLVideoElement} video
 * @param {import('./screen.js').ScreenHost} host
 * @param {import('./latency_wish.js').LatencyWish} wish
 * @returns {import('./screen.js').Screen | null}
 */
export function openScreen(by, video, host, wish) {
  if (by === "mse") return new MseScreen(video, host, { targetMs: wish.mseMs });
  if (by === "raw") return new RawScreen(host);
  return by === "hls" ? null : new FrameScreen(video, host, { wish, by });
}
