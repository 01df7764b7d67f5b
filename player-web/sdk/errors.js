/**
 * Those of the server (PROTOCOL.md, "Close codes and errors"):
 *
 * @typedef {'protocol' | 'unsupported-format' | 'bad-text' | 'malformed-media' | 'unauthorized'
 *   | 'token-expired' | 'key-removed' | 'forbidden' | 'banned' | 'over-quota' | 'wrong-keys' | 'auth-timed-out' | 'auth-failed' | 'kicked' | 'stream-ended'
 *   | 'stream-taken' | 'taken-over' | 'limit-exceeded' | 'internal' | 'too-slow'
 *   | 'overloaded' | 'bad-name' | 'foreign-origin' | 'not-recording' | 'past-credit' | 'bad-frame' | 'hash-mismatch'
 *   | 'encoder-failed' | 'no-frames' | 'disk-full' | 'disk-unwritable' | 'disk-error' | 'bad-request' | 'not-found'
 *   | 'timed-out'} ServerErrorCode
 *
 * Those of this SDK:
 * - `bad-url`, `bad-source`, `bad-message`, `bad-option`: what the page gave is none;
 * - `connection-lost`, `not-connected`; `unreachable`: the server was never there;
 * - `unsupported-recorder`, `unsupported-player`, `unsupported-file`: not with this browser, or this file;
 * - `unreadable-file`: it was there, and is no more;
 * - `recorder-failed`, `player-failed`: the browser's own gave up, `cause` says why;
 * - of recordCanvas(): `unreadable-canvas`; `canvas-changed`, its size is another; `frame-pending`, a frame()
 *   before the last one was awaited; `capture-lost`, the server has forgotten it; `cancelled`;
 * - of a Moderator: `sender-gone`, who said it is not connected any more.
 *
 * @typedef {'bad-url' | 'bad-source' | 'bad-message' | 'bad-option' | 'connection-lost' | 'not-connected'
 *   | 'unreachable' | 'unsupported-recorder' | 'unsupported-player' | 'unsupported-file' | 'unreadable-file'
 *   | 'recorder-failed' | 'player-failed' | 'unreadable-canvas' | 'canvas-changed' | 'frame-pending'
 *   | 'capture-lost' | 'cancelled' | 'sender-gone'} SdkErrorCode
 *
 * @typedef {ServerErrorCode | SdkErrorCode | (string & {})} ErrorCode a newer server may have more
 */

/**
 * The one error type of the SDK. `code` is stable and meant for programs; `message` is a sentence
 * that says what to do and may be shown.
 */
export class FramewireError extends Error {
  /**
   * @param {ErrorCode} code
   * @param {string} message
   * @param {{closeCode?: number, cause?: unknown}} [more] `closeCode`: of the WebSocket, if one was seen
   */
  constructor(code, message, more = {}) {
    super(message, "cause" in more ? { cause: more.cause } : undefined);
    this.name = "FramewireError";
    this.code = code;
    this.closeCode = more.closeCode ?? 0;
  }
}

/** What a user can do about a code, in place of the server's message, which is aimed at a log. */
const ADVICE = new Map([
  ["unauthorized", "This stream needs a key. Open the page with ?token=KEY."],
  ["token-expired", "This key (token) has expired. Open the page with a new one."],
  ["key-removed", "This key is not taken any more. Ask for a new one."],
  ["forbidden", "You may not do this here."],
  ["banned", "You are not let in here."],
  ["over-quota", "You use as much as you may already: end another stream or player first."],
  ["wrong-keys", "Too many wrong keys came from this address. Wait a little."],
  ["auth-timed-out", "Whether you may could not be found out in time. Trying again helps."],
  ["auth-failed", "Whether you may could not be found out. Try again, or tell the operator."],
  ["kicked", "The operator of this server ended your connection."],
  ["stream-ended", "The operator of this server ended this stream."],
  ["foreign-origin", "The server does not accept this page. Ask for its origin to be allowed."],
  ["stream-taken", "Somebody is already live under this name. Choose another name."],
  ["taken-over", "Another publisher took this stream over."],
  ["bad-name", 'Use 1 to 4 segments of letters, digits, "_" and "-", joined by "/".'],
  ["unsupported-format", "This stream is in a format that browsers cannot play."],
  ["limit-exceeded", "The server refused this as too much. Lower the bitrate or the size."],
  ["overloaded", "The server has no room for more just now."],
  ["too-slow", "This connection is too slow for the stream."],
  ["internal", "The server made a mistake. Try again; its log says more."],
]);

const KEY_REFUSED = "The server does not take this key (token) for this stream.";

/** What a bare close code says when no `error` message came before it. */
const CLOSE_CODES = new Map([
  [1002, "protocol"],
  [1003, "unsupported-format"],
  [1007, "malformed-media"],
  [1008, "unauthorized"],
  [1009, "limit-exceeded"],
  [1011, "internal"],
  [1013, "overloaded"],
]);

/**
 * @param {{code: number, reason: string}} close what the socket was closed with
 * @param {{code: string, message: string} | null} told the server's `error` message, if one came
 * @param {boolean} [withKey] a key was given
 */
export function errorOfClose(close, told, withKey = false) {
  const named = ADVICE.has(close.reason) ? close.reason : undefined;
  const code = told?.code ?? named ?? CLOSE_CODES.get(close.code) ?? "connection-lost";
  const advice = code === "unauthorized" && withKey ? KEY_REFUSED : ADVICE.get(code);
  const message = advice ?? (told?.message || close.reason);
  return new FramewireError(code, message || `The connection closed (${close.code}).`, {
    closeCode: close.code,
  });
}

/**
 * Why a request of the API was refused, in the server's words: they name what was wrong with it.
 *
 * @param {number} status
 * @param {any} body null: none, or no JSON, say of a proxy
 */
export function errorOfAnswer(status, body) {
  const { code = "unreachable", message = `The server answered ${status}.` } = body?.error ?? {};
  return new FramewireError(code, message);
}
