/** What goes wrong with a film, as errors of the SDK. */
export function lost(): FramewireError;
/** @param {import('./reconnecting_socket.js').Message} message @param {string} where */
export function errorOfServer({ code, message }: import("./reconnecting_socket.js").Message, where: string): FramewireError;
/** @param {unknown} cause */
export function asFramewireError(cause: unknown): FramewireError;
import { FramewireError } from "./errors.js";
