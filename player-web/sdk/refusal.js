import { errorOfClose } from "./errors.js";

/**
 * Why an upgrade was refused. A page is told nothing of it (close code 1006), while the same URL over plain
 * HTTP is refused with the same status and says why.
 *
 * @param {string} url of the socket
 * @returns {Promise<import("./errors.js").FramewireError | null>} null: not refused, or not to be known
 */
export async function askRefusal(url) {
  const abort = new AbortController();
  try {
    const response = await fetch(url.replace(/^ws/, "http"), {
      cache: "no-store",
      signal: abort.signal,
    });
    if (![400, 401, 403].includes(response.status)) return null;
    const { error } = await response.json();
    return errorOfClose({ code: 1008, reason: "" }, error);
  } catch {
    return null;
  } finally {
    abort.abort(); // a stream that is there would go on for ever
  }
}
