/** What a server does for people, asked for while calls under it fail, and again when they no longer do. */
import { container, wholeFile } from "./media.mjs";
import { children } from "./proc.mjs";
import { V1Publisher } from "./publisher.mjs";
import { BareViewer } from "./viewer.mjs";
import { sleep, until } from "./wait.mjs";

/** @typedef {import('./server.mjs').Server} Server */
/** @typedef {import('./faults.mjs').Faults} Faults */
/** @typedef {import('./faults.mjs').Rule} Rule */

const FILM = container("chromium-vp8-opus-camera.webm");
/** Copied into another .mp4, not encoded. */
const COPIED = container("chromium-avc1-opus-camera-kf1000.mp4");
export const ALL = ["derived", "http", "pages", "publish"];
const MOST_MS = 4000;

/**
 * Publishes to a viewer over WebSocket, watches over HTTP, has .mp4 derived, asks for pages, at once.
 * @param {Server} server @param {string} name of its streams, new each time
 * @param {{derive?: boolean, ms?: number}} [options] @returns {Promise<string[]>} what worked, of ALL
 */
export async function everything(server, name, { derive = true, ms = MOST_MS } = {}) {
  /** @type {string[]} */ const worked = [];
  const signal = AbortSignal.timeout(ms);
  const get = (/** @type {string} */ path) => server.fetch(path, { signal });
  const jobs = {
    publish: async () => {
      const viewer = await BareViewer.open(server, `${name}/a`);
      const publisher = await V1Publisher.open(server, `${name}/a`, {});
      await publisher.sendAll(FILM.chunks);
      await publisher.untilAcked();
      await publisher.end();
      await viewer.ended();
      return viewer.bytes.equals(wholeFile(FILM));
    },
    http: async () => {
      const body = await (await get(`/live/${name}/a?wait=3`)).arrayBuffer();
      return body.byteLength > 0;
    },
    derived: async () => {
      if (!derive) return true;
      const publisher = await V1Publisher.open(server, `${name}/b`, {});
      await publisher.sendAll(COPIED.chunks);
      const answer = await get(`/live/${name}/b.mp4?wait=3`);
      const piece = await answer.body?.getReader().read();
      await publisher.end();
      return (piece?.value?.length ?? 0) > 0;
    },
    pages: async () => {
      for (const path of ["/healthz", "/metrics", "/api/v1/streams", "/framewire.js", "/watch/x"])
        if ((await get(path)).status !== 200) return false;
      return true;
    },
  };
  const tried = Object.entries(jobs).map(async ([what, job]) => {
    if (await Promise.race([job(), sleep(ms).then(() => false)])) worked.push(what);
  });
  await Promise.allSettled(tried);
  return worked.sort();
}

/**
 * One fault: while it lasts, and after it.
 * @param {Server} server @param {Faults} faults @param {string} kind @param {Rule} rule @param {string} name
 * @param {number} [ms] for what is tried while it lasts
 */
export async function duringAndAfter(server, faults, kind, rule, name, ms = 1500) {
  // A worker that is still there from before would be asked again, and none be started.
  await until(() => children(server.pid).length === 0, "the idle workers' end");
  const from = server.stderr.length;
  const [cpu, start] = [server.cpuSeconds, Date.now()];
  faults.arm(kind, rule);
  const during = await everything(server, `${name}/during`, { ms });
  // A thread of its own may be asked late: the fault lasts until it was met.
  const met = () => kind === "clock" || server.exit || faults.counts(kind).failed > 0;
  await until(met, `a call of ${kind} to fail`, { ms: MOST_MS }).catch(() => {});
  const cpuSeconds = server.exit ? NaN : server.cpuSeconds - cpu;
  const seconds = (Date.now() - start) / 1000;
  const counts = faults.disarm(kind);
  await sleep(1100); // a loop tries again each 100 ms, a worker each second
  const after = server.exit ? [] : await everything(server, `${name}/after`, { ms: 15_000 });
  return { during, after, cpuSeconds, seconds, ...counts, log: server.stderr.slice(from) };
}
