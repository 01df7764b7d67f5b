/**
 * Cores for the server and cores for the browsers of a measurement. What this process starts inherits its cores, so
 * it takes the browsers' half itself; the server is started with the other half.
 */
import { execFileSync } from "node:child_process";
import { shareCores } from "../../bench/cores.mjs";
import { binary, Server } from "./server.mjs";

/** @param {boolean} pinned @returns {{told: string, command: (words: string[]) => string[]}} `command`: what to start on the server's half */
export function ownCores(pinned) {
  const { server, generator, told } = shareCores(pinned);
  const list = generator.at(-1);
  if (list) execFileSync("taskset", ["-a", "-c", "-p", list, String(process.pid)]);
  return {
    told: told.replace("generator", "browsers"),
    command: (words) => [...server, ...words],
  };
}

/** @param {ReturnType<typeof ownCores>} cores @param {string} [file] another binary */
export const startOn = (cores, file = binary()) =>
  Server.start({ command: cores.command([file, "serve"]) });
