/**
 * What went wrong with a camera, screen or file, for the person in front of the page.
 *
 * @typedef {{title: string, text: string}} Problem
 */

/** @type {Record<string, Problem>} by the name of the DOMException */
const PROBLEMS = {
  NotAllowedError: {
    title: "Camera and microphone are blocked",
    text: "The browser was not allowed to record. Allow camera and microphone for this page in the address bar, then try again.",
  },
  NotFoundError: {
    title: "No camera or microphone found",
    text: "Plug one in, choose “No sound” if there is no microphone, or show something else.",
  },
  NotReadableError: {
    title: "The camera is busy",
    text: "Another program is using it. Close that, then try again.",
  },
  OverconstrainedError: {
    title: "That device is gone",
    text: "The chosen camera or microphone is not connected any more. Choose another one.",
  },
  SecurityError: {
    title: "This page is not secure",
    text: "Browsers give a camera only to pages from https:// or localhost. Open this page by https://.",
  },
  AbortError: { title: "Nothing chosen", text: "Choose what to show, then try again." },
  EncodingError: {
    title: "This file cannot be played",
    text: "The browser does not know its format. Choose a WebM, MP4 or Ogg file.",
  },
  NotSupportedError: {
    title: "This browser cannot do that",
    text: "It does not offer this to pages. Show something else, or use another browser.",
  },
};

/** @type {Problem} */
const SCREEN_REFUSED = {
  title: "No screen chosen",
  text: "The browser was not allowed to show your screen. Try again and choose a screen, window or tab.",
};

/** @param {unknown} error @param {import('./inputs.js').SourceKind} kind @returns {Problem} */
export function problemOf(error, kind) {
  const name = error instanceof Error ? error.name : "";
  if (kind === "screen" && name === "NotAllowedError") return SCREEN_REFUSED;
  if (kind === "file" && name === "NotAllowedError") return PROBLEMS.EncodingError;
  return (
    PROBLEMS[name] ?? {
      title: "That did not work",
      text: error instanceof Error ? error.message : String(error),
    }
  );
}
