/**
 * Why an upgrade was refused. A page is told nothing of it (close code 1006), while the same URL over plain
 * HTTP is refused with the same status and says why.
 *
 * @param {string} url of the socket
 * @returns {Promise<import("./errors.js").FramewireError | null>} null: not refused, or not to be known
 */
export function askRefusal(url: string): Promise<import("./errors.js").FramewireError | null>;
/**
 * What the URL of a socket is answered with over plain HTTP.
 *
 * @param {string} url
 * @returns {Promise<number>} 0: nothing, or not to be known
 */
export function statusOf(url: string): Promise<number>;
