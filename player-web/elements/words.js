/**
 * What a player's state is called, for the person in front of it. `busy`: something goes on by itself.
 *
 * @param {import('../sdk/play.js').PlayState} state
 * @param {string} reason the player's `reason`
 * @param {string} [code] of the error, in state `error`
 * @returns {{title: string, text: string, busy?: boolean}}
 */
export function wordsFor(state, reason, code = "") {
  switch (state) {
    case "connecting":
      return { title: "Connecting…", text: "", busy: true };
    case "waiting":
      return WAITING.get(reason) ?? { title: "Waiting", text: "", busy: true };
    case "live":
      return { title: "Starting…", text: "", busy: true };
    case "stalled":
      return {
        title: "Waiting for pictures",
        text: "Nothing new has arrived for a moment.",
        busy: true,
      };
    case "reconnecting":
      return {
        title: "Reconnecting…",
        text: "The connection was lost. This goes on by itself.",
        busy: true,
      };
    case "ended":
      return { title: "The stream has ended", text: "If it starts again, it plays here." };
    case "stopped":
      return { title: "Stopped", text: "" };
    case "error":
      if (code === "unauthorized") return { title: "A key is needed", text: "" };
      return { title: REFUSED.get(code) ?? "This cannot be played", text: reason };
  }
}

/** Of a stream that is live, while its publisher's page is in the background and paints nothing. */
export const STILL = {
  title: "The picture stands still",
  text: "The publisher’s page is in the background.",
  busy: false,
};

const WAITING = new Map([
  ["no-publisher", { title: "Not live yet", text: "It plays here as soon as somebody goes live." }],
  [
    "publisher-lost",
    {
      title: "The publisher is away",
      text: "Its connection was lost. Waiting for it.",
      busy: true,
    },
  ],
  [
    "publisher-error",
    {
      title: "The publisher has trouble",
      text: "What it sent was damaged. It may begin anew.",
      busy: true,
    },
  ],
  ["next-group", { title: "Almost there", text: "Waiting for the next full picture.", busy: true }],
]);

const REFUSED = new Map([
  ["overloaded", "The server is full"],
  ["too-slow", "The connection is too slow"],
  ["unsupported-player", "This browser cannot play it"],
]);
