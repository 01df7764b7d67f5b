/** An odd stream and a watch page that comes while it is on. */
import { BarePublisher } from "./publisher.mjs";
import { sleep, until } from "./wait.mjs";

/** @typedef {import('./server.mjs').Server} Server @typedef {import('./browsers.mjs').TestPage} TestPage */

const PIECES = 120;
const SECONDS = 8; // half as fast as most of them: what is late is not what is tried here

/** In the page: what the player shows. @returns {any} */
export function lookInPage() {
  const { player, video } = /** @type {any} */ (document.getElementById("player"));
  if (!player) return null; // a driver may come before the page's modules
  const shown = player.canvas ?? (video.videoWidth > 0 ? video : null);
  return {
    state: player.state,
    why: player.reason,
    way: player.stats?.way,
    firstMs: player.stats?.firstFrameMs,
    time: video.currentTime,
    size: shown ? [shown.videoWidth ?? shown.width, shown.videoHeight ?? shown.height] : null,
  };
}

/** Behind the first fragments of an MP4, one of each track: nobody has its first picture before. @param {Buffer} bytes */
function firstFragmentsEnd(bytes) {
  const seen = new Set();
  for (let at = 0; at + 8 <= bytes.length; at += Math.max(8, bytes.readUInt32BE(at))) {
    const kind = bytes.toString("latin1", at + 4, at + 8);
    if (at === 0 && kind !== "ftyp") return 0;
    if (kind !== "moof") continue;
    const track = bytes.readUInt32BE(bytes.indexOf("tfhd", at) + 8);
    if (seen.has(track)) return at;
    seen.add(track);
  }
  return 0;
}

/**
 * @param {Server} server @param {string} stream @param {Buffer} bytes the first picture is in what is sent at once
 * @param {number} [seconds] for all of them
 */
export async function publishSlowly(server, stream, bytes, seconds = SECONDS) {
  const publisher = await BarePublisher.open(server, stream);
  const step = Math.ceil(bytes.length / PIECES);
  const begun = Math.max(20, Math.ceil(firstFragmentsEnd(bytes) / step));
  await publisher.send(bytes.subarray(0, begun * step));
  let on = true;
  let sending = Promise.resolve();
  const send = async () => {
    const began = Date.now();
    for (let i = begun; on && i < PIECES; ++i) {
      const due = began + ((i + 1 - begun) * seconds * 1000) / PIECES;
      if (due > Date.now()) await sleep(due - Date.now());
      await publisher.send(bytes.subarray(i * step, (i + 1) * step));
    }
  };
  return {
    goOn: () => {
      sending = send();
    },
    stop: async () => {
      on = false;
      await sending;
      await publisher.end();
    },
  };
}

/** What the page shows once it shows a picture, or an error. @param {TestPage} page @returns {Promise<any>} */
export const firstShown = (page) =>
  until(
    async () => {
      const now = await page.evaluate(lookInPage);
      return now && (now.state === "error" || (now.size && now.state === "live")) ? now : null;
    },
    "a picture",
    { ms: 30_000, every: 50 },
  );
