/**
 * A module worker of this SDK. A worker's script must be of the page's own origin, so one of another origin is
 * brought in by a script that the page makes itself.
 *
 * @param {URL} url
 * @returns {Worker | null} null: not in this browser or page
 */
export function workerAt(url: URL): Worker | null;
