/**
 * A FrameDecoder in a worker; in the page where a worker cannot be had.
 *
 * @param {(news: import('./frame_decoder.js').News) => void} onNews
 */
export function openDecoder(onNews: (news: import("./frame_decoder.js").News) => void): import("./hosted.js").Hosted;
