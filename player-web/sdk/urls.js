import { FramewireError } from "./errors.js";

const NAME = /^[A-Za-z0-9_-]{1,64}(\/[A-Za-z0-9_-]{1,64}){0,3}$/;
const PATH =
  /^(.*?)\/(?:publish|watch|live|embed)\/([A-Za-z0-9_/-]+?)(?:\.(?:webm|mp4|ts|flv|h264|packets|mjpeg))?$/;

/** @param {string} name */
export function isStreamName(name) {
  return NAME.test(name);
}

/**
 * Where a stream lives, from whatever URL of it one has at hand.
 *
 * @param {string | URL} given the URL of its page or socket (`/watch/cam`, `https://host/publish/cam`,
 *   `wss://host/live/cam`), or its bare name, which means the server that this SDK came from
 * @param {{token?: string, base?: string, sdk?: string}} [options] `token`: the key, default that of
 *   the URL; `base`: what a relative URL is relative to, default the page; `sdk`: the SDK's own URL
 */
export function locate(given, { token, base, sdk = import.meta.url } = {}) {
  const text = String(given);
  const bare = isStreamName(text) && !/^(publish|watch|live|embed)\//.test(text);
  const url = bare ? new URL(`../live/${text}`, sdk) : parse(text, base, sdk);
  const found = PATH.exec(url.pathname);
  if (!found || !isStreamName(found[2])) {
    throw new FramewireError(
      "bad-url",
      `"${text}" names no stream. Give /watch/NAME, /publish/NAME or NAME, where NAME is 1 to 4 segments of letters, digits, "_" and "-", joined by "/".`,
    );
  }
  const [, prefix, stream] = found;
  const key = token ?? url.searchParams.get("token");
  const http = new URL(url);
  http.protocol = url.protocol.replace(/^ws/, "http");
  http.hash = "";
  http.search = key ? `?token=${encodeURIComponent(key)}` : "";
  /** @param {string} path @param {boolean} socket */
  const at = (path, socket) => {
    const to = new URL(http);
    if (socket) to.protocol = http.protocol.replace(/^http/, "ws");
    to.pathname = prefix + path;
    return to.href;
  };
  return {
    stream,
    token: key ?? undefined,
    echoSocket: () => at("/echo", true),
    publishSocket: () => at(`/publish/${stream}`, true),
    /** @param {string} rendition such as `.mp4`; '' = as published */
    liveSocket: (rendition) => at(`/live/${stream}${rendition}`, true),
    hlsUrl: () => at(`/live/${stream}/index.m3u8`, false),
    /** As published, over plain HTTP. */
    liveUrl: () => at(`/live/${stream}`, false),
    apiUrl: () => at(`/api/v1/streams/${stream}`, false),
    /** Without the key: it is what one shares. */
    watchUrl: () => at(`/watch/${stream}`, false).split("?")[0],
  };
}

/** @param {string} text @param {string} [base] @param {string} [sdk] where pages have no place of their own */
function parse(text, base = globalThis.location?.href, sdk) {
  try {
    // Nothing is relative to the `blob:` of a worker or the `about:` of a frame without an address.
    return new URL(text, base && /^(blob|about|data):/.test(base) ? sdk : base);
  } catch (cause) {
    throw new FramewireError("bad-url", `"${text}" is not a URL.`, { cause });
  }
}
