/**
 * Clients that say one thing over and over as fast as they are heard, and read all that they are
 * told. In a process of their own, so that they take nothing from those who are watched beside them.
 * As a program: node flood.mjs PORT KIND COUNT; it prints a line once all are at it.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { requestText } from "./raw_http.mjs";
import { connectSocket, RawWs } from "./raw_ws.mjs";
import { until } from "./wait.mjs";
import { encodeFrame, Opcode } from "./ws_frame.mjs";

const WRITE_BYTES = 256 << 10;
const text = (/** @type {object} */ message) => encodeFrame(Opcode.text, JSON.stringify(message));

/** kind: where to, and what @type {Record<string, {path?: string, protocol?: string, chat?: boolean, says: Buffer}>} */
export const floods = {
  "texts of the side channel": {
    path: "/live/good/neighbour",
    protocol: "framewire.v1",
    says: text({ type: "message", data: 1 }),
  },
  "texts of a type that is none": {
    path: "/live/good/neighbour",
    protocol: "framewire.v1",
    says: text({ type: "x" }),
  },
  reports: {
    path: "/live/good/neighbour",
    protocol: "framewire.v1",
    says: text({ type: "report", latency_ms: 1 }),
  },
  "empty messages to /echo": { path: "/echo", says: encodeFrame(Opcode.binary) },
  "requests, one behind the other": { says: Buffer.from(requestText("/healthz")) },
  "lines of a chat by TCP": { chat: true, says: Buffer.from("hello\n") },
};

/** @param {number} port @param {string} kind */
async function flood(port, kind) {
  const { path, protocol, says } = floods[kind];
  const socket = path
    ? (await RawWs.open({ port, path, protocol })).socket
    : connectSocket({ port });
  socket.removeAllListeners("data");
  socket.on("error", () => {}).resume();
  const bytes = Buffer.alloc(Math.ceil(WRITE_BYTES / says.length) * says.length, says);
  const more = () => void (socket.destroyed || socket.write(bytes, more));
  more();
}

/** Started, and at it. @param {import('./server.mjs').Server} server @param {string} kind @param {number} count */
export async function startFlood(server, kind, count) {
  const file = fileURLToPath(import.meta.url);
  const chat = /plain TCP: chat \S+ on \S+:(\d+)/;
  const port = floods[kind].chat
    ? await until(() => chat.exec(server.stderr)?.[1], "the port of the chat")
    : server.port;
  const child = spawn(process.execPath, [file, String(port), kind, String(count)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (chunk) => (said += chunk));
  const stop = () => {
    child.kill("SIGKILL");
    return new Promise((resolve) => child.once("close", resolve));
  };
  const begun = until(() => said !== "", `a flood of ${kind}`, { ms: 30_000 });
  await begun.catch(async (error) => {
    await stop();
    throw error;
  });
  return { stop };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [port, kind, count] = process.argv.slice(2);
  for (let i = 0; i < Number(count); ++i) await flood(Number(port), kind);
  console.log("all are at it");
}
