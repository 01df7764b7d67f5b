/** A disk that runs full in the middle of a recording: a small tmpfs with a filler. Needs root. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { container, mediaPath, wholeFile } from "./media.mjs";
import { V1Publisher } from "./publisher.mjs";
import { finished, probe, track } from "./recordings.mjs";
import { Server } from "./server.mjs";
import { BareViewer } from "./viewer.mjs";
import { until } from "./wait.mjs";

const DISK_KIB = 4096;
const LEFT_BYTES = 100_000; // of it, when the stream begins

/** @param {string} dir */
const mount = (dir) =>
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${DISK_KIB}k`, "framewire-test", dir]);
/** @param {string} dir */
const unmount = (dir) => {
  execFileSync("umount", ["-l", dir]);
  rmSync(dir, { recursive: true });
};

export function mayMount() {
  if (process.getuid?.() !== 0) return false;
  const dir = mkdtempSync(join(tmpdir(), "framewire-mount-"));
  try {
    mount(dir);
  } catch {
    rmSync(dir, { recursive: true });
    return false;
  }
  unmount(dir);
  return true;
}

/** Publishes a fixture to one viewer. @param {Server} server @param {string} stream @param {string} fixture */
async function stream(server, stream, fixture) {
  const viewer = await BareViewer.open(server, stream);
  const publisher = await V1Publisher.open(server, stream, {});
  await publisher.sendAll(container(fixture).chunks);
  return { viewer, publisher, bytes: wholeFile(container(fixture)) };
}

/** What happened, for asserts and figures. @param {{untilRoomIsUsed?: boolean}} [options] wait until the cut-off recording is finalised too */
export async function fullDisk({ untilRoomIsUsed = false } = {}) {
  const fixture = "chromium-vp8-opus-camera.webm";
  const dir = mkdtempSync(join(tmpdir(), "framewire-full-"));
  mount(dir);
  try {
    const filler = join(dir, "filler");
    const { bavail, bsize } = statfsSync(dir);
    writeFileSync(filler, Buffer.alloc(bavail * bsize - LEFT_BYTES));
    const flags = ["--record", "full/*", "--record-dir", dir];
    return await Server.with({ flags }, async (server) => {
      const beside = await stream(server, "beside/cam", fixture);
      const full = await stream(server, "full/cam", fixture);
      const said = await until(
        () => full.publisher.said.find((m) => m.type === "recording" && m.state === "failed"),
        "the publisher to be told",
      );
      for (const each of [full, beside]) {
        await each.publisher.end();
        await each.viewer.ended();
      }
      const errors = await until(
        () => server.metric('framewire_recording_errors_total{reason="disk-full"}'),
        "the metric to count it",
      );
      rmSync(filler);
      const next = await stream(server, "full/next", fixture);
      await next.publisher.end();
      const film = (await finished(server, "full/next"))[0];
      const packets = track(await probe(join(dir, film.id)), "video")?.packets ?? 0;
      const rest = untilRoomIsUsed ? (await finished(server, "full/cam", 1, 60_000))[0] : null;
      return {
        code: said.code,
        message: said.message,
        errors,
        rest,
        same: full.viewer.bytes.equals(full.bytes),
        besideSame: beside.viewer.bytes.equals(beside.bytes),
        got: full.viewer.bytes.length,
        published: full.bytes.length,
        besideGot: beside.viewer.bytes.length,
        besidePublished: beside.bytes.length,
        nextPackets: packets,
        nextPublished: track(await probe(mediaPath(fixture)), "video")?.packets,
      };
    });
  } finally {
    unmount(dir);
  }
}
