import { paintTestPicture } from "./test_picture.js";

/**
 * Where the studio's picture comes from.
 *
 * @typedef {'camera' | 'screen' | 'canvas'} SourceKind
 * @typedef {{stream: MediaStream, close: () => void}} Source
 */

/**
 * @param {SourceKind} kind
 * @param {boolean} sound the microphone; for the test picture, a tone
 * @returns {Promise<Source>}
 */
export async function openSource(kind, sound) {
  if (kind === "canvas") return paintTestPicture(sound);
  if (!navigator.mediaDevices) {
    throw new DOMException("needs a secure context", "SecurityError");
  }
  if (kind === "camera") {
    return closable(
      await navigator.mediaDevices.getUserMedia({
        video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } },
        audio: sound,
      }),
    );
  }
  const screen = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: 30 } });
  if (sound) {
    try {
      const microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
      for (const track of microphone.getAudioTracks()) screen.addTrack(track);
    } catch (error) {
      closable(screen).close();
      throw error;
    }
  }
  return closable(screen);
}

/** @param {MediaStream} stream @returns {Source} */
function closable(stream) {
  return {
    stream,
    close: () => {
      for (const track of stream.getTracks()) track.stop();
    },
  };
}

const PROBLEMS = new Map([
  [
    "NotAllowedError",
    "The browser was not allowed to record. Allow it in the address bar and go live again.",
  ],
  [
    "NotFoundError",
    "No such camera or microphone was found. Plug one in, or choose another source.",
  ],
  ["NotReadableError", "The camera is in use by another program. Close that and go live again."],
  ["OverconstrainedError", "The camera cannot give this picture size."],
  ["SecurityError", "Cameras need a secure page: open this by https:// or on localhost."],
  ["AbortError", "Nothing was chosen."],
]);

/** @param {unknown} error @returns {string} a sentence for the person in front of the page */
export function sourceProblem(error) {
  if (!(error instanceof Error)) return String(error);
  return PROBLEMS.get(error.name) ?? error.message;
}
