import { errorOfClose } from "./errors.js";

/** So long a server may think about it, in milliseconds. */
const ASK_MS = 3_000;

/**
 * Why an upgrade was refused. A page is told nothing of it (close code 1006), while the same URL over plain
 * HTTP is refused with the same status and says why.
 *
 * @param {string} url of the socket
 * @returns {Promise<import("./errors.js").FramewireError | null>} null: not refused, or not to be known
 */
export async function askRefusal(url) {
  const { status, body } = await ask(url);
  if (![400, 401, 403].includes(status)) return null;
  const withKey = new URL(url).searchParams.has("token");
  return errorOfClose({ code: 1008, reason: "" }, body?.error ?? null, withKey);
}

/**
 * What the URL of a socket is answered with over plain HTTP.
 *
 * @param {string} url
 * @returns {Promise<number>} 0: nothing, or not to be known
 */
export async function statusOf(url) {
  return (await ask(url)).status;
}

/** @param {string} url @returns {Promise<{status: number, body?: any}>} the body of a refusal only */
async function ask(url) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), ASK_MS);
  try {
    const response = await fetch(url.replace(/^ws/, "http"), {
      cache: "no-store",
      signal: abort.signal,
    });
    const { status } = response;
    return { status, body: status >= 400 ? await response.json().catch(() => null) : null };
  } catch {
    return { status: 0 };
  } finally {
    clearTimeout(timer);
    abort.abort(); // a stream that is there would go on for ever
  }
}
