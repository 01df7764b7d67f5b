/**
 * A sound card that nobody hears: PulseAudio with a sink that throws all away, for browsers that play no sound, or
 * stand still, without one (Firefox, WebKitGTK). Optional: Debian's pulseaudio.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { firstThere } from "./browsers.mjs";
import { until } from "./wait.mjs";

/** What is launched after this has a sound card. @returns {Promise<() => void>} takes it away again */
export async function openSoundCard() {
  const pulseaudio = firstThere(["/usr/bin/pulseaudio"]);
  if (!pulseaudio) return () => {};
  const folder = mkdtempSync(join(tmpdir(), "framewire-sound-card-"));
  const socket = join(folder, "native");
  const modules = ["module-null-sink", `module-native-protocol-unix socket=${socket}`];
  const child = spawn(
    pulseaudio,
    [
      "-n",
      "--daemonize=no",
      "--use-pid-file=no",
      "--exit-idle-time=-1",
      ...modules.flatMap((module) => ["-L", module]),
    ],
    { env: { ...process.env, HOME: folder, XDG_RUNTIME_DIR: folder }, stdio: "ignore" },
  );
  const before = process.env.PULSE_SERVER;
  await until(() => existsSync(socket) || child.exitCode !== null, "the sound card");
  process.env.PULSE_SERVER = `unix:${socket}`;
  return () => {
    child.kill("SIGTERM");
    if (before === undefined) delete process.env.PULSE_SERVER;
    else process.env.PULSE_SERVER = before;
    rmSync(folder, { recursive: true, force: true });
  };
}
