/**
 * A viewer that stops reading pays alone: it skips to a group start and is told, the others lose
 * nothing and the server keeps nothing for it. Shortened here; tests/e2e/slow has the full length.
 */
// @alone: who is skipped for being slow
import assert from "node:assert/strict";
import { test } from "node:test";
import { LiveSource } from "./lib/live_source.mjs";
import { Server } from "./lib/server.mjs";
import { stalledViewer } from "./lib/stall.mjs";
import { V1Viewer } from "./lib/viewer.mjs";

test("6 s without reading beside 5 good viewers", { timeout: 90_000 }, async () => {
  const facts = await stalledViewer({ stallMs: 6000, good: 5, flags: ["--max-lag", "1s"] });
  assert.deepEqual(facts.goodLost, [], "the good viewers lost nothing");
  assert.ok(facts.skips >= 1, "the slow one was told that it skipped");
  assert.ok(facts.continuedAtGroupStart);
  assert.ok(facts.grewBytes < 4 << 20, `the server grew by ${facts.grewBytes} bytes`);
  assert.ok(facts.decodes === "", facts.decodes);
});

test("who takes nothing for --stall-timeout is closed with 1013", { timeout: 60_000 }, async () => {
  await Server.with({ flags: ["--max-lag", "500ms", "--stall-timeout", "2s"] }, async (server) => {
    const source = await LiveSource.start(server, "stall", {
      messagesPerSecond: 60,
      bytes: 40_000,
    });
    const viewer = await V1Viewer.open(server, "stall");
    await viewer.untilSaid("stream");
    const viewers = () => server.describe("stall").then((s) => s?.viewers);
    await source.until(async () => (await viewers()) === 1, "the viewer to be counted");
    viewer.ws.socket.pause();
    await source.until(async () => (await viewers()) === 0, "the server to give the viewer up");
    viewer.ws.socket.resume();
    const closed = await viewer.ws.closed();
    // What it had not read may be gone with a reset; if the close frame came, it names the reason.
    assert.ok(closed.code === 1013 || closed.code === 1006, `closed with ${closed.code}`);
    await source.stop();
  });
});
