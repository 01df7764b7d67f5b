/**
 * Cores for the server and cores for the generator: on a real network no reader is on the server's
 * machine, and a scheduler that puts both on one core measures its caches.
 */
import { readFileSync } from "node:fs";

/**
 * A kernel's list of cores, as `0-1,4` in /proc/self/status.
 * @param {string} list
 */
export function parseCores(list) {
  return list.split(",").flatMap((range) => {
    const [first, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/**
 * Half of the cores that this process may use for each side; of one core there are no halves.
 * @param {boolean} pinned
 * @returns {{server: string[], generator: string[], told: string}} words to begin a command with, and
 *   what a report says
 */
export function shareCores(pinned) {
  const status = readFileSync("/proc/self/status", "utf8");
  const cores = parseCores(/^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? "0");
  if (!pinned || cores.length < 2)
    return { server: [], generator: [], told: "server and generator share the cores" };
  const half = cores.length >> 1;
  const [server, generator] = [cores.slice(0, half).join(), cores.slice(half).join()];
  return {
    server: ["taskset", "-c", server],
    generator: ["taskset", "-c", generator],
    told: `server on core ${server}, generator on ${generator}`,
  };
}
