/**
 * MPEG-TS of one picture a second, and sound: pictures and sound are in `.mp4` and `.ts` from their beginning. Pictures
 * that the tables list, and that never come, do not keep the sound away.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inPieces, live } from "./lib/gone_track.mjs";
import { epochs, shownTimes, tsEpochs } from "./lib/odd.mjs";
import { BarePublisher, sendInTime } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";
import { HttpViewer } from "./lib/viewer.mjs";
import { until } from "./lib/wait.mjs";

/** @type {Server} */ let server;
before(async () => {
  server = await Server.start();
});
after(() => server.stop());

test("one picture a second", { timeout: 60_000 }, async () => {
  const whole = await live("ts", { seconds: 7, group: 2, rate: 1 });
  const media = inPieces("ts", whole, (_, ms) => ms);
  const [mp4, ts] = ["mp4", "ts"].map((one) => new HttpViewer(server, `few/one.${one}?wait=15`));
  const publisher = await BarePublisher.open(server, "few/one");
  await sendInTime((chunk) => publisher.send(chunk), media);
  await publisher.end();
  await Promise.all([mp4.ended(30_000), ts.ended(30_000)]);
  assert.equal(epochs(mp4.bytes).length, 1, "headers");
  assert.equal(tsEpochs(ts.bytes).length, 1, "tables");
  for (const { bytes } of [mp4, ts]) {
    assert.equal((await shownTimes(bytes, "v")).length, 7);
    assert.ok((await shownTimes(bytes, "a"))[0] < 1500, "the sound begins late");
  }
});

test("pictures that never come", { timeout: 60_000 }, async () => {
  const whole = await live("ts", { seconds: 4, group: 25 });
  const media = inPieces("ts", whole, (kind, ms) => (kind === "audio" ? ms : null));
  const viewer = new HttpViewer(server, "few/none.mp4?wait=15");
  const publisher = await BarePublisher.open(server, "few/none");
  await sendInTime((chunk) => publisher.send(chunk), media);
  // It is not over: no end lets the sound out.
  await until(async () => (await shownTimes(viewer.bytes, "a")).length > 100, "the sound", {
    every: 200,
  });
  await publisher.end();
  await viewer.ended(30_000);
  assert.equal(epochs(viewer.bytes).length, 1);
});
