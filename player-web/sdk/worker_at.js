/**
 * A module worker of this SDK. A worker's script must be of the page's own origin, so one of another origin is
 * brought in by a script that the page makes itself.
 *
 * @param {URL} url
 * @returns {Worker | null} null: not in this browser or page
 */
export function workerAt(url) {
  if (!globalThis.Worker) return null;
  try {
    if (url.origin === globalThis.location?.origin) return new Worker(url, { type: "module" });
    const script = new Blob([`import ${JSON.stringify(url.href)};`], { type: "text/javascript" });
    return new Worker(URL.createObjectURL(script), { type: "module" });
  } catch {
    return null;
  }
}
