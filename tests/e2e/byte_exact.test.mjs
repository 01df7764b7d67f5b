/**
 * A viewer connected from the start receives exactly the published bytes: over a bare WebSocket, over
 * HTTP and in the payloads of `framewire.v1`, whatever the format and however the publisher cut it.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { allFixtures, cuts, sha256, wholeFile } from "./lib/media.mjs";
import { BarePublisher, HttpPublisher, V1Publisher } from "./lib/publisher.mjs";
import { Server } from "./lib/server.mjs";
import { BareViewer, HttpViewer, V1Viewer } from "./lib/viewer.mjs";
import { within } from "./lib/wait.mjs";

/** @type {Server} */ let server;
let count = 0;
const freshName = () => `exact/s${++count}`;

before(async () => (server = await Server.start()));
after(() => server.stop());

/** Viewers of each kind, there before the publisher. @param {string} name */
async function viewersOf(name) {
  const http = new HttpViewer(server, `${name}?wait=30`);
  const [bare, v1] = await Promise.all([
    BareViewer.open(server, name),
    V1Viewer.open(server, name),
  ]);
  await v1.untilSaid("waiting");
  return { bare, http, v1 };
}

/** @param {string} name @param {import('./lib/media.mjs').Fixture} fixture */
async function openPublisher(name, fixture) {
  if (!fixture.needsHello) return BarePublisher.open(server, name);
  return V1Publisher.open(server, name, fixture.hello);
}

/** @param {Awaited<ReturnType<typeof viewersOf>>} viewers @param {Buffer} published */
async function checkAll({ bare, http, v1 }, published) {
  const want = sha256(published);
  const ended = await within(v1.untilSaid("end"), "the end of the stream");
  assert.equal(ended.reason, "ended");
  assert.equal((await bare.ended()).code, 1000);
  await http.ended();
  assert.equal(sha256(bare.bytes), want, `bare: ${bare.bytes.length} of ${published.length} bytes`);
  assert.equal(http.status, 200);
  assert.ok(http.complete, "the HTTP body ended as it should");
  assert.equal(sha256(http.bytes), want, `http: ${http.bytes.length} of ${published.length} bytes`);
  assert.equal(sha256(v1.bytes), want, `v1: ${v1.bytes.length} of ${published.length} bytes`);
  v1.checkOrder();
  await v1.ws.close();
}

for (const [way, cut] of Object.entries(cuts)) {
  describe(`published in ${way}`, () => {
    for (const fixture of allFixtures()) {
      test(fixture.name, async () => {
        const name = freshName();
        const viewers = await viewersOf(name);
        const publisher = await openPublisher(name, fixture);
        await publisher.sendAll(cut(fixture));
        await publisher.end();
        await checkAll(viewers, wholeFile(fixture));
      });
    }
  });
}

describe("published as an HTTP body", () => {
  for (const fixture of allFixtures().filter((f) => !f.needsHello && f.format !== "binary")) {
    test(fixture.name, async () => {
      const name = freshName();
      const viewers = await viewersOf(name);
      const publisher = new HttpPublisher(server, name);
      await publisher.sendAll(fixture.chunks);
      const answer = await publisher.end();
      assert.ok(answer.status >= 200 && answer.status < 300, `${answer.status}: ${answer.body}`);
      await checkAll(viewers, wholeFile(fixture));
    });
  }
});

describe("binary keeps its message boundaries", () => {
  for (const fixture of allFixtures().filter((f) => f.format === "binary")) {
    test(fixture.name, async () => {
      const name = freshName();
      const viewer = await BareViewer.open(server, name);
      const publisher = await BarePublisher.open(server, name);
      await publisher.sendAll(fixture.chunks);
      await publisher.end();
      await viewer.ended();
      assert.deepEqual(viewer.messages.map(sha256), fixture.chunks.map(sha256));
    });
  }
});
