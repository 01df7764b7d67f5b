/**
 * The screen for a way of showing a stream; null: the browser's own HLS has none.
 *
 * @param {import('./ways.js').By} by
 * @param {HTMLVideoElement} video
 * @param {import('./screen.js').ScreenHost} host
 * @param {import('./latency_wish.js').LatencyWish} wish
 * @returns {import('./screen.js').Screen | null}
 */
export function openScreen(by: import("./ways.js").By, video: HTMLVideoElement, host: import("./screen.js").ScreenHost, wish: import("./latency_wish.js").LatencyWish): import("./screen.js").Screen | null;
