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
 *   `wss://host/live/cam`), or its bare name
 * @param {object} [options]
 * @param {string} [options.token] the key; default that of the URL, or its signed link (`?expires=` and `?sign=`)
 * @param {string | URL} [options.server] the server that names and paths are of; default the one that this SDK came
 *   from: for a path only if that is not the page's own
 * @param {string} [options.base] the page's URL
 * @param {string} [options.sdk] the SDK's own URL
 */
export function locate(given, { token, server, base, sdk = import.meta.url } = {}) {
  if (!(given instanceof URL) && (typeof given !== "string" || given === "")) {
    throw new FramewireError(
      "bad-url",
      `Say which stream: /watch/NAME, /publish/NAME or NAME, not ${given === "" ? '""' : typeof given}.`,
    );
  }
  const text = String(given);
  const bare = isStreamName(text) && !/^(publish|watch|live|embed)\//.test(text);
  const url = bare
    ? new URL(`live/${text}`, rootOf(server, sdk))
    : parse(text, { server, sdk, page: base ?? globalThis.location?.href });
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
  http.search = key ? `?token=${encodeURIComponent(key)}` : linkOf(url);
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
    /** Without the key, which goes in a header there. @param {string} path below /api/v1/ */
    controlUrl: (path) => {
      const [name, query = ""] = path.split("?");
      const to = new URL(http);
      to.pathname = `${prefix}/api/v1/${name}`;
      to.search = query;
      return to.href;
    },
    apiUrl: () => at(`/api/v1/streams/${stream}`, false),
    /** Without the key or the signed link: it is what one shares. */
    watchUrl: () => at(`/watch/${stream}`, false).split("?")[0],
  };
}

/** The signed link in a URL, as a query; "" = none. @param {URL} url */
export function linkOf({ searchParams }) {
  const [expires, sign] = [searchParams.get("expires"), searchParams.get("sign")];
  if (expires === null || sign === null) return "";
  return `?expires=${encodeURIComponent(expires)}&sign=${encodeURIComponent(sign)}`;
}

/** What a server's paths are below. @param {string | URL | undefined} server @param {string} sdk */
function rootOf(server, sdk) {
  if (server === undefined) return new URL("..", sdk);
  const url = typeof server === "string" || server instanceof URL ? urlOf(String(server)) : null;
  if (!url || !/^(https?|wss?):$/.test(url.protocol)) {
    throw new FramewireError(
      "bad-option",
      `server is ${JSON.stringify(server)}. It must be a URL such as "https://host:8443".`,
    );
  }
  url.search = url.hash = "";
  url.pathname = url.pathname.replace(/\/*$/, "/");
  return url;
}

/** @param {string} text @param {{server?: string | URL, sdk: string, page?: string}} from */
function parse(text, { server, sdk, page }) {
  const url = urlOf(text) ?? relativeTo(text, server, sdk, page);
  if (!url) throw new FramewireError("bad-url", `"${text}" is not a URL.`);
  return url;
}

/** @param {string} text @param {string | URL | undefined} server @param {string} sdk @param {string | undefined} page */
function relativeTo(text, server, sdk, page) {
  const own = page ? urlOf(page) : null;
  const isWeb = (/** @type {URL | null} */ url) => /^https?:$/.test(url?.protocol ?? "");
  // Nothing is relative to the `blob:` of a worker or the `about:` of a frame without an address.
  const lost = page !== undefined && !isWeb(own);
  const foreign = isWeb(own) && isWeb(urlOf(sdk)) && own?.origin !== new URL(sdk).origin;
  if (server === undefined && !lost && !foreign) return urlOf(text, page);
  const root = rootOf(server, sdk);
  if (!text.startsWith("/") || text.startsWith("//")) return urlOf(text, root.href);
  return urlOf(text.startsWith(root.pathname) ? text : root.pathname + text.slice(1), root.href);
}

/** @param {string} text @param {string} [base] @returns {URL | null} */
function urlOf(text, base) {
  try {
    return new URL(text, base);
  } catch {
    return null;
  }
}
