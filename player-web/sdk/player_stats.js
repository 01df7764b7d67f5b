import { NOTHING } from "./raw_screen.js";
import { delayOf } from "./shown_delay.js";

/**
 * The statistics of a Player, of those who have them.
 *
 * @param {object} of
 * @param {import('./screen.js').Screen | null} of.screen
 * @param {import('./native_hls.js').NativeHlsPlayer | null} of.hls in place of it
 * @param {number | null} of.offsetMs of the server's clock
 * @param {number} of.firstFrameMs
 * @param {{viewers: number, bytes: number, skipped: number, reconnects: number}} of.counts
 * @param {import('./reconnecting_socket.js').ReconnectingSocket['transport']} of.transport
 * @param {import('./ways.js').Ways['told']} of.way
 */
export function statsOf({ screen, hls, offsetMs, firstFrameMs, counts, transport, way }) {
  const own = hls?.stats ?? screen?.stats ?? NOTHING;
  return {
    /** How long the picture on show has been in this page. */
    latencyMs: own.latencyMs,
    /** From its capture, or from its coming to the server, to the screen; null = not known yet. */
    delay: delayOf(screen?.capture, offsetMs),
    bufferedMs: own.bufferedMs,
    playbackRate: own.playbackRate,
    framesShown: own.framesShown,
    framesDropped: own.framesDropped,
    /** From the open socket to the first picture; 0 = none yet. */
    firstFrameMs,
    ...counts, // `skipped`: parts that the server left out because this viewer was slow
    /** Holes in the timeline jumped over. */
    jumps: own.jumps,
    stalls: own.stalls,
    /** `http` where no WebSocket is let through. */
    transport,
    /** Which rendition is shown, by what, and why not by what comes first. */
    way: { ...way, by: screen?.by ?? way.by },
  };
}
