/**
 * Viewers that join while the messages before are still being handed to a crowd: a turn's budget is used
 * up, newer messages have come meanwhile. They begin at a message that exists, and nobody misses one.
 */
// @alone: a flush that a crowd of viewers leaves unfinished
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { V1Publisher } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";
import { BareViewer, HttpViewer } from "./lib/viewer.mjs";
import { sleep, until, within } from "./lib/wait.mjs";

const CROWD = 1200;
const BYTES = 28_000;
const MORE = 3;
const JOINERS = 12;
const ROUNDS = 12;
const crowdScript = fileURLToPath(new URL("lib/bare_crowd.mjs", import.meta.url));

/** @param {number} number */
const message = (number) => {
  const bytes = Buffer.alloc(BYTES, number);
  bytes.writeUInt32BE(number, 0);
  return bytes;
};

/** The numbers of the messages in what a body or a socket gave. @param {Buffer} bytes */
const numbers = (bytes) =>
  Array.from({ length: bytes.length / BYTES }, (_, i) => bytes.readUInt32BE(i * BYTES));

/** @param {Server} server @param {string} stream @param {() => Promise<void>} use */
async function withCrowd(server, stream, use) {
  const child = spawn(process.execPath, [crowdScript, `${server.port}`, stream, `${CROWD}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await within(once(child.stdout, "data"), "the crowd", 30_000);
    await use();
  } finally {
    child.kill();
  }
}

for (const loops of ["1", "2"])
  test(`in the middle of a flush, ${loops} loop(s)`, { timeout: 180_000 }, async () => {
    // On a machine that is busy the crowd takes seconds; nobody is to be skipped for that.
    const flags = ["--loops", loops, "--loop-fill", "0", "--max-lag", "2m"];
    await Server.with({ flags }, async (server) => {
      await withCrowd(server, "j", async () => {
        const first = await BareViewer.open(server, "j");
        const publisher = await V1Publisher.open(server, "j", { format: "binary" });
        let next = 0;
        /** @type {HttpViewer[]} */ const joined = [];
        for (let round = 0; round < ROUNDS; ++round) {
          await publisher.sendAll([message(next++)]);
          await sleep(2 + (round % 4) * 2);
          for (let n = 0; n < MORE; ++n) await publisher.sendAll([message(next++)]);
          for (let n = 0; n < JOINERS; ++n) {
            joined.push(new HttpViewer(server, "j"));
            if (n % 3 === 2) await sleep(5);
          }
          await until(() => first.messages.length === next, "the round's messages");
          await until(() => joined.every(({ status }) => status === 200), "all to be let in");
        }
        await publisher.end();
        await first.ended();
        assert.equal(server.exit, null, server.output.slice(-500));
        const all = Array.from({ length: next }, (_, i) => i);
        assert.deepEqual(numbers(first.bytes), all);
        for (const viewer of joined) {
          await viewer.ended();
          const got = numbers(viewer.bytes);
          assert.deepEqual(got, all.slice(all.length - got.length), "without a gap up to the end");
        }
      });
    });
  });
