import { FramewireError } from "./errors.js";

/** What goes wrong with a film, as errors of the SDK. */
export function lost() {
  return new FramewireError(
    "capture-lost",
    "The server has forgotten this recording: it restarted, or waited too long for the connection.",
  );
}

/** @param {import('./reconnecting_socket.js').Message} message @param {string} where */
export function errorOfServer({ code, message }, where) {
  if (code === "resume-unknown") return lost();
  return new FramewireError(code, message || `The server refused ${where}: ${code}.`);
}

/** @param {unknown} cause */
export function asFramewireError(cause) {
  if (cause instanceof FramewireError) return cause;
  const { message } = /** @type {Error} */ (cause);
  return new FramewireError("recorder-failed", `The frame could not be read: ${message}`, {
    cause,
  });
}
