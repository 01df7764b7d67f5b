/**
 * @param {{code: number, reason: string}} close what the socket was closed with
 * @param {{code: string, message: string} | null} told the server's `error` message, if one came
 * @param {boolean} [withKey] a key was given
 */
export function errorOfClose(close: {
    code: number;
    reason: string;
}, told: {
    code: string;
    message: string;
} | null, withKey?: boolean): FramewireError;
/**
 * Why a request of the API was refused, in the server's words: they name what was wrong with it.
 *
 * @param {number} status
 * @param {any} body null: none, or no JSON, say of a proxy
 */
export function errorOfAnswer(status: number, body: any): FramewireError;
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
    constructor(code: ErrorCode, message: string, more?: {
        closeCode?: number;
        cause?: unknown;
    });
    code: ErrorCode;
    closeCode: number;
}
/**
 * Those of this SDK:
 * - `bad-url`, `bad-source`, `bad-message`, `bad-option`: what the page gave is none;
 * - `connection-lost`, `not-connected`; `unreachable`: the server was never there;
 * - `unsupported-recorder`, `unsupported-player`, `unsupported-file`: not with this browser, or this file;
 * - `unreadable-file`: it was there, and is no more;
 * - `recorder-failed`, `player-failed`: the browser's own gave up, `cause` says why;
 * - of recordCanvas(): `unreadable-canvas`; `canvas-changed`, its size is another; `frame-pending`, a frame()
 *   before the last one was awaited; `capture-lost`, the server has forgotten it; `cancelled`;
 * - of a Moderator: `sender-gone`, who said it is not connected any more.
 */
export type ServerErrorCode = "protocol" | "unsupported-format" | "bad-text" | "malformed-media" | "unauthorized" | "token-expired" | "key-removed" | "forbidden" | "banned" | "over-quota" | "wrong-keys" | "auth-timed-out" | "auth-failed" | "kicked" | "stream-ended" | "stream-taken" | "taken-over" | "limit-exceeded" | "internal" | "too-slow" | "overloaded" | "bad-name" | "foreign-origin" | "not-recording" | "past-credit" | "bad-frame" | "hash-mismatch" | "encoder-failed" | "no-frames" | "disk-full" | "disk-unwritable" | "disk-error" | "bad-request" | "not-found" | "timed-out";
/**
 * Those of the server (PROTOCOL.md, "Close codes and errors"):
 */
export type SdkErrorCode = "bad-url" | "bad-source" | "bad-message" | "bad-option" | "connection-lost" | "not-connected" | "unreachable" | "unsupported-recorder" | "unsupported-player" | "unsupported-file" | "unreadable-file" | "recorder-failed" | "player-failed" | "unreadable-canvas" | "canvas-changed" | "frame-pending" | "capture-lost" | "cancelled" | "sender-gone";
/**
 * a newer server may have more
 */
export type ErrorCode = ServerErrorCode | SdkErrorCode | (string & {});
