/**
 * Many viewers of one stream, which are written to several at once: each gets every byte, those who stop
 * reading for a while too; plain and over TLS, with io_uring and without.
 */
// @alone: many viewers
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync, readlinkSync } from "node:fs";
import { test } from "node:test";
import { sha256 } from "./lib/media.mjs";
import { V1Publisher } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";
import { BareViewer, HttpViewer, V1Viewer } from "./lib/viewer.mjs";

const READERS = 8;
const MESSAGES = 300;
const STOP_AT = 100;
const GO_ON_AT = 200;

/** Ours, and those of libuv, which by 1.50 has one for each loop too. @param {Server} server */
const rings = ({ pid }) =>
  readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).includes("io_uring");
    } catch {
      return false; // closed meanwhile
    }
  }).length;

/** @param {Server} server */
async function watchAll(server) {
  const sizes = Array.from({ length: MESSAGES }, (_, i) => 200 + ((i * 7919) % 60_000));
  const chunks = sizes.map((size) => randomBytes(size));
  const name = "crowd";
  const http =
    server.scheme === "https"
      ? []
      : Array.from({ length: READERS }, () => new HttpViewer(server, `${name}?wait=10`));
  const bare = await Promise.all(
    Array.from({ length: READERS }, () => BareViewer.open(server, name)),
  );
  const v1 = await Promise.all(Array.from({ length: READERS }, () => V1Viewer.open(server, name)));
  for (const viewer of v1) await viewer.untilSaid("waiting");
  const slow = [bare[0], v1[0]];
  const publisher = await V1Publisher.open(server, name, { format: "binary" });
  for (const [i, chunk] of chunks.entries()) {
    if (i === STOP_AT) for (const { ws } of slow) ws.socket.pause();
    if (i === GO_ON_AT) for (const { ws } of slow) ws.socket.resume();
    await publisher.sendAll([chunk]);
  }
  await publisher.end();
  const want = sha256(Buffer.concat(chunks));
  for (const viewer of bare) {
    await viewer.ended();
    assert.equal(sha256(viewer.bytes), want);
  }
  for (const viewer of v1) {
    await viewer.untilSaid("end");
    assert.equal(sha256(viewer.bytes), want);
    assert.ok(!viewer.said.some(({ type }) => type === "skipped"));
    viewer.checkOrder();
    await viewer.ws.close();
  }
  for (const viewer of http) {
    await viewer.ended();
    assert.equal(sha256(viewer.bytes), want);
  }
}

for (const tls of [false, true])
  for (const plain of [false, true]) {
    const what = `${tls ? "TLS" : "plain"}, ${plain ? "without io_uring" : "as it comes"}`;
    test(what, { timeout: 60_000 }, async () => {
      const flags = ["--loops", "2", "--max-lag", "60s"];
      if (tls) flags.push("--tls-self-signed");
      if (plain) flags.push("--no-io-uring");
      await Server.with({ flags }, watchAll);
    });
  }

test("--no-io-uring takes a ring from each loop", async (t) => {
  const loops = 2;
  const flags = ["--loops", `${loops}`];
  await Server.with({ flags }, async (ours) => {
    if (ours.output.includes("no io_uring here")) return t.skip("this machine has no io_uring");
    await Server.with({ flags: [...flags, "--no-io-uring"] }, async (plain) =>
      assert.equal(rings(ours) - rings(plain), loops),
    );
  });
});
