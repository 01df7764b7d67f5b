import { host } from "./hosted.js";

/**
 * A FrameDecoder in a worker; in the page where a worker cannot be had.
 *
 * @param {(news: import('./frame_decoder.js').News) => void} onNews
 */
export function openDecoder(onNews) {
  return host(
    {
      worker: new URL("./decode_worker.js", import.meta.url),
      load: async () => (await import("./frame_decoder.js")).FrameDecoder,
      remember: "begin",
    },
    onNews,
  );
}
