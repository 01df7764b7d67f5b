/**
 * What a player's state is called, for the person in front of it.
 *
 * @param {import('../sdk/play.js').PlayState} state
 * @param {string} reason the player's `reason`
 * @returns {{title: string, text: string}}
 */
export function wordsFor(state, reason) {
  switch (state) {
    case "connecting":
      return { title: "Connecting…", text: "" };
    case "waiting":
      return WAITING.get(reason) ?? { title: "Waiting", text: "" };
    case "live":
      return { title: "Starting…", text: "" };
    case "stalled":
      return { title: "Waiting for pictures", text: "Nothing new has arrived for a moment." };
    case "reconnecting":
      return { title: "Reconnecting…", text: "The connection was lost. This goes on by itself." };
    case "ended":
      return { title: "The stream has ended", text: "If it starts again, it plays here." };
    case "stopped":
      return { title: "Stopped", text: "" };
    case "error":
      return { title: "This cannot be played", text: reason };
  }
}

const WAITING = new Map([
  ["no-publisher", { title: "Not live yet", text: "It plays here as soon as somebody goes live." }],
  [
    "publisher-lost",
    { title: "The publisher is away", text: "Its connection was lost. Waiting for it." },
  ],
  ["next-group", { title: "Almost there", text: "Waiting for the next full picture." }],
]);
