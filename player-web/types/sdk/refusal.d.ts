/**
 * Why an upgrade was refused. A page is told nothing of it (close code 1006), while the same URL over plain
 * HTTP is refused with the same status and says why.
 *
 * @param {string} url of the socket
 * @returns {Promise<import("./errors.js").FramewireError | null>} null: not refused, or not to be known
 */
export function askRefusal(url: string): Promise<import("./errors.js").FramewireError | null>;
