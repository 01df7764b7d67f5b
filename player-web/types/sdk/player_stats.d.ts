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
export function statsOf({ screen, hls, offsetMs, firstFrameMs, counts, transport, way }: {
    screen: import("./screen.js").Screen | null;
    hls: import("./native_hls.js").NativeHlsPlayer | null;
    offsetMs: number | null;
    firstFrameMs: number;
    counts: {
        viewers: number;
        bytes: number;
        skipped: number;
        reconnects: number;
    };
    transport: import("./reconnecting_socket.js").ReconnectingSocket["transport"];
    way: import("./ways.js").Ways["told"];
}): {
    /** Holes in the timeline jumped over. */
    jumps: number;
    stalls: number;
    /** `http` where no WebSocket is let through. */
    transport: "http" | "websocket";
    /** Which rendition is shown, by what, and why not by what comes first. */
    way: {
        by: import("./ways.js").By;
        rendition: import("./ways.js").Rendition;
        why: string;
    };
    viewers: number;
    bytes: number;
    skipped: number;
    reconnects: number;
    /** How long the picture on show has been in this page. */
    latencyMs: number;
    /** From its capture, or from its coming to the server, to the screen; null = not known yet. */
    delay: import("./shown_delay.js").Delay | null;
    bufferedMs: number;
    playbackRate: number;
    framesShown: number;
    framesDropped: number;
    /** From the open socket to the first picture; 0 = none yet. */
    firstFrameMs: number;
};
