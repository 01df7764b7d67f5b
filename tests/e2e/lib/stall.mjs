/** One viewer that stops reading beside good ones: the facts, for a short and a long test. */
import { frameIndexes, LiveSource } from "./live_source.mjs";
import { Server } from "./server.mjs";
import { BareViewer, V1Viewer } from "./viewer.mjs";
import { sleep } from "./wait.mjs";
import { layoutOf } from "./webm.mjs";

/**
 * @typedef {object} StallFacts
 * @property {number} grewBytes how much more memory the server had at most, from the stall's begin on
 * @property {number} skips
 * @property {boolean} continuedAtGroupStart
 * @property {string[]} goodLost a sentence per good viewer that lost something
 * @property {string} decodes '' = what the slow viewer got is whole
 * @property {number} slowFrames
 * @property {number} frames published
 */

/** @param {Buffer} bytes @param {number} upTo @returns {string} '' = every frame from the first on, in order */
function missing(bytes, upTo) {
  const indexes = frameIndexes(bytes, layoutOf(bytes));
  const gap = indexes.findIndex((index, i) => i > 0 && index !== indexes[i - 1] + 1);
  if (gap > 0) return `after frame ${indexes[gap - 1]} came ${indexes[gap]}`;
  return indexes.at(-1) === upTo - 1 ? "" : `the last frame is ${indexes.at(-1)} of ${upTo}`;
}

/** @param {V1Viewer} slow @returns {boolean} */
function resumedAtGroupStart(slow) {
  return slow.events.every((event, i) => {
    if (event.type !== "skipped") return true;
    const next = slow.events.slice(i + 1).find((e) => e.kind === 2);
    return !next || next.groupStart;
  });
}

/** @param {V1Viewer} slow @returns {string} '' = in order, skips announced */
function orderOf(slow) {
  try {
    slow.checkOrder();
    return "";
  } catch (error) {
    return String(error);
  }
}

/** @param {Server} server @param {number} ms @returns {Promise<number>} the highest RSS seen */
async function peakRss(server, ms) {
  let peak = 0;
  for (const end = Date.now() + ms; Date.now() < end; await sleep(100))
    peak = Math.max(peak, server.rssBytes);
  return peak;
}

/**
 * The ring is filled first, by bytes and by age, so that what grows afterwards grows for the viewer.
 * @param {{stallMs: number, good: number, flags?: string[], bytes?: number}} options @returns {Promise<StallFacts>}
 */
export async function stalledViewer({ stallMs, good, flags = [], bytes = 16_000 }) {
  const ring = ["--ring-age", "3s", "--loops", "1"];
  return Server.with({ flags: [...ring, ...flags] }, async (server) => {
    const source = await LiveSource.start(server, "busy", { messagesPerSecond: 60, bytes });
    const viewers = await Promise.all(
      Array.from({ length: good }, () => BareViewer.open(server, "busy")),
    );
    const slow = await V1Viewer.open(server, "busy");
    await source.untilFrames(60 * 6);
    const before = await peakRss(server, 1000);
    slow.ws.socket.pause();
    const during = await peakRss(server, stallMs);
    slow.ws.socket.resume();
    const newest = source.frames;
    await source.until(
      () => slow.media.some((part) => part.payload.readUInt32BE(part.payload.length - 4) > newest),
      "the slow viewer to be live again",
    );
    const after = await peakRss(server, 500);
    await source.stop();
    await slow.untilSaid("end");
    await Promise.all(viewers.map((viewer) => viewer.ended()));
    return {
      grewBytes: Math.max(during, after) - before,
      skips: slow.said.filter((m) => m.type === "skipped").length,
      continuedAtGroupStart: resumedAtGroupStart(slow),
      goodLost: viewers.map((viewer) => missing(viewer.bytes, source.frames)).filter(Boolean),
      decodes: orderOf(slow),
      slowFrames: slow.media.length,
      frames: source.frames,
    };
  });
}
