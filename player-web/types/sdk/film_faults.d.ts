/** What goes wrong with a film, as errors of the SDK. */
export function lost(): FramewireError;
/** @param {import('./link.js').Message} message @param {string} where */
export function errorOfServer({ code, message }: import("./link.js").Message, where: string): FramewireError;
/** @param {unknown} cause */
export function asFramewireError(cause: unknown): FramewireError;
import { FramewireError } from "./errors.js";
