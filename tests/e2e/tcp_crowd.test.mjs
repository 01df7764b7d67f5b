/** Plain TCP under strain: many who chat at once, and a publisher that is done while it is held. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createConnection } from "node:net";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { BarePublisher } from "./lib/publisher.mjs";
import { connectSocket } from "./lib/raw_ws.mjs";
import { Server } from "./lib/server.mjs";
import { BareViewer } from "./lib/viewer.mjs";
import { until } from "./lib/wait.mjs";

const TS = readFileSync(fileURLToPath(new URL("../media/made/avc1-aac.ts", import.meta.url)));

/** @param {Server} server @param {string} use @returns {Promise<number>} */
const portOf = (server, use) =>
  until(
    () => Number(new RegExp(`plain TCP: ${use} cam on \\S+:(\\d+)`).exec(server.stderr)?.[1]),
    `the port to ${use}`,
  );

test("what all say at once costs no more than what a few say after one another", {
  timeout: 180_000,
}, async () => {
  const people = 300;
  const flags = ["--loops", "1", "--tcp-chat", "cam=127.0.0.1:0"];
  await Server.with({ flags }, async (server) => {
    const port = await portOf(server, "chat");
    /** @type {{socket: import('node:net').Socket, heard: number, said: string}[]} */ const all =
      [];
    for (let i = 0; i < people; i++) {
      const socket = createConnection({ host: "127.0.0.1", port });
      const one = { socket, heard: 0, said: "" };
      socket.on("data", (data) => {
        one.said += data.toString();
        one.heard = one.said.split("\n").length - 1;
      });
      socket.on("error", () => {});
      all.push(one);
    }
    const heard = (/** @type {number} */ lines) =>
      until(() => all.every((one) => one.heard === lines), `${lines} lines at each`, {
        ms: 60_000,
      });
    await heard(1); // its number
    const before = server.cpuSeconds;
    const few = 10;
    for (let i = 0; i < few; i++) {
      all[i].socket.write("alone\n");
      await heard(2 + i);
    }
    const alone = server.cpuSeconds;
    for (const one of all) one.socket.write("together\n");
    await heard(1 + few + people);
    const together = server.cpuSeconds;
    const [first, second] = all.map((one) => one.said.split("\n").slice(1 + few));
    assert.deepEqual(first, second, "all hear the same, in one order");
    const ratio = (together - alone) / Math.max(alone - before, 0.01);
    assert.ok(ratio < 5, `${people} lines cost ${ratio} times what ${few} did`);
    for (const one of all) one.socket.destroy();
  });
});

test("all that a publisher has sent before its end comes, also while it is held", {
  timeout: 120_000,
}, async () => {
  // Its stream is at home on another loop, in one of these cases, and takes little at a time.
  const flags = ["--loops", "2", "--unacked", "64KiB", "--tcp-publish", "cam=127.0.0.1:0"];
  const film = Buffer.concat(Array.from({ length: Math.ceil((24 << 20) / TS.length) }, () => TS));
  await Server.with({ flags: [...flags, "--ring-size", "128MiB"] }, async (server) => {
    const port = await portOf(server, "publish");
    for (const others of [0, 1, 2]) {
      const idle = Array.from({ length: others }, () => connectSocket(server));
      await Promise.all(idle.map((socket) => once(socket, "connect")));
      const first = await BarePublisher.open(server, "cam");
      await first.send(TS.subarray(0, 18_800));
      await until(() => server.describe("cam"), "the first publisher's stream");
      const viewer = await BareViewer.open(server, "cam");
      first.ws.cut();
      await until(async () => (await server.describe("cam"))?.state === "lingering", "its loss");
      const socket = createConnection({ host: "127.0.0.1", port });
      socket.on("error", () => {}).resume();
      socket.end(film);
      await until(() => socket.destroyed, "the end of the connection", { ms: 60_000 });
      await viewer.ended(60_000);
      const ended = new RegExp(`ended \\(ended\\): [0-9.]+ s, ${film.length} bytes`, "g");
      const times = server.stderr.match(ended)?.length ?? 0;
      assert.equal(times, others + 1, server.stderr.split("\n").slice(-4).join("\n"));
      for (const other of idle) other.destroy();
    }
  });
});
