/** What a figure was measured on: without it, figures of two days don't compare. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism, cpus, release } from "node:os";

const CACHES = "/sys/devices/system/cpu/cpu0/cache";

/** @param {string} file */
const line = (file) => readFileSync(file, "utf8").trim();

/** As "L1 Data 32K". @returns {string[]} nothing where the kernel does not tell */
function caches() {
  try {
    return readdirSync(CACHES)
      .filter((name) => /^index\d+$/.test(name))
      .map((name) => {
        const [level, type, size] = ["level", "type", "size"].map((is) =>
          line(`${CACHES}/${name}/${is}`),
        );
        return `L${level} ${type} ${size}`;
      });
  } catch {
    return [];
  }
}

/** @param {string} command @param {string[]} args */
function said(command, args) {
  try {
    return execFileSync(command, args, { encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}

/**
 * @typedef {{processor: string, cores: number, caches: string[], kernel: string, openssl: string, node: string}} Machine
 * @returns {Machine}
 */
export const machine = () => ({
  processor: cpus()[0]?.model.trim() ?? "unknown",
  cores: availableParallelism(),
  caches: caches(),
  kernel: release(),
  openssl: said("openssl", ["version"]),
  node: process.version,
});

/** The commit of a checkout, with "+" when files differ from it. @param {string} folder */
export function commitOf(folder) {
  const commit = said("git", ["-C", folder, "rev-parse", "--short=10", "HEAD"]);
  const changed = said("git", ["-C", folder, "status", "--porcelain", "--untracked-files=no"]);
  return commit + (changed ? "+" : "");
}
